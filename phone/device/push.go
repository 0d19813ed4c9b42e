package device

import (
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// tokenBytes is how long a push token is: that of APNs.
const tokenBytes = 32

// maxWaiting is how many pushes may wait for a process that is being launched.
const maxWaiting = 16

// pushKit is what the system knows of the app's pushes. It outlives the
// process, and a reboot.
type pushKit struct {
	token      string // "": the app has never asked for one
	count      int    // pushes handed to the app so far
	violations int    // pushes that were not reported
	blocked    bool
	blockedAt  time.Time
	waiting    []system.Push // for a process that is being launched
}

// duty is a push that a process has been given and still has to answer for.
type duty struct {
	id       int // of the handler's call
	push     system.Push
	at       time.Time // when it was delivered
	called   bool      // the handler has been called
	exempt   bool      // it need not be reported
	reported bool
}

// setPushDelegate is the app setting up its push handler
// (PKPushRegistry.desiredPushTypes). Pushes that wait for that are handed over.
func (d *Device) setPushDelegate() {
	if !d.profile.Push {
		d.log(event.Push{Phase: "refused", Why: "this system has no push"})
		return
	}
	if d.kit.token == "" {
		d.newToken("the app asked for one")
	}
	d.handles, d.tokenNews = true, false
	d.tell(system.PushToken{Token: d.kit.token})
	d.callHandler()
}

// newToken gives the app another push token: the service knows only that one
// from now on.
func (d *Device) newToken(why string) {
	raw := make([]byte, tokenBytes)
	for i := range raw {
		raw[i] = byte(d.rng.Uint32())
	}
	d.kit.token = hex.EncodeToString(raw)
	d.log(event.Push{Phase: "token", Token: d.kit.token, Why: why})
	d.kernel(system.OpenPush{Token: d.kit.token})
}

// rotateToken is the push service replacing the token. The app is told when
// it runs, if it has a push handler (didUpdatePushCredentials).
func (d *Device) rotateToken() {
	if d.profile.Doze {
		d.rotateFCM()
		return
	}
	if d.kit.token == "" {
		d.refuse("token rotate", "the app has no push token", "")
		return
	}
	d.newToken("the push service has replaced it")
	d.tokenNews = d.handles
	if d.Running() {
		d.tellToken()
	}
}

func (d *Device) tellToken() {
	if d.tokenNews {
		d.tokenNews = false
		d.tell(system.PushToken{Token: d.kit.token})
	}
}

// pushArrived is a push that the service delivers to the device.
func (d *Device) pushArrived(now time.Time, p system.Push) {
	if d.profile.Doze {
		d.fcmArrived(now, p)
		return
	}
	d.kitArrived(now, p)
}

// kitArrived is a push that PushKit delivers. It lets the app run, launched if
// need be, whoever ended it.
func (d *Device) kitArrived(now time.Time, p system.Push) {
	if phase, why := d.unwanted(now, p); phase != "" {
		d.log(pushEvent(phase, p, why))
		return
	}
	d.log(pushEvent("delivered", p, ""))
	switch d.state {
	case event.Dead:
		d.awaitLaunch(now, p)
	case event.Suspended:
		d.wakeUncounted(now, event.ByPush, d.profile.PushWindow)
		d.hand(now, p)
	default:
		d.lend(now, d.profile.PushWindow, "a push")
		d.hand(now, p)
	}
}

// unwanted says why a push does not reach the app, if it does not.
func (d *Device) unwanted(now time.Time, p system.Push) (phase, why string) {
	switch {
	case d.kit.token == "" || p.Token != d.kit.token:
		return "dropped", "its token is not the app's, or no longer"
	case expired(now, p):
		return "expired", fmt.Sprintf("%s too late", event.Round(now.Sub(p.Expires)))
	case d.isBlocked(now):
		return "blocked", fmt.Sprintf("the app has not reported earlier ones (%d)", d.kit.violations)
	}
	return "", ""
}

// awaitLaunch launches a dead app for a push, after a while.
func (d *Device) awaitLaunch(now time.Time, p system.Push) {
	if len(d.kit.waiting) == maxWaiting {
		d.log(pushEvent("dropped", d.kit.waiting[0], "too many wait for the launch"))
		d.kit.waiting = d.kit.waiting[1:]
	}
	d.kit.waiting = append(d.kit.waiting, p)
	least, most := d.profile.PushLaunchMin, d.profile.PushLaunchMax
	delay := least + time.Duration(d.rng.Float64()*float64(most-least))
	d.timers[launchTimer] = system.Earliest(d.timers[launchTimer], now.Add(delay))
}

// handWaiting hands the pushes over that a process was launched for, or met.
func (d *Device) handWaiting(now time.Time) {
	waiting := d.kit.waiting
	d.kit.waiting = nil
	for _, p := range waiting {
		d.hand(now, p)
	}
}

// loseWaiting is the device going off, or the app away, before the launch.
func (d *Device) loseWaiting(why string) {
	for _, p := range d.kit.waiting {
		d.log(pushEvent("dropped", p, why))
	}
	d.kit.waiting = nil
}

// hand hands a push to a process that runs: it calls its push handler, once
// the process has set one up.
func (d *Device) hand(now time.Time, p system.Push) {
	d.kit.count++
	d.duties = append(d.duties, duty{id: d.kit.count, push: p, at: now, exempt: d.exempt()})
	d.armReport()
	d.callHandler()
}

func (d *Device) callHandler() {
	if !d.handles {
		return
	}
	for i := range d.duties {
		if q := &d.duties[i]; !q.called {
			q.called = true
			d.tell(system.Pushed{ID: q.id, Payload: q.push.Payload})
		}
	}
}

// exempt reports whether a push that comes now need not be reported: those to
// an app on the screen, or with a call (Apple DTS thread 768136), and on a
// system before that rule, all.
func (d *Device) exempt() bool {
	return !d.profile.PushReport || d.state == event.Foreground || d.inCall()
}

// delegateReturned is the push handler's return: PushKit looks whether a call
// has been reported by now (_terminateAppIfThereAreUnhandledVoIPPushes).
func (d *Device) delegateReturned(now time.Time, id int) {
	i := slices.IndexFunc(d.duties, func(q duty) bool { return q.id == id && q.called })
	if i < 0 {
		return
	}
	q := d.duties[i]
	d.duties = slices.Delete(d.duties, i, i+1)
	d.armReport()
	d.log(event.Push{Phase: "handled", ID: q.push.ID, Why: fmt.Sprintf("in %s", event.Round(now.Sub(q.at)))})
	if !q.reported && !q.exempt && !d.exempt() {
		d.violate(now, unreported)
	}
}

// reportDue is the second look, by callservicesd: the push handler has not
// returned, or was never set up, and no call has been reported.
func (d *Device) reportDue(now time.Time) {
	for i := range d.duties {
		q := &d.duties[i]
		if q.reported || q.exempt || now.Sub(q.at) < d.profile.PushReportLimit {
			continue
		}
		if !d.exempt() {
			d.violate(now, reportOverrun(d.profile.PushReportLimit))
			return
		}
		q.exempt = true
	}
	d.armReport()
}

// armReport sets the timer of that second look.
func (d *Device) armReport() {
	d.timers[reportTimer] = time.Time{}
	for _, q := range d.duties {
		if !q.reported && !q.exempt {
			d.timers[reportTimer] = system.Earliest(d.timers[reportTimer], q.at.Add(d.profile.PushReportLimit))
		}
	}
}

// dutyDone fulfils what the app owes for its pushes: the system looks only
// whether some call was reported.
func (d *Device) dutyDone() {
	for i := range d.duties {
		d.duties[i].reported = true
	}
	d.armReport()
}

// violate kills an app that has not reported a push, and blocks its pushes if
// it has done so too often.
func (d *Device) violate(now time.Time, by death) {
	k := &d.kit
	k.violations++
	d.end(now, by)
	if limit := d.profile.PushViolations; limit > 0 && k.violations >= limit && !k.blocked {
		k.blocked, k.blockedAt = true, now
		d.log(event.Warning{
			Rule: event.RulePushBlocked, Note: fmt.Sprintf("the system delivers no more pushes to this app (not reported: %d)", k.violations),
			Hint: "push reset",
		})
	}
}

// isBlocked reports whether the system has stopped delivering pushes.
func (d *Device) isBlocked(now time.Time) bool {
	if last := d.profile.PushBlockTime; last > 0 && d.kit.blocked && now.Sub(d.kit.blockedAt) >= last {
		d.forgive()
	}
	return d.kit.blocked
}

// resetPush forgets that the app did not report its pushes.
func (d *Device) resetPush() {
	if d.kit.violations == 0 {
		d.refuse("push reset", "no push of the app has gone unreported", "")
		return
	}
	d.forgive()
}

func (d *Device) forgive() { d.kit.blocked, d.kit.violations = false, 0 }

// reinstall replaces the app by a fresh copy: no process, no token, nothing
// held against it.
func (d *Device) reinstall(now time.Time) {
	if d.state != event.Dead {
		d.die(now, reinstalled)
	}
	d.timers[launchTimer] = time.Time{}
	d.loseWaiting("the app was reinstalled")
	d.forgive()
	d.fcm = fcm{}
	d.kit.token = ""
}
