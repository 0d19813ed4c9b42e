package device

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The app's keepalive handler is here the alarm that may ring while the device
// is idle (AlarmManager.setAndAllowWhileIdle), set again after each ring.

// setAlarm sets the alarm, or cancels it. No period is refused: one that is
// too short is kept to the shortest.
func (d *Device) setAlarm(now time.Time, period time.Duration) {
	if period <= 0 {
		d.clearKeepAlive("removed by the app")
		d.tell(system.KeepAliveSet{Accepted: true})
		return
	}
	period = max(period, d.profile.KeepAliveMin)
	d.keepAlive.timeout = period
	d.armKeepAlive(now)
	d.log(event.Keepalive{Phase: "installed", Timeout: event.Seconds(period), Due: event.Seconds(period)})
	d.tell(system.KeepAliveSet{Timeout: period, Accepted: true})
}

// alarm is the alarm's time. Off the screen it rings no sooner after the last
// one than the device's idleness and the app's bucket allow.
func (d *Device) alarm(now time.Time) {
	k := &d.keepAlive
	if d.putOff(now) {
		return
	}
	k.rang, k.called = now, now
	k.ticks++
	early := k.due.Sub(now)
	d.armKeepAlive(now)
	if d.state != event.Foreground && d.restrained() {
		d.wakeFor(now, event.ByAlarm, d.profile.KeepAliveWindow, d.profile.AlarmNetwork || d.allowed)
	}
	d.log(event.Tick{N: k.ticks, Early: event.Seconds(early), Next: event.Seconds(k.timeout)})
	d.tell(system.KeepAlive{})
}

// putOff puts an alarm off that comes too soon after the last one.
func (d *Device) putOff(now time.Time) bool {
	k := &d.keepAlive
	next := k.rang.Add(d.alarmGap())
	if d.state == event.Foreground || k.rang.IsZero() || !now.Before(next) {
		return false
	}
	k.due, d.timers[keepAliveTimer] = next, next
	d.log(event.Keepalive{
		Phase: "deferred", Timeout: event.Seconds(k.timeout), Due: event.Seconds(next.Sub(now)),
		Why: fmt.Sprintf("no more than one in %g s now", d.alarmGap().Seconds()),
	})
	return true
}

// alarmGap is the least time between two alarms now.
func (d *Device) alarmGap() time.Duration {
	gap := d.bucketGap()
	if d.doze.idle() {
		gap = max(gap, d.profile.AlarmGap)
	}
	return gap
}
