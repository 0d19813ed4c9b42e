package diagnose

import (
	"cmp"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The causes for which a phone that is reached by push is not reached. What
// became of a push is known as it is to whoever looks at the push service's own
// console: who sent it, and where it ended.

// A pushed is a call to a phone that is reached by push, since the last action.
type pushed struct {
	who       string        // has called
	called    time.Duration // when
	wall      time.Time     // the same by the wall clock
	status    int           // the final answer that they had; 0: none yet
	reason    string
	answered  time.Duration
	sent      *event.Push // nil: the server has not pushed
	delivered time.Duration
	arrived   bool   // the push was delivered
	asleep    string // why a distributor of Web Push slept meanwhile; "": none did
	back      time.Duration
	returned  bool // the phone has registered since the push
}

// pushed looks at what became of a call; nil where there is none, where it has
// come to the phone, or where that is not reached by push.
func (ev *Evidence) pushed() *pushed {
	if !ev.fold.Start.Pushed() {
		return nil
	}
	who, at := ev.unrouted()
	if who == "" {
		return nil
	}
	p := &pushed{who: who, called: at}
	for r := range ev.from(ev.since) {
		switch e := r.Event.(type) {
		case event.Message:
			switch {
			case r.Phone != who || e.Method != "INVITE":
			case e.Out && e.Status == 0 && p.wall.IsZero():
				p.wall = r.Wall
			case !e.Out && e.Status >= 300 && p.status == 0:
				p.status, p.reason, p.answered = e.Status, e.Reason, r.Device
			}
		case event.Push:
			if e.Phase != event.PushDelivered || r.Phone == ev.phone { // it is sent by somebody else
				p.step(r.Device, e)
			}
		case event.Registration:
			if r.Phone == ev.phone && e.Phase == event.RegistrationActive && p.arrived && !p.returned {
				p.back, p.returned = r.Device, true
			}
		}
	}
	return p
}

func (p *pushed) step(at time.Duration, e event.Push) {
	switch e.Phase {
	case event.PushSent, event.PushRefused:
		p.sent = &e
	case event.PushDelivered:
		p.delivered, p.arrived = at, true
	case event.PushAway:
		p.asleep = e.Why
	case event.PushBack:
		p.asleep = cmp.Or(p.asleep, "who brings it did not run")
	}
}

// notWakeable fits where the server has said before that it will not push.
func notWakeable(ev *Evidence) string {
	if ev.pushed() == nil {
		return ""
	}
	words := ""
	for r := range ev.of(ev.phone, 0) {
		switch e := r.Event.(type) {
		case event.Warning:
			if e.Rule == event.RuleNotWakeable {
				words = "the server does not push to us: its answer to REGISTER has no +sip.pns"
			}
		case event.Registration:
			if e.Phase == event.RegistrationSending {
				words = "" // until something is said again
			}
		}
	}
	return words
}

// pushEnded looks for a push that has ended badly: expired, blocked.
func pushEnded(phase event.PushPhase) func(*Evidence) string {
	return func(ev *Evidence) string {
		for r := range ev.effects(ev.phone) {
			if e, ok := r.Event.(event.Push); ok && e.Phase == phase && Of(e) != "" {
				return fmt.Sprintf("the push %s was %s: %s", e.ID, e.Phase, e.Why)
			}
		}
		return ""
	}
}

// localPushStopped fits where the server had no provider to push to: the system has
// stopped it, or never started it, or it has not signed on again.
func localPushStopped(ev *Evidence) string {
	p := ev.pushed()
	if p == nil || ev.fold.Start.Strategy != event.LocalPush || p.arrived {
		return ""
	}
	why := cmp.Or(p.asleep, ev.fold.Pushes.Away)
	if refused := p.sent != nil && p.sent.Phase == event.PushRefused; why == "" && refused {
		why = p.sent.Why
	}
	if why == "" {
		return ""
	}
	return fmt.Sprintf("the server had no local push provider to reach: %s", why)
}

// noAppPush fits where the system has refused the provider of an app.
func noAppPush(ev *Evidence) string {
	if ev.fold.Start.Strategy != event.LocalPush {
		return ""
	}
	for r := range ev.of(ev.phone, 0) {
		if e, ok := r.Event.(event.Warning); ok && e.Rule == event.RuleNoAppPush {
			return e.Note
		}
	}
	return ""
}

// distributorAsleep fits where a push was taken, and who would bring it to the
// phone sleeps.
func distributorAsleep(ev *Evidence) string {
	p := ev.pushed()
	if p == nil || p.sent == nil || p.sent.Phase != event.PushSent || p.arrived {
		return ""
	}
	why := cmp.Or(p.asleep, ev.fold.Pushes.Away)
	if why == "" {
		return ""
	}
	return fmt.Sprintf("the push %s waited at the push service: %s", p.sent.ID, why)
}

// pushLost fits where a push was sent, or tried, and has not arrived.
func pushLost(ev *Evidence) string {
	if why := pushEnded(event.PushDropped)(ev); why != "" {
		return why
	}
	p := ev.pushed()
	switch {
	case p == nil || p.sent == nil || p.arrived || p.sent.Phase == event.PushRefused:
		return ""
	}
	return fmt.Sprintf("the push %s was sent, and has not arrived", p.sent.ID)
}

// pushRefused fits where the push service would not take the push: often for a token that
// the phone has no more.
func pushRefused(ev *Evidence) string {
	p := ev.pushed()
	if p == nil || p.sent == nil || p.sent.Phase != event.PushRefused {
		return ""
	}
	words := "the push service refused the push: " + p.sent.Why
	token, at, registered := "", time.Duration(0), false
	for r := range ev.of(ev.phone, 0) {
		switch e := r.Event.(type) {
		case event.Push:
			if e.Phase == event.PushToken {
				token, at, registered = e.Token, r.Device, false
			}
		case event.Registration:
			registered = registered || e.Phase == event.RegistrationActive
		}
	}
	if token != "" && token != p.sent.Token && !registered {
		words += fmt.Sprintf("; that was at %s, and the app has not registered since", ev.stamp(at))
	}
	return words
}

// pushLate fits where the caller gave up before the server had pushed.
func pushLate(ev *Evidence) string {
	p := ev.pushed()
	if p == nil || p.sent != nil {
		return ""
	}
	who, at := ev.sentBy("CANCEL")
	if who == "" {
		return ""
	}
	words := fmt.Sprintf("%s gave up after %s, and the server had not pushed by then", who, event.Round(at-p.called))
	for r := range ev.log.From(ev.last) {
		e, is := r.Event.(event.Push)
		if is && e.Phase == event.PushSent && e.Token != "" && e.Token == ev.fold.Pushes.Token {
			return fmt.Sprintf("%s gave up after %s, and the server pushed %s after the call", who, event.Round(at-p.called), event.Round(r.Wall.Sub(p.wall)))
		}
	}
	return words
}

// trustedFlow fits where the server does not push, and does not say no either.
func trustedFlow(ev *Evidence) string {
	p := ev.pushed()
	if p == nil || p.sent != nil || p.status != 0 && p.status != 408 {
		return ""
	}
	return fmt.Sprintf("%s called at %s, and the server has not pushed: it may trust a connection that is gone", p.who, ev.stamp(p.called))
}

// pushNoWait fits where the caller was turned away as soon as the push was
// sent.
func pushNoWait(ev *Evidence) string {
	p := ev.pushed()
	if p == nil || p.sent == nil || p.sent.Phase == event.PushRefused || p.status == 0 || p.answered-p.called > atOnce/4 {
		return ""
	}
	return fmt.Sprintf("the server pushed and did not wait for us: %s was told %d %s after %s",
		p.who, p.status, p.reason, event.Round(p.answered-p.called))
}

// pushTooShort fits where the caller was turned away before the phone could
// come back.
func pushTooShort(ev *Evidence) string {
	p := ev.pushed()
	if p == nil || p.sent == nil || p.status == 0 || p.returned && p.back < p.answered {
		return ""
	}
	when := "we have not registered yet"
	if p.returned {
		when = "we registered " + event.Round(p.back-p.answered) + " later"
	}
	return fmt.Sprintf("the server waited for us for %s only: %s was told %d %s, and %s",
		event.Round(p.answered-p.called), p.who, p.status, p.reason, when)
}

// refreshDue is how long before its end a registration is to be refreshed by a
// push (RFC 8599 §5.5).
const refreshDue = 120 * time.Second

// noRefresh fits where a registration ends that only a push could refresh.
func noRefresh(ev *Evidence) string {
	r := &ev.fold.Registration
	if !ev.fold.Start.Pushed() || !r.Active || r.Expires == 0 || ev.fold.Life.State != event.Suspended || ev.now < r.Until-refreshDue {
		return ""
	}
	return fmt.Sprintf("our registration ends at %s, we sleep, and the server has not pushed for its refresh", ev.stamp(r.Until))
}

// ghostCall fits where the phone is back and the call does not come.
func ghostCall(ev *Evidence) string {
	p := ev.pushed()
	if p == nil || !p.returned || ev.now-p.back < atOnce/4 {
		return ""
	}
	return fmt.Sprintf("we registered at %s, after the push, and the server has not sent us the INVITE: it went over an old connection, or nowhere",
		ev.stamp(p.back))
}

// serverCancelled fits where a call was cancelled by nobody who called.
func serverCancelled(ev *Evidence) string {
	if who, _ := ev.sentBy("CANCEL"); who != "" || !ev.reached("CANCEL") {
		return ""
	}
	return "the server cancelled the call by itself: nobody who called did"
}
