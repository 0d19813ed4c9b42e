package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// What is true in each state, and the timers that may run in it:
//
//	dead             no process                                launch
//	foreground       on the screen, runs without limit         keepalive
//	background       left the screen of a system that never suspends, or is
//	                 not idle now                              settle
//	entering         left the screen, runs                     entry or settle
//	background-task  runs on borrowed time                     task end, task warning, settle
//	awake            woken, or launched by a push: runs for    window, settle; or the device's own
//	                 one window
//	background-call  runs as long as its audio session lives   settle
//	suspended        frozen                                    keepalive, reclaim

// setState is the only way from one state to another, or to a new limit in
// the same one. left is how long the app may run; 0: without limit.
func (c *core) setState(to event.Lifecycle, why string, left time.Duration) {
	c.log(event.State{From: c.state, To: to, Why: why, Left: event.Seconds(left)})
	c.state = to
}

// running reports whether the app's code runs.
func (c *core) running() bool { return c.state.Runs() }

// stopClocks stops everything that could suspend or kill a running app.
func (c *core) stopClocks() {
	c.stop(entryTimer, taskEndTimer, taskWarnTimer, windowTimer, settleTimer)
}

// open brings the app to the screen, by its icon or by a notification.
func (c *core) open(now time.Time, by event.WakeCause, why string) {
	c.unlock(now)
	fresh := c.state == event.Dead
	switch c.state {
	case event.Foreground:
	case event.Dead:
		c.stop(launchTimer)
		c.log(event.Launch{Why: why})
		c.setState(event.Foreground, why, 0)
		c.tell(system.Launched{})
	default:
		c.comeForward(now, by, why)
	}
	c.family.opened(now, fresh)
}

// comeForward brings an app that has a process to the screen.
func (c *core) comeForward(now time.Time, by event.WakeCause, why string) {
	if c.state == event.Suspended {
		c.thaw(now, by, 0, 0)
	}
	c.wake.end(now, why)
	c.stopClocks()
	c.lent = time.Time{}
	c.setState(event.Foreground, why, 0)
	c.handOver(now)
	c.tell(system.WillEnterForeground{})
}

// quit lets a suspended app run without limit, and with the network, for it to sign off:
// the emulator is what ends, and not the sleep.
func (c *core) quit(now time.Time) {
	if c.state == event.Suspended {
		c.comeForward(now, event.ByQuit, "this program ends, and the app signs off")
	}
}

// leave takes the app off the screen.
func (c *core) leave(now time.Time, why string) {
	c.wake.current = false
	c.family.left(now, why)
}

func (c *core) background(now time.Time) {
	if c.state != event.Foreground {
		c.refuse("background", "the app is not on the screen", "foreground")
		return
	}
	c.leave(now, "left the screen")
}

func (c *core) lock(now time.Time) {
	if c.locked {
		return
	}
	c.locked = true
	c.log(event.Lock{On: true})
	c.family.screenLocked(now)
}

func (c *core) unlock(now time.Time) {
	if !c.locked {
		return
	}
	c.locked, c.bootLocked = false, false
	c.log(event.Lock{On: false})
	if c.bootWaits {
		c.bootWaits, c.timers[launchTimer] = false, now
	}
}

// settle suspends the app soon, for the reason that it ran for is gone; but not
// before the time is over that a push lent it.
func (c *core) settle(now time.Time, why string) {
	c.settleWhy = why
	c.timers[settleTimer] = now.Add(max(c.profile.Settle, c.lent.Sub(now)))
}

// suspend stops the app, in the middle of anything.
func (c *core) suspend(now time.Time, why string) {
	c.wake.end(now, why)
	c.stopClocks()
	c.freeze(now, why, c.watched())
}

// freeze stops the app; the kernel says when something comes for one of the
// sockets in watch. Where the app ran without network, the kernel is frozen
// already.
func (c *core) freeze(now time.Time, why string, watch []system.Socket) {
	c.lent = time.Time{}
	if c.audio {
		c.log(event.Warning{
			Rule: event.RuleAudioAsleep, Note: "the app is suspended while its audio session is active: it sends nothing, and plays nothing of what comes",
			Hint: "list audio in the background modes, and activate the session when the system says so",
		})
	}
	c.wake.suspended(now)
	c.setState(event.Suspended, why, 0)
	c.freezeKernel(watch)
}

func (c *core) freezeKernel(watch []system.Socket) {
	if !c.frozen {
		c.frozen = true
		c.kernel(system.Freeze{Watch: watch})
	}
}

func (c *core) thawKernel() {
	if c.frozen {
		c.frozen = false
		c.kernel(system.Thaw{Wake: c.wake.number()})
	}
}

// thaw lets the app run again. The caller sets the state, and then hands over
// what waits for the app. A window of 0 is one without end.
func (c *core) thaw(now time.Time, by event.WakeCause, window time.Duration, stamps int) {
	c.awaken(now, by, window, stamps)
	c.thawKernel()
}

// awaken begins a wake.
func (c *core) awaken(now time.Time, by event.WakeCause, window time.Duration, stamps int) {
	c.stop(reclaimTimer)
	c.wake.begin(now, by, window, stamps)
}

// handOver gives an app that has just thawed what happened to its sockets
// while it slept.
func (c *core) handOver(now time.Time) {
	c.thawKernel()
	c.family.online(now)
	lost, held := c.sockets.waiting()
	for _, s := range lost {
		c.tell(s)
	}
	for _, s := range held {
		c.deliver(now, s)
	}
	c.family.handedOver()
}

// endTask is the end of a background task. Nothing keeps the app running after
// the last.
func (c *core) endTask(now time.Time, id int) {
	if last := c.tasks.end(id); last && c.state == event.Task {
		c.settle(now, "the last background task has ended")
	}
}

// keepAliveDone is the return of the keepalive handler. A wake of its own ends
// with it.
func (c *core) keepAliveDone(now time.Time) {
	if !c.keepAlive.returned(now) {
		return
	}
	own := c.wake.cause == event.ByKeepalive || c.wake.cause == event.ByAlarm && c.timers[pushTimer].IsZero()
	if c.state == event.Awake && own {
		c.settle(now, "the keepalive handler has returned")
	}
}

// tap is the user choosing an action on a notification: it goes away, the app
// comes to the screen, launched if need be, and is told.
func (c *core) tap(now time.Time, t Tap) {
	i := c.tray.find(t.ID)
	if i < 0 {
		c.refuse("tap", "that notification is not on the screen", "")
		return
	}
	c.tray.choose(i, t.Action)
	c.open(now, event.ByNotification, "opened from a notification")
	c.tell(system.Tapped{ID: t.ID, Action: t.Action})
}
