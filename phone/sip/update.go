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
	asked *ServerTransaction
	fork  *early // that it came in; nil: in the call's own dialog
	sent  *exchange
	offer []byte // in ours; nil: it only refreshes
}

// offers reports whether our offer waits for its answer.
func (u *update) offers() bool { return u.sent != nil && u.offer != nil }

// collides is the status by which an offer of the peer is refused now, outside
// of an INVITE; 0 if it is not (RFC 3311 §5.2).
func (c *call) collides(e *early) int {
	switch {
	case c.modify != nil, c.update.offers(), c.ok.offers, c.rel.offers(), e != nil && !e.agreed:
		return sip.StatusRequestPending // ours waits for its answer
	case c.update.asked != nil, c.uas != nil && !c.rel.agreed:
		return sip.StatusInternalServerError // theirs does
	}
	return 0
}

// updated takes an UPDATE, in the early dialog e or, if that is nil, in the
// call's own.
func (c *call) updated(s *step, tx *ServerTransaction, e *early) {
	switch req := tx.Request; {
	case c.over:
		c.reply(s, tx, sip.StatusCallTransactionDoesNotExists)
	case c.cfg.tooBrief(req):
		c.respond(s, tx, c.newResponse(req, statusTooBrief, c.cfg.minSE()))
	default:
		c.reoffer(s, tx, e)
	}
}

// reoffer takes an UPDATE or a PRACK: an offer in it is answered by the program.
func (c *call) reoffer(s *step, tx *ServerTransaction, e *early) {
	offer, bad := c.bodies.read(s, c.peer, tx.Request)
	switch {
	case bad != nil:
		refuseBody(s, c.peer, bad)
		c.reply(s, tx, sip.StatusUnsupportedMediaType, bad.Field)
		return
	case offer == nil:
		c.respondIn(s, tx, e)
		return
	}
	if status := c.collides(e); status != 0 {
		c.respond(s, tx, c.pending(tx.Request, status))
		return
	}
	c.update.asked, c.update.fork = tx, e
	s.Notice(control.Modify{ID: c.id, Body: offer})
}

// pending refuses an offer that comes at the wrong moment. A 500 says when to
// try again (RFC 3261 §14.2, RFC 3311 §5.2).
func (c *call) pending(req *sip.Request, status int) *sip.Response {
	if status == sip.StatusInternalServerError {
		return c.newResponse(req, status, sip.NewHeader("Retry-After", strconv.Itoa(c.cfg.Rand.IntN(11))))
	}
	return c.newResponse(req, status)
}

// answerUpdate accepts the offer of an UPDATE or a PRACK.
func (c *call) answerUpdate(s *step, sdp []byte) {
	tx, e := c.update.asked, c.update.fork
	c.update.asked, c.update.fork = nil, nil
	c.session = sdp
	if e != nil {
		e.session, _, _ = SDPOf(tx.Request)
	}
	res := c.newResponse(tx.Request, sip.StatusOK)
	c.agreeOn(s, tx.Request, res, e)
	c.finish(res, sdp)
	c.respond(s, tx, res)
}

// rejectUpdate refuses it: the session goes on as it was.
func (c *call) rejectUpdate(s *step, status int, why ...sip.Header) {
	tx := c.update.asked
	c.update.asked, c.update.fork = nil, nil
	c.respond(s, tx, c.newResponse(tx.Request, status, why...))
}

// respondIn answers 200 to an UPDATE or a PRACK that offers nothing.
func (c *call) respondIn(s *step, tx *ServerTransaction, e *early) {
	res := c.newResponse(tx.Request, sip.StatusOK)
	c.agreeOn(s, tx.Request, res, e)
	c.finish(res, nil)
	c.respond(s, tx, res)
}

// agreeOn takes over what an UPDATE says besides its offer: the peer's target,
// and the session timer of a session that is up.
func (c *call) agreeOn(s *step, req *sip.Request, res *sip.Response, e *early) {
	switch {
	case req.Method != sip.UPDATE:
	case e != nil:
		e.dialog.refresh(req)
	default:
		c.dialog.refresh(req)
		c.timer.grant(s, req, res)
	}
}

// sendUpdate changes a session by UPDATE, or refreshes it where nothing is
// offered.
func (c *call) sendUpdate(s *step, d *dialog, offer []byte) {
	d.localSeq++
	req := c.inDialog(d, sip.UPDATE, d.localSeq)
	c.describeRequest(req)
	if c.state == callUp {
		c.timer.ask(req)
	}
	c.finish(req, offer)
	c.update.sent, c.update.offer = &exchange{purpose: toUpdate, user: c, cseq: &d.localSeq}, offer
	c.authorize(req)
	c.send(s, c.update.sent, req)
}

// updateAnswered takes a response to our UPDATE.
func (c *call) updateAnswered(s *step, x *exchange, res *sip.Response) {
	if res.IsProvisional() || c.update.sent != x {
		return
	}
	offer := c.update.offer
	c.update.sent, c.update.offer = nil, nil
	switch {
	case c.over:
	case !res.IsSuccess():
		c.changeRefused(s, x.tx.Request, res)
	default:
		c.dialogWith(res).refresh(res)
		if c.state == callUp {
			c.timer.granted(s, res)
		}
		if offer != nil {
			c.session, c.change.offer, c.change.glares = offer, nil, 0
			body, _ := c.bodies.read(s, c.peer, res)
			s.Notice(control.Modified{ID: c.id, Body: body})
		}
	}
}

// dialogWith is the dialog that a response is in: an early one while the call is
// not answered.
func (c *call) dialogWith(m sip.Message) *dialog {
	tag, _ := m.To().Params.Get("tag")
	if e := c.invite.earlyOf(tag); e != nil && c.state == callCalling {
		return &e.dialog
	}
	return &c.dialog
}

// updateFailed is an UPDATE without an answer.
func (c *call) updateFailed(s *step, x *exchange, err error) {
	if c.update.sent != x || c.over {
		return
	}
	offered := c.update.offers()
	c.update.sent, c.update.offer = nil, nil
	c.changeFailed(s, err, offered)
}

// earlyChange reports whether an unanswered call can be changed now, by UPDATE
// in the early dialog that is heard: both ends have agreed on a session there,
// and the peer takes it.
func (c *call) earlyChange() *early {
	e := c.invite.playing
	if c.state != callCalling || e == nil || !e.agreed || !e.updates || c.update.sent != nil || c.update.asked != nil {
		return nil
	}
	return e
}

// describeRequest adds what a request says of us that refreshes or makes a
// dialog.
func (cl *client) describeRequest(req *sip.Request) {
	req.AppendHeader(sip.NewHeader("Contact", cl.dialogContact()))
	req.AppendHeader(sip.NewHeader("Allow", allowed))
	req.AppendHeader(sip.NewHeader("Accept", sessionType))
	cl.cfg.supported(req)
}
