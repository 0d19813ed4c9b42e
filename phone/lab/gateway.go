package lab

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The gateway is what joins the SIP world to users who are there over another
// protocol: a raw one, or XMPP. Behind each door is the server of one.
//
//	bob ══ SIP ══ leg ══ door ── control.Server ══ raw, XMPP ══ alice
//
// A user who is registered by SIP is called by SIP; one who is not, and is
// online at a door, is called there. See leg.go for the calls.

// A Door is a port of the lab behind which another protocol is spoken.
type Door struct {
	Protocol string // [control.Raw] or [control.XMPP]
	Addr     string // "host:port" to listen on
	TLS      bool   // is spoken as soon as a connection is open
	// Serve makes its server.
	Serve func(control.House) (control.Server, error)
}

// A door is an open one, or one that is shut while the lab is stopped.
type door struct {
	cfg      Door
	server   control.Server
	listener system.Socket // 0: it is shut
	local    netip.AddrPort
}

// A guest is a connection to a door.
type guest struct {
	lab     *Lab
	door    *door
	id      system.Socket
	remote  netip.AddrPort
	shaking bool  // its TLS handshake goes on
	idle    alarm // that it takes too long
	stalled bool
	backlog []byte
}

// DoorsLocal is the addresses of the doors, by protocol; they are all there
// once [Lab.Local] is valid.
func (l *Lab) DoorsLocal() map[string]netip.AddrPort {
	all := map[string]netip.AddrPort{}
	for _, d := range l.doors {
		if d.local.IsValid() {
			all[d.cfg.Protocol] = d.local
		}
	}
	return all
}

// addDoors makes the servers.
func (l *Lab) addDoors() error {
	house := control.House{
		Password: l.password, Domain: l.cfg.Domain, Rand: l.cfg.Rand, Breaks: func(rule string) bool { return l.bad[rule] },
	}
	for _, cfg := range l.cfg.Doors {
		server, err := cfg.Serve(house)
		if err != nil {
			return err
		}
		l.doors = append(l.doors, &door{cfg: cfg, server: server})
	}
	return nil
}

// password is what the servers ask for a user's.
func (l *Lab) password(name string) (string, bool) {
	u := l.users[name]
	if u == nil || l.bad[refuseRegister] || l.robot(name) != nil {
		return "", false
	}
	return u.password, true
}

// openDoor opens the next door that is shut, and reports whether there was
// one.
func (l *Lab) openDoor() bool {
	for _, d := range l.doors {
		if d.listener != 0 {
			continue
		}
		addr := d.cfg.Addr
		if d.local.IsValid() {
			addr = d.local.String()
		}
		d.listener = l.nextSocket()
		l.ask(system.Listen{Socket: d.listener, Addr: addr})
		return true
	}
	return false
}

func (l *Lab) doorOf(listener system.Socket) *door {
	for _, d := range l.doors {
		if d.listener == listener {
			return d
		}
	}
	return nil
}

// shutDoors closes the doors and the connections to them, the oldest first.
func (l *Lab) shutDoors() {
	for _, d := range l.doors {
		if d.listener != 0 {
			l.ask(system.Close{Socket: d.listener})
			d.listener = 0
		}
	}
	var all []*guest
	for _, g := range l.guests {
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b *guest) int { return cmp.Compare(b.id, a.id) })
	for _, g := range all {
		g.close(false, "the server stops")
	}
}

// guestAccepted takes in a new connection, if there is room for it.
func (l *Lab) guestAccepted(d *door, s system.Accepted) {
	if len(l.conns)+len(l.guests) >= l.cfg.MaxConns {
		l.ask(system.Close{Socket: s.Socket, Reset: true})
		return
	}
	g := &guest{lab: l, door: d, id: s.Socket, remote: s.Remote, shaking: d.cfg.TLS}
	l.guests[s.Socket] = g
	l.note("connected", s.Remote.String(), d.cfg.Protocol)
	if !g.shaking {
		d.served(l, d.server.Accept(l.now, s.Socket, s.Remote))
		return
	}
	l.alarms.set(&g.idle, l.now.Add(handshakeTime), func() { g.close(false, "no TLS handshake in time") })
	l.ask(system.StartTLS{Socket: g.id, Server: true})
}

