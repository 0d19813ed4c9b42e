package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// restrained reports whether an app off the screen is held back now: because
// the device is idle, or because the app is (App Standby).
func (a *android) restrained() bool { return a.doze.idle() || a.standby.holds() }

// govern has an app that is off the screen run, or not, as the device's
// idleness and the app's own claims allow now. It is called after each change
// of either.
func (a *android) govern(now time.Time, why string) {
	a.distributor.idle = a.doze.idle()
	a.distributor.govern()
	if a.state == event.Dead {
		a.deliverQueued(now)
		return
	}
	if a.state != event.Foreground {
		a.place(now, why)
	} else {
		a.stop(freezeTimer)
	}
	switch {
	case !a.running(), a.timers[settleTimer].Equal(now): // about to be suspended
	case a.connected():
		a.goOnline(now)
	default:
		a.goOffline()
	}
	a.deliverQueued(now)
}

// place puts the app into the state that it may be in now.
func (a *android) place(now time.Time, why string) {
	switch {
	case a.engaged():
		a.stop(freezeTimer)
		a.run(now, event.InCall, a.service.reason(), true)
	case a.restrained() && (a.timers[windowTimer].After(now) || a.timers[settleTimer].After(now)):
		// What it was woken for goes on, or it is about to be suspended.
	case a.restrained() && a.wakelocked():
		a.run(now, event.Task, "a wakelock keeps it running", a.standby.allowed)
	case a.restrained():
		if a.state != event.Suspended { // which is for Advance to do
			a.settleWhy, a.timers[settleTimer] = why, now
		}
	case a.p.freezes():
		a.cache(now, why)
	case a.doze.maintenance() || a.standby.open:
		a.maintain(now, why)
	default:
		a.run(now, event.Background, why, true)
	}
}

// wakelocked reports whether a wakelock (the app's background task) keeps it
// running. Deep idleness ignores those of all but allowlisted apps, and the
// freezer those of all.
func (a *android) wakelocked() bool {
	return a.tasks.any() && !a.p.freezes() && (a.doze.deep != deepIdle || a.standby.allowed)
}

// connected reports whether the network is open to the app that runs.
func (a *android) connected() bool {
	switch a.state {
	case event.Foreground, event.InCall, event.Background:
		return true
	case event.Awake:
		return a.wake.net || !a.restrained() || a.standby.allowed
	}
	return !a.restrained() || a.standby.allowed
}

// run has the app run without a window of its own.
func (a *android) run(now time.Time, to event.Lifecycle, why string, net bool) {
	if a.state == to && a.timers[settleTimer].IsZero() {
		return
	}
	asleep := a.state == event.Suspended
	if asleep {
		a.rouse(now, event.ByUser, 0, net)
	}
	a.wake.end(now, why)
	a.stopClocks()
	a.setState(to, why, 0)
	if asleep && net {
		a.handOver(now)
	}
}

// rouse lets a suspended app run again. Without network the kernel stays
// frozen: what has arrived waits for the app.
func (a *android) rouse(now time.Time, by event.WakeCause, window time.Duration, net bool) {
	a.freezer.doomed = false
	a.awaken(now, by, window, 0)
	a.wake.net = net
	if net {
		a.thawKernel()
	} else {
		a.uplink.told = false
	}
}

// wakeFor has a restrained app run for one window, with or without network.
func (a *android) wakeFor(now time.Time, by event.WakeCause, window time.Duration, net bool) {
	end := now.Add(window)
	switch a.state {
	case event.Suspended:
		a.rouse(now, by, window, net)
		a.openWindow(end, "woken by "+string(by), window)
		if net {
			a.handOver(now)
		}
	case event.Awake:
		a.wake.net = a.wake.net || net
		a.timers[settleTimer] = time.Time{}
		a.extend(now, end)
	case event.Task:
		if net {
			a.wake.net = true
			a.timers[settleTimer] = time.Time{}
			a.openWindow(end, "the network is open to it", window)
		}
	case event.Background: // about to be suspended
		a.timers[settleTimer] = end
	}
	if a.connected() {
		a.goOnline(now)
	}
}

// maintain lets the app run for the maintenance window that goes on, which
// the device ends.
func (a *android) maintain(now time.Time, why string) {
	end := a.doze.ends
	if !a.doze.maintenance() {
		end = a.timers[jobTimer]
	}
	left := end.Sub(now)
	switch a.state {
	case event.Suspended:
		a.rouse(now, event.ByMaintenance, left, true)
		a.setState(event.Awake, why, left)
		a.wake.kept = true
		a.handOver(now)
	case event.Awake:
		if !a.wake.kept {
			a.wake.kept, a.wake.net = true, true
			a.setState(event.Awake, why, left)
		}
	default:
		a.run(now, event.Background, why, true)
	}
}

// release has an app go to the background that loses the screen, or whatever
// else kept it running. A restrained one has a moment to finish.
func (a *android) release(now time.Time, why string, grace time.Duration) {
	a.stopClocks()
	a.wake.current = false
	left := time.Duration(0)
	if a.restrained() && !a.engaged() {
		left = grace
		a.settleWhy = why
		a.timers[settleTimer] = now.Add(grace)
	}
	a.setState(event.Background, why, left)
	a.govern(now, why)
}

// goOffline closes the network to an app that runs, goOnline opens it again.
func (a *android) goOffline() {
	if !a.frozen {
		a.uplink.told = false
		a.freezeKernel(nil)
	}
}

func (a *android) goOnline(now time.Time) {
	if a.frozen {
		a.handOver(now)
	}
}

// left is the app going off the screen.
func (a *android) left(now time.Time, why string) {
	a.tell(system.DidEnterBackground{})
	a.release(now, why, a.profile.Grace)
}

// windowOver is the end of a wake's window, or of the moment before a
// suspension.
func (a *android) windowOver(now time.Time, why string) {
	a.timers[windowTimer] = time.Time{}
	if a.restrained() && !a.engaged() && !a.wakelocked() {
		a.fallAsleep(now, why)
		return
	}
	a.wake.net = false
	a.govern(now, why)
}
