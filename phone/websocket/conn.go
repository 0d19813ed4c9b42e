package websocket

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

var (
	ping = []byte("\r\n\r\n") // of RFC 5626 §3.5.1
	pong = []byte("\r\n")
)

// A conn is one WebSocket.
type conn struct {
	layer *Layer
	start system.StartWebSocket
	key   string // of the handshake, as a client
	path  string // that the client asked for, as a server
	open  bool   // the handshake is done
	hello bool   // as a server: it began as TLS does, and passes until that is spoken
	in    []byte // what has come and is not a whole frame
	part  message

	ours  []byte // the payload of our last Ping that has no Pong; nil: there is none
	pings uint32 // of ours
	owed  bool   // the peer's last Ping frame is not answered
	asked []byte // its payload
	told  bool   // the program has a Ping of this read
}

// nonce is the key of a handshake (RFC 6455 §4.1).
func nonce(rng *rand.Rand) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], rng.Uint64())
	binary.BigEndian.PutUint64(b[8:], rng.Uint64())
	return base64.StdEncoding.EncodeToString(b[:])
}

// write sends bytes as they are.
func (k *conn) write(now time.Time, data []byte, out []system.Effect) []system.Effect {
	return k.layer.tls.Call(now, system.Send{Socket: k.start.Socket, Data: data}, out)
}

// frame sends one.
func (k *conn) frame(now time.Time, op byte, payload []byte, out []system.Effect) []system.Effect {
	var key *[4]byte
	if !k.start.Server {
		key = new([4]byte)
		binary.BigEndian.PutUint32(key[:], k.layer.rng.Uint32())
	}
	return k.write(now, appendFrame(nil, op, payload, key), out)
}

// send makes one message of data: a text if it is one, else binary (RFC 7118 §4.2).
func (k *conn) send(now time.Time, data []byte, out []system.Effect) []system.Effect {
	switch {
	case !k.open && k.start.Server:
		return k.write(now, data, out) // a stream that may yet be something else
	case !k.open:
		return out // nothing is sent before the handshake is over
	case bytes.Equal(data, ping):
		k.pings++
		k.ours = binary.BigEndian.AppendUint32(nil, k.pings)
		return k.frame(now, opPing, k.ours, out)
	case bytes.Equal(data, pong) && k.owed:
		k.owed = false
		return k.frame(now, opPong, k.asked, out)
	case utf8.Valid(data):
		return k.frame(now, opText, data, out)
	}
	return k.frame(now, opBinary, data, out)
}

// receive takes a signal about the stream.
func (k *conn) receive(now time.Time, s system.Signal, signals []system.Signal, out []system.Effect) ([]system.Signal, []system.Effect) {
	switch s := s.(type) {
	case system.Received:
		return k.read(now, s, signals, out)
	case system.Closed:
		delete(k.layer.conns, k.start.Socket)
		if s.Err == nil && !k.open && !k.start.Server {
			s.Err = k.why(errors.New("the connection ended in the middle of the handshake"))
		}
		return append(signals, s), out
	}
	return append(signals, s), out
}

// read takes bytes: of the handshake first, then of frames.
func (k *conn) read(now time.Time, s system.Received, signals []system.Signal, out []system.Effect) ([]system.Signal, []system.Effect) {
	if k.hello {
		return append(signals, s), out
	}
	k.in = append(k.in, s.Data...)
	if !k.open {
		if k.start.Server && !mayBeGET(k.in) {
			return k.pass(s, signals), out
		}
		answer, err := k.shake()
		if out = k.answer(now, answer, out); err != nil {
			return k.fail(now, err, signals, out)
		}
		if !k.open {
			return signals, out
		}
		signals = append(signals, system.Upgraded{Socket: k.start.Socket, Protocol: k.start.Protocol, Path: k.path})
	}
	messages, out, err := k.frames(now, out)
	if len(messages) > 0 {
		signals = append(signals, system.Received{Socket: s.Socket, From: s.From, Data: bytes.Join(messages, nil), Messages: messages})
	}
	if err != nil {
		return k.fail(now, err, signals, out)
	}
	return signals, out
}

// pass gives what is no WebSocket to the program as it came. Only what begins as TLS
// does (RFC 8446 §5.1) may still become one, under that: its first request may come in
// one read with the end of the handshake, so the program could not ask in time.
func (k *conn) pass(s system.Received, signals []system.Signal) []system.Signal {
	const handshake = 22
	s.Data, k.in, k.hello = k.in, nil, k.in[0] == handshake
	if !k.hello {
		delete(k.layer.conns, k.start.Socket)
	}
	return append(signals, s)
}

