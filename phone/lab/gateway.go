package lab

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/internal/misbehave"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The gateway is what joins the SIP world to users who are there over another
// protocol: a raw one, or XMPP. Behind each door is the server of one.
//
//	bob ══ SIP ══ sip/server ── gateway ── control.Server ══ raw, XMPP ══ alice
//
// A user who is registered by SIP is called by SIP; one who is not, and is
// online at a door, is called there.
type gateway struct {
	loop     *loop.Loop
	users    users
	domain   string
	answered func(call string, status int) // what a user's phone says
	faults   misbehave.Door
	doors    []*door
	guests   map[system.Socket]*guest
}

// A Door is a port of the lab behind which another protocol is spoken.
type Door struct {
	Protocol string // [control.Raw] or [control.XMPP]
	Addr     string // "host:port" to listen on
	TLS      bool   // is spoken as soon as a connection is open
	// Serve makes its server.
	Serve func(control.Host) (control.Server, error)
}

// A door is an open one, or one that is shut while the lab is stopped.
type door struct {
	cfg      Door
	server   control.Server
	listener system.Socket // 0: it is shut
	local    netip.AddrPort
}

func newGateway(l *loop.Loop) *gateway {
	return &gateway{loop: l, guests: map[system.Socket]*guest{}}
}

// join makes the servers behind the doors, and joins them to SIP. password is
// what they let a user in with.
func (g *gateway) join(sip *server.Server, cfgs []Door, password func(user string) (string, bool)) error {
	g.users, g.answered, g.domain = sip, sip.Answered, sip.Domain()
	host := control.Host{
		Domain: sip.Domain(), Rand: g.loop.Rand,
		Password: func(user string) (string, bool) {
			if g.faults.Refuse {
				return "", false
			}
			return password(user)
		},
		Breaks: func(rule string) bool { return rule == control.NoPong && g.faults.NoPong },
	}
	for _, cfg := range cfgs {
		s, err := cfg.Serve(host)
		if err != nil {
			return err
		}
		g.doors = append(g.doors, &door{cfg: cfg, server: s})
	}
	return nil
}

// listen opens the next door that is shut, and reports whether there was one.
func (g *gateway) listen() bool {
	for _, d := range g.doors {
		if d.listener != 0 {
			continue
		}
		addr := d.cfg.Addr
		if d.local.IsValid() {
			addr = d.local.String()
		}
		d.listener = g.loop.Socket()
		g.loop.Ask(system.Listen{Socket: d.listener, Addr: addr})
		return true
	}
	return false
}

// close shuts the doors and closes the connections to them, the oldest first.
func (g *gateway) close() {
	for _, d := range g.doors {
		if d.listener != 0 {
			g.loop.Ask(system.Close{Socket: d.listener})
			d.listener = 0
		}
	}
	var all []*guest
	for _, t := range g.guests {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *guest) int { return cmp.Compare(b.id, a.id) })
	for _, t := range all {
		t.Close(false, "the server stops")
	}
}

// locals is the addresses of the doors, by protocol.
func (g *gateway) locals() map[string]netip.AddrPort {
	all := map[string]netip.AddrPort{}
	for _, d := range g.doors {
		if d.local.IsValid() {
			all[d.cfg.Protocol] = d.local
		}
	}
	return all
}

// receive takes in a signal about a door or a connection to one, and reports
// whether it was.
func (g *gateway) receive(s system.Signal) bool {
	switch s := s.(type) {
	case system.Bound:
		return g.at(s.Socket, func(d *door) {
			d.local = s.Local
			g.loop.Note("listening for "+d.cfg.Protocol, s.Local.String(), "")
		})
	case system.Failed:
		return g.at(s.Socket, func(d *door) { g.loop.CannotListen(d.cfg.Addr, s.Err) })
	case system.Accepted:
		return g.at(s.Listener, func(d *door) { g.accepted(d, s) })
	case system.Received:
		return g.with(s.Socket, func(t *guest) { t.receive(s.Data) })
	case system.Secured:
		return g.with(s.Socket, func(t *guest) { t.secured(s) })
	case system.Closed:
		return g.with(s.Socket, func(t *guest) { t.gone(s.Err) })
	}
	return false
}

// at does f with the door of that listener, and reports whether there is one.
func (g *gateway) at(listener system.Socket, f func(*door)) bool {
	for _, d := range g.doors {
		if d.listener == listener {
			f(d)
			return true
		}
	}
	return false
}

func (g *gateway) with(id system.Socket, f func(*guest)) bool {
	t := g.guests[id]
	if t != nil {
		f(t)
	}
	return t != nil
}

// carryOut carries out what a server did.
func (g *gateway) carryOut(out control.ServerOutput) {
	for _, c := range out.Effects {
		switch c := c.(type) {
		case system.Log:
			g.loop.Log(c.Event)
		case system.Send:
			if t := g.guests[c.Socket]; t != nil && !t.stalled { // a stalled server says nothing
				g.loop.Ask(c)
			}
		case system.Close:
			if g.guests[c.Socket] != nil {
				delete(g.guests, c.Socket)
				g.loop.Ask(c)
			}
		default:
			g.loop.Ask(c)
		}
	}
	for _, a := range out.Answers {
		g.answered(a.ID, a.Status)
	}
}

// advance does what the servers have due.
func (g *gateway) advance() {
	for _, d := range g.doors {
		if system.Due(d.server.Deadline(), g.loop.Now()) {
			g.carryOut(d.server.Advance(g.loop.Now()))
		}
	}
}

func (g *gateway) deadline() (at time.Time) {
	for _, d := range g.doors {
		at = system.Earliest(at, d.server.Deadline())
	}
	return at
}

// online is the door at which a user is online, or nil.
func (g *gateway) online(user string) *door {
	for _, d := range g.doors {
		if d.server.Online(user) {
			return d
		}
	}
	return nil
}

// guestsOf are the connections over which a user is online.
func (g *gateway) guestsOf(user string) (all []*guest) {
	if d := g.online(user); d != nil {
		for _, s := range d.server.Connections(user) {
			if t := g.guests[s]; t != nil {
				all = append(all, t)
			}
		}
	}
	return all
}

// Find is a user who is online at a door, for the SIP server.
func (g *gateway) Find(user string) (server.Party, bool) {
	if d := g.online(user); d != nil {
		return &party{g, d, user}, true
	}
	return nil, false
}
