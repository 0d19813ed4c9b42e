package device

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// codeNoForeground is the exception that ends an app which did not keep the
// promise of startForegroundService (named since Android 12).
const codeNoForeground = "ForegroundServiceDidNotStartInTimeException"

// service is the app's foreground service, and its calls that the system
// knows of.
type service struct {
	asked      bool // startForegroundService was called, startForeground not yet
	foreground bool // it runs, with its notification
	calls      []int
}

// serviceCall carries out the calls about services and telephone calls, and
// reports whether it was one.
func (a *android) serviceCall(now time.Time, c system.Call) bool {
	switch c := c.(type) {
	case system.ActivateAudio:
		a.callAudio(now, c.On)
	case system.StartService:
		a.startService(now)
	case system.StartForeground:
		a.startForeground(now)
	case system.StopService:
		a.stopService(now)
	case system.ReportCall:
		a.reportCall(now, c)
	case system.AnswerReported:
		a.tray.withdraw(system.Withdraw{ID: c.ID})
	case system.ReportEnd:
		a.reportEnd(now, c)
	default:
		return false
	}
	return true
}

// engaged reports whether something exempts the app from all restraint.
func (a *android) engaged() bool {
	return a.service.foreground || a.audio || len(a.service.calls) > 0
}

func (a *android) engagement() string {
	switch {
	case len(a.service.calls) > 0:
		return "a call that the system knows of keeps it running"
	case a.service.foreground:
		return "a foreground service keeps it running"
	}
	return "a call with audio keeps it running"
}

// disengaged is the end of something that exempted the app.
func (a *android) disengaged(now time.Time, why string) {
	if a.state == event.InCall && !a.engaged() {
		a.release(now, why, a.profile.AudioGrace)
	}
}

// mayStart reports whether the app may start a foreground service now. Off
// the screen it may not since Android 12, but for a moment after a push of
// high priority, in a call, or on the battery allowlist.
func (a *android) mayStart() bool {
	return a.state == event.Foreground || a.engaged() || a.p.ServiceFromBackground ||
		!a.timers[pushTimer].IsZero() || a.standby.allowed
}

func (a *android) refuseService(what string) {
	a.log(event.Warning{
		Rule: event.RuleServiceStart, Note: what + " from the background is not allowed (ForegroundServiceStartNotAllowedException)",
		Hint: "start it on the screen, or while a high-priority push is handled",
	})
}

// startService is Context.startForegroundService: a promise to call
// startForeground soon.
func (a *android) startService(now time.Time) {
	switch {
	case a.service.asked || a.service.foreground:
	case !a.mayStart():
		a.refuseService("a foreground service")
	default:
		a.service.asked = true
		a.timers[serviceTimer] = now.Add(a.p.ServiceLimit)
	}
}

// startForeground keeps that promise.
func (a *android) startForeground(now time.Time) {
	if a.service.asked {
		a.service.asked, a.service.foreground = false, true
		a.timers[serviceTimer] = time.Time{}
		a.fcm.shown() // its notification is one that the user sees
		a.govern(now, "a foreground service")
	}
}

// stopService ends the service. One that never came to the foreground has
// broken its promise at once, as the system sees it.
func (a *android) stopService(now time.Time) {
	if a.service.asked {
		a.serviceLate(now)
		return
	}
	if a.service.foreground {
		a.service.foreground = false
		a.disengaged(now, "the foreground service has ended")
	}
}

func (a *android) serviceLate(now time.Time) {
	a.end(now, death{
		rule: event.RuleServiceLate, code: codeNoForeground,
		reason: fmt.Sprintf("startForegroundService was not followed by startForeground within %s", a.p.ServiceLimit),
	})
}

// callAudio is the audio of a call beginning or ending. An app on Android
// runs it in a foreground service of the type phoneCall, and is taken to do
// so here.
func (a *android) callAudio(now time.Time, on bool) {
	switch {
	case on && !a.mayStart():
		a.refuseService("the audio of a call")
	case on:
		a.audio = true
		a.govern(now, "a call with audio")
	case a.audio:
		a.audio = false
		a.disengaged(now, "the audio has ended")
	}
}

// reportCall is TelecomManager.addNewIncomingCall of a self-managed
// ConnectionService: the app may run until the call ends, and shows the call
// itself, in a notification.
func (a *android) reportCall(now time.Time, c system.ReportCall) {
	if !slices.Contains(a.service.calls, c.ID) {
		a.service.calls = append(a.service.calls, c.ID)
	}
	a.notify(now, system.Notify{ID: c.ID, Title: "Incoming call", Body: callerOf(c), Sound: a.profile.SoundMax})
	a.govern(now, "an incoming call")
	a.tell(system.CallReported{ID: c.ID})
}

func callerOf(c system.ReportCall) string {
	if c.Name == "" {
		return c.Peer
	}
	return c.Name + "  " + c.Peer
}

// reportEnd is Connection.setDisconnected.
func (a *android) reportEnd(now time.Time, c system.ReportEnd) {
	i := slices.Index(a.service.calls, c.ID)
	if i < 0 {
		return
	}
	a.service.calls = slices.Delete(a.service.calls, i, i+1)
	a.tray.withdraw(system.Withdraw{ID: c.ID, Missed: c.Why == system.EndedByPeer || c.Why == system.Unanswered})
	a.disengaged(now, "the call has ended")
}
