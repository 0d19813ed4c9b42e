package raw

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The status codes that have words of their own (RFC 3261 §21).
const (
	statusForbidden  = 403
	statusBusyHere   = 486
	statusTerminated = 487
	statusDecline    = 603
)

// reasonOf is the reason phrase of a status that the app chooses.
func reasonOf(status int) string {
	switch status {
	case statusBusyHere:
		return "Busy Here"
	case statusDecline:
		return "Decline"
	}
	return "Temporarily Unavailable"
}

// maxCalls is how many calls there can be at one time; more callers hear busy
// (as the agent of SIP has it).
const maxCalls = 8

// A call is one that the server has announced.
type call struct {
	id       int
	name     string // the caller's
	from     string
	serverID string
	up       bool
	upAt     time.Time
}

// offered takes in a call. One that is announced twice is one.
func (a *Agent) offered(s *step, v values) {
	id := v["id"]
	if slices.ContainsFunc(a.calls, func(c *call) bool { return c.serverID == id }) {
		s.Log(event.Warning{Rule: event.RuleDuplicateInvite, Note: fmt.Sprintf("the server has announced the call %q before", event.Printable(id))})
		return
	}
	if len(a.calls) >= maxCalls || a.conn.Leaving() {
		a.refuse(s, values{"id": id, "reason": "busy"}, busy)
		return
	}
	a.lastCall++
	c := &call{id: a.lastCall, serverID: id, from: v["from"], name: v["name"]}
	a.calls = append(a.calls, c)
	a.logCall(s, c, event.Call{Phase: event.CallIncoming})
	s.Notice(control.Offered{ID: c.id, From: c.from, Name: c.name, NoAudio: true})
}

// takenBack is a call that is over at the other end. Without an id it is the
// oldest.
func (a *Agent) takenBack(s *step, v values) {
	for _, c := range a.calls {
		if _, named := v["id"]; named && c.serverID != v["id"] {
			continue
		}
		n := control.Ended{By: "peer", Reason: v["reason"]}
		if !c.up {
			n.Status, n.Reason = statusTerminated, "cancelled"
		}
		a.over(s, c, n)
		return
	}
}

// Ring tells the server that the phone rings.
func (a *Agent) Ring(now time.Time, id int) control.Output {
	s := newStep(now)
	if c := a.find(s, id, ringing); c != nil {
		a.say(s, ringing, c.values())
		a.logCall(s, c, event.Call{Phase: event.CallRinging})
	}
	return s.Out
}

// Answer accepts a call.
func (a *Agent) Answer(now time.Time, id int, _ []byte) control.Output {
	s := newStep(now)
	if c := a.find(s, id, answer); c != nil && !c.up {
		c.up, c.upAt = true, now
		a.must(s, answer, c.values())
		a.logCall(s, c, event.Call{Phase: event.CallAnswered})
		a.logCall(s, c, event.Call{Phase: event.CallUp})
	}
	return s.Out
}

// Reject refuses a call: busy, where there is a word for it, or declined.
func (a *Agent) Reject(now time.Time, id, status int) control.Output {
	s := newStep(now)
	c := a.find(s, id, decline)
	if c == nil || c.up {
		return s.Out
	}
	v, name := c.values(), decline
	v["reason"] = reasonOf(status)
	if status == statusBusyHere {
		name = busy
	}
	a.refuse(s, v, name)
	a.over(s, c, control.Ended{By: "us", Status: status, Reason: v["reason"]})
	return s.Out
}

func (a *Agent) refuse(s *step, v values, name string) {
	if name == busy && a.say(s, busy, v) {
		return
	}
	a.must(s, decline, v)
}

// Hangup ends a call, whatever its state.
func (a *Agent) Hangup(now time.Time, id int) control.Output {
	s := newStep(now)
	if c := a.find(s, id, hangup); c != nil {
		a.hangUp(s, c)
	}
	return s.Out
}

func (a *Agent) hangUp(s *step, c *call) {
	if c.up {
		a.must(s, hangup, c.values())
		a.over(s, c, control.Ended{By: "us"})
		return
	}
	a.refuse(s, c.values(), decline)
	a.over(s, c, control.Ended{By: "us", Status: statusDecline, Reason: "Decline"})
}

func (a *Agent) hangUpAll(s *step) {
	for len(a.calls) > 0 {
		a.hangUp(s, a.calls[0])
	}
}

// must says a word without which the server does not learn what the user
// chose.
func (a *Agent) must(s *step, name string, v values) {
	if !a.say(s, name, v) {
		s.Log(event.Error{Op: name + " the call", Err: "the protocol has no word for it, so the server does not know", Hint: "app." + name + " in " + a.p.Name + " says how", Rule: event.RuleNoWord})
	}
}

// CallID is what the server and a push name a call by.
func (a *Agent) CallID(id int) string {
	for _, c := range a.calls {
		if c.id == id {
			return c.serverID
		}
	}
	return ""
}

// values are what a word about the call can say.
func (c *call) values() values { return values{"id": c.serverID, "from": c.from} }

// find returns the call with that number, or logs that there is none.
func (a *Agent) find(s *step, id int, op string) *call {
	for _, c := range a.calls {
		if c.id == id {
			return c
		}
	}
	s.Log(event.Error{Op: fmt.Sprintf("%s call %d", op, id), Err: "there is no such call", Hint: "it may be over already", Rule: event.RuleNotPossible})
	return nil
}

func (a *Agent) logCall(s *step, c *call, e event.Call) {
	e.ID, e.Peer, e.Name, e.CallID = c.id, c.from, c.name, c.serverID
	s.Log(e)
}

// over is the end of a call.
func (a *Agent) over(s *step, c *call, n control.Ended) {
	a.calls = slices.DeleteFunc(a.calls, func(other *call) bool { return other == c })
	n.ID = c.id
	e := event.Call{Phase: event.CallEnded, Status: n.Status, Reason: n.Reason, By: n.By}
	if c.up {
		e.Lasted = event.Seconds(s.Now.Sub(c.upAt))
	}
	a.logCall(s, c, e)
	s.Notice(n)
}
