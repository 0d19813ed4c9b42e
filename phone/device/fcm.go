package device

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// fcm is the device's side of Firebase Cloud Messaging, for the one app. It
// outlives the app's process.
type fcm struct {
	*sink
	p *dozeSettings

	token     string
	stopped   bool          // force-stopped: nothing is delivered until the user opens the app
	queue     []system.Push // of normal priority, for the next window
	delivered int           // pushes so far
	// owed are pushes of high priority of which nobody knows yet whether they
	// show the user something.
	owed      int
	fruitless []time.Time // those that did not
	high      []time.Time // all of the last day
	handled   []handling  // pushes whose handler has not returned
}

// handling is a push whose handler has not returned.
type handling struct {
	id   int
	push system.Push
}

// register is FirebaseMessaging.getToken. The token is the installation's.
func (f *fcm) register(rng *rand.Rand) {
	if f.token == "" {
		f.token = fmt.Sprintf("fcm:%016x%016x", rng.Uint64(), rng.Uint64())
		f.log(event.Push{Phase: event.PushToken, Token: f.token})
	}
	f.kernel(system.OpenPush{Token: f.token})
	f.tell(system.PushToken{Token: f.token})
}

// replace forgets the token: the next register gets another. It reports whether
// there was one.
func (f *fcm) replace() bool {
	had := f.token != ""
	f.token = ""
	return had
}

// keep keeps a push for the next window, if it is to be kept.
func (f *fcm) keep(p system.Push, note string) {
	switch limit := f.p.PushKept; {
	case p.Expires.IsZero():
		f.log(pushEvent(event.PushDropped, p, "it is for now or never, and the app is held back"))
	case len(f.queue) >= limit:
		f.queue = nil
		f.log(pushEvent(event.PushDropped, p, fmt.Sprintf("more than %d messages wait: all are gone", limit)))
	default:
		f.queue = append(f.queue, p)
		f.log(pushEvent(event.PushQueued, p, note))
	}
}

// demotion says why a push of high priority is treated as a normal one; ""
// if it is not. It counts the push against the day's quota, limit in the
// bucket that the app is in; 0: none.
func (f *fcm) demotion(now time.Time, p system.Push, bucket Bucket, limit int) string {
	if !p.High {
		return ""
	}
	f.fruitless = since(f.fruitless, now.Add(-f.p.PushPenaltyPer))
	if f.p.PushPenaltyLimit > 0 && len(f.fruitless) > f.p.PushPenaltyLimit {
		return fmt.Sprintf("treated as normal: %d of high priority showed the user nothing", len(f.fruitless))
	}
	f.high = since(f.high, now.Add(-24*time.Hour))
	if limit > 0 && len(f.high) >= limit {
		return fmt.Sprintf("treated as normal: the bucket %s has %d of high priority a day", bucket, limit)
	}
	f.high = append(f.high, now)
	return ""
}

// since drops the stamps that are not after t.
func since(stamps []time.Time, t time.Time) []time.Time {
	return slices.DeleteFunc(stamps, func(s time.Time) bool { return !s.After(t) })
}

// deliver numbers a push that the app is given.
func (f *fcm) deliver(p system.Push, note string) (id int) {
	f.delivered++
	f.handled = append(f.handled, handling{f.delivered, p})
	f.log(pushEvent(event.PushDelivered, p, note))
	return f.delivered
}

// done is the return of onMessageReceived.
func (f *fcm) done(id int) {
	for i, h := range f.handled {
		if h.id == id {
			f.handled = slices.Delete(f.handled, i, i+1)
			f.log(pushEvent(event.PushHandled, h.push, ""))
			return
		}
	}
}

// waiting takes the pushes that waited.
func (f *fcm) waiting() []system.Push {
	queue := f.queue
	f.queue = nil
	return queue
}

// stop delivers nothing more until the user opens the app.
func (f *fcm) stop(why string) {
	f.stopped = true
	for _, p := range f.queue {
		f.log(pushEvent(event.PushRefused, p, why))
	}
	f.queue = nil
}

// shown is something that the user sees, for which pushes may have come.
func (f *fcm) shown() { f.owed = 0 }

// judge counts the pushes of high priority that showed nothing.
func (f *fcm) judge(now time.Time) {
	for ; f.owed > 0; f.owed-- {
		f.fruitless = append(f.fruitless, now)
		f.log(event.Warning{
			Rule: event.RuleFruitlessPush, Note: fmt.Sprintf("a push of high priority showed the user nothing: %d in seven days", len(f.fruitless)),
			Hint: "show a notification for each, or send with normal priority",
		})
	}
}

// died forgets what the process that ends was to do.
func (f *fcm) died() { f.owed, f.handled = 0, nil }
