package lab

import (
	"net/netip"
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A guest is a connection to a door.
type guest struct {
	gateway *gateway
	door    *door
	id      system.Socket
	remote  netip.AddrPort
	shaking bool       // its TLS handshake goes on
	idle    loop.Alarm // that it takes too long
	stalled bool
	backlog []byte
}

// accepted takes in a new connection, if there is room for it.
func (g *gateway) accepted(d *door, s system.Accepted) {
	if !g.users.Room(len(g.guests)) {
		g.loop.Ask(system.Close{Socket: s.Socket, Reset: true})
		return
	}
	t := &guest{gateway: g, door: d, id: s.Socket, remote: s.Remote, shaking: d.cfg.TLS}
	g.guests[s.Socket] = t
	g.loop.Note("connected", s.Remote.String(), d.cfg.Protocol)
	if !t.shaking {
		t.enter()
		return
	}
	g.loop.Set(&t.idle, server.HandshakeTime, func() { t.Close(false, "no TLS handshake in time") })
	g.loop.Ask(system.StartTLS{Socket: t.id, Server: true})
}

// enter tells the server behind the door of the connection.
func (t *guest) enter() {
	g := t.gateway
	g.carryOut(t.door.server.Accept(g.loop.Now(), t.id, t.remote))
}

// secured is the end of a handshake: only now the server hears of the
// connection.
func (t *guest) secured(s system.Secured) {
	t.shaking = false
	t.gateway.loop.Clear(&t.idle)
	t.enter()
	t.gateway.loop.Note("secured", t.remote.String(), s.Client())
}

// receive takes in bytes of a connection.
func (t *guest) receive(data []byte) {
	if t.stalled {
		t.backlog = append(t.backlog, data...)
		if len(t.backlog) > server.MaxBacklog {
			t.Close(true, "stalled, and sent more than fits")
		}
		return
	}
	t.gateway.carryOut(t.door.server.Receive(t.gateway.loop.Now(), t.id, data))
}

// gone is the end of a connection.
func (t *guest) gone(err error) {
	g := t.gateway
	g.loop.Clear(&t.idle)
	delete(g.guests, t.id)
	why := "by the phone"
	if err != nil {
		why = err.Error()
	}
	g.loop.Note("connection lost", t.remote.String(), why)
	g.carryOut(t.door.server.Closed(g.loop.Now(), t.id, err))
}

// Close ends the connection from our side.
func (t *guest) Close(reset bool, why string) {
	g := t.gateway
	if g.guests[t.id] == nil {
		return
	}
	delete(g.guests, t.id)
	g.loop.Clear(&t.idle)
	g.loop.Note("closed", t.remote.String(), why)
	g.loop.Ask(system.Close{Socket: t.id, Reset: reset})
	g.carryOut(t.door.server.Closed(g.loop.Now(), t.id, nil))
}

// Stall makes the connection a server that hangs, or works off what it has
// accepted.
func (t *guest) Stall(on bool) {
	t.stalled = on
	if !on && len(t.backlog) > 0 {
		backlog := t.backlog
		t.backlog = nil
		t.receive(backlog)
	}
}

// Ping sends a ping of the server's own.
func (t *guest) Ping() {
	g := t.gateway
	for _, user := range g.users.Users() {
		if slices.Contains(t.door.server.Connections(user), t.id) {
			g.carryOut(t.door.server.Ping(g.loop.Now(), user))
		}
	}
}
