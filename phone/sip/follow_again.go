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
