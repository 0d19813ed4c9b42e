package xmpp

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// recovery is the wait between failures to sign on.
type recovery struct{ control.Recovery }

func (r *recovery) deadline() time.Time { return r.RetryAt }
func (r *recovery) delay(time.Time)     {} // to try late is no harm

func (r *recovery) advance(a *Agent, s *step) {
	r.RetryAt = time.Time{}
	a.connect(s)
}

// recover opens a new connection, now or later.
func (a *Agent) recover(s *step, known bool, why error) {
	if a.recovery.AtOnce(s.now, known) {
		a.connect(s)
		return
	}
	a.backOff(s, why)
}

// backOff waits before the next try.
func (a *Agent) backOff(s *step, why error) {
	s.log(a.recovery.BackOff(s.now, a.cfg.Rand, 0, why))
}
