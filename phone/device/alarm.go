package device

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The app's keepalive handler is here the alarm that may ring while the device
// is idle (AlarmManager.setAndAllowWhileIdle), set again after each ring.

// setAlarm sets the alarm, or cancels it. No period is refused: one that is
// too short is kept to the shortest.
func (a *android) setAlarm(now time.Time, period time.Duration) {
	if period <= 0 {
		a.keepAlive.remove()
		return
	}
	a.keepAlive.install(now, max(period, a.profile.KeepAliveMin))
}

// alarm is the alarm's time. Off the screen it rings no sooner after the last
// one than the device's idleness and the app's bucket allow.
func (a *android) alarm(now time.Time) {
	k := &a.keepAlive
	if a.putOff(now) {
		return
	}
	early := k.due.Sub(now)
	k.rang = now
	k.arm(now)
	net := a.p.AlarmNetwork || a.standby.allowed || !a.restrained()
	a.intent(now, event.ByAlarm, a.profile.KeepAliveWindow, net, "an alarm")
	k.call(now, early)
}

// putOff puts an alarm off that comes too soon after the last one.
func (a *android) putOff(now time.Time) bool {
	k := &a.keepAlive
	next := k.rang.Add(a.alarmGap())
	if a.state == event.Foreground || k.rang.IsZero() || !now.Before(next) {
		return false
	}
	k.due, a.timers[keepAliveTimer] = next, next
	a.log(event.Keepalive{
		Phase: event.KeepaliveDeferred, Timeout: event.Seconds(k.timeout), Due: event.Seconds(next.Sub(now)),
		Why: fmt.Sprintf("no more than one in %g s now", a.alarmGap().Seconds()),
	})
	return true
}

// alarmGap is the least time between two alarms now.
func (a *android) alarmGap() time.Duration {
	gap := a.standby.bound().alarms
	if a.doze.idle() {
		gap = max(gap, a.p.AlarmGap)
	}
	return gap
}
