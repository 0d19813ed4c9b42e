package device

import (
	"fmt"
	"time"

	"sleeptalk/phone/event"
	"sleeptalk/phone/system"
)

// launchInBackground starts the process without the user. It may run for a
// while, as after a return from didEnterBackground.
func (d *Device) launchInBackground(now time.Time) {
	if d.profile.Doze {
		d.launchOnAndroid(now)
		return
	}
	d.log(event.Launch{Background: true, Why: d.launchWhy})
	d.ready = true
	d.settleWhy = "the time for a background launch is over"
	d.timers[settleTimer] = now.Add(d.profile.LaunchLimit)
	d.setState(event.Entering, "launched in the background", d.profile.LaunchLimit)
	d.tell(system.Launched{Background: true})
}

// exit is the app ending itself, as exit(3) does.
func (d *Device) exit(now time.Time, code int) {
	d.die(now, "", fmt.Sprintf("exit(%d)", code))
	if code != 0 {
		d.relaunch(now)
	}
}

// relaunch has the system start a process again that ended badly.
func (d *Device) relaunch(now time.Time) {
	if d.profile.Relaunches {
		d.launchWhy = "it had ended abnormally"
		d.timers[launchTimer] = now.Add(d.profile.RelaunchDelay)
	}
}

// die is the end of the process: the kernel closes what it had open, and the
// keepalive handler goes with it.
func (d *Device) die(now time.Time, code, reason string) {
	d.endWake(now, "killed")
	d.clearKeepAlive("the process is gone")
	d.log(event.Killed{Code: code, Reason: reason})
	frozen := d.state == event.Suspended || d.offline
	d.setState(event.Dead, reason, 0)
	for _, s := range d.sockets {
		d.kernel(system.Close{Socket: s.id})
	}
	d.closeUnsent()
	d.drop(func(system.Socket) bool { return true })
	if d.sound {
		d.kernel(system.CloseSound{})
	}
	if frozen { // the next process is not
		d.kernel(system.Thaw{})
	}
	d.stopClocks()
	for _, t := range []int{reclaimTimer, pushTimer, serviceTimer} {
		d.timers[t] = time.Time{}
	}
	d.fcm.owed = 0
	d.process = process{}
	d.out.App, d.out.Died = nil, true
}