// mayBeGET reports whether a stream begins as HTTP does, as far as it has come.
func mayBeGET(in []byte) bool {
	const get = "GET "
	n := min(len(in), len(get))
	return string(in[:n]) == get[:n]
}

// shake reads the handshake, if all of it has come. A server has an answer.
func (k *conn) shake() (answer []byte, err error) {
	h, size, err := readHead(k.in)
	if err != nil || size == 0 {
		return nil, err
	}
	k.in = k.in[size:]
	if !k.start.Server {
		err = checkResponse(h, k.start.Protocol, k.key)
		k.open = err == nil
		return nil, err
	}
	if err := checkRequest(h, k.start.Protocol); err != nil {
		refused, _ := errors.AsType[*refusal](err)
		return refused.response(), err
	}
	k.open = true
	k.path = shown(withoutQuery(strings.Split(h.line, " ")[1]))
	return response(h, k.start.Protocol), nil
}

func (k *conn) answer(now time.Time, data []byte, out []system.Effect) []system.Effect {
	if data == nil {
		return out
	}
	return k.write(now, data, out)
}

// frames takes the whole frames of what has come, and gives the messages that they
// complete; one that is empty says nothing.
func (k *conn) frames(now time.Time, out []system.Effect) (messages [][]byte, _ []system.Effect, _ error) {
	k.told = false
	for {
		f, size, err := readFrame(k.in, k.start.Server)
		if err != nil || size == 0 {
			return messages, out, err
		}
		if k.in = k.in[size:]; len(k.in) == 0 {
			k.in = nil // an idle stream costs no buffer
		}
		var m []byte
		if f.op >= opClose {
			m, err = k.control(f)
		} else if whole, added := k.part.add(f); whole {
			m, err = k.part.take(), added
		} else {
			err = added
		}
		if err != nil {
			return messages, out, err
		}
		if m != nil {
			messages = append(messages, m)
		}
	}
}

// control takes a control frame. Of several Pings that come together the program is
// told of one, and its answer is that to the last (RFC 6455 §5.5.3). One that it has
// left unanswered keeps no later one from it. A Pong that nobody has asked for means
// nothing.
func (k *conn) control(f frame) (message []byte, err error) {
	switch f.op {
	case opPing:
		first := !k.told
		k.owed, k.asked, k.told = true, f.payload, true
		if first {
			return ping, nil
		}
	case opPong:
		if k.ours != nil && bytes.Equal(f.payload, k.ours) {
			k.ours = nil
			return pong, nil
		}
	case opClose:
		code, reason, err := closure(f.payload)
		if err != nil {
			return nil, err
		}
		return nil, &ClosedError{Code: code, Reason: shown(reason)}
	}
	return nil, nil
}

// fail ends the connection: with a close frame, if the handshake was done.
func (k *conn) fail(now time.Time, err error, signals []system.Signal, out []system.Effect) ([]system.Signal, []system.Effect) {
	if k.open {
		out = k.frame(now, opClose, closing(codeFor(err)), out)
	}
	id := k.start.Socket
	delete(k.layer.conns, id)
	out = k.layer.tls.Call(now, system.Close{Socket: id}, out)
	return append(signals, system.Closed{Socket: id, Err: k.why(err)}), out
}

// codeFor is the close code that answers an error (RFC 6455 §7.4.1).
func codeFor(err error) int {
	if b, ok := errors.AsType[*brokenError](err); ok {
		return b.code
	}
	return closeNormal
}

// why says where an error belongs.
func (k *conn) why(err error) error {
	if k.start.Server {
		return fmt.Errorf("WebSocket with the client: %w", err)
	}
	return atServer(k.start.Host, k.start.Path, err)
}

// atServer says at which server a client has had an error.
func atServer(host, path string, err error) error {
	return fmt.Errorf("WebSocket with %s%s: %w", host, withoutQuery(path), err)
}

// withoutQuery is a path without its query, which may have a secret.
func withoutQuery(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// A ClosedError is a peer that has ended the connection with a close frame.
type ClosedError struct {
	Code   int // 0: it said none
	Reason string
}

func (e *ClosedError) Error() string {
	text := "it closed the connection"
	switch meaning := meanings[e.Code]; {
	case meaning != "":
		text += fmt.Sprintf(" with %d, %s", e.Code, meaning)
	case e.Code != 0:
		text += fmt.Sprintf(" with %d", e.Code)
	}
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// Is reports whether target is the end of a stream that the peer has closed.
func (e *ClosedError) Is(target error) bool { return target == system.ClosedByPeer }
