package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// rotateToken is FCM replacing the token (onNewToken). An app that does not run
// finds it when it asks. With Web Push the subscription is another.
func (a *android) rotateToken() {
	if a.distributor.name != "" {
		a.distributor.subscribe(a.rng, a.distributor.key)
		return
	}
	if !a.fcm.replace() {
		a.refuse("token rotate", "the app has no push token", "")
		return
	}
	if a.running() {
		a.fcm.register(a.rng)
	}
}

// pushed is a message of FCM, or one for the distributor.
func (a *android) pushed(now time.Time, p system.Push) {
	a.radioWakes()
	switch {
	case a.fcm.stopped:
		a.log(pushEvent(event.PushRefused, p, "the app was force-stopped"))
		return
	case a.distributor.name != "":
		a.distributed(now, p)
		return
	case expired(now, p):
		a.log(pushEvent(event.PushExpired, p, ""))
		return
	}
	note := a.fcm.demotion(now, p, a.standby.bucket, a.standby.bound().pushes)
	if note != "" {
		p.High = false
	}
	if p.High || a.state == event.Foreground || !a.restrained() {
		a.deliverPush(now, p, note)
		return
	}
	a.fcm.keep(p, note)
}

// deliverPush hands a push to the app, which is launched or woken for it.
func (a *android) deliverPush(now time.Time, p system.Push, note string) {
	id := a.fcm.deliver(p, note)
	a.startFor(now, a.profile.PushWindow)
	if p.High && a.state != event.Foreground {
		a.fcm.owed++
		a.timers[pushTimer] = now.Add(a.profile.PushWindow)
	}
	a.tell(system.Pushed{ID: id, Payload: p.Payload})
}

// startFor has the app run for a push, launched or woken if need be.
func (a *android) startFor(now time.Time, window time.Duration) {
	if a.state == event.Dead {
		a.launchByPush(now, window)
		return
	}
	a.intent(now, event.ByPush, window, true, "a push")
}

// intent reaches a process: it runs for so long, woken if need be.
func (a *android) intent(now time.Time, by event.WakeCause, window time.Duration, net bool, why string) {
	switch {
	case a.state == event.Foreground:
	case a.restrained() || a.state == event.Suspended:
		a.wakeFor(now, by, window, net)
	default:
		a.handle(now, window, why)
	}
}

// launchByPush starts the process for a push.
func (a *android) launchByPush(now time.Time, window time.Duration) {
	a.timers[launchTimer] = time.Time{}
	a.log(event.Launch{Background: true, Why: "a push came"})
	if a.restrained() || a.p.freezes() {
		a.launchAwake(now, "launched by a push", window)
		a.wake.net = true
	} else {
		a.setState(event.Background, "launched by a push", 0)
	}
	a.tell(system.Launched{Background: true})
}

// deliverQueued delivers the pushes that waited, as soon as nothing holds the
// app back.
func (a *android) deliverQueued(now time.Time) {
	if a.restrained() && a.state != event.Foreground {
		return
	}
	for _, p := range a.fcm.waiting() {
		if expired(now, p) {
			a.log(pushEvent(event.PushExpired, p, ""))
			continue
		}
		a.deliverPush(now, p, "")
	}
}
