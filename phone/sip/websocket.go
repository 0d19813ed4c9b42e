package sip

import "github.com/sleeptalk/sleeptalk/phone/control"

// Subprotocol is that of SIP over WebSocket (RFC 7118 §4).
const Subprotocol = "sip"

// websocketOf is the WebSocket of a flow; the zero value if it has none.
func websocketOf(cfg *Config) control.WebSocket {
	if !cfg.Transport.WebSocket() {
		return control.WebSocket{}
	}
	return control.WebSocket{Path: cfg.Path, Protocol: Subprotocol}
}

// anonymousHost is what Via and Contact name over WebSocket, where no server can
// connect to the client: a random name that leads nowhere (RFC 7118 §5.2, appendix
// A; RFC 6761 §6.4). Other transports draw nothing.
func (a *author) anonymousHost() string {
	if !a.cfg.Transport.WebSocket() {
		return ""
	}
	return a.token(1)[:12] + ".invalid"
}
