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

// reasonOf returns the reason phrase of a status that the app chooses.
func reasonOf(status int) string {
	switch status {
	case statusBusyHere:
		return "Busy Here"
	case statusDecline:
		return "Decline"
	}
	return "Temporarily Unavailable"
}

// maxCalls is how many calls there can be at a time; further callers get busy
// (as in the agent of SIP).
const maxCalls = 8

// calls are the calls of an agent.
type calls struct {
	*wire
	list []*call    // oldest first
	next func() int // numbers a call
}

// A call is one that the server has announced.
type call struct {
	id       int
	name     string // the caller's
	from     string
	serverID string
	up       bool
	upAt     time.Time
}

// values returns the values for a word about the call.
func (c *call) values() values { return values{"id": c.serverID, "from": c.from} }

// log writes a step of the call down.
func (c *call) log(s *step, e event.Call) {
	e.ID, e.Peer, e.Name, e.CallID = c.id, c.from, c.name, c.serverID
	s.Log(e)
}

// offered handles an announced call. A call that is announced twice counts
// once.
func (cs *calls) offered(s *step, v values) {
	id := v["id"]
	if slices.ContainsFunc(cs.list, func(c *call) bool { return c.serverID == id }) {
		s.Log(event.Warning{Rule: event.RuleDuplicateInvite, Note: fmt.Sprintf("the server has announced the call %q before", event.Printable(id))})
		return
	}
	if len(cs.list) >= maxCalls || cs.conn.Leaving() {
		cs.refuse(s, values{"id": id, "reason": "busy"}, busy)
		return
	}
	c := &call{id: cs.next(), serverID: id, from: v["from"], name: v["name"]}
	cs.list = append(cs.list, c)
	c.log(s, event.Call{Phase: event.CallIncoming})
	s.Notice(control.Offered{ID: c.id, From: c.from, Name: c.name, CallID: id, NoAudio: true})
}

// takenBack handles a call that is over at the other end. Without an id it is
// the oldest.
func (cs *calls) takenBack(s *step, v values) {
	for _, c := range cs.list {
		if _, named := v["id"]; named && c.serverID != v["id"] {
			continue
		}
		n := control.Ended{By: "peer", Reason: v["reason"]}
		if !c.up {
			n.Status, n.Reason = statusTerminated, "cancelled"
		}
		cs.over(s, c, n)
		return
	}
}

// ring tells the server that the phone rings.
func (cs *calls) ring(s *step, id int) {
	if c := cs.find(s, id, ringing); c != nil {
		cs.say(s, ringing, c.values())
		c.log(s, event.Call{Phase: event.CallRinging})
	}
}

// accept answers a call.
func (cs *calls) accept(s *step, id int) {
	if c := cs.find(s, id, answer); c != nil && !c.up {
		c.up, c.upAt = true, s.Now
		cs.must(s, answer, c.values())
		c.log(s, event.Call{Phase: event.CallAnswered})
		c.log(s, event.Call{Phase: event.CallUp})
	}
}

// reject refuses a call: busy, where there is a word for it, or declined.
func (cs *calls) reject(s *step, id, status int) {
	c := cs.find(s, id, decline)
	if c == nil || c.up {
		return
	}
	v, name := c.values(), decline
	v["reason"] = reasonOf(status)
	if status == statusBusyHere {
		name = busy
	}
	cs.refuse(s, v, name)
	cs.over(s, c, control.Ended{By: "us", Status: status, Reason: v["reason"]})
}

func (cs *calls) refuse(s *step, v values, name string) {
	if name == busy && cs.say(s, busy, v) {
		return
	}
	cs.must(s, decline, v)
}

func (cs *calls) hangUp(s *step, c *call) {
	if c.up {
		cs.must(s, hangup, c.values())
		cs.over(s, c, control.Ended{By: "us"})
		return
	}
	cs.refuse(s, c.values(), decline)
	cs.over(s, c, control.Ended{By: "us", Status: statusDecline, Reason: "Decline"})
}

func (cs *calls) hangUpAll(s *step) {
	for len(cs.list) > 0 {
		cs.hangUp(s, cs.list[0])
	}
}

// byID is the call with that number, nil if there is none.
func (cs *calls) byID(id int) *call {
	for _, c := range cs.list {
		if c.id == id {
			return c
		}
	}
	return nil
}

// find is byID that logs if there is none.
func (cs *calls) find(s *step, id int, op string) *call {
	if c := cs.byID(id); c != nil {
		return c
	}
	s.Log(event.Error{Op: fmt.Sprintf("%s call %d", op, id), Err: "there is no such call", Hint: "it may be over already", Rule: event.RuleNotPossible})
	return nil
}

// over ends a call.
func (cs *calls) over(s *step, c *call, n control.Ended) {
	cs.list = slices.DeleteFunc(cs.list, func(other *call) bool { return other == c })
	n.ID = c.id
	e := event.Call{Phase: event.CallEnded, Status: n.Status, Reason: n.Reason, By: n.By}
	if c.up {
		e.Lasted = event.Seconds(s.Now.Sub(c.upAt))
	}
	c.log(s, e)
	s.Notice(n)
}

// lost ends every call with the connection.
func (cs *calls) lost(s *step, err error) {
	for len(cs.list) > 0 {
		cs.over(s, cs.list[0], control.Ended{By: "network", Reason: err.Error()})
	}
}
