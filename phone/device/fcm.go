package device

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// fcm is the device's side of Firebase Cloud Messaging, for the one app. It
// outlives the app's process.
type fcm struct {
	token     string
	stopped   bool          // force-stopped: nothing is delivered until the user opens the app
	queue     []system.Push // of normal priority, for the next window
	delivered int           // pushes so far
	// owed are pushes of high priority of which nobody knows yet whether they
	// show the user something.
	owed      int
	fruitless []time.Time // those that did not
	high      []time.Time // all of the last day
}

// pushEvent is a step of a push on its way.
func pushEvent(phase string, p system.Push, why string) event.Push {
	priority := "normal"
	if p.High {
		priority = "high"
	}
	return event.Push{Phase: phase, ID: p.ID, Token: p.Token, Priority: priority, Payload: p.Payload, Why: why}
}

// registerPush is FirebaseMessaging.getToken. The token is the installation's.
func (d *Device) registerPush() {
	if d.fcm.token == "" {
		d.fcm.token = fmt.Sprintf("fcm:%016x%016x", d.rng.Uint64(), d.rng.Uint64())
		d.log(event.Push{Phase: "token", Token: d.fcm.token})
	}
	d.kernel(system.OpenPush{Token: d.fcm.token})
	d.tell(system.PushToken{Token: d.fcm.token})
}

// rotateFCM is FCM replacing the token (onNewToken). An app that does not run
// finds it when it asks.
func (d *Device) rotateFCM() {
	if d.fcm.token == "" {
		d.refuse("token rotate", "the app has no push token", "")
		return
	}
	d.fcm.token = ""
	if d.Running() {
		d.registerPush()
	}
}

func (d *Device) fcmArrived(now time.Time, p system.Push) {
	switch {
	case d.fcm.stopped:
		d.log(pushEvent("refused", p, "the app was force-stopped"))
		return
	case expired(now, p):
		d.log(pushEvent("expired", p, ""))
		return
	}
	note := d.demotion(now, p)
	if note != "" {
		p.High = false
	}
	if p.High || d.state == event.Foreground || !d.restrained() {
		d.deliverPush(now, p, note)
		return
	}
	d.queuePush(p, note)
}

// queuePush keeps a push for the next window, if it is to be kept.
func (d *Device) queuePush(p system.Push, note string) {
	switch limit := d.profile.PushKept; {
	case p.Expires.IsZero():
		d.log(pushEvent("dropped", p, "it is for now or never, and the app is held back"))
	case len(d.fcm.queue) >= limit:
		d.fcm.queue = nil
		d.log(pushEvent("dropped", p, fmt.Sprintf("more than %d messages wait: all are gone", limit)))
	default:
		d.fcm.queue = append(d.fcm.queue, p)
		d.log(pushEvent("queued", p, note))
	}
}

func expired(now time.Time, p system.Push) bool { return system.Due(p.Expires, now) }

// demotion says why a push of high priority is treated as a normal one; ""
// if it is not. It counts the push against the day's quota.
func (d *Device) demotion(now time.Time, p system.Push) string {
	if !p.High {
		return ""
	}
	f, q := &d.fcm, &d.profile
	f.fruitless = since(f.fruitless, now.Add(-q.PushPenaltyPer))
	if q.PushPenaltyLimit > 0 && len(f.fruitless) > q.PushPenaltyLimit {
		return fmt.Sprintf("treated as normal: %d of high priority showed the user nothing", len(f.fruitless))
	}
	f.high = since(f.high, now.Add(-24*time.Hour))
	if limit := d.bound().pushes; limit > 0 && len(f.high) >= limit {
		return fmt.Sprintf("treated as normal: the bucket %s has %d of high priority a day", d.bucket, limit)
	}
	f.high = append(f.high, now)
	return ""
}

// since drops the stamps that are not after t.
func since(stamps []time.Time, t time.Time) []time.Time {
	return slices.DeleteFunc(stamps, func(s time.Time) bool { return !s.After(t) })
}

// deliverPush hands a push to the app, which is launched or woken for it.
func (d *Device) deliverPush(now time.Time, p system.Push, note string) {
	f := &d.fcm
	f.delivered++
	d.pushes = append(d.pushes, pushed{f.delivered, p})
	d.log(pushEvent("delivered", p, note))
	if d.state == event.Dead {
		d.launchByPush(now)
	} else if d.state != event.Foreground && d.restrained() {
		d.wakeFor(now, event.ByPush, d.profile.PushWindow, true)
	}
	if p.High && d.state != event.Foreground {
		f.owed++
		d.timers[pushTimer] = now.Add(d.profile.PushWindow)
	}
	d.tell(system.Pushed{ID: f.delivered, Payload: p.Payload})
}

// pushed is a push whose handler has not returned.
type pushed struct {
	id   int
	push system.Push
}

// pushDone is the return of onMessageReceived.
func (d *Device) pushDone(id int) {
	for i, p := range d.pushes {
		if p.id == id {
			d.pushes = slices.Delete(d.pushes, i, i+1)
			d.log(pushEvent("handled", p.push, ""))
			return
		}
	}
}

// launchByPush starts the process for a push.
func (d *Device) launchByPush(now time.Time) {
	d.timers[launchTimer] = time.Time{}
	d.log(event.Launch{Background: true, Why: "a push came"})
	if d.restrained() {
		d.suspendedAt = now // it did not sleep: it was not there
		window := d.profile.PushWindow
		d.awaken(now, event.ByPush, window, 0)
		d.wake.net = true
		d.openWindow(now.Add(window), "launched by a push", window)
	} else {
		d.setState(event.Background, "launched by a push", 0)
	}
	d.tell(system.Launched{Background: true})
}

// deliverQueued delivers the pushes that waited, as soon as nothing holds the
// app back.
func (d *Device) deliverQueued(now time.Time) {
	if d.restrained() && d.state != event.Foreground {
		return
	}
	waiting := d.fcm.queue
	d.fcm.queue = nil
	for _, p := range waiting {
		if expired(now, p) {
			d.log(pushEvent("expired", p, ""))
			continue
		}
		d.deliverPush(now, p, "")
	}
}

// judgePushes counts the pushes of high priority that showed nothing.
func (d *Device) judgePushes(now time.Time) {
	for ; d.fcm.owed > 0; d.fcm.owed-- {
		d.fcm.fruitless = append(d.fcm.fruitless, now)
		d.log(event.Warning{
			Rule: event.RuleFruitlessPush, Note: fmt.Sprintf("a push of high priority showed the user nothing: %d in seven days", len(d.fcm.fruitless)),
			Hint: "show a notification for each, or send with normal priority",
		})
	}
}
