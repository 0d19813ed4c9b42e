package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// idleness is a state of one of the two machines by which Android finds out
// that nobody needs the device: light, which takes the network from apps soon
// after the screen is off, and deep, which wants the device to lie still and
// then ignores wakelocks too. They run side by side.
type idleness string

// The names are those that "dumpsys deviceidle get light" and "get deep" give.
const (
	active   idleness = "active"   // somebody uses the device, or it charges
	inactive idleness = "inactive" // neither; of both machines

	lightPreIdle     idleness = "light-pre-idle"    // waits for jobs to finish
	lightIdle        idleness = "light-idle"        // no network for apps
	lightMaintenance idleness = "light-maintenance" // a window in which they have it
	lightOverride    idleness = "light-override"    // deep idleness has taken over

	idlePending     idleness = "idle-pending" // looks for motion
	sensing         idleness = "sensing"      // looks harder
	locating        idleness = "locating"     // waits for the device's position
	deepIdle        idleness = "deep-idle"    // no network, no wakelocks
	deepMaintenance idleness = "deep-maintenance"
)

// doze is the device's idleness: the two machines, and what they look at.
type doze struct {
	*sink
	*timers
	p      *dozeSettings
	awhile time.Duration // a window ends early when nothing has happened for so long; 0: it runs to its end
	locked func() bool   // whether the screen is

	light, deep idleness

	screen   bool // on
	charging bool
	forced   bool // by the tester: screen and charger do not matter

	calm        time.Duration // how long inactive before motion is looked for
	lightPeriod time.Duration // of the next light idleness
	lightBudget time.Duration // for its next maintenance window
	deepPeriod  time.Duration
	deepWindow  time.Duration
	began, ends time.Time // of the maintenance window that goes on
}

func newDoze(c *core) doze {
	p := c.profile.own.(*dozeSettings)
	return doze{
		sink: c.sink, timers: c.timers, p: p, awhile: c.profile.IdleSuspend, locked: func() bool { return c.locked },
		light: active, deep: active, screen: true, calm: p.DeepInactive,
	}
}

// idle reports whether apps are held back now.
func (z *doze) idle() bool { return z.light == lightIdle || z.deep == deepIdle }

// maintenance reports whether a maintenance window goes on.
func (z *doze) maintenance() bool { return z.light == lightMaintenance || z.deep == deepMaintenance }

// now is the state that says most of what the device is like.
func (z *doze) now() idleness {
	switch z.light {
	case lightIdle, lightMaintenance, lightPreIdle:
		return z.light
	}
	return z.deep
}

// reason says why apps are held back now, or are not.
func (z *doze) reason() string {
	switch {
	case z.deep == deepIdle:
		return "the device is deeply idle"
	case z.light == lightIdle:
		return "the device is lightly idle"
	case z.maintenance():
		return "a maintenance window"
	}
	return "the device is not idle"
}

func (z *doze) logIdleness(from, to idleness, why string, left time.Duration) {
	z.log(event.DeviceIdle{From: string(from), To: string(to), Why: why, Left: event.Seconds(left)})
}

// setLight is the light machine's way from one state to the next, which lasts
// for left.
func (z *doze) setLight(now time.Time, to idleness, why string, left time.Duration) {
	z.logIdleness(z.light, to, why, left)
	z.light = to
	z.timers[lightTimer] = now.Add(left)
}

// setDeep is the same for the deep machine.
func (z *doze) setDeep(now time.Time, to idleness, why string, left time.Duration) {
	z.logIdleness(z.deep, to, why, left)
	z.deep = to
	z.timers[deepTimer] = now.Add(left)
}

// inUse reports whether the screen keeps the device active. From Android 10 on
// a lit lock screen does not (wait-for-unlock).
func (z *doze) inUse() bool {
	return z.screen && !(z.locked() && z.p.WaitForUnlock)
}

// becomeActive ends all idleness.
func (z *doze) becomeActive(why string) {
	z.calm = z.p.DeepInactive
	z.stop(lightTimer, deepTimer)
	if z.light != active || z.deep != active {
		z.logIdleness(z.now(), active, why, 0)
		z.light, z.deep = active, active
	}
}

