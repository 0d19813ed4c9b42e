package device

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The rules for calls that came with Android 14 and 17: each lets a call go
// through that its user does not see, hear, or keep.

// codeShortService is what the system ends an app with whose short service did not
// stop in time.
const codeShortService = "FOREGROUND_SERVICE_TYPE_SHORT_SERVICE"

// warnHeadsUp has a call ring as a heads-up notification where the app may not
// open its screen over the lock screen (USE_FULL_SCREEN_INTENT).
func (a *android) warnHeadsUp(now time.Time, id int) {
	if a.p.FullScreenIntent || !a.locked || !a.tray.ringsUntil(id, now.Add(a.p.HeadsUpTime)) {
		return
	}
	a.log(event.Warning{
		Rule: event.RuleFullScreenRefused, Note: fmt.Sprintf("the call is a heads-up notification for %s on the locked device: USE_FULL_SCREEN_INTENT is revoked", event.Round(a.p.HeadsUpTime)),
		Hint: "NotificationManager.canUseFullScreenIntent, and ask the user by ACTION_MANAGE_APP_USE_FULL_SCREEN_INTENT",
	})
}

// limit starts the clock of a call's service that the manifest does not
// declare as one: it runs as a short service.
func (s *service) limit(now time.Time) {
	if !s.p.ServicePhoneCall && s.p.ServiceShort > 0 && s.timers[shortTimer].IsZero() {
		s.warned = false
		s.timers[shortTimer] = now.Add(s.p.ServiceShort)
	}
}

// unlimit stops it, when neither the service nor a call's audio is left.
func (s *service) unlimit(audio bool) {
	if !audio && !s.foreground {
		s.stop(shortTimer)
	}
}

// timedOut is Service.onTimeout, and reports whether that was long ago.
func (s *service) timedOut(now time.Time) (longAgo bool) {
	if s.warned {
		return true
	}
	s.warned = true
	s.timers[shortTimer] = now.Add(s.p.ServiceShortGrace)
	s.log(event.Warning{
		Rule: event.RuleServiceType, Note: fmt.Sprintf("the call's foreground service runs as a short service, and its %s are over (onTimeout)", event.Round(s.p.ServiceShort)),
		Hint: `android:foregroundServiceType="phoneCall" in the manifest`,
	})
	return false
}

// shortServiceOver ends an app that has not stopped its service when that timed out.
func (a *android) shortServiceOver(now time.Time) {
	if !a.service.timedOut(now) {
		return
	}
	a.end(now, death{
		rule: event.RuleServiceType, code: codeShortService,
		reason: "a foreground service of the type SHORT_SERVICE did not stop within its timeout",
	})
}

// deniesAudio reports whether the system ignores the audio that the app starts now:
// it is not on the screen, the user has had no part in it, and Telecom knows of no call.
func (a *android) deniesAudio() bool {
	return a.p.AudioInUse && a.state != event.Foreground && len(a.service.calls) == 0
}

// hearing is what the system lets be heard of the app, and the app hear.
type hearing struct {
	*sink
	denied bool // nothing, and the app is not told
}

// deny has the system play nothing of the app, or play it again.
func (h *hearing) deny(on bool) {
	if h.denied == on {
		return
	}
	h.denied = on
	h.tell(system.AudioSilenced{On: on})
	if on {
		h.log(event.Warning{
			Rule: event.RuleBackgroundAudio, Note: "the system plays nothing of the app and gives it no microphone, without an error: it started audio off the screen, without while-in-use",
			Hint: "report the call to Telecom, or start the service while the app is visible or on the user's tap",
		})
	}
}
