package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// unacked is our 2xx to an INVITE until its ACK comes. It is repeated by the
// user agent itself, over TCP too, because a proxy on the way may use UDP
// (RFC 3261 §13.3.1.4): after T1, then at intervals that double up to T2, for
// 64*T1.
type unacked struct {
	call *call

	res      *sip.Response // nil if none waits
	way      *wire         // by which the INVITE has come
	initial  bool          // of the INVITE that began the call
	offers   bool          // the offer is in it, so that the ACK has the answer
	interval time.Duration
	next, by time.Time
}

// await begins to wait for the ACK to a 2xx.
func (u *unacked) await(s *step, tx *ServerTransaction, res *sip.Response, initial, offers bool) {
	*u = unacked{call: u.call, res: res, way: tx.way, initial: initial, offers: offers, interval: T1, next: s.In(T1), by: s.In(giveUp)}
}

// drop waits no longer.
func (u *unacked) drop() { *u = unacked{call: u.call} }

func (u *unacked) deadline() time.Time   { return system.Earliest(u.by, u.next) }
func (u *unacked) delay(until time.Time) { control.Delay(until, &u.by) }

func (u *unacked) advance(s *step) {
	switch u.deadline() {
	case u.by:
		u.unconfirmed(s)
	case u.next:
		u.repeat(s)
	}
}

func (u *unacked) repeat(s *step) {
	u.interval = min(2*u.interval, T2)
	u.next = s.In(u.interval)
	way := u.way
	if !way.conn.Up() {
		way = u.call.wire
	}
	way.transmit(s, u.res)
}

// acked takes the ACK to a 2xx of ours. An ACK is never answered; one that
// belongs to nothing is dropped.
func (u *unacked) acked(s *step, req *sip.Request) {
	c := u.call
	if u.res == nil || u.res.CSeq().SeqNo != req.CSeq().SeqNo {
		return
	}
	initial, offered := u.initial, u.offers
	u.drop()
	if c.bye.owed {
		c.bye.send(s)
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

// reanswer answers an INVITE that has come once more, by another flow: the one by which it
// came first is gone, and our 2xx with it. It reports whether it does.
func (u *unacked) reanswer(s *step, tx *ServerTransaction) bool {
	c := u.call
	if u.res == nil || u.res.CSeq().SeqNo != tx.Request.CSeq().SeqNo {
		return false
	}
	res := c.newResponse(tx.Request, u.res.StatusCode)
	for _, h := range u.res.Headers() {
		if len(Fields(res, h.Name())) == 0 {
			res.AppendHeader(sip.HeaderClone(h))
		}
	}
	res.SetBody(u.res.Body())
	u.res, u.way = res, tx.way
	c.respond(s, tx, res)
	return true
}

// implied takes the next INVITE of the peer for the ACK to our 2xx, which was lost: there
// is none before the one before is over (RFC 3261 §14.1, RFC 5407 §3.1.4). Where the ACK
// has the answer to our offer it is waited for.
func (u *unacked) implied(s *step, req *sip.Request) {
	if u.res == nil || u.offers || u.initial || req.CSeq().SeqNo <= u.res.CSeq().SeqNo {
		return
	}
	u.drop()
	s.Notice(control.Confirmed{ID: u.call.id})
}

// unconfirmed is a 2xx without its ACK: the session is ended with a BYE (RFC
// 3261 §13.3.1.4).
func (u *unacked) unconfirmed(s *step) {
	c := u.call
	u.drop()
	const reason = "no ACK within 32 s of our 200 (64*T1)"
	s.Log(event.Error{Op: "answer " + c.peer, Err: reason, Hint: "the ACK was lost, or reached us while we could not read it", Rule: event.RuleUnacknowledged})
	c.end(s, "timeout", sip.StatusRequestTimeout, reason)
	c.bye.send(s)
}
