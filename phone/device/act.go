package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
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
	// Reinstall replaces the app by a fresh copy: its push token is another.
	Reinstall struct{}
	// RotateToken is the push service replacing the app's token.
	RotateToken struct{}
	// ResetPush has the system deliver pushes again that it had blocked.
	ResetPush struct{}
	// OtherAppQuit is the user swiping another app away.
	OtherAppQuit struct{}
	// Sleep and Resume are the sleep of a computer, where the system does
	// not suspend apps.
	Sleep  struct{}
	Resume struct{}
)

// Exit is the app ending itself with an exit code, as if by its own code.
type Exit struct{ Code int }

// DoNotDisturb silences the device, or no longer: it shows no call.
type DoNotDisturb struct{ On bool }

// BlockCaller is the user blocking a caller, by address or user name, or no
// longer.
type BlockCaller struct {
	Who string
	On  bool
}

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
func (Reinstall) act()    {}
func (RotateToken) act()  {}
func (ResetPush) act()    {}
func (Exit) act()         {}
func (DoNotDisturb) act() {}
func (BlockCaller) act()  {}
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
		d.unlock(now)
		if d.profile.Doze {
			d.switchScreen(now, true)
		}
	case ForceQuit:
		d.forceQuit(now)
	case Crash:
		d.end(now, crashed)
	case Jetsam:
		d.end(now, jetsam)
	case Update:
		d.update(now)
	case Exit:
		d.exit(now, a.Code)
	case Reboot:
		d.reboot(now)
	case OtherAppQuit:
		d.otherAppQuit()
	case Reinstall, RotateToken, ResetPush:
		d.pushAct(now, a)
	case DoNotDisturb:
		d.quiet = a.On
	case BlockCaller:
		d.bar(a)
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

func (d *Device) unlock(now time.Time) {
	if !d.locked {
		return
	}
	d.locked, d.bootLocked = false, false
	d.log(event.Lock{On: false})
	if d.bootWaits {
		d.bootWaits, d.timers[launchTimer] = false, now
	}
}

func (d *Device) forceQuit(now time.Time) {
	if len(d.kit.waiting) == 0 { // else a push brings it back
		d.timers[launchTimer] = time.Time{}
	}
	if d.state == event.Dead {
		d.refuse("force-quit", "the app is not running", "")
		return
	}
	d.die(now, forceQuit)
	d.fcm.stopped = d.profile.SwipeStops
}

func (d *Device) reboot(now time.Time) {
	if d.state != event.Dead {
		d.die(now, rebooted)
	}
	d.loseWaiting("the device was rebooted")
	if d.profile.Doze {
		d.booted(now)
	}
	d.lock(now) // a device that has booted waits at the lock screen
	d.bootLocked, d.bootWaits = true, false
	d.timers[launchTimer] = time.Time{}
	if d.profile.LaunchesAtBoot {
		d.launchWhy = "the device booted"
		d.timers[launchTimer] = now.Add(d.profile.BootDelay)
	}
}

// update ends the process and launches it anew: on the screen if it was there,
// else in the background where the system does such a thing.
func (d *Device) update(now time.Time) {
	shown := d.state == event.Foreground
	if d.state != event.Dead {
		d.die(now, updated)
	}
	if shown || !d.profile.Relaunches {
		d.open(now, event.ByUser, updated.reason)
		return
	}
	d.launchWhy = updated.reason
	d.timers[launchTimer] = now.Add(d.profile.RelaunchDelay)
}

// otherAppQuit is the user force-quitting another app, which by a bug of some
// releases cancels the keepalive of this one.
func (d *Device) otherAppQuit() {
	if !d.profile.KeepAliveBug || d.keepAlive.timeout == 0 {
		return
	}
	d.clearKeepAlive("another app was force-quit")
	d.log(event.Warning{
		Rule: event.RuleKeepaliveLost, Note: "the user force-quit another app, and that cancelled this app's keepalive handler",
		Hint: "install the handler whenever the app runs",
	})
}

func (d *Device) pushAct(now time.Time, a Act) {
	switch a.(type) {
	case Reinstall:
		d.reinstall(now)
	case RotateToken:
		d.rotateToken()
	case ResetPush:
		d.resetPush()
	}
}

// computer reports whether only the machine's own sleep stops an app.
func (p *Profile) computer() bool { return !p.Suspends && !p.Doze }

func (d *Device) sleep(now time.Time) {
	if !d.profile.computer() || !d.Running() {
		d.refuse("machine sleep", "only a running app on a computer sleeps with the machine", "")
		return
	}
	d.asleepFrom = d.state
	d.freeze(now, "the machine sleeps", nil)
}

func (d *Device) resume(now time.Time) {
	if !d.profile.computer() || d.state != event.Suspended {
		d.refuse("machine wake", "the machine does not sleep", "machine sleep")
		return
	}
	d.thaw(now, event.ByUser, 0, 0)
	d.setState(d.asleepFrom, "the machine resumed", 0)
	d.handOver(now)
}

// refuse says that an act makes no sense now.
func (d *Device) refuse(op, why, hint string) {
	d.log(event.Error{Op: op, Err: why, Hint: hint, Rule: event.RuleNotPossible})
}