// becomeInactive starts the machines that stand still, if nobody uses the
// device and it does not charge.
func (z *doze) becomeInactive(now time.Time, why string) {
	p := z.p
	if (z.inUse() || z.charging) && !z.forced || z.light != active && z.deep != active {
		return
	}
	left := z.calm
	if z.deep == active {
		z.deep, z.timers[deepTimer] = inactive, now.Add(z.calm)
	}
	if z.light == active {
		left = min(left, p.LightInactive)
		z.light, z.timers[lightTimer] = inactive, now.Add(p.LightInactive)
	}
	z.logIdleness(active, inactive, why, left)
}

// stepLight takes the light machine one step further
// (DeviceIdleController.stepLightIdleStateLocked).
func (z *doze) stepLight(now time.Time, why string) {
	p := z.p
	switch z.light {
	case inactive:
		z.lightBudget, z.lightPeriod = p.LightWindowMin, p.LightPeriod
		if p.LightPreIdle > 0 {
			z.setLight(now, lightPreIdle, why, p.LightPreIdle)
			return
		}
		z.enterLightIdle(now, why)
	case lightPreIdle:
		z.enterLightIdle(now, why)
	case lightMaintenance:
		// What a window leaves of the least budget is for those to come.
		z.lightBudget += p.LightWindowMin - now.Sub(z.began)
		z.enterLightIdle(now, why)
	case lightIdle:
		z.lightBudget = min(max(z.lightBudget, p.LightWindowMin), p.LightWindowMax)
		z.setLight(now, lightMaintenance, why, z.lightBudget)
		z.openMaintenance(now, z.timers[lightTimer])
	}
}

func (z *doze) enterLightIdle(now time.Time, why string) {
	p := z.p
	z.setLight(now, lightIdle, why, z.lightPeriod)
	if p.LightStep > 0 {
		z.lightPeriod = min(z.lightPeriod+p.LightStep, p.LightPeriodMax)
		return
	}
	z.lightPeriod = longer(z.lightPeriod, p.LightFactor, p.LightPeriodMax)
}

// stepDeep takes the deep machine one step further
// (DeviceIdleController.stepIdleStateLocked).
func (z *doze) stepDeep(now time.Time, why string) {
	p := z.p
	switch z.deep {
	case inactive:
		z.setDeep(now, idlePending, why, p.DeepPending)
	case idlePending:
		z.setDeep(now, sensing, why, p.DeepSensing)
	case sensing:
		z.setDeep(now, locating, why, p.DeepLocating)
	case locating:
		z.deepPeriod, z.deepWindow = p.DeepPeriod, p.DeepWindow
		z.enterDeepIdle(now, why)
	case deepMaintenance:
		z.enterDeepIdle(now, why)
	case deepIdle:
		z.setDeep(now, deepMaintenance, why, z.deepWindow)
		z.openMaintenance(now, z.timers[deepTimer])
		z.deepWindow = longer(z.deepWindow, p.DeepWindowFactor, p.DeepWindowMax)
	}
}

func (z *doze) enterDeepIdle(now time.Time, why string) {
	p := z.p
	z.setDeep(now, deepIdle, why, z.deepPeriod)
	z.deepPeriod = longer(z.deepPeriod, p.DeepFactor, p.DeepPeriodMax)
	z.light, z.timers[lightTimer] = lightOverride, time.Time{}
}

// longer is a period for the next time: factor times as long, but no longer
// than limit.
func longer(period time.Duration, factor float64, limit time.Duration) time.Duration {
	return time.Duration(min(float64(period)*factor, float64(limit)))
}

// openMaintenance notes a window that has just begun.
func (z *doze) openMaintenance(now, ends time.Time) {
	z.began, z.ends = now, ends
	z.busy(now)
}

// busy notes that the app is at work in a maintenance window. Where the
// profile has idle-suspend, a window ends when nothing has happened for so
// long, as the system ends one when no job and no alarm is left.
func (z *doze) busy(now time.Time) {
	p := z.p
	if z.awhile == 0 || !z.maintenance() {
		return
	}
	timer, least := lightTimer, p.LightWindowLeast
	if z.deep == deepMaintenance {
		timer, least = deepTimer, p.DeepWindowLeast
	}
	end := now.Add(z.awhile)
	if first := z.began.Add(least); end.Before(first) {
		end = first
	}
	if end.After(z.ends) {
		end = z.ends
	}
	z.timers[timer] = end
}
