package device

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// death is how a process ends.
type death struct {
	rule   event.Rule // as "sleeptalk explain" knows it
	code   string     // of the crash log; "": it has none
	reason string
}

// The codes with which the system kills an app.
const (
	codeDeadlock   = "0x8badf00d" // it overran its time
	codeWakeBudget = "0xbad22222" // it was woken too often
	codeUnreported = "0xbaadca11" // it reported no call for a push
)

// What ends a process. Of the deaths that have a number in them, see the
// functions below.
var (
	crashed    = death{rule: event.RuleCrash, reason: "crashed"}
	jetsam     = death{rule: event.RuleJetsam, reason: "jetsam: the system wanted its memory"}
	forceQuit  = death{rule: event.RuleForceQuit, reason: "the user force-quit the app"}
	rebooted   = death{rule: event.RuleReboot, reason: "the device was rebooted"}
	unreported = death{
		rule:   event.RuleUnreportedPush,
		reason: "Killing app because it never posted an incoming call to the system after receiving a PushKit VoIP push.",
	}
	updated     = death{rule: event.RuleUpdate, reason: "the app was updated"}
	reinstalled = death{rule: event.RuleReinstall, reason: "the app was reinstalled"}
	forbidden   = death{rule: event.RuleVoIPFlagKilled, reason: "marked a socket for VoIP, which this system no longer allows"}
)

func entryOverrun(limit time.Duration) death {
	return death{rule: event.RuleEntryOverrun, code: codeDeadlock, reason: fmt.Sprintf("didEnterBackground did not return within %s", limit)}
}

func taskOverrun(name string, budget time.Duration) death {
	return death{rule: event.RuleTaskOverrun, code: codeDeadlock, reason: fmt.Sprintf("background task %q had not ended after %s", name, budget)}
}

func overWakeBudget(wakes int, per time.Duration) death {
	return death{
		rule: event.RuleWakeBudget, code: codeWakeBudget,
		reason: fmt.Sprintf("SBUnsuspendLimit: exceeded %d wakes in %.0f sec", wakes, per.Seconds()),
	}
}

func keepAliveOverrun(window time.Duration) death {
	return death{rule: event.RuleKeepaliveOverrun, code: codeDeadlock, reason: fmt.Sprintf("the keepalive handler had not returned after %s", window)}
}

func reportOverrun(limit time.Duration) death {
	return death{rule: event.RuleUnreportedPush, code: codeUnreported, reason: fmt.Sprintf("no call was reported within %s of a push", limit)}
}

func exited(code int) death {
	return death{rule: event.RuleExit, reason: fmt.Sprintf("exit(%d)", code)}
}

// exit is the app ending itself, as exit(3) does.
func (c *core) exit(now time.Time, code int) {
	if c.state == event.Dead {
		c.refuse("exit", "the app is not running", "")
		return
	}
	c.die(now, exited(code))
	if code != 0 {
		c.relaunch(now)
	}
}

// end ends the process as no process ends by itself: the system launches it
// again.
func (c *core) end(now time.Time, by death) {
	if c.state == event.Dead {
		c.refuse("end the app", "the app is not running", "")
		return
	}
	c.die(now, by)
	c.relaunch(now)
}

// die is the end of the process: the kernel closes what it had open, and the
// keepalive handler goes with it.
func (c *core) die(now time.Time, by death) {
	c.wake.end(now, "killed")
	c.keepAlive.clear("the process is gone")
	c.log(event.Killed{Code: by.code, Rule: by.rule, Reason: by.reason})
	c.tray.clearScreen()
	c.setState(event.Dead, by.reason, 0)
	c.sockets.closeAll()
	c.family.died()
	c.sockets.drop(func(system.Socket) bool { return true }, c.sockets.close)
	if c.sound {
		c.kernel(system.CloseSound{})
	}
	c.thawKernel() // the next process is not frozen
	c.stopClocks()
	c.stop(reclaimTimer, reportTimer, activateTimer, pushTimer, serviceTimer)
	c.renew()
	c.out.App, c.out.Died = nil, true
}

// relaunch has the system start a process again that ended badly: that of an app
// for VoIP.
func (c *core) relaunch(now time.Time) {
	if c.profile.Relaunches && c.mode == ModeVoIP {
		c.launchLater(now, c.profile.RelaunchDelay, "it had ended abnormally")
	}
}

// launchLater has the system launch the app in the background.
func (c *core) launchLater(now time.Time, delay time.Duration, why string) {
	c.launchWhy, c.timers[launchTimer] = why, now.Add(delay)
}

// forceQuit is the user swiping the app away. It reports whether that ended it.
func (c *core) forceQuit(now time.Time) bool {
	c.stop(launchTimer)
	if c.state == event.Dead {
		c.refuse("force-quit", "the app is not running", "")
		return false
	}
	c.die(now, forceQuit)
	return true
}

// reboot switches the device off and on. A device that has booted waits at the
// lock screen.
func (c *core) reboot(now time.Time) {
	if c.state != event.Dead {
		c.die(now, rebooted)
	}
	c.family.rebooted(now)
	c.lock(now)
	c.bootLocked, c.bootWaits = true, false
	c.stop(launchTimer)
	if c.profile.LaunchesAtBoot && c.mode == ModeVoIP {
		c.launchLater(now, c.profile.BootDelay, "the device booted")
	}
}

// update ends the process and launches it anew: on the screen if it was there,
// else in the background where the system does such a thing.
func (c *core) update(now time.Time) {
	shown := c.state == event.Foreground
	if c.state != event.Dead {
		c.die(now, updated)
	}
	if shown || !c.profile.Relaunches {
		c.open(now, event.ByUser, updated.reason)
		return
	}
	if c.mode == ModeVoIP {
		c.launchLater(now, c.profile.RelaunchDelay, updated.reason)
	}
}

// reinstall replaces the app by a fresh copy, which has no process.
func (c *core) reinstall(now time.Time) {
	if c.state != event.Dead {
		c.die(now, reinstalled)
	}
	c.stop(launchTimer)
}
