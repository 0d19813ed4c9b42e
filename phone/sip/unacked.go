package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// unacked is our 2xx to an INVITE until its ACK comes. It is repeated by the
// user agent itself, over TCP too, because a proxy on the way may use UDP
// (RFC 3261 §13.3.1.4): after T1, then at intervals that double up to T2, for
// 64*T1.
type unacked struct {
	res      *sip.Response // nil if none waits
	initial  bool          // of the INVITE that began the call
	offers   bool          // the offer is in it, so that the ACK has the answer
	interval time.Duration
	next, by time.Time
}

func (c *call) awaitAck(s *step, res *sip.Response, initial, offers bool) {
	c.ok = unacked{res: res, initial: initial, offers: offers, interval: T1, next: s.In(T1), by: s.In(giveUp)}
}

func (c *call) repeatOK(s *step) {
	c.ok.interval = min(2*c.ok.interval, T2)
	c.ok.next = s.In(c.ok.interval)
	c.transmit(s, c.ok.res)
}

// acked takes the ACK to a 2xx of ours. An ACK is never answered; one that
// belongs to nothing is dropped.
func (c *call) acked(s *step, req *sip.Request) {
	if c.ok.res == nil || c.ok.res.CSeq().SeqNo != req.CSeq().SeqNo {
		return
	}
	initial, offered := c.ok.initial, c.ok.offers
	c.ok = unacked{}
	if c.byeOwed {
		c.sendBye(s)
		return
	}
	body, bad := c.bodies.read(s, c.peer, req)
	if offered && body == nil && !c.answerMissing(s, initial, bad) {
		return
	}
	if initial {
		c.begin(s)
	}
	s.Notice(control.Confirmed{ID: c.id, Body: body})
	c.change.again(s)
}

// unconfirmed is a 2xx without its ACK: the session is ended with a BYE (RFC
// 3261 §13.3.1.4).
func (c *call) unconfirmed(s *step) {
	c.ok = unacked{}
	const reason = "no ACK within 32 s of our 200 (64*T1)"
	s.Log(event.Error{Op: "answer " + c.peer, Err: reason, Hint: "the ACK was lost, or reached us while we could not read it", Rule: event.RuleUnacknowledged})
	c.end(s, "timeout", sip.StatusRequestTimeout, reason)
	c.sendBye(s)
}
