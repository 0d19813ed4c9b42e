package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A wake has one window, whatever its causes: it ends at the latest of the
// ends that they ask for.

// wakeUp wakes a suspended app for one window, unless the wake budget is
// spent: then it kills the app, and reports false.
func (c *core) wakeUp(now time.Time, cause event.WakeCause, window time.Duration) bool {
	stamps, ok := c.budget.stamp(now)
	if !ok {
		c.end(now, overWakeBudget(c.budget.limit, c.budget.per))
		return false
	}
	c.thaw(now, cause, window, stamps)
	c.openWindow(now.Add(window), "woken by "+string(cause), window)
	return true
}

// wakeUncounted lets a suspended app run for one window, which does not count
// against the wake budget of the sockets. One that runs is left alone.
func (c *core) wakeUncounted(now time.Time, cause event.WakeCause, window time.Duration) {
	if c.state != event.Suspended {
		return
	}
	c.thaw(now, cause, window, 0)
	c.lent = now.Add(window)
	c.openWindow(now.Add(window), "woken by "+string(cause), window)
	c.handOver(now)
}

// launchAwake starts a process in the background for one window.
func (c *core) launchAwake(now time.Time, why string, window time.Duration) {
	c.wake.suspendedAt = now // it did not sleep: it was not there
	c.awaken(now, event.ByPush, window, 0)
	c.openWindow(now.Add(window), why, window)
}

// socketWake wakes the app for what lies in a watched socket.
func (c *core) socketWake(now time.Time, s system.Socket) {
	if c.wakeUp(now, event.BySocket, c.profile.WakeWindow) {
		c.wake.expect(s)
		c.family.busy(now)
		c.handOver(now)
	}
}

func (c *core) openWindow(end time.Time, why string, window time.Duration) {
	c.timers[windowTimer], c.wake.shown = end, end
	c.setState(event.Awake, why, window)
}

// extend moves the window's end, never to an earlier time.
func (c *core) extend(now, end time.Time) {
	if !end.After(c.timers[windowTimer]) {
		return
	}
	c.timers[windowTimer] = end
	// A burst of reads is one line in the log, not one for each.
	if end.Sub(c.wake.shown) >= time.Second {
		c.wake.shown = end
		c.setState(event.Awake, "the window starts again", end.Sub(now))
	}
}

// read is the app reading a socket: the wake frame, if it is the first read
// of the socket that woke it. The bytes that woke the app have their window;
// those after them may give it a new one. The end of a connection is a read of
// no bytes.
func (c *core) read(now time.Time, s system.Socket, what string, bytes int) {
	if c.wake.isFrame(s) {
		if bytes == 0 {
			c.budget.endOfConnection()
		}
		c.wake.read(now, what, bytes)
		return
	}
	if c.isWatched(s) {
		c.rearm(now)
	}
}

// rearm is data on a watched socket in a wake: it gives a whole window again,
// and holds up a suspension. The grace after leaving the screen is no wake.
func (c *core) rearm(now time.Time) {
	if !c.profile.Rearm {
		return
	}
	end := now.Add(c.profile.WakeWindow)
	switch {
	case c.state == event.Awake:
		c.stop(settleTimer)
		c.extend(now, end)
	case c.wake.open && !c.timers[settleTimer].IsZero() && c.timers[settleTimer].Before(end):
		c.timers[settleTimer] = end
		c.setState(c.state, "data on the marked socket", c.profile.WakeWindow)
	}
}

// isWatched reports whether the system watches a socket for a suspended app.
func (c *core) isWatched(id system.Socket) bool {
	s := c.sockets.owned(id)
	return s != nil && c.family.watches(*s)
}

func (c *core) watched() []system.Socket { return c.sockets.these(c.family.watches) }
