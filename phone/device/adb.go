package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// What a tester does to an Android device by adb, or by hand.
type (
	// Screen switches the screen on, or off, which locks it.
	Screen struct{ On bool }
	// Motion is somebody moving the device.
	Motion struct{}
	// Charger plugs the charger in, or out.
	Charger struct{ On bool }
	// ForceIdle makes the device idle at once, whatever its screen and its
	// charger; Deep says how.
	ForceIdle struct{ Deep bool }
	// StepIdle takes one of the two machines one step further.
	StepIdle struct{ Deep bool }
	// Unforce ends what ForceIdle began.
	Unforce struct{}
	// GetIdle writes down how idle the device is.
	GetIdle struct{ Deep bool }
	// Allowlist takes the app on the battery allowlist, or off it.
	Allowlist struct{ On bool }
	// Standby puts the app into a bucket.
	Standby struct{ Bucket Bucket }
	// ForceStop ends the app and lets nothing but the user start it again.
	ForceStop struct{}
)

func (Screen) act()    {}
func (Motion) act()    {}
func (Charger) act()   {}
func (ForceIdle) act() {}
func (StepIdle) act()  {}
func (Unforce) act()   {}
func (GetIdle) act()   {}
func (Allowlist) act() {}
func (Standby) act()   {}
func (ForceStop) act() {}

// do carries out those, and the acts that mean more here than elsewhere.
func (a *android) do(now time.Time, act Act) bool {
	switch act := act.(type) {
	case Unlock:
		a.unlock(now)
		a.switchScreen(now, true)
	case ForceQuit:
		if a.forceQuit(now) {
			a.fcm.stopped = a.p.SwipeStops
		}
	case Reinstall:
		a.reinstall(now)
		a.installed()
		a.distributor.forget()
	case RotateToken:
		a.rotateToken()
	case Screen:
		a.switchScreen(now, act.On)
	case Charger:
		a.charge(now, act.On)
	case Allowlist:
		a.allowlist(now, act.On)
	case Standby:
		a.standby.put(act.Bucket, "by the tester")
		a.standby.arm(now)
		a.govern(now, "its standby bucket")
	case ForceStop:
		a.forceStop(now)
	case Distributor:
		a.putDistributor(act.Sleeps)
	default:
		return a.doze.do(now, act, a.govern)
	}
	return true
}

func (a *android) switchScreen(now time.Time, on bool) {
	switch {
	case on:
		a.doze.screen = true
		const why = "the screen is on"
		if a.doze.used(why) {
			a.govern(now, why)
		}
	case !a.locked:
		a.lock(now)
	default:
		a.screenLocked(now)
	}
}

// screenLocked is the screen going off, which locks it.
func (a *android) screenLocked(now time.Time) {
	const why = "the screen is off"
	a.doze.screen = false
	if a.state == event.Foreground {
		a.left(now, why)
	}
	a.doze.becomeInactive(now, why)
}

// opened is the app on the screen.
func (a *android) opened(now time.Time, _ bool) {
	const why = "the app is on the screen"
	a.fcm.stopped, a.freezer.doomed = false, false
	a.hearing.deny(false) // the audio of what the user sees is allowed
	a.doze.screen = true
	a.standby.put(BucketActive, "the user opened the app")
	a.standby.arm(now)
	if !a.doze.forced {
		a.doze.becomeActive(why)
	}
	a.govern(now, why)
}

func (a *android) rebooted(now time.Time) { a.doze.booted(now) }

func (a *android) charge(now time.Time, on bool) {
	why := "on the charger"
	if !on {
		why = "off the charger"
	}
	a.doze.charge(now, on, why)
	a.standby.arm(now) // App Standby does not hold back while it charges
	a.govern(now, why)
}

// allowlist takes the app on the battery allowlist, or off it.
func (a *android) allowlist(now time.Time, on bool) {
	if a.standby.allow(on) {
		a.standby.arm(now)
		a.rewatch()
		a.govern(now, "the battery allowlist")
	}
}

// rewatch has the kernel watch the sockets of a suspended app that may be
// woken by them now, or no longer.
func (a *android) rewatch() {
	if a.state == event.Suspended {
		a.thawKernel()
		a.freezeKernel(a.watched())
	}
}

// forceStop is "am force-stop", or a vendor's battery saver.
func (a *android) forceStop(now time.Time) {
	const why = "the app was force-stopped"
	a.fcm.stop(why)
	a.stop(launchTimer)
	if a.state != event.Dead {
		a.die(now, death{rule: event.RuleForceStop, reason: why})
	}
}
