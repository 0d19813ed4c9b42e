package secure

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"iter"
	"net"
	"os"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A conn is one TLS connection.
type conn struct {
	start  system.StartTLS
	layer  *Layer
	pipe   pipe
	tls    *tls.Conn
	failed error // why reading ended; nil after a close_notify
	opened bool  // the handshake is done
	asked  bool  // the server has asked for our certificate

	// During the handshake: step runs it until it needs more bytes, stop
	// abandons it.
	step func() (struct{}, bool)
	stop func()
}

func newConn(c system.StartTLS, l *Layer) *conn {
	k := &conn{start: c, layer: l}
	if c.Server {
		k.tls = tls.Server(&k.pipe, l.server())
	} else {
		t := l.client(c)
		t.GetClientCertificate = k.present
		k.tls = tls.Client(&k.pipe, t)
	}
	k.step, k.stop = iter.Pull(k.handshake)
	return k
}

// present is our certificate for a server that asks for one, or none if we have
// none. Whether it is one that the server said it takes (RFC 8446 §4.2.4) is for
// the server to judge: lists of authorities are often incomplete, and its alert
// says more than our silence.
func (k *conn) present(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	k.asked = true
	if own := k.certificate(); own != nil {
		return own, nil
	}
	return new(tls.Certificate), nil
}

// certificate is our own; nil if there is none.
func (k *conn) certificate() *tls.Certificate { return k.layer.of(k.start.Account).Certificate }

// handshake is the coroutine.
func (k *conn) handshake(yield func(struct{}) bool) {
	k.pipe.wait = func() bool { return yield(struct{}{}) }
	k.failed = k.tls.HandshakeContext(context.Background())
	k.pipe.wait = nil
}

// shaking reports whether the handshake is under way.
func (k *conn) shaking() bool { return k.step != nil }

// resume continues the handshake with the received bytes.
func (k *conn) resume() {
	if _, more := k.step(); !more {
		k.step = nil
		k.opened = k.failed == nil
	}
}

// giveUp abandons a handshake under way.
func (k *conn) giveUp() {
	if k.shaking() {
		k.stop()
		k.step = nil
	}
}

// secured returns the answer to StartTLS.
func (k *conn) secured() system.Secured {
	state := k.tls.ConnectionState()
	s := system.Secured{
		Socket: k.start.Socket, Version: tls.VersionName(state.Version), CipherSuite: tls.CipherSuiteName(state.CipherSuite),
		Resumed: state.DidResume,
	}
	if len(state.PeerCertificates) > 0 {
		c := state.PeerCertificates[0]
		s.Subject, s.Issuer = shortName(c.Subject), shortName(c.Issuer)
	}
	if own := k.certificate(); k.asked && own != nil {
		s.Shown = nameOf(own)
	}
	return s
}

// read returns all available data, and whether the stream is over.
func (k *conn) read() (data []byte, over bool) {
	if k.failed != nil {
		return nil, true
	}
	b := make([]byte, maxPlain)
	for {
		n, err := k.tls.Read(b)
		data = append(data, b[:n]...)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return data, false
		case errors.Is(err, io.EOF):
			return data, true
		case err != nil:
			k.failed = err
			return data, true
		}
	}
}

// maxPlain is the most data that one record carries (RFC 8446 §5.1).
const maxPlain = 16 << 10

// send makes records of data.
func (k *conn) send(data []byte, out []system.Effect) []system.Effect {
	if !k.opened {
		return misused(out, "the program sends before the handshake is over")
	}
	if _, err := k.tls.Write(data); err != nil {
		return append(out, system.Log{Event: event.Error{Op: "send by TLS", Err: err.Error(), Rule: event.RuleFlowBroken}})
	}
	return k.flush(out)
}

// closeNotify sends a close_notify (RFC 8446 §6.1).
func (k *conn) closeNotify(out []system.Effect) []system.Effect {
	if !k.opened {
		return out
	}
	_ = k.tls.CloseWrite() // writes into memory
	return k.flush(out)
}

// ended returns why the stream ended, for the program. A missing close_notify
// is an error only in the middle of a handshake or a record.
func (k *conn) ended(err error) error {
	switch {
	case !k.opened && err == nil:
		return k.why(io.ErrUnexpectedEOF)
	case !k.opened:
		return k.why(err)
	case err == nil:
		k.pipe.eof = true
		if _, over := k.read(); over && k.failed != nil {
			return k.why(k.failed)
		}
	}
	return err
}

// flush gives the kernel the records that are ready.
func (k *conn) flush(out []system.Effect) []system.Effect {
	if len(k.pipe.out) == 0 {
		return out
	}
	data := k.pipe.out
	k.pipe.out = nil
	return append(out, system.Send{Socket: k.start.Socket, Data: data})
}

// A pipe is the connection beneath TLS: bytes in memory.
type pipe struct {
	in   bytes.Buffer
	out  []byte
	eof  bool        // nothing comes after in
	wait func() bool // waits for more in; false: give up. Nil: do not wait
}

var errGivenUp = errors.New("given up")

// Read returns the available bytes. If there are none and the connection may
// not wait, it returns a deadline error, after which TLS can continue to read.
func (p *pipe) Read(b []byte) (int, error) {
	for p.in.Len() == 0 {
		switch {
		case p.eof:
			return 0, io.EOF
		case p.wait == nil:
			return 0, os.ErrDeadlineExceeded
		case !p.wait():
			return 0, errGivenUp
		}
	}
	return p.in.Read(b)
}

func (p *pipe) Write(b []byte) (int, error) {
	p.out = append(p.out, b...)
	return len(b), nil
}

func (p *pipe) Close() error                     { return nil }
func (p *pipe) LocalAddr() net.Addr              { return nil }
func (p *pipe) RemoteAddr() net.Addr             { return nil }
func (p *pipe) SetDeadline(time.Time) error      { return nil }
func (p *pipe) SetReadDeadline(time.Time) error  { return nil }
func (p *pipe) SetWriteDeadline(time.Time) error { return nil }
