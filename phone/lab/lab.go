// Package lab is everybody whom an emulated phone can meet: a SIP server, servers
// of other protocols, robots to call, and all that they do wrong on request. It
// serves emulated handsets and real phones.
//
//	phones ══ SIP ══╗
//	                sip/server ── elsewhere ── gateway ── doors ══ raw, XMPP ══ phones
//	robots ─ inside ╝    └─ waker ── wake line ══ wake sockets ══ apps
//
// A robot is the handset's own softphone program (phone/app), always awake, on a
// stream inside the lab; its audio is real RTP through the lab's own sockets. A
// user who speaks another protocol than SIP is called through a door: see
// gateway.go. An app that keeps a wake socket is woken before a call: see wake.go.
//
// The lab can break things on request, see the verbs of the lab in phone/verb: it pings, closes, resets
// and stalls connections, goes away and comes back; and it can misbehave, see
// [Misbehaviours].
//
// A Lab is a pure machine (see phone/system); one goroutine owns it.
package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/internal/misbehave"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Lab is a running lab.
type Lab struct {
	loop    *loop.Loop
	sip     *server.Server
	wake    *wakeLine
	gateway *gateway
	robots  *robots
	faults  misbehave.Faults
	opening bool // the ports are being opened, one after the other
}

// New makes a lab. [Lab.Start] puts it to work.
func New(cfg Config) (*Lab, error) {
	if cfg.Rand == nil {
		return nil, errors.New("lab: no source of randomness")
	}
	l := &Lab{loop: loop.New("lab", cfg.Rand, cfg.TLS)}
	l.wake = newWakeLine(l.loop, cfg.WakeAddr)
	l.gateway = newGateway(l.loop)
	var err error
	if l.sip, err = server.New(l.loop, cfg.Config, l.gateway, l.wake); err == nil {
		l.wake.users = l.sip
		l.robots = newRobots(l.loop, l.sip, cfg)
		err = l.gateway.join(l.sip, cfg.Doors, l.password)
	}
	if err == nil {
		err = l.robots.add(cfg.Robots)
	}
	if err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	return l, nil
}

// Start opens the listening sockets. The robots sign on when they are open.
func (l *Lab) Start(now time.Time) []system.Effect { return l.loop.Step(now, l.start) }

// Local is the address that the lab listens on for SIP; it is valid once all
// ports are open.
func (l *Lab) Local() netip.AddrPort { return l.sip.Local() }

// WakeLocal is the address at which the lab takes wake sockets; it is valid once
// [Lab.Local] is, if there is one.
func (l *Lab) WakeLocal() netip.AddrPort { return l.wake.local }

// DoorsLocal is the addresses of the doors, by protocol; they are all there
// once [Lab.Local] is valid.
func (l *Lab) DoorsLocal() map[string]netip.AddrPort { return l.gateway.locals() }

// Robots are the names of those who can be told something.
func (l *Lab) Robots() []string { return l.robots.names() }

// Deadline is when Advance wants to be called next.
func (l *Lab) Deadline() time.Time {
	return system.Earliest(l.sip.Deadline(), l.loop.Deadline(), l.gateway.deadline(), l.robots.deadline())
}

// Advance does everything that is due.
func (l *Lab) Advance(now time.Time) []system.Effect {
	return l.loop.Step(now, func() {
		l.sip.Advance()
		l.loop.Ring()
		l.gateway.advance()
		l.robots.advance()
	})
}

// Receive takes in a signal of the system.
func (l *Lab) Receive(now time.Time, s system.Signal) []system.Effect {
	return l.loop.Step(now, func() { l.loop.Hear(s, l.signal) })
}

// signal gives a signal to the part whose socket it is about.
func (l *Lab) signal(s system.Signal) {
	_ = l.wake.receive(s) || l.gateway.receive(s) || l.sip.Receive(s) || l.robots.receive(s)
	if _, bound := s.(system.Bound); bound && l.opening {
		l.openNext()
	}
}

// start opens the ports, the same as before if there were any.
func (l *Lab) start() {
	if !l.opening && !l.sip.Listening() {
		l.opening = true
		l.openNext()
	}
}

// openNext opens the next port: that of SIP is the last.
func (l *Lab) openNext() {
	switch {
	case l.sip.Listening():
		l.opening = false
		l.launch()
	case l.wake.listen() || l.gateway.listen():
	default:
		l.sip.Listen()
	}
}

// password is what a user of another protocol signs on with; a robot has none.
func (l *Lab) password(user string) (string, bool) {
	if l.robots.named(user) != nil {
		return "", false
	}
	return l.sip.Password(user)
}

// launch has the robots sign on, once: when the lab comes back they have been
// there all the time.
func (l *Lab) launch() {
	if l.robots.launched {
		return
	}
	if l.robots.host().IsUnspecified() && len(l.robots.all) > 0 {
		l.loop.Log(event.Warning{
			Rule: event.RuleRobotsWithoutAddress, Note: "audio to robots needs an address of theirs, and the lab listens on all",
			Hint: "listen on a specific address",
		})
	}
	l.robots.launch()
}

// stop is a lab that goes away: its ports are closed and so are its connections,
// with all that hung on them. The robots stay.
func (l *Lab) stop() {
	if l.opening || !l.sip.Listening() {
		return
	}
	l.wake.close()
	l.gateway.close()
	l.sip.Stop()
}
