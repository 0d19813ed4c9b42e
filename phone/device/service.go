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
	*sink
	*timers
	p *dozeSettings

	asked      bool // startForegroundService was called, startForeground not yet
	foreground bool // it runs, with its notification
	warned     bool // the time of a short service is over
	calls      []int
}

// ask is Context.startForegroundService: a promise to call startForeground
// soon.
func (s *service) ask(now time.Time) {
	s.asked = true
	s.timers[serviceTimer] = now.Add(s.p.ServiceLimit)
}

// begin is Service.startForeground, which keeps that promise; false if there
// was none.
func (s *service) begin() bool {
	if !s.asked {
		return false
	}
	s.asked, s.foreground = false, true
	s.stop(serviceTimer)
	return true
}

// end ends the service; false: it did not run.
func (s *service) end() bool {
	ran := s.foreground
	s.foreground = false
	return ran
}

// report notes a call, ended forgets it; false: nobody knew of it.
func (s *service) report(id int) {
	if !slices.Contains(s.calls, id) {
		s.calls = append(s.calls, id)
	}
}

func (s *service) ended(id int) bool {
	i := slices.Index(s.calls, id)
	if i < 0 {
		return false
	}
	s.calls = slices.Delete(s.calls, i, i+1)
	return true
}

// runs reports whether it exempts the app from all restraint.
func (s *service) runs() bool { return s.foreground || len(s.calls) > 0 }

// reason is what keeps the app running, if not only its audio does.
func (s *service) reason() string {
	switch {
	case len(s.calls) > 0:
		return "a call that the system knows of keeps it running"
	case s.foreground:
		return "a foreground service keeps it running"
	}
	return "a call with audio keeps it running"
}

// refuse warns of a start that the system does not allow.
func (s *service) refuse(what string) {
	s.log(event.Warning{
		Rule: event.RuleServiceStart, Note: what + " from the background is not allowed (ForegroundServiceStartNotAllowedException)",
		Hint: "start it on the screen, or while a high-priority push is handled",
	})
}

// serviceCall carries out the calls about services and telephone calls, and
// reports whether it was one.
func (a *android) serviceCall(now time.Time, c system.Effect) bool {
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
func (a *android) engaged() bool { return a.service.runs() || a.audio }

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

// startService is a foreground service that the app asks for.
func (a *android) startService(now time.Time) {
	switch {
	case a.service.asked || a.service.foreground:
	case !a.mayStart():
		a.service.refuse("a foreground service")
	default:
		a.service.ask(now)
	}
}

func (a *android) startForeground(now time.Time) {
	if a.service.begin() {
		a.fcm.shown() // its notification is one that the user sees
		a.service.limit(now)
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
	if a.service.end() {
		a.service.unlimit(a.audio)
		a.disengaged(now, "the foreground service has ended")
	}
}

// serviceLate ends an app that has not kept its promise in time.
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
		a.service.refuse("the audio of a call")
	case on && !a.audio:
		a.hearing.deny(a.deniesAudio())
		a.audio = true
		a.service.limit(now)
		a.govern(now, "a call with audio")
	case !on && a.audio:
		a.hearing.deny(false)
		a.audio = false
		a.service.unlimit(a.audio)
		a.disengaged(now, "the audio has ended")
	}
}

// reportCall is TelecomManager.addNewIncomingCall of a self-managed
// ConnectionService: the app may run until the call ends, and shows the call
// itself, in a notification.
func (a *android) reportCall(now time.Time, c system.ReportCall) {
	a.service.report(c.ID)
	a.notify(now, system.Notify{ID: c.ID, Title: "Incoming call", Body: callerOf(c), Sound: a.profile.SoundMax})
	a.warnHeadsUp(now, c.ID)
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
	if !a.service.ended(c.ID) {
		return
	}
	a.tray.withdraw(system.Withdraw{ID: c.ID, Missed: c.Why == system.EndedByPeer || c.Why == system.Unanswered, Why: string(c.Why)})
	a.disengaged(now, "the call has ended")
}
