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
func (d *Device) exit(now time.Time, code int) {
	if d.state == event.Dead {
		d.refuse("exit", "the app is not running", "")
		return
	}
	d.die(now, exited(code))
	if code != 0 {
		d.relaunch(now)
	}
}

// end ends the process as no process ends by itself: the system launches it
// again.
func (d *Device) end(now time.Time, by death) {
	if d.state == event.Dead {
		d.refuse("end the app", "the app is not running", "")
		return
	}
	d.die(now, by)
	d.relaunch(now)
}

// die is the end of the process: the kernel closes what it had open, and the
// keepalive handler goes with it.
func (d *Device) die(now time.Time, by death) {
	d.endWake(now, "killed")
	d.clearKeepAlive("the process is gone")
	d.log(event.Killed{Code: by.code, Rule: by.rule, Reason: by.reason})
	d.clearScreen()
	frozen := d.state == event.Suspended || d.offline
	d.setState(event.Dead, by.reason, 0)
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
	for _, t := range []int{reclaimTimer, reportTimer, activateTimer, pushTimer, serviceTimer} {
		d.timers[t] = time.Time{}
	}
	d.fcm.owed = 0
	d.process = process{}
	d.out.App, d.out.Died = nil, true
}
