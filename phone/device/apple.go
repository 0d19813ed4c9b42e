package device

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// apple is what both families of iOS have in common: an app that leaves the
// screen has a moment to finish, may live on background tasks or on the audio
// of a call, and is then suspended.
//
//	                         BackgroundReady             grace
//	foreground ──▶ entering ────────────────┬──────────────────▶ suspended
//	                 │ 5 s: 0x8badf00d      │                      ▲ ▲
//	                 ▼                      ├──▶ background-task ──┘ │
//	               dead ◀───── budget ──────┼──────────┘             │
//	                                        └──▶ background-call ────┘
type apple struct {
	*core
	ready bool // didEnterBackground has returned since the app left the screen
	// activated reports whether the system has activated the audio session of
	// a call.
	activated func() bool
}

func newApple(c *core) apple { return apple{core: c, activated: func() bool { return false }} }

func (a *apple) opened(time.Time, bool) {}
func (a *apple) died()                  {}
func (a *apple) rebooted(time.Time)     {}
func (a *apple) online(time.Time)       {}
func (a *apple) handedOver()            {}
func (a *apple) configured()            {}
func (a *apple) joined(time.Time)       {}
func (a *apple) radioWakes()            {}
func (a *apple) do(time.Time, Act) bool { return false }
func (a *apple) watches(s socket) bool  { return s.marked && !s.securing && a.profile.Marked == Watched }

func (a *apple) pushed(_ time.Time, p system.Push) {
	a.log(pushEvent(event.PushDropped, p, notTheToken))
}

func (a *apple) screenLocked(now time.Time) {
	switch {
	case a.state == event.Foreground:
		a.leave(now, "the screen was locked")
	case a.state == event.Suspended && a.profile.ReclaimOnLock:
		a.sockets.reclaim("the screen was locked", a.family.watches)
	}
}

// left gives the app until didEnterBackground has returned.
func (a *apple) left(now time.Time, why string) {
	a.ready = false
	a.timers[entryTimer] = now.Add(a.profile.EntryLimit)
	a.setState(event.Entering, why, a.profile.EntryLimit)
	a.tell(system.DidEnterBackground{})
}

// launch starts the process without the user. It may run for a while, as
// after a return from didEnterBackground.
func (a *apple) launch(now time.Time) {
	a.log(event.Launch{Background: true, Why: a.launchWhy})
	a.warnProtected()
	a.ready = true
	a.settleWhy = "the time for a background launch is over"
	a.timers[settleTimer] = now.Add(a.profile.LaunchLimit)
	a.setState(event.Entering, "launched in the background", a.profile.LaunchLimit)
	a.tell(system.Launched{Background: true})
}

// warnProtected says that a process was launched after a boot, before the
// first unlock: until then files and keychain items with the default
// protection cannot be read (Apple, "Encrypting your app's files").
func (a *apple) warnProtected() {
	if a.bootLocked {
		a.log(event.Warning{
			Rule: event.RuleProtectedData, Note: "launched before the first unlock since the device booted: protected files and keychain items cannot be read",
			Hint: "keep what the launch needs accessible after the first unlock, and expect to run without it",
		})
	}
}

// busy is the app at work, where the profile suspends one that is not before
// its window ends.
func (a *apple) busy(now time.Time) {
	if p := a.profile; p.IdleSuspend > 0 && a.state == event.Awake && a.wake.cause == event.BySocket {
		a.settleWhy = "the app has nothing to do"
		a.timers[settleTimer] = now.Add(p.IdleSuspend)
	}
}

func (a *apple) call(now time.Time, c system.Effect) bool {
	switch c := c.(type) {
	case system.BackgroundReady:
		a.backgroundReady(now)
	case system.MarkVoIP:
		a.mark(now, c)
	case system.BeginTask:
		a.beginTask(now, c)
	case system.ActivateAudio:
		a.askAudio(now, c.On)
	case system.OpenSound:
		if a.mayStartAudio() {
			return false
		}
		a.tell(system.SoundFailed{Way: c.Way, Err: errNoAudio})
	default:
		return false
	}
	return true
}

func (a *apple) ring(now time.Time, timer int) bool {
	switch timer {
	case entryTimer:
		a.end(now, entryOverrun(a.profile.EntryLimit))
	case taskEndTimer:
		a.taskTimeOver(now)
	case taskWarnTimer:
		a.tasks.warn()
	case windowTimer:
		a.putToSleep(now, "the wake window is over")
	case settleTimer:
		a.putToSleep(now, a.settleWhy)
	case reclaimTimer:
		a.sockets.reclaim(fmt.Sprintf("suspended for %s", a.profile.ReclaimAfter), a.family.watches)
	default:
		return false
	}
	return true
}

