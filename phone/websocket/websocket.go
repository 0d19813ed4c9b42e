// Package websocket is WebSocket for machines (RFC 6455), between a program and its
// TLS or the kernel, without a socket or a goroutine of its own.
//
//	program ── Send, StartWebSocket ──▶ ┌───────┐ ── frames ──▶ TLS, kernel
//	        ◀─ Received, Upgraded ───── ┤ Layer │ ◀─ frames ───
//	                                    └───────┘
//
// A program asks for it with [system.StartWebSocket] on a stream that is open, and
// secure if it is to be. From then on each [system.Send] is one message, and each
// [system.Received] has the messages that were whole in what arrived: see its
// Messages. While the app is suspended nothing reads its sockets, so the frames
// stay in the kernel, and a message may stand in the middle until the app thaws.
// A library that reads by itself, in a goroutine, could not be frozen so.
//
// # Pings
//
// RFC 7118 §6 keeps a connection open with the Ping frames of RFC 6455 §5.5.2, which
// every endpoint has to answer. The program knows the double CRLF of RFC 5626 for
// the same: so the layer makes a Ping frame of a double CRLF of the program and a
// single CRLF of its Pong, and the other way round. Peers that send CRLFs as messages,
// as some clients in browsers do, are understood and answered likewise.
//
// # The law
//
// A Layer is a pure machine. Randomness is given: it makes the keys of a client, whose
// purpose is that no script in a browser can choose what goes over the wire
// (RFC 6455 §10.3); here it is the program's own.
package websocket

import (
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Layer holds the WebSockets of one program, and its TLS beneath. One goroutine
// owns it.
type Layer struct {
	tls   *secure.Layer
	rng   *rand.Rand
	conns map[system.Socket]*conn
	above []system.Signal // of TLS; reused, so that no packet costs an allocation
}

// Over returns a layer without a connection above a program's TLS.
func Over(tls *secure.Layer, rng *rand.Rand) *Layer {
	return &Layer{tls: tls, rng: rng, conns: map[system.Socket]*conn{}}
}

// Restart begins a new life of the program.
func (l *Layer) Restart() { l.tls.Restart() }

// Forget drops a connection without notifying the peer: its socket is gone, or its
// process.
func (l *Layer) Forget(id system.Socket) {
	delete(l.conns, id)
	l.tls.Forget(id)
}

// Call takes a call of the program, and appends the calls for the kernel to out.
func (l *Layer) Call(now time.Time, c system.Effect, out []system.Effect) []system.Effect {
	switch c := c.(type) {
	case system.StartWebSocket:
		return l.start(now, c, out)
	case system.StartTLS:
		if k := l.conns[c.Socket]; k != nil {
			k.hello = false // what comes now is plain
		}
	case system.Send:
		if k := l.conns[c.Socket]; k != nil {
			return k.send(now, c.Data, out)
		}
	case system.Close:
		if k := l.conns[c.Socket]; k != nil {
			delete(l.conns, c.Socket)
			if !c.Reset && k.open {
				out = k.frame(now, opClose, closing(closeNormal), out)
			}
		}
	}
	return l.tls.Call(now, c, out)
}

// start begins a handshake.
func (l *Layer) start(now time.Time, c system.StartWebSocket, out []system.Effect) []system.Effect {
	if l.conns[c.Socket] != nil {
		return append(out, system.Log{Event: event.Error{
			Op: "start WebSocket", Err: "the stream speaks WebSocket already", Hint: "a mistake in the program: report it", Rule: event.RuleProgramMistake,
		}})
	}
	k := &conn{layer: l, start: c}
	l.conns[c.Socket] = k
	if c.Server {
		return out
	}
	k.key = nonce(l.rng)
	return k.write(now, request(c.Host, c.Path, c.Protocol, k.key), out)
}

// Receive takes a signal of the kernel. It appends the signals for the program to
// signals, and the calls for the kernel, which go first, to out.
func (l *Layer) Receive(now time.Time, s system.Signal, signals []system.Signal, out []system.Effect) ([]system.Signal, []system.Effect) {
	if len(l.conns) == 0 {
		return l.tls.Receive(now, s, signals, out)
	}
	l.above, out = l.tls.Receive(now, s, l.above[:0], out)
	for _, s := range l.above {
		id, _ := system.SocketOf(s)
		if k := l.conns[id]; k != nil {
			signals, out = k.receive(now, s, signals, out)
		} else {
			signals = append(signals, s)
		}
	}
	clear(l.above)
	return signals, out
}
