package xmpp

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Ring tells the caller that the phone rings.
func (a *Agent) Ring(now time.Time, id int) control.Output {
	return a.about(now, id, "ring", func(s *step, c *call) {
		a.calls.send(s, c.says("ringing", ""))
		c.log(s, event.CallRinging)
	})
}

// Answer accepts a call. There is no session to describe.
func (a *Agent) Answer(now time.Time, id int, _ []byte) control.Output {
	return a.about(now, id, "answer", func(s *step, c *call) {
		if c.up {
			return
		}
		a.calls.send(s, c.says("proceed", ""))
		c.up, c.upAt, c.ringBy = true, s.Now, time.Time{}
		c.log(s, event.CallAnswered)
		c.log(s, event.CallUp)
	})
}

// Reject refuses a call.
func (a *Agent) Reject(now time.Time, id, status int) control.Output {
	return a.about(now, id, "reject", func(s *step, c *call) { a.calls.reject(s, c, status) })
}

// Hangup ends a call, whatever its state.
func (a *Agent) Hangup(now time.Time, id int) control.Output {
	return a.about(now, id, "hang up", func(s *step, c *call) { a.calls.hangup(s, c) })
}

// about does something with a call, or logs that there is none.
func (a *Agent) about(now time.Time, id int, op string, do func(*step, *call)) control.Output {
	s := newStep(now)
	i := slices.IndexFunc(a.calls.list, func(c *call) bool { return c.id == id })
	if i < 0 {
		s.Log(event.Error{Op: fmt.Sprintf("%s call %d", op, id), Err: "there is no such call", Hint: "it may be over already", Rule: event.RuleNotPossible})
		return s.Out
	}
	do(s, a.calls.list[i])
	return s.Out
}

// CallID is what both ends name a call by; "" if there is no such call.
func (a *Agent) CallID(id int) string {
	for _, c := range a.calls.list {
		if c.id == id {
			return c.sid
		}
	}
	return ""
}
