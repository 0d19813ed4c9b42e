package app

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// What the app can know to be wrong, without seeing that it sleeps.

// tickSlack is how much longer than its timeout the last keepalive may be ago
// when the app comes to the screen: linphone-iphone's LinphoneManager warns at
// 700 s, of 600.
const tickSlack = 100 * time.Second

// pulse is how often the app looks at the clock while it waits for an answer
// in the background; a look that comes later than stoppedFor after its time
// says that the program was stopped (our own numbers).
const (
	pulse      = time.Second
	stoppedFor = time.Second
)

// judgement is what the app has to watch for its warnings.
type judgement struct {
	outbound, expires bool      // it has warned of these
	tickAt            time.Time // the last keepalive, or when the app left the screen
	pulseAt           time.Time // the next look at the clock; zero: it waits for nothing
	stopped           bool      // an answer was outstanding when the program was stopped
}

// judge warns of what a registration promises: too little.
func (a *App) judge(n control.Registered) {
	j := &a.life.judgement
	if !a.traits.keepsAlive {
		return
	}
	if asked, promised := a.agent.Outbound(); asked && !promised && !j.outbound && a.traits.marks {
		j.outbound = true
		a.note(event.Warning{
			Rule: "no-outbound", Note: "the 200 to REGISTER lacks Require: outbound: the server does not promise to answer pings",
			Hint: "outbound at the registrar (RFC 5626), or pings from the server",
		})
	}
	if n.Expires > 0 && n.Expires < a.cfg.KeepAlive && !j.expires {
		j.expires = true
		a.note(event.Warning{
			Rule: "short-expires", Note: fmt.Sprintf("registered for %g s, and the next keepalive is up to %g s away", n.Expires.Seconds(), a.cfg.KeepAlive.Seconds()),
			Hint: "a registrar that grants an hour",
		})
	}
}

// left notes when the app left the screen: from then on ticks are due.
func (a *App) left(now time.Time) { a.life.tickAt = now }

// returned warns if the last tick was too long ago.
func (a *App) returned(now time.Time) {
	ago := now.Sub(a.life.tickAt)
	if a.life.accepted && !a.life.tickAt.IsZero() && ago > a.cfg.KeepAlive+tickSlack {
		a.note(event.Warning{
			Rule: "late-tick", Note: fmt.Sprintf("the last keepalive was %s ago", event.Round(ago)),
			Hint: "something has cancelled the keepalive handler, or the device was off",
		})
	}
	a.life.tickAt = time.Time{}
}

// feelPulse looks at the clock while an answer is outstanding in the
// background.
func (a *App) feelPulse(now time.Time) {
	j := &a.life.judgement
	if system.Due(j.pulseAt, now) {
		j.stopped = now.Sub(j.pulseAt) > stoppedFor
		j.pulseAt = time.Time{}
		a.takePulse(now)
	}
}

// takePulse sets the next look at the clock, while there is a reason for one.
func (a *App) takePulse(now time.Time) {
	j := &a.life.judgement
	switch {
	case a.foreground || !a.traits.keepsAlive || !a.agent.Awaits():
		j.pulseAt = time.Time{}
	case j.pulseAt.IsZero():
		j.pulseAt = now.Add(pulse)
	}
}

// replied is something from the server: if it was the answer that the app was
// stopped before, it warns.
func (a *App) replied(awaited bool) {
	j := &a.life.judgement
	if !j.stopped || !awaited || a.agent.Awaits() {
		return
	}
	j.stopped = false
	a.note(event.Warning{
		Rule: "reply-cost-a-wake", Note: "an answer came after the app had been suspended: it has cost a wake",
		Hint: "a background task until the answer is there",
	})
}

// unanswered forgets an answer that the agent waits for no longer: what comes
// now is another's.
func (a *App) unanswered() {
	if !a.agent.Awaits() {
		a.life.stopped = false
	}
}

// keepAliveSet is the system's answer about the keepalive handler.
func (a *App) keepAliveSet(s system.KeepAliveSet) { a.life.accepted = s.Accepted && s.Timeout > 0 }
