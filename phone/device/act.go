package device

import (
	"time"

	"sleeptalk/phone/event"
	"sleeptalk/phone/system"
)

// An Act is what the user, the tester or the system does to the device.
type Act interface{ act() }

// What can be done to a device.
type (
	// Launch is the user opening the app; one that runs already comes to
	// the screen.
	Launch struct{}
	// Foreground is the same, of an app that is there; a dead one is
	// launched.
	Foreground struct{}
	// Background is the user leaving the app by the home button.
	Background struct{}
	// Lock locks the screen, Unlock unlocks it.
	Lock   struct{}
	Unlock struct{}
	// ForceQuit is the user swiping the app away.
	ForceQuit struct{}
	// Crash ends the process with a signal.
	Crash struct{}
	// Jetsam ends the process because the system wants its memory.
	Jetsam struct{}
	// Update replaces the app by another version of itself.
	Update struct{}
	// Reboot switches the device off and on.
	Reboot struct{}
	// OtherAppQuit is the user swiping another app away.
	OtherAppQuit struct{}
	// Sleep and Resume are the sleep of a computer, where the system does
	// not suspend apps.
	Sleep  struct{}
	Resume struct{}
)

// Tap is the user choosing an action on a notification; the zero Action is
// [system.Open].
type Tap struct {
	ID     int
	Action system.Action
}

func (Launch) act()       {}
func (Foreground) act()   {}
func (Background) act()   {}
func (Lock) act()         {}
func (Unlock) act()       {}
func (ForceQuit) act()    {}
func (Crash) act()        {}
func (Jetsam) act()       {}
func (Update) act()       {}
func (Reboot) act()       {}
func (OtherAppQuit) act() {}
func (Sleep) act()        {}
func (Resume) act()       {}
func (Tap) act()          {}

// Do carries out an act. One that makes no sense now is an [event.Error].
func (d *Device) Do(now time.Time, a Act) Output {
	switch a := a.(type) {
	case Launch, Foreground:
		d.open(now, event.ByUser, "opened by the user")
	case Background:
		d.background(now)
	case Lock:
		d.lock(now)
	case Unlock:
		d.unlock()
		if d.profile.Doze {
			d.switchScreen(now, true)
		}
	case ForceQuit:
		d.forceQuit(now)
	case Crash:
		d.end(now, "", "crashed")
	case Jetsam:
		d.end(now, "", "jetsam: the system wanted its memory")
	case Update:
		d.update(now)
	case Reboot:
		d.reboot(now)
	case OtherAppQuit:
		if d.profile.KeepAliveBug {
			d.clearKeepAlive("another app was force-quit")
		}
	case Sleep:
		d.sleep(now)
	case Resume:
		d.resume(now)
	case Tap:
		d.tap(now, a)
	default:
		d.dozeAct(now, a)
	}
	return d.take()
}

func (d *Device) background(now time.Time) {
	if d.state != event.Foreground {
		d.refuse("background", "the app is not on the screen", "foreground")
		return
	}
	d.leave(now, "left the screen")
}

func (d *Device) lock(now time.Time) {
	if d.locked {
		return
	}
	d.locked = true
	d.log(event.Lock{On: true})
	switch {
	case d.profile.Doze:
		d.screenOff(now)
	case !d.profile.Suspends:
	case d.state == event.Foreground:
		d.leave(now, "the screen was locked")
	case d.state == event.Suspended && d.profile.ReclaimOnLock:
		d.reclaim("the screen was locked")
	}
}

func (d *Device) unlock() {
	if d.locked {
		d.locked = false
		d.log(event.Lock{On: false})
	}
}

func (d *Device) forceQuit(now time.Time) {
	d.timers[launchTimer] = time.Time{} // nothing brings it back but the user or a boot
	if d.state == event.Dead {
		d.refuse("force-quit", "the app is not running", "")
		return
	}
	d.die(now, "", "the user force-quit the app")
	d.fcm.stopped = d.profile.SwipeStops
}

func (d *Device) reboot(now time.Time) {
	if d.state != event.Dead {
		d.die(now, "", "the device was rebooted")
	}
	if d.profile.Doze {
		d.booted(now)
	}
	d.lock(now) // a device that has booted waits at the lock screen
	d.timers[launchTimer] = time.Time{}
	if d.profile.LaunchesAtBoot {
		d.launchWhy = "the device booted"
		d.timers[launchTimer] = now.Add(d.profile.BootDelay)
	}
}

// update ends the process and launches it anew: on the screen if it was there,
// else in the background where the system does such a thing.
func (d *Device) update(now time.Time) {
	const why = "the app was updated"
	shown := d.state == event.Foreground
	if d.state != event.Dead {
		d.die(now, "", why)
	}
	if shown || !d.profile.Relaunches {
		d.open(now, event.ByUser, why)
		return
	}
	d.launchWhy = why
	d.timers[launchTimer] = now.Add(d.profile.RelaunchDelay)
}

// end ends the process as no process ends by itself: the system launches it
// again.
func (d *Device) end(now time.Time, code, reason string) {
	if d.state == event.Dead {
		d.refuse("end the app", "the app is not running", "")
		return
	}
	d.die(now, code, reason)
	d.relaunch(now)
}

// computer reports whether only the machine's own sleep stops an app.
func (p *Profile) computer() bool { return !p.Suspends && !p.Doze }

func (d *Device) sleep(now time.Time) {
	if !d.profile.computer() || !d.Running() {
		d.refuse("sleep", "only a running app on a computer sleeps with the machine", "")
		return
	}
	d.asleepFrom = d.state
	d.freeze(now, "the machine sleeps", nil)
}

func (d *Device) resume(now time.Time) {
	if !d.profile.computer() || d.state != event.Suspended {
		d.refuse("resume", "the machine does not sleep", "sleep")
		return
	}
	d.thaw(now, event.ByUser, 0, 0)
	d.setState(d.asleepFrom, "the machine resumed", 0)
	d.handOver(now)
}

// refuse says that an act makes no sense now.
func (d *Device) refuse(op, why, hint string) {
	d.log(event.Error{Op: op, Err: why, Hint: hint})
}
