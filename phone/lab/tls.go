package lab

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// handshakeRecord is the first byte of a client hello (RFC 8446 §5.1), and of
// no SIP message.
const handshakeRecord = 22

// handshakeTime is how long a handshake may take: as long as a transaction over
// the connection would (64*T1; our own choice).
const handshakeTime = 64 * sip.T1

// beginsTLS reports whether these bytes are the first of a connection and a
// client hello, and then answers it.
func (c *conn) beginsTLS(data []byte) bool {
	first := !c.spoken && len(data) > 0
	c.spoken = c.spoken || first
	if !first || data[0] != handshakeRecord || c.lab.cfg.TLS.Certificate == nil {
		return false
	}
	c.transport, c.shaking = sip.TLS, true
	c.lab.alarms.set(&c.idle, c.lab.now.Add(handshakeTime), func() { c.close(false, "no TLS handshake in time") })
	c.lab.ask(system.StartTLS{Socket: c.id, Server: true})
	c.lab.receive(system.Received{Socket: c.id, From: c.remote, Data: data})
	return true
}

// secured is the end of a handshake.
func (l *Lab) secured(s system.Secured) {
	if g := l.guests[s.Socket]; g != nil {
		g.secured()
		l.note("secured", g.remote.String(), fmt.Sprintf("%s, %s", s.Version, s.CipherSuite))
	}
	if c := l.conns[s.Socket]; c != nil {
		c.shaking = false
		l.alarms.clear(&c.idle)
		l.note("secured", c.name(), fmt.Sprintf("%s, %s", s.Version, s.CipherSuite))
	}
}
