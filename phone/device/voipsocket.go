package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// voipSocket is iOS in the days of the VoIP socket: the system watches the
// marked sockets of a suspended app, and calls its keepalive handler.
//
//	            data, FIN, RST, keepalive
//	suspended ─────────────────────────────▶ awake
//	          ◀───────────────────────────── 10 s; all causes share the window
//	                                         │ 16th wake in 300 s: 0xbad22222
//	                                         ▼
//	                                        dead ── 2 s ──▶ launched again
type voipSocket struct {
	apple
	p *voipSettings
}

// voipSettings are those of a system with VoIP sockets.
type voipSettings struct {
	plain
	BootUnlock       bool          `setting:"boot-unlock"`
	WakeBudget       int           `setting:"wake-budget"` // 0: no limit
	WakeBudgetPer    time.Duration `setting:"wake-budget-per"`
	FINCounts        bool          `setting:"fin-counts"`
	KeepAliveOverrun Overrun       `setting:"keepalive-overrun"`
	KeepAliveBug     bool          `setting:"keepalive-bug"`
}

// Overrun is what the system does about a keepalive handler that has not
// returned in time.
type Overrun string

// What becomes of an app whose handler takes too long.
const (
	SuspendOverrun Overrun = "suspend" // it is suspended, in the middle of it
	KillOverrun    Overrun = "kill"
)

func voipSocketFamily() familyInfo {
	return familyInfo{own: &voipSettings{}, make: newVoIPSocket, modes: true}
}

func (s *voipSettings) rules(p *Profile) []sanity {
	return append(p.appleRules(),
		sanity{p.launchesApps() && p.LaunchLimit <= 0, "launch-limit must be more than 0"},
		sanity{s.WakeBudget > 0 && s.WakeBudgetPer <= 0, "wake-budget-per must be more than 0"},
	)
}

func (s *voipSettings) newBudget() *budget {
	return &budget{limit: s.WakeBudget, per: s.WakeBudgetPer, sparesFIN: !s.FINCounts}
}

func newVoIPSocket(c *core) family {
	if !c.profile.Suspends {
		return newDesktop(c) // a phone that suspends no app is a computer
	}
	return &voipSocket{newApple(c), c.profile.own.(*voipSettings)}
}

func (v *voipSocket) do(now time.Time, a Act) bool {
	if _, ok := a.(OtherAppQuit); ok {
		v.otherAppQuit()
		return true
	}
	return false
}

func (v *voipSocket) call(now time.Time, c system.Effect) bool {
	if set, ok := c.(system.SetKeepAlive); ok {
		v.setKeepAlive(now, set.Timeout)
		return true
	}
	return v.apple.call(now, c)
}

func (v *voipSocket) ring(now time.Time, timer int) bool {
	switch {
	case timer == keepAliveTimer:
		v.tick(now)
	case timer == windowTimer && v.p.KeepAliveOverrun == KillOverrun && !v.keepAlive.called.IsZero():
		v.end(now, keepAliveOverrun(v.profile.KeepAliveWindow))
	default:
		return v.apple.ring(now, timer)
	}
	return true
}

// launch waits for the first unlock after a boot, where the profile says so.
func (v *voipSocket) launch(now time.Time) {
	if v.bootLocked && v.p.BootUnlock {
		v.bootWaits = true
		return
	}
	v.apple.launch(now)
}

// setKeepAlive installs the keepalive handler, replaces it, or removes it.
// What is refused changes nothing.
func (v *voipSocket) setKeepAlive(now time.Time, timeout time.Duration) {
	switch why := v.profile.Refuses(timeout); {
	case timeout <= 0:
		v.keepAlive.remove()
	case v.mode != ModeVoIP:
		v.keepAlive.decline(timeout, noVoIPMode)
	case why != "":
		v.keepAlive.decline(timeout, why)
	default:
		v.keepAlive.install(now, timeout)
	}
}

// tick calls the keepalive handler: in a wake of its own, or within what the
// app is running for already.
func (v *voipSocket) tick(now time.Time) {
	k := &v.keepAlive
	early := k.due.Sub(now)
	k.arm(now)
	window := v.profile.KeepAliveWindow
	switch v.state {
	case event.Foreground:
		// An app on the screen looks after its connection itself.
		timeout := event.Seconds(k.timeout)
		v.log(event.Keepalive{Phase: event.KeepaliveSkipped, Timeout: timeout, Due: timeout, Why: "the app is on the screen"})
		return
	case event.Suspended:
		if !v.wakeUp(now, event.ByKeepalive, window) {
			return
		}
		v.handOver(now)
	case event.Awake:
		v.extend(now, now.Add(window))
	}
	k.call(now, early)
}

// otherAppQuit is the user force-quitting another app, which by a bug of some
// releases cancels the keepalive of this one.
func (v *voipSocket) otherAppQuit() {
	if !v.p.KeepAliveBug || v.keepAlive.timeout == 0 {
		return
	}
	v.keepAlive.clear("another app was force-quit")
	v.log(event.Warning{
		Rule: event.RuleKeepaliveLost, Note: "the user force-quit another app, and that cancelled this app's keepalive handler",
		Hint: "install the handler whenever the app runs",
	})
}
