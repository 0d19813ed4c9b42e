package xmpp

import (
	"fmt"
	"slices"
	"time"

	"mellium.im/xmpp/jid"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

const (
	// maxRing is how long a call may ring. Nobody on the way takes back what a
	// caller that is gone has proposed; a proxy of SIP would, after more than
	// three minutes (RFC 3261 §16.6, timer C).
	maxRing = 3 * time.Minute
	// maxID bounds the name of a call (our own number; a UUID has 36
	// characters).
	maxID = 256
)

// A call is a session of Jingle, as far as messages tell of it (XEP-0353).
//
//	propose ─▶ ringing ─▶ proceed ─▶ finish
//	              ├─▶ reject            by us
//	              └─▶ retract           by the caller
//
// It needs no connection of its own: what is said while there is none goes out
// with the next one.
type call struct {
	id     int
	sid    string  // what both ends name it by
	peer   jid.JID // bare
	name   string
	up     bool
	upAt   time.Time
	ringBy time.Time // when it has rung for too long
}

// calls are the calls of an agent. They need no stream: send keeps what is said
// while there is none.
type calls struct {
	account jid.JID
	max     int // at one time
	send    func(s *step, e *Element)
	leaving func() bool // the agent shuts down, and takes no more
	list    []*call     // oldest first
	last    int         // the number of the last one
}

func (c *call) deadline() time.Time { return c.ringBy }

func (c *call) delay(until time.Time) {
	if !c.ringBy.IsZero() && c.ringBy.Before(until) {
		c.ringBy = until
	}
}

// advance gives up a call that nobody takes back.
func (c *call) advance(a *Agent, s *step) { a.calls.expire(s, c) }

// expire gives up a call that nobody takes back.
func (cs *calls) expire(s *step, c *call) {
	cs.send(s, c.says("reject", "expired"))
	cs.end(s, c, "timeout", statusTimeout, fmt.Sprintf("nobody answered for %g minutes", maxRing.Minutes()))
}

// says makes a message about the call to the other end, with a reason if it is
// to have one (XEP-0353 §3: type chat, and a hint to store it).
func (c *call) says(what, reason string) *Element {
	e := element(nsInvite, what, "id", c.sid)
	if reason != "" {
		e.with(element(nsJingle, "reason").with(element(nsJingle, reason)))
	}
	return element(nsClient, "message", "type", "chat", "to", c.peer.String()).with(e, element(nsHints, "store"))
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
		cs.send(s, c.says("reject", "busy"))
		return
	}
	cs.last++
	c.id = cs.last
	cs.list = append(cs.list, c)
	c.log(s, event.CallIncoming)
	s.Notice(control.Offered{ID: c.id, From: c.peer.String(), Name: c.name, NoAudio: true})
	if sent, err := time.Parse(time.RFC3339, message.child(nsDelay, "delay").attr("stamp")); err == nil && s.Now.Sub(sent) > maxRing {
		cs.end(s, c, "timeout", statusTimeout, fmt.Sprintf("it was made %s ago, while we could not be reached", event.Round(s.Now.Sub(sent))))
	}
}

// finished is the other end's goodbye. Both ends say it.
func (cs *calls) finished(s *step, c *call) {
	cs.send(s, c.says("finish", "success"))
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

func (cs *calls) reject(s *step, c *call, status int) {
	cs.send(s, c.says("reject", reasonOf(status)))
	cs.end(s, c, "us", status, reasonOf(status))
}

// hangup ends a call, whatever its state.
func (cs *calls) hangup(s *step, c *call) {
	if !c.up {
		cs.reject(s, c, statusDeclined)
		return
	}
	cs.send(s, c.says("finish", "success"))
	cs.end(s, c, "us", 0, "")
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

// log writes a phase of a call down.
func (c *call) log(s *step, phase event.CallPhase) {
	s.Log(event.Call{ID: c.id, Phase: phase, Peer: c.peer.String(), Name: c.name, CallID: c.sid})
}

// end tells the program and the log that a call is over, and forgets it.
func (cs *calls) end(s *step, c *call, by string, status int, reason string) {
	cs.list = slices.DeleteFunc(cs.list, func(other *call) bool { return other == c })
	e := event.Call{ID: c.id, Phase: event.CallEnded, Peer: c.peer.String(), Name: c.name, CallID: c.sid, Status: status, Reason: reason, By: by}
	if c.up {
		e.Lasted = event.Seconds(s.Now.Sub(c.upAt))
	}
	s.Log(e)
	s.Notice(control.Ended{ID: c.id, By: by, Status: status, Reason: reason})
}