// secured is the end of a handshake: only now the server hears of the
// connection.
func (g *guest) secured() {
	g.shaking = false
	g.lab.alarms.clear(&g.idle)
	g.door.served(g.lab, g.door.server.Accept(g.lab.now, g.id, g.remote))
}

// served carries out what a server did.
func (d *door) served(l *Lab, out control.Served) {
	for _, c := range out.Calls {
		switch c := c.(type) {
		case system.Log:
			l.log(c.Event)
		case system.Send:
			if g := l.guests[c.Socket]; g != nil && !g.stalled { // a stalled server says nothing
				l.ask(c)
			}
		case system.Close:
			if l.guests[c.Socket] != nil {
				delete(l.guests, c.Socket)
				l.ask(c)
			}
		default:
			l.ask(c)
		}
	}
	for _, a := range out.Answers {
		if leg := l.legs[a.ID]; leg != nil {
			leg.answered(a.Status)
		}
	}
}

// advanceDoors does what the servers have due.
func (l *Lab) advanceDoors() {
	for _, d := range l.doors {
		if system.Due(d.server.Deadline(), l.now) {
			d.served(l, d.server.Advance(l.now))
		}
	}
}

func (l *Lab) doorsDeadline() (at time.Time) {
	for _, d := range l.doors {
		at = system.Earliest(at, d.server.Deadline())
	}
	return at
}

// receive takes in bytes of a connection.
func (g *guest) receive(data []byte) {
	if g.stalled {
		g.backlog = append(g.backlog, data...)
		if len(g.backlog) > maxBacklog {
			g.close(true, "stalled, and sent more than fits")
		}
		return
	}
	g.door.served(g.lab, g.door.server.Receive(g.lab.now, g.id, data))
}

// gone is the end of a connection.
func (g *guest) gone(err error) {
	g.lab.alarms.clear(&g.idle)
	delete(g.lab.guests, g.id)
	why := "by the phone"
	if err != nil {
		why = err.Error()
	}
	g.lab.note("connection lost", g.remote.String(), why)
	g.door.served(g.lab, g.door.server.Closed(g.lab.now, g.id, err))
}

// close ends the connection from our side.
func (g *guest) close(reset bool, why string) {
	if g.lab.guests[g.id] == nil {
		return
	}
	delete(g.lab.guests, g.id)
	g.lab.alarms.clear(&g.idle)
	g.lab.note("closed", g.remote.String(), why)
	g.lab.ask(system.Close{Socket: g.id, Reset: reset})
	g.door.served(g.lab, g.door.server.Closed(g.lab.now, g.id, nil))
}

// stall makes the connection a server that hangs, see conn.stall.
func (g *guest) stall(on bool) {
	g.stalled = on
	if !on && len(g.backlog) > 0 {
		backlog := g.backlog
		g.backlog = nil
		g.receive(backlog)
	}
}

// ping sends a ping of the server's own.
func (g *guest) ping() {
	for user := range g.lab.users {
		if slices.Contains(g.door.server.Connections(user), g.id) {
			g.door.served(g.lab, g.door.server.Ping(g.lab.now, user))
		}
	}
}

// guestsOf are the connections over which a user is online at a door, and the
// door.
func (l *Lab) guestsOf(user string) (*door, []*guest) {
	for _, d := range l.doors {
		if !d.server.Online(user) {
			continue
		}
		var all []*guest
		for _, s := range d.server.Connections(user) {
			if g := l.guests[s]; g != nil {
				all = append(all, g)
			}
		}
		return d, all
	}
	return nil, nil
}

// betrayed closes a user's connections if the lab is to do so at that step.
func (l *Lab) betrayed(user, step string) {
	if !l.bad[step] {
		return
	}
	_, guests := l.guestsOf(user)
	for _, g := range guests {
		g.close(false, step)
	}
}

// text sends a user a text, if there is one to lose it for.
func (l *Lab) text(d *door, user string, t control.Texted) {
	l.note("text", user, "from "+t.From)
	if !l.bad[noText] {
		d.served(l, d.server.Text(l.now, user, t))
	}
}
