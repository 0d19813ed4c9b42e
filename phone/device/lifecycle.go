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
func (d *Device) setState(to event.Lifecycle, why string, left time.Duration) {
	d.log(event.State{From: d.state, To: to, Why: why, Left: event.Seconds(left)})
	d.state = to
}

// stopClocks stops everything that could suspend or kill a running app.
func (d *Device) stopClocks() {
	for _, t := range []int{entryTimer, taskEndTimer, taskWarnTimer, windowTimer, settleTimer} {
		d.timers[t] = time.Time{}
	}
}

// open brings the app to the screen, by its icon or by a notification.
func (d *Device) open(now time.Time, by event.WakeCause, why string) {
	d.unlock(now)
	if d.profile.Doze {
		defer d.opened(now)
	}
	switch d.state {
	case event.Foreground:
		return
	case event.Dead:
		d.timers[launchTimer] = time.Time{}
		d.log(event.Launch{Why: why})
		d.setState(event.Foreground, why, 0)
		d.tell(system.Launched{})
		d.handWaiting(now)
		return
	case event.Suspended:
		d.thaw(now, by, 0, 0)
	}
	d.endWake(now, why)
	d.stopClocks()
	d.lent = time.Time{}
	d.setState(event.Foreground, why, 0)
	d.handOver(now)
	d.tell(system.WillEnterForeground{})
}

// leave takes the app off the screen. It may run until the system hears that
// didEnterBackground has returned.
func (d *Device) leave(now time.Time, why string) {
	d.ready, d.wake.current = false, false
	if d.profile.Doze {
		d.leaveScreen(now, why)
		return
	}
	if !d.profile.Suspends {
		d.setState(event.Background, why, 0)
		d.tell(system.DidEnterBackground{})
		return
	}
	d.timers[entryTimer] = now.Add(d.profile.EntryLimit)
	d.setState(event.Entering, why, d.profile.EntryLimit)
	d.tell(system.DidEnterBackground{})
}

// backgroundReady is the return of didEnterBackground.
func (d *Device) backgroundReady(now time.Time) {
	if d.state != event.Entering || d.ready || !d.profile.Suspends {
		return // back on the screen by now
	}
	d.ready = true
	d.timers[entryTimer] = time.Time{}
	d.stayOrSettle(now, "ready to be suspended", d.profile.Grace)
}

// stayOrSettle finds what keeps an app in the background running: audio, a
// background task, or nothing, and then it is suspended after grace, or when
// the time is over that a push lent it.
func (d *Device) stayOrSettle(now time.Time, why string, grace time.Duration) {
	switch {
	case d.audio && d.profile.AudioRuns:
		d.enterCall(now)
	case len(d.tasks) > 0:
		d.enterTask(now)
	default:
		grace = max(grace, d.lent.Sub(now))
		d.settleWhy = "nothing keeps the app running"
		d.timers[settleTimer] = now.Add(grace)
		d.setState(event.Entering, why, grace)
	}
}

// enterTask has the app live on its background tasks. A wake in which they
// began goes on until the app is suspended again: they are its work.
func (d *Device) enterTask(now time.Time) {
	d.stopClocks()
	d.timers[taskEndTimer] = now.Add(d.profile.TaskBudget)
	d.timers[taskWarnTimer] = now.Add(d.profile.TaskBudget - d.profile.TaskWarning)
	d.setState(event.Task, d.tasks[0].name, d.profile.TaskBudget)
}

func (d *Device) enterCall(now time.Time) {
	d.endWake(now, "an audio session keeps the app running")
	d.stopClocks()
	d.setState(event.InCall, "the audio session is active", 0)
}

// setAudio is the audio session becoming active, or no longer being so.
func (d *Device) setAudio(now time.Time, on bool) {
	if d.audio == on {
		return
	}
	d.audio = on
	if !d.profile.Suspends || !d.profile.AudioRuns {
		return
	}
	switch {
	case on && (d.state == event.Awake || d.state == event.Task || d.state == event.Entering && d.ready):
		d.enterCall(now)
	case !on && d.state == event.InCall:
		d.ready = true
		d.stayOrSettle(now, "the audio session has ended", d.profile.AudioGrace)
	}
}

// settle suspends the app soon, for the reason that it ran for is gone; but not
// before the time is over that a push lent it.
func (d *Device) settle(now time.Time, why string) {
	d.settleWhy = why
	d.timers[settleTimer] = now.Add(max(d.profile.Settle, d.lent.Sub(now)))
}

// lend gives an app in the background at least so much time from now on.
func (d *Device) lend(now time.Time, window time.Duration, why string) {
	end := now.Add(window)
	if d.state == event.Foreground || !end.After(d.lent) {
		return
	}
	d.lent = end
	switch settle := &d.timers[settleTimer]; {
	case d.state == event.Awake:
		*settle = time.Time{}
		d.extend(now, end)
	case !settle.IsZero() && settle.Before(end):
		*settle = end
		d.setState(d.state, why, window)
	}
}

// suspend stops the app, in the middle of anything.
func (d *Device) suspend(now time.Time, why string) {
	d.endWake(now, why)
	d.stopClocks()
	d.freeze(now, why, d.watched())
	switch {
	case d.locked && d.profile.ReclaimOnLock:
		d.reclaim("the screen is locked")
	case d.profile.ReclaimAfter > 0:
		d.timers[reclaimTimer] = now.Add(d.profile.ReclaimAfter)
	}
}

func (d *Device) freeze(now time.Time, why string, watch []system.Socket) {
	d.suspendedAt, d.lent = now, time.Time{}
	d.wake.current, d.wake.framed = false, false
	d.setState(event.Suspended, why, 0)
	if d.offline { // the kernel is frozen already
		d.offline = false
		return
	}
	d.kernel(system.Freeze{Watch: watch})
}

// thaw lets the app run again. The caller sets the state, and then hands over
// what waits for the app. A window of 0 is one without end.
func (d *Device) thaw(now time.Time, by event.WakeCause, window time.Duration, stamps int) {
	d.awaken(now, by, window, stamps)
	d.kernel(system.Thaw{})
}

// awaken is the beginning of a wake.
func (d *Device) awaken(now time.Time, by event.WakeCause, window time.Duration, stamps int) {
	d.wakes++
	d.wake = wake{cause: by, at: now, open: window > 0, current: true}
	d.timers[reclaimTimer] = time.Time{}
	d.log(event.Wake{
		N: d.wakes, Cause: by, Suspended: event.Seconds(now.Sub(d.suspendedAt)),
		Window: event.Seconds(window), Stamps: stamps,
	})
	if window == 0 { // the app is not running on a wake's time
		d.log(event.WakeEnd{N: d.wakes, Why: "it has no window: the app runs without limit"})
	}
}

// handOver gives an app that has just thawed what happened to its sockets
// while it slept, and a push token that has changed.
func (d *Device) handOver(now time.Time) {
	d.reconnect(now)
	d.out.App = append(d.out.App, d.lost...)
	held := d.held
	d.lost, d.held = nil, nil
	for _, s := range held {
		d.deliver(now, s)
	}
	d.tellToken()
}
