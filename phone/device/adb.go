package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
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

// dozeAct carries out those.
func (d *Device) dozeAct(now time.Time, a Act) {
	if !d.profile.Doze {
		d.refuse("device", "this is for an Android device, and the device is "+d.profile.Name, "--device android-doze")
		return
	}
	switch a := a.(type) {
	case Screen:
		d.switchScreen(now, a.On)
	case Motion:
		d.move(now)
	case Charger:
		d.charge(now, a.On)
	case ForceIdle:
		d.forceIdle(now, a.Deep)
	case StepIdle:
		d.stepIdle(now, a.Deep)
	case Unforce:
		d.unforce()
		d.govern(now, "idleness is no longer forced")
	case GetIdle:
		d.showIdleness(now, a.Deep)
	case Allowlist:
		d.allowlist(now, a.On)
	case Standby:
		d.setBucket(a.Bucket, "by the tester")
		d.armJobs(now)
		d.govern(now, "its standby bucket")
	case ForceStop:
		d.forceStop(now)
	}
}

func (d *Device) switchScreen(now time.Time, on bool) {
	switch {
	case on:
		d.doze.screen = true
		d.used(now, "the screen is on")
	case !d.locked:
		d.lock(now)
	default:
		d.screenOff(now)
	}
}

// used is the screen in use again. Forced idleness does not mind.
func (d *Device) used(now time.Time, why string) {
	if d.inUse() && !d.doze.forced {
		d.becomeActive(why)
		d.govern(now, why)
	}
}

func (d *Device) screenOff(now time.Time) {
	d.doze.screen = false
	if d.state == event.Foreground {
		d.leaveScreen(now, "the screen is off")
	}
	d.becomeInactive(now, "the screen is off")
}

// opened is the app on the screen.
func (d *Device) opened(now time.Time) {
	d.fcm.stopped = false
	d.doze.screen = true
	d.setBucket(BucketActive, "the user opened the app")
	d.armJobs(now)
	if !d.doze.forced {
		d.becomeActive("the app is on the screen")
	}
	d.govern(now, "the app is on the screen")
}

// booted is the device after a reboot, with its screen off.
func (d *Device) booted(now time.Time) {
	d.doze.forced, d.doze.screen = false, false
	d.becomeActive("rebooted")
	d.becomeInactive(now, "the screen is off")
}

func (d *Device) charge(now time.Time, on bool) {
	why := "on the charger"
	if !on {
		why = "off the charger"
	}
	d.doze.charging = on
	if on && !d.doze.forced {
		d.becomeActive(why)
	}
	if !on {
		d.becomeInactive(now, why)
	}
	d.armJobs(now) // App Standby does not hold back while it charges
	d.govern(now, why)
}

// move is motion. It ends idleness, which begins again sooner than after the
// screen was in use. (In later releases light idleness goes on.)
func (d *Device) move(now time.Time) {
	z := &d.doze
	light := z.light == lightIdle || z.light == lightMaintenance
	if light && !d.profile.MotionEndsLight {
		if z.deep == inactive || z.deep == active {
			return // nobody looks for motion yet
		}
		d.logIdleness(z.deep, active, "motion", 0)
		z.deep, d.timers[deepTimer] = active, time.Time{}
	} else {
		d.becomeActive("motion")
	}
	z.calm = d.profile.DeepMotionInactive
	d.becomeInactive(now, "still again")
	d.govern(now, "motion")
}

// forceIdle is "dumpsys deviceidle force-idle": step after step, at once.
func (d *Device) forceIdle(now time.Time, deep bool) {
	const why = "forced"
	z := &d.doze
	z.forced = true
	d.becomeInactive(now, why)
	switch {
	case deep:
		for z.deep != deepIdle {
			d.stepDeep(now, why)
		}
	case z.light == lightOverride:
		d.refuse("force-idle", "deep idleness has taken over", "doze unforce")
		d.unforce()
	default:
		for z.light != lightIdle {
			d.stepLight(now, why)
		}
	}
	d.govern(now, z.reason())
}

// stepIdle is "dumpsys deviceidle step", which first ends what was forced.
func (d *Device) stepIdle(now time.Time, deep bool) {
	d.unforce()
	at, step := d.doze.light, d.stepLight
	if deep {
		at, step = d.doze.deep, d.stepDeep
	}
	switch at {
	case active:
		d.refuse("step", "the device is in use, or charges", "screen off")
	case lightOverride:
		d.refuse("step", "deep idleness has taken over", "doze step deep")
	}
	step(now, "stepped")
	d.govern(now, d.doze.reason())
}

func (d *Device) unforce() {
	if d.doze.forced {
		d.doze.forced = false
		if d.inUse() || d.doze.charging {
			d.becomeActive("no longer forced")
		}
	}
}

// showIdleness is "dumpsys deviceidle get".
func (d *Device) showIdleness(now time.Time, deep bool) {
	at, timer := d.doze.light, d.timers[lightTimer]
	if deep {
		at, timer = d.doze.deep, d.timers[deepTimer]
	}
	left := time.Duration(0)
	if !timer.IsZero() {
		left = timer.Sub(now)
	}
	d.logIdleness(at, at, "asked", left)
}

// forceStop is "am force-stop", or a vendor's battery saver.
func (d *Device) forceStop(now time.Time) {
	const why = "the app was force-stopped"
	d.fcm.stopped = true
	d.timers[launchTimer] = time.Time{}
	for _, p := range d.fcm.queue {
		d.log(pushEvent("refused", p, why))
	}
	d.fcm.queue = nil
	if d.state != event.Dead {
		d.die(now, death{rule: event.RuleForceStop, reason: why})
	}
}

// nextStep is when the idle device changes next.
func (d *Device) nextStep() time.Time {
	return system.Earliest(d.timers[lightTimer], d.timers[deepTimer])
}
