package survive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// patience is how long an answer may take: RFC 5626 §4.4.1 gives a pong 10 s.
const patience = 10 * time.Second

// A probe is what is sent, and what answers it.
type probe interface {
	name() string
	request(local net.Addr) []byte
	answers(received []byte) bool
}

// ping is a CRLF ping.
type ping struct{}

func (ping) name() string                 { return "ping" }
func (ping) request(net.Addr) []byte      { return []byte("\r\n\r\n") }
func (ping) answers(received []byte) bool { return bytes.Contains(received, []byte("\r\n")) }

// options is an OPTIONS request; any response will do.
type options struct{ host string }

func (options) name() string { return "OPTIONS" }

func (o options) request(local net.Addr) []byte {
	id := rand.Uint64()
	return fmt.Appendf(nil, "OPTIONS sip:%s SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=z9hG4bK%x;rport\r\nMax-Forwards: 70\r\n"+
		"From: <sip:survive@sleeptalk.invalid>;tag=%x\r\nTo: <sip:%s>\r\nCall-ID: %x@sleeptalk.invalid\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		o.host, strings.ToUpper(local.Network()), local, id, id>>32, o.host, id)
}

func (options) answers(received []byte) bool { return bytes.Contains(received, []byte("SIP/2.0 ")) }

// How long a request over UDP waits before it is sent again (RFC 3261
// §17.1.2.2).
const (
	t1 = 500 * time.Millisecond
	t2 = 4 * time.Second
)

// AskOptions asks a server over a datagram socket with an OPTIONS request, which
// is sent again as long as nothing answers, and says how long the answer took.
func AskOptions(conn net.Conn, host string, limit time.Duration) (time.Duration, error) {
	how := options{host}
	request, received := how.request(conn.LocalAddr()), make([]byte, maxAnswer)
	began := time.Now()
	for wait := t1; time.Since(began) < limit; wait = min(2*wait, t2) {
		if _, err := conn.Write(request); err != nil {
			return 0, err
		}
		again := time.Now().Add(min(wait, limit-time.Since(began)))
		if err := conn.SetReadDeadline(again); err != nil {
			return 0, err
		}
		for {
			n, err := conn.Read(received)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				break
			}
			if err != nil {
				return 0, err
			}
			if how.answers(received[:n]) {
				return time.Since(began), nil
			}
		}
	}
	return 0, fmt.Errorf("no answer to OPTIONS within %s", limit)
}

// maxAnswer bounds what is kept of an answer.
const maxAnswer = 64 << 10

// ask sends a probe and says how long the answer took.
func ask(conn net.Conn, how probe) (time.Duration, error) {
	began := time.Now()
	if err := conn.SetDeadline(began.Add(patience)); err != nil {
		return 0, err
	}
	if _, err := conn.Write(how.request(conn.LocalAddr())); err != nil {
		return 0, err
	}
	var received []byte
	for chunk := make([]byte, 4096); len(received) < maxAnswer; {
		n, err := conn.Read(chunk)
		received = append(received, chunk[:n]...)
		if how.answers(received) {
			return time.Since(began), nil
		}
		if err != nil {
			return 0, err
		}
	}
	return 0, errors.New("the server says much, and not what was asked")
}

// idle says nothing for a time. Its error is how the connection ended before
// that; what the server says by itself is read and not answered, for an answer
// would be traffic.
func idle(conn net.Conn, interval time.Duration) (spoke bool, err error) {
	if err := conn.SetDeadline(time.Now().Add(interval)); err != nil {
		return false, err
	}
	for chunk := make([]byte, 4096); ; {
		n, err := conn.Read(chunk)
		spoke = spoke || n > 0
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return spoke, nil
		}
		if err != nil {
			return spoke, err
		}
	}
}

// fateOf names how a connection ended.
func fateOf(err error) string {
	switch {
	case err == nil:
		return Survived
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Silent
	case errors.Is(err, io.EOF):
		return Closed
	case errors.Is(live.SocketError(err), system.Reset):
		return Reset
	}
	return Closed
}
