package sip

import (
	"fmt"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// callState is where a call is.
type callState int

const (
	callWaiting  callState = iota // out: for the flow to open
	callCalling                   // out: the INVITE has no final response
	callIncoming                  // in: we have not answered
	callUp                        // a 2xx has passed
)

// ringInterval is how often an INVITE that rings is answered 180 again, so
// that no proxy on the way gives up (RFC 3261 §13.3.1.1: every minute).
const ringInterval = time.Minute

// A call is an INVITE and the session that comes of it.
//
//	out: waiting ─▶ calling ── 2xx ─▶ up ── BYE ─▶ over
//	in:  incoming ── we answer 2xx ─▶ up ── BYE ─▶ over
//
// A call that is over may linger until its last BYE is answered.
type call struct {
	id     int
	out    bool
	state  callState
	over   bool // the program has been told so
	peer   string
	name   string
	dialog dialog
	upAt   time.Time // when the session began
	phase  string    // the last phase that the log has

	offer       []byte    // out: of the INVITE
	target      sip.Uri   // out: whom we call
	invite      *exchange // out: the INVITE
	provisional bool      // out: some response has come
	cancelled   bool      // out: hung up before there was an answer
	cancelBy    time.Time // out: when we no longer wait for the 487
	forks       []string  // out: remote tags of other answers, hung up

	uas       *ServerTransaction // the peer's INVITE that we have not answered
	ringAgain time.Time
	ok        unacked // our 2xx

	modify   *exchange // our re-INVITE
	retry    []byte    // the offer to try again after a glare
	retryAt  time.Time
	byeOwed  bool // a BYE to be sent when it can be
	byeTries int
}

func (c *call) deadline() time.Time {
	return system.Earliest(c.ok.next, c.ok.by, c.ringAgain, c.cancelBy, c.retryAt)
}

func (c *call) delay(until time.Time) {
	control.Delay(until, &c.ok.by, &c.cancelBy)
}

func (c *call) advance(a *Agent, s *step) {
	switch c.deadline() {
	case c.ok.by:
		a.unconfirmed(s, c)
	case c.ok.next:
		a.repeatOK(s, c)
	case c.ringAgain:
		a.ring(s, c)
	case c.cancelBy:
		a.cancelUnanswered(s, c)
	case c.retryAt:
		c.retryAt = time.Time{}
		a.reinvite(s, c, c.retry)
	}
}

// newCall adds a call to the agent's.
func (a *Agent) newCall(out bool, peer, name string) *call {
	a.lastCall++
	c := &call{id: a.lastCall, out: out, peer: peer, name: name}
	a.calls = append(a.calls, c)
	return c
}

// find returns the call with that number, or logs that there is none.
func (a *Agent) find(s *step, id int, op string) *call {
	for _, c := range a.calls {
		if c.id == id && !c.over {
			return c
		}
	}
	s.Log(event.Error{Op: fmt.Sprintf("%s call %d", op, id), Err: "there is no such call", Hint: "it may be over already", Rule: event.RuleNotPossible})
	return nil
}

// snapshot is the calls as they are now, for a loop in which some may end.
func (a *Agent) snapshot() []*call { return slices.Clone(a.calls) }

// log writes a phase of a call down, each once in a row.
func (c *call) log(s *step, phase string) {
	if c.phase == phase {
		return
	}
	c.phase = phase
	s.Log(event.Call{ID: c.id, Phase: phase, Out: c.out, Peer: c.peer, Name: c.name, CallID: c.dialog.callID})
}

// begin notes that the session is up.
func (c *call) begin(s *step) {
	c.upAt = s.Now
	c.log(s, "up")
}

// end tells the program and the log that a call is over.
func (a *Agent) end(s *step, c *call, by string, status int, reason string) {
	if c.over {
		return
	}
	c.over = true
	c.ringAgain, c.retryAt, c.uas = time.Time{}, time.Time{}, nil
	e := event.Call{
		ID: c.id, Phase: "ended", Out: c.out, Peer: c.peer, Name: c.name, CallID: c.dialog.callID,
		Status: status, Reason: reason, By: by,
	}
	if !c.upAt.IsZero() {
		e.Lasted = event.Seconds(s.Now.Sub(c.upAt))
	}
	s.Log(e)
	s.Notice(control.Ended{ID: c.id, By: by, Status: status, Reason: reason})
}

// remove forgets a call.
func (a *Agent) remove(c *call) {
	a.calls = slices.DeleteFunc(a.calls, func(other *call) bool { return other == c })
	if len(a.calls) == 0 {
		a.calls = nil
	}
}

// resume sends what a call owes, now that the flow is open.
func (a *Agent) resume(s *step, c *call) {
	switch {
	case c.state == callWaiting:
		a.sendInvite(s, c)
	case c.byeOwed && c.ok.res == nil:
		a.sendBye(s, c)
	}
}

// orphan tells a call that the flow failed. A session that is up lives on:
// its audio has a way of its own, and its BYE can take the next flow.
func (a *Agent) orphan(s *step, c *call, err error) {
	switch {
	case c.state == callWaiting || c.state == callIncoming:
		a.end(s, c, "network", 0, err.Error())
		a.remove(c)
	case c.uas != nil:
		c.uas = nil // the re-INVITE went with the flow
	}
}
