package device

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// pushEvent is a step of a push on its way.
func pushEvent(phase event.PushPhase, p system.Push, why string) event.Push {
	priority := "normal"
	if p.High {
		priority = "high"
	}
	return event.Push{Phase: phase, ID: p.ID, Token: p.Token, Priority: priority, Background: p.Background, Payload: p.Payload, Bytes: len(p.Body), Why: why}
}

func expired(now time.Time, p system.Push) bool { return system.Due(p.Expires, now) }

// pushed is a push that PushKit delivers. It lets the app run, launched if
// need be, whoever ended it.
func (k *pushKit) pushed(now time.Time, p system.Push) {
	if phase, why, idle := k.unwanted(now, p); phase != "" {
		k.log(pushEvent(phase, p, why))
		if idle {
			k.warnIdle(why)
		}
		return
	}
	k.warnStale(now, p)
	k.arrive(now, p)
}

// arrive hands on what has come to the device for the app.
func (k *pushKit) arrive(now time.Time, p system.Push) {
	k.idleSince = now
	k.log(pushEvent(event.PushDelivered, p, ""))
	switch k.state {
	case event.Dead:
		k.awaitLaunch(now, p)
	case event.Suspended:
		k.wakeUncounted(now, event.ByPush, k.profile.PushWindow)
		k.hand(now, p)
	default:
		k.lend(now, k.profile.PushWindow, "a push")
		k.hand(now, p)
	}
}

// unwanted says why a push does not reach the app, if it does not, and whether that is
// because the device has lain idle.
func (k *pushKit) unwanted(now time.Time, p system.Push) (phase event.PushPhase, why string, idle bool) {
	switch {
	case k.token == "" || p.Token != k.token:
		return event.PushDropped, notTheToken, false
	case expired(now, p):
		return event.PushExpired, fmt.Sprintf("%s too late", event.Round(now.Sub(p.Expires))), false
	case k.pushesSleep(now):
		return event.PushDropped, fmt.Sprintf("locked and idle for %s: the connection of the push daemon sleeps", event.Round(now.Sub(k.idleSince))), true
	case p.Background:
		return "", "", false
	}
	if why := k.record.blocked(now); why != "" {
		return event.PushBlocked, why, false
	}
	return "", "", false
}

// awaitLaunch launches a dead app for a push, after a while.
func (k *pushKit) awaitLaunch(now time.Time, p system.Push) {
	if len(k.waiting) == maxWaiting {
		k.log(pushEvent(event.PushDropped, k.waiting[0], "too many wait for the launch"))
		k.waiting = k.waiting[1:]
	}
	k.waiting = append(k.waiting, p)
	least, most := k.p.PushLaunchMin, k.p.PushLaunchMax
	delay := least + time.Duration(k.rng.Float64()*float64(most-least))
	k.timers[launchTimer] = system.Earliest(k.timers[launchTimer], now.Add(delay))
}

// handWaiting hands the pushes over that a process was launched for, or met.
func (k *pushKit) handWaiting(now time.Time) {
	waiting := k.waiting
	k.waiting = nil
	for _, p := range waiting {
		k.hand(now, p)
	}
}

// loseWaiting is the device going off, or the app away, before the launch.
func (k *pushKit) loseWaiting(why string) {
	for _, p := range k.waiting {
		k.log(pushEvent(event.PushDropped, p, why))
	}
	k.waiting = nil
}

// hand hands a push to a process that runs: it calls its push handler, once
// the process has set one up.
func (k *pushKit) hand(now time.Time, p system.Push) {
	k.count++
	late := k.late(now, p)
	k.duties.add(duty{id: k.count, push: p, at: now, exempt: k.exempt() || p.Background || late, late: late && !k.exempt()})
	k.callHandler()
}

func (k *pushKit) callHandler() {
	if !k.handles {
		return
	}
	for _, q := range k.duties.call() {
		k.tell(system.Pushed{ID: q.id, Payload: q.push.Payload, MustReport: k.mustReport(q)})
	}
}

// exempt reports whether a push that comes now need not be reported: those to
// an app on the screen, or with a call (Apple DTS thread 768136), and on a
// system before that rule, all.
func (k *pushKit) exempt() bool {
	return !k.p.PushReport || k.state == event.Foreground || k.audio || k.screen.answered()
}

// handlerReturned is the push handler's return: PushKit looks whether a call
// has been reported by now (_terminateAppIfThereAreUnhandledVoIPPushes).
func (k *pushKit) handlerReturned(now time.Time, id int) {
	q, ok := k.duties.returned(id)
	if !ok {
		return
	}
	k.log(event.Push{Phase: event.PushHandled, ID: q.push.ID, Why: fmt.Sprintf("in %s", event.Round(now.Sub(q.at)))})
	if q.owed() && !k.exempt() {
		k.violate(now, unreported)
	}
}

// reportDue is the second look, by callservicesd: the push handler has not
// returned, or was never set up, and no call has been reported.
func (k *pushKit) reportDue(now time.Time) {
	if !k.duties.overdue(now) {
		return
	}
	if !k.exempt() {
		k.violate(now, reportOverrun(k.p.PushReportLimit))
		return
	}
	k.duties.excuse(now)
}

// violate kills an app that has not reported a push, and blocks its pushes if
// it has done so too often.
func (k *pushKit) violate(now time.Time, by death) {
	blocked := k.record.violate(now)
	k.end(now, by)
	if k.p.PushDialog && k.p.DevelopmentBuild {
		k.log(event.Warning{
			Rule: event.RuleUnreportedPush, Note: "a dialog of the system: this development build did not report a push",
			Hint: "report each push as a call",
		})
	}
	if blocked {
		k.log(event.Warning{
			Rule: event.RulePushBlocked, Note: fmt.Sprintf("the system delivers no more pushes to this app (not reported: %d)", k.record.violations),
			Hint: "push reset",
		})
	}
}

// resetPush forgets that the app did not report its pushes.
func (k *pushKit) resetPush() {
	if k.record.violations == 0 {
		k.refuse("push reset", "no push of the app has gone unreported", "")
		return
	}
	k.record.forgive()
}
