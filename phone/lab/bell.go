package lab

import (
	"bytes"
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The bells are the lab's part of the strategy wake-socket: a TCP port at which
// apps keep a connection that does nothing but wake them. Lines end with CRLF:
//
//	app: HELLO alice      lab: OK, or NO and the end
//	app: PING             lab: PONG
//	                      lab: WAKE
//
// A call for a user with a bell rings it. The INVITE itself goes where SIP
// sends it, at once or after a wait (WakeWait). There is no password: who rings
// at a door can do no more than wake somebody.

const (
	// maxBellLine bounds a line of an app.
	maxBellLine = 256
	// maxBells is how many bells one user may have.
	maxBells = 10
)

// A bell is one connection that wakes an app.
type bell struct {
	lab    *Lab
	id     system.Socket
	remote netip.AddrPort
	user   *user  // nil until it has said HELLO
	rest   []byte // of a line that has not ended
}

// WakeLocal is the address at which the lab takes bells; it is valid once
// [Lab.Local] is, if there is one.
func (l *Lab) WakeLocal() netip.AddrPort { return l.bellsAt }

// hangBells opens the port for bells.
func (l *Lab) hangBells() {
	addr := l.cfg.WakeAddr
	if l.bellsAt.IsValid() {
		addr = l.bellsAt.String()
	}
	l.bellDoor = l.nextSocket()
	l.ask(system.Listen{Socket: l.bellDoor, Addr: addr})
}

func (l *Lab) bellAccepted(s system.Accepted) {
	if len(l.conns)+len(l.bells) >= l.cfg.MaxConns {
		l.ask(system.Close{Socket: s.Socket, Reset: true})
		return
	}
	l.bells[s.Socket] = &bell{lab: l, id: s.Socket, remote: s.Remote}
}

// receive takes in bytes of the connection.
func (b *bell) receive(data []byte) {
	b.rest = append(b.rest, data...)
	for {
		line, rest, whole := bytes.Cut(b.rest, []byte("\n"))
		if len(line) > maxBellLine {
			b.refuse(fmt.Sprintf("a line of more than %d bytes", maxBellLine))
			return
		}
		if !whole {
			return
		}
		b.rest = bytes.Clone(rest)
		if !b.line(strings.TrimRight(string(line), "\r")) {
			return
		}
	}
}

// line takes in a line, and reports whether the connection goes on.
func (b *bell) line(line string) bool {
	word, name, _ := strings.Cut(line, " ")
	u := b.lab.users[name]
	switch {
	case word == "PING":
		b.say("PONG")
	case word != "HELLO":
		return b.refuse(fmt.Sprintf("%q", event.Printable(line)))
	case u == nil || len(u.bells) >= maxBells:
		return b.refuse("no room for " + event.Printable(name))
	default:
		b.leave()
		b.user = u
		u.bells = append(u.bells, b)
		b.lab.note("wake socket", name+" "+b.remote.String(), "")
		b.say("OK")
	}
	return true
}

func (b *bell) say(line string) { b.lab.ask(system.Send{Socket: b.id, Data: []byte(line + "\r\n")}) }

func (b *bell) refuse(why string) bool {
	b.lab.note("wake socket refused", b.remote.String(), why)
	b.say("NO")
	b.hangUp()
	return false
}

// hangUp closes the connection.
func (b *bell) hangUp() {
	b.lab.ask(system.Close{Socket: b.id})
	b.gone()
}

// gone is the end of the connection.
func (b *bell) gone() {
	delete(b.lab.bells, b.id)
	b.leave()
}

func (b *bell) leave() {
	if b.user != nil {
		b.user.bells = without(b.user.bells, b)
		b.user = nil
	}
}

// takeBells closes the port and all bells, the oldest first.
func (l *Lab) takeBells() {
	if l.bellDoor == 0 {
		return
	}
	l.ask(system.Close{Socket: l.bellDoor})
	l.bellDoor = 0
	var all []*bell
	for _, b := range l.bells {
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b *bell) int { return cmp.Compare(b.id, a.id) })
	for _, b := range all {
		b.hangUp()
	}
}

// ring rings a user's bells, and reports whether there is any.
func (u *user) ring(l *Lab, why string) bool {
	for _, b := range u.bells {
		b.say("WAKE")
		l.note("wake line", u.name+" "+b.remote.String(), why)
	}
	return len(u.bells) > 0
}

// wakes rings the bells of whom a call is for, and reports whether the call is
// put off until they have had time.
func (x *context) wakes(targets []target) bool {
	l := x.lab
	if x.rung || !x.req.IsInvite() || x.req.To().Params.Has("tag") {
		return false
	}
	x.rung = true
	why := "then the INVITE, at once"
	if l.cfg.WakeWait > 0 {
		why = fmt.Sprintf("then the INVITE, after %s", l.cfg.WakeWait)
	}
	rung := false
	for _, u := range usersOf(targets) {
		rung = u.ring(l, why) || rung
	}
	if !rung || l.cfg.WakeWait == 0 {
		return false
	}
	l.alarms.set(&x.wait, l.now.Add(l.cfg.WakeWait), func() { l.dispatch(x) })
	return true
}

// stopWaiting ends a call that was put off and is cancelled.
func (x *context) stopWaiting() {
	if x.wait.index > 0 {
		x.lab.alarms.clear(&x.wait)
		x.reply(x.lab.respond(x.req, 487))
	}
}

// usersOf are those who are registered at the targets, each once.
func usersOf(targets []target) []*user {
	var all []*user
	for _, t := range targets {
		for _, b := range t.conn.bindings {
			if !slices.Contains(all, b.user) {
				all = append(all, b.user)
			}
		}
	}
	return all
}

// missed warns of a call that went to a phone's old address, where the phone
// has now registered another.
func (l *Lab) missed(old *binding, c *conn) {
	if old.conn == c || len(old.user.bells) == 0 {
		return
	}
	for _, b := range old.conn.branches {
		if b.req.IsInvite() && !b.heard && !b.cancelled {
			l.log(event.Warning{
				Rule: event.RuleWakeRace,
				Note: fmt.Sprintf("the INVITE for %s went to %s, and the phone registered %s %s later: it misses the call",
					old.user.name, old.conn.remote, c.remote, event.Round(l.now.Sub(b.sent))),
				Hint: "hold the INVITE until the phone has registered (wake-wait)",
			})
		}
	}
}

// wakeByHand rings a user's bells.
func (l *Lab) wakeByHand(name string) error {
	u := l.users[name]
	switch {
	case u == nil:
		return fmt.Errorf("no user %q%s", name, hint(name, l.userNames()))
	case !u.ring(l, "by hand"):
		return fmt.Errorf("%s has no wake socket here", name)
	}
	return nil
}
