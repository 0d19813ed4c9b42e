package server

import (
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// mayUpgrade lets a stream become a WebSocket, if it begins as one, or if what
// comes over TLS does.
func (c *conn) mayUpgrade() {
	c.table.loop.Ask(system.StartWebSocket{Socket: c.id, Protocol: sip.Subprotocol, Server: true})
}

// upgraded is the end of the handshake of a WebSocket (RFC 7118 §4).
func (c *conn) upgraded(s system.Upgraded) {
	c.spoken = true
	if c.transport == sip.TLS {
		c.transport = sip.WSS
	} else {
		c.transport = sip.WS
	}
	c.table.loop.Note("websocket", c.name(), s.Protocol+" at "+s.Path)
}

// messages takes in those of a WebSocket, each of which is whole (RFC 7118 §5.3).
// A server that hangs keeps them for later, as it keeps the bytes of a stream.
func (c *conn) messages(list [][]byte) {
	for i, m := range list {
		if c.closed {
			return
		}
		if c.stalled {
			c.hold(nil, list[i:]...)
			return
		}
		if f := sip.ParseDatagram(m); f != nil {
			c.frame(f)
		}
	}
}
