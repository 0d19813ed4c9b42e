package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// launchInBackground starts the process without the user. It may run for a
// while, as after a return from didEnterBackground.
func (d *Device) launchInBackground(now time.Time) {
	if d.profile.Doze {
		d.launchOnAndroid(now)
		return
	}
	if d.bootLocked && d.profile.BootUnlock {
		d.bootWaits = true
		return
	}
	if len(d.kit.waiting) > 0 {
		d.launchForPush(now)
		return
	}
	d.log(event.Launch{Background: true, Why: d.launchWhy})
	d.warnProtected()
	d.ready = true
	d.settleWhy = "the time for a background launch is over"
	d.timers[settleTimer] = now.Add(d.profile.LaunchLimit)
	d.setState(event.Entering, "launched in the background", d.profile.LaunchLimit)
	d.tell(system.Launched{Background: true})
}

// launchForPush starts the process for the pushes that wait: it runs as a
// suspended one does that a push wakes.
func (d *Device) launchForPush(now time.Time) {
	window := d.profile.PushWindow
	d.log(event.Launch{Background: true, Why: "a push came"})
	d.warnProtected()
	d.ready, d.lent = true, now.Add(window)
	d.tell(system.Launched{Background: true})
	d.suspendedAt = now // it did not sleep: it was not there
	d.awaken(now, event.ByPush, window, 0)
	d.openWindow(now.Add(window), "launched by a push", window)
	d.handWaiting(now)
}

// warnProtected says that a process was launched after a boot, before the
// first unlock: until then files and keychain items with the default
// protection cannot be read (Apple, "Encrypting your app's files").
func (d *Device) warnProtected() {
	if d.bootLocked {
		d.log(event.Warning{
			Rule: event.RuleProtectedData, Note: "launched before the first unlock since the device booted: protected files and keychain items cannot be read",
			Hint: "keep what the launch needs accessible after the first unlock, and expect to run without it",
		})
	}
}

// relaunch has the system start a process again that ended badly.
func (d *Device) relaunch(now time.Time) {
	if d.profile.Relaunches {
		d.launchWhy = "it had ended abnormally"
		d.timers[launchTimer] = now.Add(d.profile.RelaunchDelay)
	}
}
