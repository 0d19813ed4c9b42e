package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// rotateToken is FCM replacing the token (onNewToken). An app that does not run
// finds it when it asks.
func (a *android) rotateToken() {
	if !a.fcm.replace() {
		a.refuse("token rotate", "the app has no push token", "")
		return
	}
	if a.running() {
		a.fcm.register(a.rng)
	}
}

// pushed is a message of FCM.
func (a *android) pushed(now time.Time, p system.Push) {
	a.radioWakes(now)
	switch {
	case a.fcm.stopped:
		a.log(pushEvent(event.PushRefused, p, "the app was force-stopped"))
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
	switch {
	case a.state == event.Dead:
		a.launchByPush(now)
	case a.state == event.Foreground:
	case a.restrained() || a.state == event.Suspended:
		a.wakeFor(now, event.ByPush, a.profile.PushWindow, true)
	default:
		a.handle(now, a.profile.PushWindow, "a push")
	}
	if p.High && a.state != event.Foreground {
		a.fcm.owed++
		a.timers[pushTimer] = now.Add(a.profile.PushWindow)
	}
	a.tell(system.Pushed{ID: id, Payload: p.Payload})
}

// launchByPush starts the process for a push.
func (a *android) launchByPush(now time.Time) {
	a.timers[launchTimer] = time.Time{}
	a.log(event.Launch{Background: true, Why: "a push came"})
	if a.restrained() || a.p.freezes() {
		a.launchAwake(now, "launched by a push", a.profile.PushWindow)
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
