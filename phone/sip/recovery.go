package sip

import (
	"errors"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

var errNoPong = errors.New("no pong within 10 s of our ping")

// recovery is the wait between failures to register, as a part of the agent.
type recovery struct{ control.Recovery }

func (r *recovery) deadline() time.Time { return r.RetryAt }
func (r *recovery) delay(time.Time)     {} // to try late is no harm

func (r *recovery) advance(a *Agent, s *step) {
	r.RetryAt = time.Time{}
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
	if a.recovery.AtOnce(s.now, wasRegistered) {
		a.connect(s)
		return
	}
	a.backOff(s, 0, why)
}

// backOff waits before the next try, and not less than the server asked for.
func (a *Agent) backOff(s *step, atLeast time.Duration, why error) {
	s.log(a.recovery.BackOff(s.now, a.cfg.Rand, atLeast, why))
}
