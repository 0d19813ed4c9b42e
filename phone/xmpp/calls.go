package xmpp

import (
	"fmt"
	"slices"
	"time"

	"mellium.im/xmpp/jid"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// calls are the calls of an agent. They need no stream: send keeps what is sent
// while there is none.
type calls struct {
	account jid.JID
	max     int // at one time
	send    func(s *step, e *Element)
	leaving func() bool // the agent shuts down, and takes no more
	list    []*call     // oldest first
	next    func() int  // numbers a call
}

// deadline is when the first call has rung for too long.
func (cs *calls) deadline() (at time.Time) {
	for _, c := range cs.list {
		at = system.Earliest(at, c.ringBy)
	}
	return at
}

// delay lets no call be given up before until.
func (cs *calls) delay(until time.Time) {
	for _, c := range cs.list {
		control.Delay(until, &c.ringBy)
	}
}

// advance gives up the first call that has rung for too long.
func (cs *calls) advance(s *step) {
	at := cs.deadline()
	if i := slices.IndexFunc(cs.list, func(c *call) bool { return c.ringBy.Equal(at) }); i >= 0 {
		cs.expire(s, cs.list[i])
	}
}

// expire gives up a call that nobody takes back.
func (cs *calls) expire(s *step, c *call) {
	cs.send(s, c.message("reject", "expired"))
	cs.end(s, c, "timeout", statusTimeout, fmt.Sprintf("nobody answered for %g minutes", maxRing.Minutes()))
}

// invited takes in a step of a call.
func (cs *calls) invited(s *step, e *Element, from jid.JID, message *Element) {
	if sid := e.attr("id"); sid == "" || len(sid) > maxID {
		return
	}
	if e.Name == "propose" {
		cs.proposed(s, e, from, message)
		return
	}
	c := cs.bySID(e.attr("id"))
	own := from.Bare().Equal(cs.account.Bare())
	switch {
	case c == nil:
	case own && !c.up && e.Name != "ringing": // by another phone of ours
		c.taken = control.AnsweredElsewhere
		if e.Name == "reject" {
			c.taken = control.DeclinedElsewhere
		}
		cs.end(s, c, "peer", 0, "taken by another phone of this account: "+event.Printable(e.Name))
	case !from.Bare().Equal(c.peer): // somebody else's word counts for nothing
	case e.Name == "retract" && !c.up:
		cs.end(s, c, "peer", statusCancelled, "cancelled")
	case e.Name == "finish", e.Name == "retract":
		cs.finished(s, c)
	}
}

// proposed takes in a new call.
func (cs *calls) proposed(s *step, e *Element, from jid.JID, message *Element) {
	c := &call{sid: e.attr("id"), peer: from.Bare(), name: nick(message), ringBy: s.In(maxRing)}
	if own := from.Bare().Equal(cs.account.Bare()); own || cs.bySID(c.sid) != nil {
		return // our own word from another phone, or one that was sent twice
	}
	if len(cs.list) >= cs.max || cs.leaving() {
		cs.send(s, c.message("reject", "busy"))
		return
	}
	c.id = cs.next()
	cs.list = append(cs.list, c)
	c.log(s, event.CallIncoming)
	s.Notice(control.Offered{ID: c.id, From: c.peer.String(), Name: c.name, CallID: c.sid, NoAudio: true})
	if sent, err := time.Parse(time.RFC3339, message.child(nsDelay, "delay").attr("stamp")); err == nil && s.Now.Sub(sent) > maxRing {
		cs.end(s, c, "timeout", statusTimeout, fmt.Sprintf("it was made %s ago, while we could not be reached", event.Round(s.Now.Sub(sent))))
	}
}

// finished is the other end's goodbye. Both ends send it.
func (cs *calls) finished(s *step, c *call) {
	cs.send(s, c.message("finish", "success"))
	cs.end(s, c, "peer", 0, "")
}

// bounced is a message of ours about a call that could not be delivered: the
// other end is gone.
func (cs *calls) bounced(s *step, e *Element, from jid.JID) {
	if e == nil {
		return
	}
	if c := cs.bySID(e.attr("id")); c != nil && from.Bare().Equal(c.peer) {
		cs.end(s, c, "peer", statusUnavailable, "the caller cannot be reached")
	}
}

// jingle is a request in the session itself (XEP-0166). We carry no audio, so
// that one cannot be begun; older clients end a call in no other way than by
// ending it.
func (cs *calls) jingle(s *step, iq *Element, from jid.JID) {
	j := iq.child(nsJingle, "jingle")
	c := cs.bySID(j.attr("sid"))
	switch {
	case c == nil || !from.Bare().Equal(c.peer):
		cs.send(s, refuse(iq, "item-not-found"))
	case j.attr("action") == "session-terminate":
		cs.send(s, answer(iq, "result"))
		cs.finished(s, c)
	default:
		cs.send(s, refuse(iq, "feature-not-implemented"))
	}
}

// ring tells the caller that the phone rings.
func (cs *calls) ring(s *step, c *call) {
	cs.send(s, c.message("ringing", ""))
	c.log(s, event.CallRinging)
}

// accept answers a call. There is no session to describe.
func (cs *calls) accept(s *step, c *call) {
	if c.up {
		return
	}
	cs.send(s, c.message("proceed", ""))
	c.up, c.upAt, c.ringBy = true, s.Now, time.Time{}
	c.log(s, event.CallAnswered)
	c.log(s, event.CallUp)
}

func (cs *calls) reject(s *step, c *call, status int) {
	cs.send(s, c.message("reject", reasonOf(status)))
	cs.end(s, c, "us", status, reasonOf(status))
}

// hangup ends a call, whatever its state.
func (cs *calls) hangup(s *step, c *call) {
	if !c.up {
		cs.reject(s, c, statusDeclined)
		return
	}
	cs.send(s, c.message("finish", "success"))
	cs.end(s, c, "us", 0, "")
}

// about does something with the call of that number, or logs that there is none.
func (cs *calls) about(now time.Time, id int, op string, do func(*step, *call)) control.Output {
	s := newStep(now)
	if c := cs.byID(id); c != nil {
		do(s, c)
	} else {
		s.Log(event.Error{Op: fmt.Sprintf("%s call %d", op, id), Err: "there is no such call", Hint: "it may be over already", Rule: event.RuleNotPossible})
	}
	return s.Out
}

// byID is the call of that number, nil if there is none.
func (cs *calls) byID(id int) *call {
	for _, c := range cs.list {
		if c.id == id {
			return c
		}
	}
	return nil
}

// bySID is the call of that name, nil if there is none.
func (cs *calls) bySID(sid string) *call {
	for _, c := range cs.list {
		if c.sid == sid {
			return c
		}
	}
	return nil
}

// snapshot is the calls as they are now, for a loop in which some end.
func (cs *calls) snapshot() []*call { return slices.Clone(cs.list) }

// end tells the program and the log that a call is over, and forgets it.
func (cs *calls) end(s *step, c *call, by string, status int, reason string) {
	cs.list = slices.DeleteFunc(cs.list, func(other *call) bool { return other == c })
	e := event.Call{ID: c.id, Phase: event.CallEnded, Peer: c.peer.String(), Name: c.name, CallID: c.sid, Status: status, Reason: reason, By: by, Elsewhere: string(c.taken)}
	if c.up {
		e.Lasted = event.Seconds(s.Now.Sub(c.upAt))
	}
	s.Log(e)
	s.Notice(control.Ended{ID: c.id, By: by, Status: status, Reason: reason, Elsewhere: c.taken})
}