// putToSleep suspends the app, and takes the sockets from it that nobody watches,
// now or later.
func (a *apple) putToSleep(now time.Time, why string) {
	a.checkMarks()
	a.keepAlive.cut(now)
	a.suspend(now, why)
	switch {
	case a.locked && a.profile.ReclaimOnLock:
		a.sockets.reclaim("the screen is locked", a.family.watches)
	case a.profile.ReclaimAfter > 0:
		a.timers[reclaimTimer] = now.Add(a.profile.ReclaimAfter)
	}
}

// backgroundReady is the return of didEnterBackground.
func (a *apple) backgroundReady(now time.Time) {
	if a.state != event.Entering || a.ready {
		return // back on the screen by now
	}
	a.ready = true
	a.stop(entryTimer)
	a.stayOrSettle(now, "ready to be suspended", a.profile.Grace)
}

// stayOrSettle finds what keeps an app in the background running: audio, a
// background task, or nothing, and then it is suspended after grace, or when
// the time is over that a push lent it.
func (a *apple) stayOrSettle(now time.Time, why string, grace time.Duration) {
	switch {
	case a.audio && a.audioRuns():
		a.enterCall(now)
	case a.tasks.any():
		a.enterTask(now)
	default:
		grace = max(grace, a.lent.Sub(now))
		a.settleWhy = "nothing keeps the app running"
		a.timers[settleTimer] = now.Add(grace)
		a.setState(event.Entering, why, grace)
	}
}

func (a *apple) beginTask(now time.Time, c system.BeginTask) {
	if !a.tasks.begin(c) {
		return
	}
	switch {
	case a.state == event.Awake, a.state == event.Entering && a.ready:
		a.enterTask(now)
	case a.state == event.Task: // one budget for all: the clock runs on
		a.stop(settleTimer)
	}
}

// enterTask has the app live on its background tasks. A wake in which they
// began goes on until the app is suspended again: they are its work.
func (a *apple) enterTask(now time.Time) {
	a.stopClocks()
	a.timers[taskEndTimer] = now.Add(a.profile.TaskBudget)
	a.timers[taskWarnTimer] = now.Add(a.profile.TaskBudget - a.profile.TaskWarning)
	a.setState(event.Task, a.tasks.first(), a.profile.TaskBudget)
}

// taskTimeOver kills an app that has not ended its tasks.
func (a *apple) taskTimeOver(now time.Time) {
	if !a.tasks.any() { // and was about to be suspended
		a.putToSleep(now, "the time for background tasks is over")
		return
	}
	a.end(now, taskOverrun(a.tasks.first(), a.profile.TaskBudget))
}

func (a *apple) enterCall(now time.Time) {
	a.wake.end(now, "an audio session keeps the app running")
	a.stopClocks()
	a.setState(event.InCall, "the audio session is active", 0)
}

// mayStartAudio reports whether audio can be started now. Where an answered
// call is needed for that, an app on the screen needs none.
func (a *apple) mayStartAudio() bool {
	return !a.profile.AudioByCall || a.state == event.Foreground || a.audio || a.activated()
}

// audioRuns reports whether an active audio session keeps the app running: the
// modes voip and audio permit that.
func (a *apple) audioRuns() bool { return a.profile.AudioRuns && a.mode != ModeNone }

// askAudio is the app's audio session becoming active, if the system lets it.
func (a *apple) askAudio(now time.Time, on bool) {
	if on && !a.mayStartAudio() {
		a.log(event.Warning{
			Rule: event.RuleAudioNotActive, Note: "audio cannot be started in the background before the system activates it",
			Hint: "report the call, and start audio when the system has activated it",
		})
		return
	}
	a.setAudio(now, on)
}

// setAudio is the audio session becoming active, or no longer being so.
func (a *apple) setAudio(now time.Time, on bool) {
	if a.audio == on {
		return
	}
	a.audio = on
	if !a.audioRuns() {
		return
	}
	switch {
	case on && (a.state == event.Awake || a.state == event.Task || a.state == event.Entering && a.ready):
		a.enterCall(now)
	case !on && a.state == event.InCall:
		a.ready = true
		a.stayOrSettle(now, "the audio session has ended", a.profile.AudioGrace)
	}
}

// appleRules are the rules that the numbers of both families must keep.
func (p *Profile) appleRules() []sanity {
	return []sanity{
		{p.Suspends && p.EntryLimit <= 0, "entry-limit must be more than 0"},
		p.computerRule(),
		{p.Suspends && p.TaskBudget <= 0, "task-budget must be more than 0"},
		{p.Suspends && p.TaskWarning >= p.TaskBudget, "task-warning must be less than task-budget"},
	}
}
