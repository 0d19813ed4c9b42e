package server

import (
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// handshakeRecord is the first byte of a client hello (RFC 8446 §5.1), and of
// no SIP message.
const handshakeRecord = 22

// HandshakeTime is how long a handshake may take: as long as a transaction over
// the connection would (64*T1; our own choice).
const HandshakeTime = 64 * sip.T1

// beginsTLS reports whether these bytes are the first of a connection and a
// client hello, and then answers it.
func (c *conn) beginsTLS(data []byte) bool {
	first := !c.spoken && len(data) > 0
	c.spoken = c.spoken || first
	if !first || data[0] != handshakeRecord || !c.table.tls {
		return false
	}
	c.transport, c.shaking = sip.TLS, true
	l := c.table.loop
	l.Set(&c.idle, HandshakeTime, func() { c.Close(false, "no TLS handshake in time") })
	l.Ask(system.StartTLS{Socket: c.id, Server: true})
	l.Hear(system.Received{Socket: c.id, From: c.remote, Data: data}, func(s system.Signal) { c.table.receive(s) })
	return true
}

// secured is the end of a handshake.
func (c *conn) secured(s system.Secured) {
	c.shaking = false
	c.table.loop.Clear(&c.idle)
	c.table.loop.Note("secured", c.name(), s.Client())
}
