package sip

import (
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// refresh is the moment to refresh the session, or later, if the program
// was stopped meanwhile.
func (t *sessionTimer) refresh(s *step) {
	c := t.call
	due := t.refreshAt
	t.refreshAt = time.Time{}
	if control.Thawed(due, s.Now) {
		t.late = s.Now.Sub(due)
		s.Log(event.Warning{
			Rule: event.RuleRefreshLate, Note: fmt.Sprintf("the refresh of the session with %s was due %g s into its %g s, and comes %g s late", c.peer,
				round(due.Sub(t.since)), round(t.every), round(t.late)),
			Hint: "a program that is suspended refreshes nothing: keep it running while a call is up, or have the other side refresh",
		})
	}
	switch {
	case !s.Now.Before(t.since.Add(t.every)):
		// It is over; expired says so when what lies in the kernel was read.
	case c.change.blocked():
		t.again(s.Now)
	case t.updates:
		c.update.send(s, &c.dialog, nil)
	default:
		c.change.reinvite(s, c.session)
		t.sent = c.change.sent
	}
}

func round(d time.Duration) float64 { return d.Round(100 * time.Millisecond).Seconds() }

// refused is a refresh that was answered, but not 2xx: there is time for
// another.
func (t *sessionTimer) refused(s *step, res *sip.Response) {
	if t.askLonger(s, res) {
		t.refresh(s)
		return
	}
	s.Log(event.Warning{
		Rule: event.RuleChangeRefused, Note: fmt.Sprintf("%s answered the refresh of the session %d %s", t.call.peer, res.StatusCode, event.Printable(res.Reason)),
		Hint: fmt.Sprintf("it is tried again; without one the call ends %g s after the last", round(t.patience())),
	})
	t.again(s.Now)
}

// expired is a session that nobody has refreshed (RFC 4028 §10).
func (t *sessionTimer) expired(s *step) {
	c := t.call
	reason := fmt.Sprintf("no refresh within %g s of the session timer's %g s", round(t.patience()), round(t.every))
	if since := s.Now.Sub(t.since); since > t.every {
		reason = fmt.Sprintf("no refresh for %g s, and the session timer is %g s", round(since), round(t.every))
	}
	hint := "the other side was to refresh it, by UPDATE or re-INVITE, when half of it had passed"
	if t.ours {
		hint = "our refresh was due when half of it had passed; what was answered to it, and did the program run?"
	}
	s.Log(event.Error{Op: "keep the call with " + c.peer, Err: reason, Hint: hint, Rule: event.RuleSessionExpired})
	c.end(s, "timeout", sip.StatusRequestTimeout, reason)
	c.bye.send(s)
}

// unrefreshed says why the peer has given up the call, where our refresh was
// late.
func (t *sessionTimer) unrefreshed(s *step) {
	if t.late == 0 || t.call.over {
		return
	}
	s.Log(event.Error{
		Op: "keep the call with " + t.call.peer, Err: fmt.Sprintf("the peer has given it up: our refresh of the session, which lasts %g s, was %g s late", round(t.every), round(t.late)),
		Hint: "while an app is suspended its timers stand still, and the other side takes the call for dead", Rule: event.RuleSessionExpired,
	})
}
