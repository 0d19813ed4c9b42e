package device

import (
	"fmt"
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

// dozeCall carries out the calls to the mobile system that mean something
// else on Android, and reports whether it was one.
func (d *Device) dozeCall(now time.Time, c system.Call) bool {
	switch c := c.(type) {
	case system.SetKeepAlive:
		d.setAlarm(now, c.Timeout)
	case system.ActivateAudio:
		d.callAudio(now, c.On)
	case system.StartService:
		d.startService(now)
	case system.StartForeground:
		d.startForeground(now)
	case system.StopService:
		d.stopService(now)
	case system.ReportCall:
		d.reportCall(now, c)
	case system.AnswerReported:
		d.withdraw(system.Withdraw{ID: c.ID})
	case system.ReportEnd:
		d.reportEnd(now, c)
	case system.RegisterPush:
		d.registerPush()
	case system.PushDone:
		d.pushDone(c.ID)
	default:
		return false
	}
	return true
}

// engaged reports whether something exempts the app from all restraint.
func (d *Device) engaged() bool {
	return d.service.foreground || d.audio || len(d.service.calls) > 0
}

func (d *Device) engagement() string {
	switch {
	case len(d.service.calls) > 0:
		return "a call that the system knows of keeps it running"
	case d.service.foreground:
		return "a foreground service keeps it running"
	}
	return "a call with audio keeps it running"
}

// disengaged is the end of something that exempted the app.
func (d *Device) disengaged(now time.Time, why string) {
	if d.state == event.InCall && !d.engaged() {
		d.release(now, why, d.profile.AudioGrace)
	}
}

// mayStart reports whether the app may start a foreground service now. Off
// the screen it may not since Android 12, but for a moment after a push of
// high priority, in a call, or on the battery allowlist.
func (d *Device) mayStart() bool {
	return d.state == event.Foreground || d.engaged() || d.profile.ServiceFromBackground ||
		!d.timers[pushTimer].IsZero() || d.allowed
}

func (d *Device) refuseService(what string) {
	d.log(event.Warning{
		Rule: event.RuleServiceStart, Note: what + " from the background is not allowed (ForegroundServiceStartNotAllowedException)",
		Hint: "start it on the screen, or while a high-priority push is handled",
	})
}

// startService is Context.startForegroundService: a promise to call
// startForeground soon.
func (d *Device) startService(now time.Time) {
	switch {
	case d.service.asked || d.service.foreground:
	case !d.mayStart():
		d.refuseService("a foreground service")
	default:
		d.service.asked = true
		d.timers[serviceTimer] = now.Add(d.profile.ServiceLimit)
	}
}

// startForeground keeps that promise.
func (d *Device) startForeground(now time.Time) {
	if d.service.asked {
		d.service.asked, d.service.foreground = false, true
		d.timers[serviceTimer] = time.Time{}
		d.fcm.owed = 0 // its notification is one that the user sees
		d.govern(now, "a foreground service")
	}
}

// stopService ends the service. One that never came to the foreground has
// broken its promise at once, as the system sees it.
func (d *Device) stopService(now time.Time) {
	if d.service.asked {
		d.serviceLate(now)
		return
	}
	if d.service.foreground {
		d.service.foreground = false
		d.disengaged(now, "the foreground service has ended")
	}
}

func (d *Device) serviceLate(now time.Time) {
	d.end(now, death{
		rule: event.RuleServiceLate, code: codeNoForeground,
		reason: fmt.Sprintf("startForegroundService was not followed by startForeground within %s", d.profile.ServiceLimit),
	})
}

// callAudio is the audio of a call beginning or ending. An app on Android
// runs it in a foreground service of the type phoneCall, and is taken to do
// so here.
func (d *Device) callAudio(now time.Time, on bool) {
	switch {
	case on && !d.mayStart():
		d.refuseService("the audio of a call")
	case on:
		d.audio = true
		d.govern(now, "a call with audio")
	case d.audio:
		d.audio = false
		d.disengaged(now, "the audio has ended")
	}
}

// reportCall is TelecomManager.addNewIncomingCall of a self-managed
// ConnectionService: the app may run until the call ends, and shows the call
// itself, in a notification.
func (d *Device) reportCall(now time.Time, c system.ReportCall) {
	if d.callIndex(c.ID) < 0 {
		d.service.calls = append(d.service.calls, c.ID)
	}
	d.notify(now, system.Notify{ID: c.ID, Title: "Incoming call", Body: callerOf(c), Sound: d.profile.SoundMax})
	d.govern(now, "an incoming call")
	d.tell(system.CallReported{ID: c.ID})
}

func callerOf(c system.ReportCall) string {
	if c.Name == "" {
		return c.Peer
	}
	return c.Name + "  " + c.Peer
}

// reportEnd is Connection.setDisconnected.
func (d *Device) reportEnd(now time.Time, c system.ReportEnd) {
	i := d.callIndex(c.ID)
	if i < 0 {
		return
	}
	d.service.calls = append(d.service.calls[:i], d.service.calls[i+1:]...)
	d.withdraw(system.Withdraw{ID: c.ID, Missed: c.Why == system.EndedByPeer || c.Why == system.Unanswered})
	d.disengaged(now, "the call has ended")
}

func (d *Device) callIndex(id int) int {
	for i, other := range d.service.calls {
		if other == id {
			return i
		}
	}
	return -1
}
