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

func (c *call) deadline() time.Time { return c.ringBy }

func (c *call) delay(until time.Time) {
	if !c.ringBy.IsZero() && c.ringBy.Before(until) {
		c.ringBy = until
	}
}

// advance gives up a call that nobody takes back.
func (c *call) advance(a *Agent, s *step) {
	a.send(s, c.says("reject", "expired"))
	a.end(s, c, "timeout", statusTimeout, fmt.Sprintf("nobody answered for %g minutes", maxRing.Minutes()))
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
func (a *Agent) invited(s *step, e *Element, from jid.JID, message *Element) {
	if sid := e.attr("id"); sid == "" || len(sid) > maxID {
		return
	}
	if e.Name == "propose" {
		a.proposed(s, e, from, message)
		return
	}
	c := a.bySID(e.attr("id"))
	own := from.Bare().Equal(a.account.Bare())
	switch {
	case c == nil || from.Equal(a.full):
	case own && !c.up && e.Name != "ringing": // by another phone of ours
		a.end(s, c, "peer", 0, "taken by another phone of this account: "+event.Printable(e.Name))
	case !from.Bare().Equal(c.peer): // somebody else's word counts for nothing
	case e.Name == "retract" && !c.up:
		a.end(s, c, "peer", statusCancelled, "cancelled")
	case e.Name == "finish", e.Name == "retract":
		a.finished(s, c)
	}
}

// proposed takes in a new call.
func (a *Agent) proposed(s *step, e *Element, from jid.JID, message *Element) {
	c := &call{sid: e.attr("id"), peer: from.Bare(), name: nick(message), ringBy: s.In(maxRing)}
	if own := from.Bare().Equal(a.account.Bare()); own || a.bySID(c.sid) != nil {
		return // our own word from another phone, or one that was sent twice
	}
	if len(a.calls) >= a.cfg.MaxCalls || a.conn.Leaving() {
		a.send(s, c.says("reject", "busy"))
		return
	}
	a.lastCall++
	c.id = a.lastCall
	a.calls = append(a.calls, c)
	c.log(s, "incoming")
	s.Notice(control.Offered{ID: c.id, From: c.peer.String(), Name: c.name, NoAudio: true})
	if sent, err := time.Parse(time.RFC3339, message.child(nsDelay, "delay").attr("stamp")); err == nil && s.Now.Sub(sent) > maxRing {
		a.end(s, c, "timeout", statusTimeout, fmt.Sprintf("it was made %s ago, while we could not be reached", event.Round(s.Now.Sub(sent))))
	}
}

// finished is the other end's goodbye. Both ends say it.
func (a *Agent) finished(s *step, c *call) {
	a.send(s, c.says("finish", "success"))
	a.end(s, c, "peer", 0, "")
}

// bounced is a message of ours about a call that could not be delivered: the
// other end is gone.
func (a *Agent) bounced(s *step, e *Element, from jid.JID) {
	if e == nil {
		return
	}
	if c := a.bySID(e.attr("id")); c != nil && from.Bare().Equal(c.peer) {
		a.end(s, c, "peer", statusUnavailable, "the caller cannot be reached")
	}
}

// jingle is a request in the session itself (XEP-0166). We carry no audio, so
// that one cannot be begun; older clients end a call in no other way than by
// ending it.
func (a *Agent) jingle(s *step, iq *Element) {
	j := iq.child(nsJingle, "jingle")
	from, ok := a.sender(iq)
	c := a.bySID(j.attr("sid"))
	switch {
	case !ok || c == nil || !from.Bare().Equal(c.peer):
		a.send(s, refuse(iq, "item-not-found"))
	case j.attr("action") == "session-terminate":
		a.send(s, answer(iq, "result"))
		a.finished(s, c)
	default:
		a.send(s, refuse(iq, "feature-not-implemented"))
	}
}

// Ring tells the caller that the user is being told.
func (a *Agent) Ring(now time.Time, id int) control.Output {
	return a.about(now, id, "ring", func(s *step, c *call) {
		a.send(s, c.says("ringing", ""))
		c.log(s, "ringing")
	})
}

// Answer accepts a call. There is no session to describe.
func (a *Agent) Answer(now time.Time, id int, _ []byte) control.Output {
	return a.about(now, id, "answer", func(s *step, c *call) {
		if c.up {
			return
		}
		a.send(s, c.says("proceed", ""))
		c.up, c.upAt, c.ringBy = true, s.Now, time.Time{}
		c.log(s, "answered")
		c.log(s, "up")
	})
}

// Reject refuses a call.
func (a *Agent) Reject(now time.Time, id, status int) control.Output {
	return a.about(now, id, "reject", func(s *step, c *call) { a.reject(s, c, status) })
}

func (a *Agent) reject(s *step, c *call, status int) {
	a.send(s, c.says("reject", reasonOf(status)))
	a.end(s, c, "us", status, reasonOf(status))
}

// Hangup ends a call, whatever its state.
func (a *Agent) Hangup(now time.Time, id int) control.Output {
	return a.about(now, id, "hang up", func(s *step, c *call) { a.hangup(s, c) })
}

func (a *Agent) hangup(s *step, c *call) {
	if !c.up {
		a.reject(s, c, statusDeclined)
		return
	}
	a.send(s, c.says("finish", "success"))
	a.end(s, c, "us", 0, "")
}

// about does something with a call, or logs that there is none.
func (a *Agent) about(now time.Time, id int, op string, do func(*step, *call)) control.Output {
	s := newStep(now)
	i := slices.IndexFunc(a.calls, func(c *call) bool { return c.id == id })
	if i < 0 {
		s.Log(event.Error{Op: fmt.Sprintf("%s call %d", op, id), Err: "there is no such call", Hint: "it may be over already", Rule: event.RuleNotPossible})
		return s.Out
	}
	do(s, a.calls[i])
	return s.Out
}

func (a *Agent) bySID(sid string) *call {
	for _, c := range a.calls {
		if c.sid == sid {
			return c
		}
	}
	return nil
}

// CallID is what both ends name a call by; "" if there is no such call.
func (a *Agent) CallID(id int) string {
	for _, c := range a.calls {
		if c.id == id {
			return c.sid
		}
	}
	return ""
}

// snapshot is the calls as they are now, for a loop in which some end.
func (a *Agent) snapshot() []*call { return slices.Clone(a.calls) }

// log writes a phase of a call down.
func (c *call) log(s *step, phase string) {
	s.Log(event.Call{ID: c.id, Phase: phase, Peer: c.peer.String(), Name: c.name, CallID: c.sid})
}

// end tells the program and the log that a call is over, and forgets it.
func (a *Agent) end(s *step, c *call, by string, status int, reason string) {
	a.calls = slices.DeleteFunc(a.calls, func(other *call) bool { return other == c })
	e := event.Call{ID: c.id, Phase: "ended", Peer: c.peer.String(), Name: c.name, CallID: c.sid, Status: status, Reason: reason, By: by}
	if c.up {
		e.Lasted = event.Seconds(s.Now.Sub(c.upAt))
	}
	s.Log(e)
	s.Notice(control.Ended{ID: c.id, By: by, Status: status, Reason: reason})
}
