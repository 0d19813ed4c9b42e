package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// restrained reports whether an app off the screen is held back now: because
// the device is idle, or because the app is (App Standby).
func (d *Device) restrained() bool { return d.doze.idle() || d.standby() }

// govern has an app that is off the screen run, or not, as the device's
// idleness and the app's own claims allow now. It is called after each change
// of either.
func (d *Device) govern(now time.Time, why string) {
	if d.state == event.Dead {
		d.deliverQueued(now)
		return
	}
	if d.state != event.Foreground {
		d.place(now, why)
	}
	switch {
	case !d.Running(), d.timers[settleTimer].Equal(now): // about to be suspended
	case d.connected():
		d.goOnline(now)
	default:
		d.goOffline()
	}
	d.deliverQueued(now)
}

// place puts the app into the state that it may be in now.
func (d *Device) place(now time.Time, why string) {
	switch {
	case d.engaged():
		d.run(now, event.InCall, d.engagement(), true)
	case d.restrained() && (d.timers[windowTimer].After(now) || d.timers[settleTimer].After(now)):
		// What it was woken for goes on, or it is about to be suspended.
	case d.restrained() && d.wakelocked():
		d.run(now, event.Task, "a wakelock keeps it running", d.allowed)
	case d.restrained():
		if d.state != event.Suspended { // which is for Advance to do
			d.settleWhy, d.timers[settleTimer] = why, now
		}
	case d.doze.maintenance() || d.jobOpen:
		d.maintain(now, why)
	default:
		d.run(now, event.Background, why, true)
	}
}

// wakelocked reports whether a wakelock (the app's background task) keeps it
// running. Deep idleness ignores those of all but allowlisted apps.
func (d *Device) wakelocked() bool {
	return len(d.tasks) > 0 && (d.doze.deep != deepIdle || d.allowed)
}

// connected reports whether the network is open to the app that runs.
func (d *Device) connected() bool {
	switch d.state {
	case event.Foreground, event.InCall, event.Background:
		return true
	case event.Awake:
		return d.wake.net || !d.restrained() || d.allowed
	}
	return !d.restrained() || d.allowed
}

// run has the app run without a window of its own.
func (d *Device) run(now time.Time, to event.Lifecycle, why string, net bool) {
	if d.state == to && d.timers[settleTimer].IsZero() {
		return
	}
	asleep := d.state == event.Suspended
	if asleep {
		d.rouse(now, event.ByUser, 0, net)
	}
	d.endWake(now, why)
	d.stopClocks()
	d.setState(to, why, 0)
	if asleep && net {
		d.handOver(now)
	}
}

// rouse lets a suspended app run again. Without network the kernel stays
// frozen: what has arrived waits for the app.
func (d *Device) rouse(now time.Time, by event.WakeCause, window time.Duration, net bool) {
	d.awaken(now, by, window, 0)
	d.wake.net = net
	if net {
		d.kernel(system.Thaw{})
	} else {
		d.offline, d.offlineTold = true, false
	}
}

// wakeFor has a restrained app run for one window, with or without network.
func (d *Device) wakeFor(now time.Time, by event.WakeCause, window time.Duration, net bool) {
	end := now.Add(window)
	switch d.state {
	case event.Suspended:
		d.rouse(now, by, window, net)
		d.openWindow(end, "woken by "+string(by), window)
		if net {
			d.handOver(now)
		}
	case event.Awake:
		d.wake.net = d.wake.net || net
		d.timers[settleTimer] = time.Time{}
		d.extend(now, end)
	case event.Task:
		if net {
			d.wake.net = true
			d.timers[settleTimer] = time.Time{}
			d.openWindow(end, "the network is open to it", window)
		}
	case event.Background: // about to be suspended
		d.timers[settleTimer] = end
	}
	if d.connected() {
		d.goOnline(now)
	}
}

func (d *Device) openWindow(end time.Time, why string, window time.Duration) {
	d.timers[windowTimer], d.wake.shown = end, end
	d.setState(event.Awake, why, window)
}

// maintain lets the app run for the maintenance window that goes on, which
// the device ends.
func (d *Device) maintain(now time.Time, why string) {
	end := d.doze.ends
	if !d.doze.maintenance() {
		end = d.timers[jobTimer]
	}
	left := end.Sub(now)
	switch d.state {
	case event.Suspended:
		d.rouse(now, event.ByMaintenance, left, true)
		d.setState(event.Awake, why, left)
		d.wake.kept = true
		d.handOver(now)
	case event.Awake:
		if !d.wake.kept {
			d.wake.kept, d.wake.net = true, true
			d.setState(event.Awake, why, left)
		}
	default:
		d.run(now, event.Background, why, true)
	}
}

// release has an app go to the background that loses the screen, or whatever
// else kept it running. A restrained one has a moment to finish.
func (d *Device) release(now time.Time, why string, grace time.Duration) {
	d.stopClocks()
	d.wake.current = false
	left := time.Duration(0)
	if d.restrained() && !d.engaged() {
		left = grace
		d.settleWhy = why
		d.timers[settleTimer] = now.Add(grace)
	}
	d.setState(event.Background, why, left)
	d.govern(now, why)
}

// leaveScreen is the app going off the screen.
func (d *Device) leaveScreen(now time.Time, why string) {
	d.tell(system.DidEnterBackground{})
	d.release(now, why, d.profile.Grace)
}

// windowOver is the end of a wake's window, or of the moment before a
// suspension.
func (d *Device) windowOver(now time.Time, why string) {
	d.timers[windowTimer] = time.Time{}
	if d.restrained() && !d.engaged() && !d.wakelocked() {
		d.suspend(now, why)
		return
	}
	d.wake.net = false
	d.govern(now, why)
}

// dozeRing does what is due on a device that dozes, and reports whether it was
// something of its own.
func (d *Device) dozeRing(now time.Time, timer int) bool {
	switch timer {
	case lightTimer:
		d.stepLight(now, "")
		d.govern(now, d.doze.reason())
	case deepTimer:
		d.stepDeep(now, "")
		d.govern(now, d.doze.reason())
	case jobTimer:
		d.turnJobs(now)
	case windowTimer:
		d.windowOver(now, "the wake window is over")
	case settleTimer:
		d.windowOver(now, d.settleWhy)
	case keepAliveTimer:
		d.alarm(now)
	case pushTimer:
		d.judgePushes(now)
	case serviceTimer:
		d.serviceLate(now)
	default:
		return false
	}
	return true
}

// rewatch has the kernel watch the sockets of a suspended app that may be
// woken by them now, or no longer.
func (d *Device) rewatch() {
	if d.state == event.Suspended {
		d.kernel(system.Thaw{})
		d.kernel(system.Freeze{Watch: d.watched()})
	}
}

// launchOnAndroid starts the process after a boot. While the device is idle
// that waits.
func (d *Device) launchOnAndroid(now time.Time) {
	if d.doze.idle() {
		d.timers[launchTimer] = d.nextStep()
		return
	}
	d.log(event.Launch{Background: true, Why: d.launchWhy})
	d.tell(system.Launched{Background: true})
	d.release(now, "launched in the background", d.profile.LaunchLimit)
}
