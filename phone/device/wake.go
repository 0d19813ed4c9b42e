package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// wake is the wake that goes on, or the last one.
type wake struct {
	cause event.WakeCause
	at    time.Time
	open  bool // it goes on: its window, or the background tasks that began in it
	// current says that the app has not been suspended since.
	current bool
	net     bool // the network is open for this wake
	kept    bool // a maintenance window goes on in it
	// frame is the socket whose first read is the wake frame; 0: none.
	frame  system.Socket
	framed bool      // frame is still to be read
	shown  time.Time // the window's end that the log last told
}

// wakeUp wakes a suspended app for one window, unless the wake budget is
// spent: then it kills the app, and reports false.
func (d *Device) wakeUp(now time.Time, cause event.WakeCause, window time.Duration) bool {
	stamps := d.stamp(now)
	if p := &d.profile; p.WakeBudget > 0 && stamps > p.WakeBudget {
		d.end(now, overWakeBudget(p.WakeBudget, p.WakeBudgetPer))
		return false
	}
	d.thaw(now, cause, window, stamps)
	d.openWindow(now.Add(window), "woken by "+string(cause), window)
	return true
}

// wakeUncounted lets a suspended app run for one window, which does not count
// against the wake budget of the sockets. One that runs is left alone.
func (d *Device) wakeUncounted(now time.Time, cause event.WakeCause, window time.Duration) {
	if d.state != event.Suspended {
		return
	}
	d.thaw(now, cause, window, 0)
	d.lent = now.Add(window)
	d.openWindow(now.Add(window), "woken by "+string(cause), window)
	d.handOver(now)
}

// wakeOver suspends the app; or, where the profile says so, kills one whose
// keepalive handler has not returned.
func (d *Device) wakeOver(now time.Time) {
	if p := &d.profile; p.KeepAliveOverrun == KillOverrun && !d.keepAlive.called.IsZero() {
		d.end(now, keepAliveOverrun(p.KeepAliveWindow))
		return
	}
	d.suspend(now, "the wake window is over")
}

// stamp counts a wake against the budget, and returns how many count now. One
// counts for less than WakeBudgetPer.
func (d *Device) stamp(now time.Time) int {
	if d.profile.Doze {
		return 0 // Android counts no wakes
	}
	kept := d.stamps[:0]
	for _, t := range d.stamps {
		if now.Sub(t) < d.profile.WakeBudgetPer {
			kept = append(kept, t)
		}
	}
	d.stamps = append(kept, now)
	return len(d.stamps)
}

// endWake is the end of a wake. One for a socket that nobody has read is as
// good as none.
func (d *Device) endWake(now time.Time, why string) {
	if !d.wake.open {
		return
	}
	d.wake.open = false
	d.log(event.WakeEnd{N: d.wakes, Ran: event.Seconds(now.Sub(d.wake.at)), Why: why})
	if d.wake.framed {
		d.log(event.Warning{
			Rule: event.RuleUnexplainedWake, Note: "the system woke the app for its socket, and nothing was read from it",
			Hint: "what came last before the wake, in panel 6",
		})
	}
}

// socketWake wakes the app for what lies in a marked socket.
func (d *Device) socketWake(now time.Time, s system.Socket) {
	if d.wakeUp(now, event.BySocket, d.profile.WakeWindow) {
		d.wake.frame, d.wake.framed = s, true
		d.idle(now)
		d.handOver(now)
	}
}

// read is the app reading a socket: the wake frame, if it is the first read
// of the socket that woke it. The bytes that woke the app have their window;
// those after them may give it a new one.
func (d *Device) read(now time.Time, s system.Socket, what string, bytes int) {
	if d.wake.framed && d.wake.frame == s {
		d.wake.framed = false
		if n := len(d.stamps); n > 0 && bytes == 0 && !d.profile.FINCounts { // the connection's end was what woke the app
			d.stamps = d.stamps[:n-1]
		}
		d.log(event.Frame{Wake: d.wakes, What: what, Bytes: bytes, Latency: event.Millis(now.Sub(d.wake.at))})
		return
	}
	if d.isWatched(s) {
		d.rearm(now)
	}
}

// rearm is data on a marked socket in a wake: it gives a whole window again,
// and holds up a suspension. The grace after leaving the screen is no wake.
func (d *Device) rearm(now time.Time) {
	if !d.profile.Rearm {
		return
	}
	end := now.Add(d.profile.WakeWindow)
	switch {
	case d.state == event.Awake:
		d.timers[settleTimer] = time.Time{}
		d.extend(now, end)
	case d.wake.open && !d.timers[settleTimer].IsZero() && d.timers[settleTimer].Before(end):
		d.timers[settleTimer] = end
		d.setState(d.state, "data on the marked socket", d.profile.WakeWindow)
	}
}

// extend moves the window's end, never to an earlier time: the causes of a
// wake share one window.
func (d *Device) extend(now, end time.Time) {
	if !end.After(d.timers[windowTimer]) {
		return
	}
	d.timers[windowTimer] = end
	// A burst of reads is one line in the log, not one for each.
	if end.Sub(d.wake.shown) >= time.Second {
		d.wake.shown = end
		d.setState(event.Awake, "the window starts again", end.Sub(now))
	}
}

// idle notes that the app is at work, where the profile suspends one that is
// not before its window ends.
func (d *Device) idle(now time.Time) {
	if d.profile.Doze {
		d.busy(now)
		return
	}
	if p := &d.profile; p.IdleSuspend > 0 && d.state == event.Awake && d.wake.cause == event.BySocket {
		d.settleWhy = "the app has nothing to do"
		d.timers[settleTimer] = now.Add(p.IdleSuspend)
	}
}
