package device

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Pushes that come late, or not at all, to an iPhone of today.

// staleAge is from when on a push that was to be tried once is remarkable: it
// was on its way for longer than a service takes.
const staleAge = 10 * time.Second

// late reports whether the system finds a push too late to be a call (iOS 26.4).
func (k *pushKit) late(now time.Time, p system.Push) bool {
	return k.p.PushMustReport && !p.Sent.IsZero() && now.Sub(p.Sent) >= k.p.PushViable
}

// mustReport is PKVoIPPushMetadata.mustReport; before iOS 26.4 there was none, and an
// app had to report each push to be safe.
func (k *pushKit) mustReport(q duty) bool {
	return !q.push.Background && (!k.p.PushMustReport || !q.exempt)
}

// warnMustReport says that an app reports a call for a push that need not be one.
func (k *pushKit) warnMustReport() {
	if k.duties.onlyLate() {
		k.log(event.Warning{
			Rule: event.RuleMustReport, Note: "a call is reported for a push whose mustReport is false: it came too late to be one",
			Hint: "look at PKVoIPPushMetadata.mustReport, and ask the server before the call rings",
		})
	}
}

// pushesSleep reports whether the device has lain locked for so long that its
// connection to the push service is not kept.
func (k *pushKit) pushesSleep(now time.Time) bool {
	return k.p.PushIdleAfter > 0 && k.locked && !k.audio && now.Sub(k.idleSince) >= k.p.PushIdleAfter
}

// warnIdle says that a push has not come because of that.
func (k *pushKit) warnIdle(why string) {
	k.log(event.Warning{
		Rule: event.RulePushIdle, Note: "a push has not come: " + why,
		Hint: "nothing on the device helps; have the server try again, and ring another phone of the user too",
	})
}

// warnStale says that a push which was to be delivered at once or never has come
// all the same, late.
func (k *pushKit) warnStale(now time.Time, p system.Push) {
	if age := now.Sub(p.Sent); p.Expires.IsZero() && !p.Sent.IsZero() && age >= staleAge {
		k.log(event.Warning{
			Rule: event.RuleStalePush, Note: fmt.Sprintf("a push that was to come at once or never has come after %s", event.Round(age)),
			Hint: "ask the server whether the call still is, and end it at once if not",
		})
	}
}

func (k *pushKit) screenLocked(now time.Time) {
	k.idleSince = now
	k.local.lock(now, true)
	k.apple.screenLocked(now)
}
