package server

import (
	"net/netip"

	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// Far is the other end of a connection inside the program.
type Far interface {
	// Receive takes what the server sends, and Closed its end of the connection.
	Receive(data []byte)
	Closed(reset bool)
}

// Inside is the far end's hold of such a connection. Whoever is there is the
// server's own: no fault is done to it.
type Inside struct{ c *conn }

// Connect opens a connection inside the program.
func (s *Server) Connect(far Far, local, remote netip.AddrPort) *Inside {
	c := &conn{id: s.conns.nextInternal(), far: far, transport: sip.TCP, local: local, remote: remote}
	s.conns.add(c)
	return &Inside{c}
}

// own reports whether the other end is the server's own.
func (c *conn) own() bool { return c.far != nil }

// Send sends the server data.
func (i *Inside) Send(data []byte) {
	if !i.c.closed {
		i.c.receive(data)
	}
}

// Close closes the connection from the far end.
func (i *Inside) Close() { i.c.gone(nil) }
