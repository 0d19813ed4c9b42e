package device

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// keepAlive is the app's keepalive handler: on iOS that of
// setKeepAliveTimeout:handler:, on Android an alarm that repeats.
type keepAlive struct {
	*sink
	*timers
	rng  *rand.Rand
	most float64 // the share of the timeout by which a call may be early

	timeout time.Duration // 0: none is installed
	due     time.Time     // the latest time of its next call
	rang    time.Time     // its last call, of an alarm
	ticks   int           // calls since launch
	called  time.Time     // when the call that goes on began; zero: none does
}

// install installs the handler, or replaces it.
func (k *keepAlive) install(now time.Time, timeout time.Duration) {
	k.timeout = timeout
	k.arm(now)
	k.log(event.Keepalive{Phase: event.KeepaliveInstalled, Timeout: event.Seconds(timeout), Due: event.Seconds(timeout)})
	k.tell(system.KeepAliveSet{Timeout: timeout, Accepted: true})
}

// remove is the app removing the handler.
func (k *keepAlive) remove() {
	k.clear("removed by the app")
	k.tell(system.KeepAliveSet{Accepted: true})
}

// decline refuses a handler. That changes nothing about an earlier one.
func (k *keepAlive) decline(timeout time.Duration, why string) {
	k.log(event.Keepalive{Phase: event.KeepaliveRefused, Timeout: event.Seconds(timeout), Why: why})
	k.tell(system.KeepAliveSet{Timeout: timeout})
}

// absent answers an app on a system that has no keepalive.
func (k *keepAlive) absent(timeout time.Duration) {
	if timeout <= 0 {
		k.remove()
		return
	}
	k.decline(timeout, noKeepAlive)
}

// arm chooses when the handler is called next: never late, but early where
// that suits the system.
func (k *keepAlive) arm(now time.Time) {
	k.due = now.Add(k.timeout)
	early := k.most * k.rng.Float64()
	k.timers[keepAliveTimer] = k.due.Add(-time.Duration(early * float64(k.timeout)))
}

// clear forgets the handler.
func (k *keepAlive) clear(why string) {
	k.stop(keepAliveTimer)
	if k.timeout > 0 {
		k.log(event.Keepalive{Phase: event.KeepaliveCleared, Timeout: event.Seconds(k.timeout), Why: why})
		k.timeout = 0
	}
}

// call calls the handler, which early before it was due.
func (k *keepAlive) call(now time.Time, early time.Duration) {
	k.ticks++
	k.called = now
	k.log(event.Tick{N: k.ticks, Early: event.Seconds(early), Next: event.Seconds(k.timeout)})
	k.tell(system.KeepAlive{})
}

// cut is the app being suspended, in the middle of the handler if that runs.
func (k *keepAlive) cut(now time.Time) {
	if k.called.IsZero() {
		return
	}
	k.log(event.Keepalive{
		Phase: event.KeepaliveCut, Timeout: event.Seconds(k.timeout),
		Why: fmt.Sprintf("the handler has not returned after %s", event.Round(now.Sub(k.called))),
	})
	k.called = time.Time{}
}

// returned is the handler's return; false: it was not being called.
func (k *keepAlive) returned(now time.Time) bool {
	if k.called.IsZero() {
		return false
	}
	k.log(event.TickDone{N: k.ticks, Ran: event.Millis(now.Sub(k.called))})
	k.called = time.Time{}
	return true
}
