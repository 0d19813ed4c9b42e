package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// What happens to the two machines from outside.

// do carries out what a tester does to the two machines themselves. govern is
// called with the reason where that may have changed what the app may do.
func (z *doze) do(now time.Time, act Act, govern func(now time.Time, why string)) bool {
	switch act := act.(type) {
	case Motion:
		if z.move(now) {
			govern(now, "motion")
		}
	case ForceIdle:
		z.force(now, act.Deep)
		govern(now, z.reason())
	case StepIdle:
		z.step(now, act.Deep)
		govern(now, z.reason())
	case Unforce:
		z.unforce()
		govern(now, "idleness is no longer forced")
	case GetIdle:
		z.show(now, act.Deep)
	default:
		return false
	}
	return true
}

// used is the screen in use again; forced idleness does not mind. It reports
// whether that changed anything.
func (z *doze) used(why string) bool {
	if !z.inUse() || z.forced {
		return false
	}
	z.becomeActive(why)
	return true
}

// booted is the device after a reboot, with its screen off.
func (z *doze) booted(now time.Time) {
	z.forced, z.screen = false, false
	z.becomeActive("rebooted")
	z.becomeInactive(now, "the screen is off")
}

func (z *doze) charge(now time.Time, on bool, why string) {
	z.charging = on
	if on && !z.forced {
		z.becomeActive(why)
	}
	if !on {
		z.becomeInactive(now, why)
	}
}

// move is motion. It ends idleness, which begins again sooner than after the
// screen was in use. (In later releases light idleness goes on.) It reports
// whether anybody looks for motion.
func (z *doze) move(now time.Time) bool {
	light := z.light == lightIdle || z.light == lightMaintenance
	if light && !z.p.MotionEndsLight {
		if z.deep == inactive || z.deep == active {
			return false
		}
		z.logIdleness(z.deep, active, "motion", 0)
		z.deep, z.timers[deepTimer] = active, time.Time{}
	} else {
		z.becomeActive("motion")
	}
	z.calm = z.p.DeepMotionInactive
	z.becomeInactive(now, "still again")
	return true
}

// force is "dumpsys deviceidle force-idle": step after step, at once.
func (z *doze) force(now time.Time, deep bool) {
	const why = "forced"
	z.forced = true
	z.becomeInactive(now, why)
	switch {
	case deep:
		for z.deep != deepIdle {
			z.stepDeep(now, why)
		}
	case z.light == lightOverride:
		z.refuse("force-idle", "deep idleness has taken over", "doze unforce")
		z.unforce()
	default:
		for z.light != lightIdle {
			z.stepLight(now, why)
		}
	}
}

// step is "dumpsys deviceidle step", which first ends what was forced.
func (z *doze) step(now time.Time, deep bool) {
	z.unforce()
	at, step := z.light, z.stepLight
	if deep {
		at, step = z.deep, z.stepDeep
	}
	switch at {
	case active:
		z.refuse("step", "the device is in use, or charges", "screen off")
	case lightOverride:
		z.refuse("step", "deep idleness has taken over", "doze step deep")
	}
	step(now, "stepped")
}

func (z *doze) unforce() {
	if z.forced {
		z.forced = false
		if z.inUse() || z.charging {
			z.becomeActive("no longer forced")
		}
	}
}

// show is "dumpsys deviceidle get".
func (z *doze) show(now time.Time, deep bool) {
	at, timer := z.light, z.timers[lightTimer]
	if deep {
		at, timer = z.deep, z.timers[deepTimer]
	}
	left := time.Duration(0)
	if !timer.IsZero() {
		left = timer.Sub(now)
	}
	z.logIdleness(at, at, "asked", left)
}

// nextStep is when the idle device changes next.
func (z *doze) nextStep() time.Time {
	return system.Earliest(z.timers[lightTimer], z.timers[deepTimer])
}
