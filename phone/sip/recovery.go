package sip

import (
	"errors"
	"time"

	"sleeptalk/phone/event"
)

// The numbers of flow recovery (RFC 5626 §4.5). There is only one flow, so
// base-time is that of "all flows have failed".
const (
	recoveryBase = 30 * time.Second
	recoveryMax  = 1800 * time.Second
	// recoveryQuiet is how often, at most, a flow is formed again at once
	// (our own number): a server that grants each registration and then
	// closes the connection must not be hammered.
	recoveryQuiet = 10 * time.Second
)

var errNoPong = errors.New("no pong within 10 s of our ping")

// recovery is the wait between failures to register (RFC 5626 §4.5). A flow
// that had carried a registration is formed again at once; everything else
// waits, longer with each failure in a row.
type recovery struct {
	failures int // since the last registration that was granted
	retryAt  time.Time
	last     time.Time // when a flow was last formed again at once
}

func (r *recovery) deadline() time.Time { return r.retryAt }
func (r *recovery) delay(time.Time)     {} // to try late is no harm

func (r *recovery) advance(a *Agent, s *step) {
	r.retryAt = time.Time{}
	if a.reg.wanted && a.flow.state == flowOpen {
		a.sendRegister(s)
		return
	}
	if a.needsFlow() {
		a.connect(s)
	}
}

// recover forms a new flow, now or later.
func (a *Agent) recover(s *step, wasRegistered bool, why error) {
	r := &a.recovery
	if wasRegistered && (r.last.IsZero() || s.now.Sub(r.last) >= recoveryQuiet) {
		r.last = s.now
		a.connect(s)
		return
	}
	a.backOff(s, 0, why)
}

// backOff waits before the next try: between half and all of
// base * 2^failures, and not less than the server asked for.
func (a *Agent) backOff(s *step, atLeast time.Duration, why error) {
	r := &a.recovery
	r.failures++
	bound := recoveryMax
	if r.failures < 6 { // 30 s * 2^6 is above the maximum
		bound = recoveryBase << r.failures
	}
	wait := max(a.between(bound/2, bound), atLeast)
	r.retryAt = s.in(wait)
	s.log(event.Recovery{Failures: r.failures, Wait: event.Seconds(wait), Why: why.Error()})
}
