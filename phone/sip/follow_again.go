package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// A referral outlives the flow of its REFER as a call does, and the call that is made for
// it may take another flow than it:
//
//	INVITE by flow 1 fails ── Again, Ended ─▶ the program ─┬─ Follow ─▶ INVITE by flow 2
//	                                                       └─ GiveUp ─▶ reported as failed
//
// There is one subscription, which ends as the last INVITE does (RFC 3515 §2.4.5).

// offerAgain has the program make a call again that was asked for by a REFER and ends
// before it was up, if another flow of the account stands. It reports whether it does.
func (c *call) offerAgain(s *step, by string, status int, reason string) bool {
	r := c.referral
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

// followBy makes the call again by another flow.
func (r *referral) followBy(now time.Time, a *Agent, offer []byte) (id int, out control.Output, err error) {
	s := newStep(now)
	c, err := r.make(s, &a.calls, offer)
	if err != nil {
		r.decline(s, sip.StatusServiceUnavailable, err.Error())
		return 0, s.Out, err
	}
	return c.id, s.Out, nil
}

// reached tells the referral that the call is made for of a response.
func (c *call) reached(s *step, res *sip.Response) {
	c.tellReferral(s, func(r *referral, s *step) { r.reached(s, res.StatusCode, res.Reason) })
}

// tellReferral tells the referral that the call is made for how it goes; the agent that
// has it, if that is another flow's.
func (c *call) tellReferral(s *step, tell func(*referral, *step)) {
	r := c.referral
	switch {
	case r == nil:
	case r.client == c.client:
		tell(r, s)
	default:
		s.hand(r.agent, func(s *step) { tell(r, s) })
	}
}

// leaveFollowed gives away the referrals that have been decided on. The program still
// knows the others by their numbers.
func (t *transfers) leaveFollowed() []*referral {
	return takeOut(&t.taken, func(r *referral) bool { return r.over || r.next != nil })
}

// inherit goes on with a referral of another flow.
func (t *transfers) inherit(s *step, r *referral) {
	r.transfers = t
	t.taken = append(t.taken, r)
	r.sendReport(s)
}
