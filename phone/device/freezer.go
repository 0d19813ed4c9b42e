package device

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The cached apps freezer (CachedAppOptimizer, Android 14): an app that is off
// the screen and holds nothing that keeps it running is cached, and frozen a
// while later, whether the device is idle or not. An intent thaws it: a push, an
// alarm, the user. Data on a socket does not, nor does a wakelock or a place on the
// battery allowlist. The app here has no jobs, so maintenance windows do not
// thaw it either.
//
//	off the screen ──▶ cached ── 10 s ──▶ frozen ──▶ sockets destroyed (15), on an
//	                     ▲                  │        idle cellular radio when it is
//	                     └── window over ── push, alarm    next active

// freezes reports whether cached apps are frozen.
func (s *dozeSettings) freezes() bool { return s.FreezeAfter > 0 }

// cache has an app go on for a moment that nothing keeps running, and leaves a
// frozen one alone.
func (a *android) cache(now time.Time, why string) {
	freeze := &a.timers[freezeTimer]
	switch {
	case a.state == event.Suspended, a.timers[windowTimer].After(now):
	case freeze.IsZero():
		a.stay(now, now.Add(a.p.FreezeAfter), why)
	}
}

// handle has a cached app run on that an intent reaches before it is frozen.
func (a *android) handle(now time.Time, window time.Duration, why string) {
	if freeze := a.timers[freezeTimer]; !freeze.IsZero() {
		if end := now.Add(window + a.p.FreezeAfter); end.After(freeze) {
			a.stay(now, end, why)
		}
	}
}

// stay has a cached app run until then.
func (a *android) stay(now, until time.Time, why string) {
	a.run(now, event.Background, why, true)
	if a.timers[freezeTimer].Equal(until) {
		return
	}
	a.timers[freezeTimer] = until
	a.setState(event.Background, "cached: "+why, until.Sub(now))
}

// freezeCached freezes an app that has been cached for so long.
func (a *android) freezeCached(now time.Time) {
	a.fallAsleep(now, fmt.Sprintf("cached for %s, and frozen", event.Round(a.p.FreezeAfter)))
}

// fallAsleep suspends the app, and its sockets may not outlive that for long.
func (a *android) fallAsleep(now time.Time, why string) {
	a.stop(freezeTimer)
	a.suspend(now, why)
	a.freezer.doomed = a.p.FreezeDestroys
	if !a.radio.rests(now, a.p.RadioIdle) {
		a.freezer.destroySockets("the app is frozen")
	}
}

// radioWakes is something on its way to the device: the sockets are destroyed
// now that had been spared so as not to wake the radio.
func (a *android) radioWakes() {
	if a.state == event.Suspended {
		a.freezer.destroySockets("the app is frozen, and the radio is active again")
	}
}

// joined is the device on another network: where no radio is spared, nothing
// waits for it.
func (a *android) joined(now time.Time) {
	if !a.radio.rests(now, a.p.RadioIdle) {
		a.radioWakes()
	}
}

// freezer is what becomes of the connections of a frozen app.
type freezer struct {
	*sink
	sockets *sockets
	uplink  *uplink
	doomed  bool // they are to be destroyed when the radio is active
}

// destroySockets ends the app's TCP connections (SOCK_DESTROY): their peers
// get an RST, the app ECONNABORTED when it runs again.
func (f *freezer) destroySockets(why string) {
	if !f.doomed {
		return
	}
	f.doomed = false
	n := f.sockets.destroy(why, func(id system.Socket) {
		if !f.uplink.unopened(id) {
			f.kernel(system.Close{Socket: id, Reset: true})
		}
	})
	if n > 0 {
		f.log(event.Warning{
			Rule: event.RuleFrozenSockets, Note: fmt.Sprintf("the system has destroyed %d of the frozen app's connections: no call can come over them", n),
			Hint: "reach the app by push, or hold a foreground service of the type phoneCall while it must stay connected",
		})
	}
}
