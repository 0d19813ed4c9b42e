package server

import (
	"fmt"
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Waker wakes the phones of users before a call by other means than SIP and
// push. The INVITE itself goes where SIP sends it, at once or after a wait
// (Config.WakeWait).
type Waker interface {
	// Wake wakes a user's phones, and reports whether it can reach any; Reaches
	// reports that without waking.
	Wake(user, why string) bool
	Reaches(user string) bool
	// Push hands a push to a provider of local push, and says why not; "": it did. Takes
	// reports whether there can be any.
	Push(p system.Push) (why string)
	Takes() bool
}

// wakes wakes whom a call is for, and reports whether the call is put off until
// they have had time.
func (x *context) wakes(targets []target) bool {
	p := x.proxy
	if x.woken || !x.isNewCall() || p.waker == nil {
		return false
	}
	x.woken = true
	why := "then the INVITE, at once"
	if p.cfg.WakeWait > 0 {
		why = fmt.Sprintf("then the INVITE, after %s", p.cfg.WakeWait)
	}
	woken := false
	for _, u := range usersOf(targets) {
		woken = p.waker.Wake(u.name, why) || woken
	}
	if !woken || p.cfg.WakeWait == 0 {
		return false
	}
	p.loop.Set(&x.wait, p.cfg.WakeWait, func() { p.dispatch(x) })
	return true
}

// stopWaiting ends a call that was put off and is cancelled.
func (x *context) stopWaiting() {
	if x.wait.IsSet() {
		x.proxy.loop.Clear(&x.wait)
		x.reply(x.respond(487))
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

// replaced warns of a call that went to a phone's old address, where the phone
// was woken and has now registered another.
func (p *proxy) replaced(old *binding, c *conn) {
	if old.conn == c || p.waker == nil || !p.waker.Reaches(old.user.name) {
		return
	}
	for _, b := range old.conn.branches {
		if b.req.IsInvite() && !b.heard && !b.cancelled {
			p.loop.Log(event.Warning{
				Rule: event.RuleWakeRace,
				Note: fmt.Sprintf("the INVITE for %s went to %s, and the phone registered %s %s later: it misses the call",
					old.user.name, old.conn.remote, c.remote, event.Round(p.loop.Now().Sub(b.sent))),
				Hint: "hold the INVITE until the phone has registered (wake-wait)",
			})
		}
	}
}
