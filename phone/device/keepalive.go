package device

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// keepAlive is the app's keepalive handler.
type keepAlive struct {
	timeout time.Duration // 0: none is installed
	due     time.Time     // the latest time of its next call
	rang    time.Time     // its last call
	ticks   int           // calls since launch
	called  time.Time     // when the call that goes on began; zero: none does
}

// setKeepAlive installs the handler, replaces it, or removes it. What is
// refused changes nothing.
func (d *Device) setKeepAlive(now time.Time, timeout time.Duration) {
	p := &d.profile
	why := ""
	switch {
	case timeout <= 0:
		d.clearKeepAlive("removed by the app")
		d.tell(system.KeepAliveSet{Accepted: true})
		return
	case !p.KeepAlive:
		why = "this system has no keepalive handler"
	case timeout < p.KeepAliveMin:
		why = fmt.Sprintf("the minimum is %g s", p.KeepAliveMin.Seconds())
	}
	if why != "" {
		d.log(event.Keepalive{Phase: "refused", Timeout: event.Seconds(timeout), Why: why})
		d.tell(system.KeepAliveSet{Timeout: timeout})
		return
	}
	d.keepAlive.timeout = timeout
	d.armKeepAlive(now)
	d.log(event.Keepalive{Phase: "installed", Timeout: event.Seconds(timeout), Due: event.Seconds(timeout)})
	d.tell(system.KeepAliveSet{Timeout: timeout, Accepted: true})
}

// armKeepAlive chooses when the handler is called next: never late, but early
// where that suits the system.
func (d *Device) armKeepAlive(now time.Time) {
	k := &d.keepAlive
	k.due = now.Add(k.timeout)
	early := d.profile.KeepAliveEarly * d.rng.Float64()
	d.timers[keepAliveTimer] = k.due.Add(-time.Duration(early * float64(k.timeout)))
}

func (d *Device) clearKeepAlive(why string) {
	d.timers[keepAliveTimer] = time.Time{}
	if k := &d.keepAlive; k.timeout > 0 {
		d.log(event.Keepalive{Phase: "cleared", Timeout: event.Seconds(k.timeout), Why: why})
		k.timeout = 0
	}
}

// tick calls the handler: in a wake of its own, or within what the app is
// running for already.
func (d *Device) tick(now time.Time) {
	early := d.keepAlive.due.Sub(now)
	d.armKeepAlive(now)
	window := d.profile.KeepAliveWindow
	switch d.state {
	case event.Foreground:
		// An app on the screen looks after its connection itself.
		timeout := event.Seconds(d.keepAlive.timeout)
		d.log(event.Keepalive{Phase: "skipped", Timeout: timeout, Due: timeout, Why: "the app is on the screen"})
		return
	case event.Suspended:
		if !d.wakeUp(now, event.ByKeepalive, window) {
			return
		}
		d.handOver(now)
	case event.Awake:
		d.extend(now, now.Add(window))
	}
	k := &d.keepAlive
	k.ticks++
	k.called = now
	d.log(event.Tick{N: k.ticks, Early: event.Seconds(early), Next: event.Seconds(k.timeout)})
	d.tell(system.KeepAlive{})
}

// keepAliveDone is the handler's return. A wake of its own ends with it.
func (d *Device) keepAliveDone(now time.Time) {
	k := &d.keepAlive
	if k.called.IsZero() {
		return
	}
	d.log(event.TickDone{N: k.ticks, Ran: event.Millis(now.Sub(k.called))})
	k.called = time.Time{}
	own := d.wake.cause == event.ByKeepalive || d.wake.cause == event.ByAlarm && d.timers[pushTimer].IsZero()
	if d.state == event.Awake && own {
		d.settle(now, "the keepalive handler has returned")
	}
}
