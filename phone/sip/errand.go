package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// An errand is for whom a call of ours is made: its peer is called because another has
// asked for it by a REFER, which is told how it goes.
type errand struct {
	call *call
	by   *referral // nil: the call is our own
}

// again has the program make the call again if it ends before it was up, and another flow of
// the account stands. It reports whether it does.
func (e *errand) again(s *step, by string, status int, reason string) bool {
	c, r := e.call, e.by
	failed := by == "network" || by == "timeout" || by == "peer" && status == sip.StatusServiceUnavailable
	if r == nil || r.over || !failed || c.invite.cancelled || !c.upAt.IsZero() || !c.cfg.Flow.Backed() {
		return false
	}
	s.Notice(control.Again{
		ID: c.id,
		Follow: func(now time.Time, agent control.Agent, offer []byte) (int, control.Output, error) {
			return r.followBy(now, agent.(*Agent), offer)
		},
		GiveUp: func(now time.Time) control.Output {
			return r.agent.does(now, func(s *step) { r.ended(s, by, status, reason) })
		},
	})
	return true
}

// reached tells who has asked for the call of a response.
func (e *errand) reached(s *step, res *sip.Response) {
	e.tell(s, func(r *referral, s *step) { r.reached(s, res.StatusCode, res.Reason) })
}

// ended tells who has asked for the call that it is over.
func (e *errand) ended(s *step, by string, status int, reason string) {
	e.tell(s, func(r *referral, s *step) { r.ended(s, by, status, reason) })
}

// tell tells the referral; the agent that has it, if that is another flow's.
func (e *errand) tell(s *step, what func(*referral, *step)) {
	r := e.by
	switch {
	case r == nil:
	case r.client == e.call.client:
		what(r, s)
	default:
		s.hand(r.agent, func(s *step) { what(r, s) })
	}
}
