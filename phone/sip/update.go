package sip

import (
	"strconv"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// update is what changes a session without an INVITE (RFC 3311): an UPDATE of
// ours, and an offer of the peer's in its UPDATE or PRACK that we have not
// answered. There is one of each at a time.
type update struct {
	call *call

	asked *ServerTransaction
	fork  *early // that it came in; nil: in the call's own dialog
	sent  *exchange
	offer []byte // in ours; nil: it only refreshes
}

// offers reports whether our offer waits for its answer.
func (u *update) offers() bool { return u.sent != nil && u.offer != nil }

// drop ends whatever is under way.
func (u *update) drop() { *u = update{call: u.call} }

// take ends the wait of the peer's offer, and returns where it came.
func (u *update) take() (tx *ServerTransaction, e *early) {
	tx, e = u.asked, u.fork
	u.asked, u.fork = nil, nil
	return tx, e
}

// done ends our UPDATE, and returns what it has offered.
func (u *update) done() (offer []byte) {
	offer = u.offer
	u.sent, u.offer = nil, nil
	return offer
}

// collides is the status by which an offer of the peer is refused now, outside
// of an INVITE; 0 if it is not (RFC 3311 §5.2).
func (u *update) collides(e *early) int {
	c := u.call
	switch {
	case c.change.sent != nil, u.offers(), c.ok.offers, c.rel.offers(), e != nil && !e.agreed:
		return sip.StatusRequestPending // ours waits for its answer
	case u.asked != nil, c.uas != nil && !c.rel.agreed:
		return sip.StatusInternalServerError // theirs does
	}
	return 0
}

// received takes an UPDATE, in the early dialog e or, if that is nil, in the
// call's own.
func (u *update) received(s *step, tx *ServerTransaction, e *early) {
	c := u.call
	doubtSession(s, c.peer, tx.Request)
	switch req := tx.Request; {
	case c.cfg.tooBrief(req):
		c.turnAway(s, tx, statusTooBrief, timerBrief, c.cfg.minSE())
	default:
		u.offered(s, tx, e)
	}
}

// offered takes an UPDATE or a PRACK: an offer in it is answered by the program.
func (u *update) offered(s *step, tx *ServerTransaction, e *early) {
	c := u.call
	offer, bad := c.bodies.read(s, c.peer, tx.Request)
	switch {
	case bad != nil:
		c.refuseBody(s, tx, bad)
		return
	case offer == nil:
		u.accept(s, tx, e, nil)
		return
	}
	if status := u.collides(e); status != 0 {
		c.collided(s, tx, status)
		return
	}
	u.asked, u.fork = tx, e
	s.Notice(control.Modify{ID: c.id, Body: offer})
}

// collided refuses an offer that comes at the wrong moment. A 500 says when to
// try again (RFC 3261 §14.2, RFC 3311 §5.2).
func (w *wire) collided(s *step, tx *ServerTransaction, status int) {
	if status == sip.StatusInternalServerError {
		w.turnAway(s, tx, status, theirsWaits, sip.NewHeader("Retry-After", strconv.Itoa(w.cfg.Rand.IntN(11))))
		return
	}
	w.turnAway(s, tx, status, oursWaits)
}

// answer accepts the offer of an UPDATE or a PRACK.
func (u *update) answer(s *step, sdp []byte) {
	tx, e := u.take()
	u.call.session = sdp
	if e != nil {
		e.session, _, _ = SDPOf(tx.Request)
	}
	u.accept(s, tx, e, sdp)
}

// reject refuses it: the session goes on as it was.
func (u *update) reject(s *step, status int, why ...sip.Header) {
	c := u.call
	tx, _ := u.take()
	c.respond(s, tx, c.newResponse(tx.Request, status, why...))
}

// accept answers 200 to an UPDATE or a PRACK. Where that offers nothing, nor is there
// an answer.
func (u *update) accept(s *step, tx *ServerTransaction, e *early, sdp []byte) {
	c := u.call
	res := c.newResponse(tx.Request, sip.StatusOK)
	u.agree(s, tx.Request, res, e)
	c.finish(res, sdp)
	c.respond(s, tx, res)
}

// agree takes over what an UPDATE says besides its offer: the peer's target,
// and the session timer of a session that is up.
func (u *update) agree(s *step, req *sip.Request, res *sip.Response, e *early) {
	switch {
	case req.Method != sip.UPDATE:
	case e != nil:
		e.dialog.refresh(req)
	default:
		u.call.dialog.refresh(req)
		u.call.timer.grant(s, req, res)
	}
}

// send changes a session by UPDATE, or refreshes it where nothing is offered.
func (u *update) send(s *step, d *dialog, offer []byte) {
	c := u.call
	d.localSeq++
	req := c.inDialog(d, sip.UPDATE, d.localSeq)
	c.describeRequest(req)
	if c.state == callUp {
		c.timer.ask(req)
	}
	c.finish(req, offer)
	u.sent, u.offer = &exchange{purpose: toUpdate, user: c, cseq: &d.localSeq}, offer
	c.authorize(req)
	c.send(s, u.sent, req)
}

// answered takes a response to our UPDATE.
func (u *update) answered(s *step, x *exchange, res *sip.Response) {
	c := u.call
	if res.IsProvisional() || u.sent != x {
		return
	}
	offer := u.done()
	switch {
	case c.over:
	case !res.IsSuccess():
		c.change.refused(s, x.tx.Request, res)
	default:
		c.early.dialogOf(res).refresh(res)
		if c.state == callUp {
			c.timer.granted(s, res)
		}
		if offer != nil {
			c.change.made(offer)
			body, _ := c.bodies.read(s, c.peer, res)
			s.Notice(control.Modified{ID: c.id, Body: body})
		}
	}
}

// failed is an UPDATE without an answer.
func (u *update) failed(s *step, x *exchange, err error) {
	c := u.call
	if u.sent != x || c.over {
		return
	}
	c.change.lost(s, err, u.done() != nil)
}

// early is the early dialog that an unanswered call can be changed in now, nil if it
// cannot: the one that is heard, if both ends have agreed on a session there, and the
// peer takes UPDATE.
func (u *update) early() *early {
	c := u.call
	e := c.early.playing
	if c.state != callCalling || e == nil || !e.agreed || !e.updates || u.sent != nil || u.asked != nil {
		return nil
	}
	return e
}

// outrun drops what was under way in a fork other than e: the call is not with it,
// and what it says from now on is about nothing.
func (u *update) outrun(s *step, e *early) {
	c := u.call
	if u.asked != nil && u.fork != e {
		unask(s, c.id)
		u.reject(s, sip.StatusCallTransactionDoesNotExists)
	}
	if u.sent == nil || c.early.counts(u.sent) {
		return
	}
	if u.done() != nil {
		c.change.offer = nil
		s.Notice(control.ModifyFailed{ID: c.id, Status: sip.StatusCallTransactionDoesNotExists, Reason: Reason(sip.StatusCallTransactionDoesNotExists)})
	}
}

// describeRequest adds what a request says of us that refreshes or makes a
// dialog.
func (cl *client) describeRequest(req *sip.Request) {
	req.AppendHeader(sip.NewHeader("Contact", cl.dialogContact()))
	req.AppendHeader(sip.NewHeader("Allow", allowed))
	req.AppendHeader(sip.NewHeader("Accept", sessionType))
	cl.cfg.supported(req)
}
