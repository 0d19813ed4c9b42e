package sip

import (
	"errors"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

func (c *call) sendInvite(s *step) {
	c.state, c.invite.moving = callCalling, false
	c.dialog.routes = c.preloaded()
	c.session = c.invite.offer
	c.sendOut(s)
}

// sendOut sends the INVITE, perhaps not for the first time.
func (c *call) sendOut(s *step) {
	c.early.leave(s)
	c.invite.begin(s)
	c.invite.sent.anew = c.early.leave
}

// inviteAnswered takes a response to our INVITE.
func (c *call) inviteAnswered(s *step, x *exchange, res *sip.Response) {
	switch {
	case res.IsProvisional():
		c.progress(s, res)
	case res.IsSuccess():
		c.accepted(s, x, res)
	case c.state == callCalling && !c.invite.cancelled && c.timer.askLonger(s, res):
		c.sendOut(s)
	case c.state != callUp && !c.invite.turnedAway(s, res) && !c.invite.redirected(s, x, res):
		c.rejected(s, x, res)
	}
}

func (c *call) progress(s *step, res *sip.Response) {
	if c.state != callCalling || c.over {
		return
	}
	if !c.invite.progress(s) || res.StatusCode == sip.StatusTrying {
		return
	}
	e := c.early.fork(res)
	ack, ok := c.pracks.inOrder(s, e, res)
	if !ok {
		return
	}
	body, _ := c.bodies.read(s, c.peer, res)
	if e != nil {
		e.heard(res, body)
		c.leavesOut(s, res, "Record-Route", badRoute(res))
	}
	if ack {
		c.pracks.send(s, e)
	}
	switch {
	case body != nil:
		c.early.heard(s, e)
	case res.StatusCode == sip.StatusRinging:
		c.logFork(s, event.CallRinging, e)
	}
	s.Notice(control.Progress{ID: c.id, Status: res.StatusCode, Body: body})
	c.errand.reached(s, res)
}

// accepted takes a 2xx: the first makes the call, a copy wants its ACK again,
// and one from another fork of the call is taken and hung up (RFC 3261
// §13.2.2.4).
func (c *call) accepted(s *step, x *exchange, res *sip.Response) {
	d := c.early.confirm(res)
	first := c.state != callUp
	if !first && d.remoteTag != c.dialog.remoteTag {
		c.acknowledge(s, &d, x.tx.Request)
		c.invite.hangUpFork(s, &d)
		return
	}
	if !first {
		c.confirmed.send(s, x.tx.Request)
		return
	}
	c.state = callUp
	e := c.early.answered(d)
	c.update.outrun(s, e)
	c.invite.accepted()
	c.timer.granted(s, res)
	c.confirmed.send(s, x.tx.Request)
	c.entered(s, &c.dialog)
	if c.invite.cancelled { // the 200 crossed our CANCEL, or came without any 1xx
		c.end(s, "us", 0, "cancelled")
		c.bye.send(s)
		return
	}
	body, bad := c.bodies.read(s, c.peer, res)
	switch what := lacks(res); {
	case what != "":
		c.incomplete(s, what)
		return
	case body != nil:
	case e == nil || e.session == nil:
		c.withoutSession(s, "200", bad)
		return
	case e.agreed: // RFC 3262 §5: the answer was in a reliable response
		body = e.session
	default:
		body = e.session
		c.bodies.note(s, c.peer, "the 200 has no session description; that of the response before it is taken")
	}
	c.begin(s)
	s.Notice(control.Accepted{ID: c.id, Body: body})
	c.errand.reached(s, res)
}

// acknowledge sends the ACK to a 2xx: no transaction, the credentials of the
// INVITE (RFC 3261 §13.2.2.4, §22.1).
func (cl *client) acknowledge(s *step, d *dialog, invite *sip.Request) {
	ack := cl.inDialog(d, sip.ACK, invite.CSeq().SeqNo)
	for _, h := range credentialsIn(invite) {
		ack.AppendHeader(sip.HeaderClone(h))
	}
	cl.finish(ack, nil)
	cl.bypass.follows(s, ack, invite)
	cl.transmit(s, ack)
}

// rejected takes a final response to our INVITE that is no 2xx.
func (c *call) rejected(s *step, x *exchange, res *sip.Response) {
	by, reason := "peer", res.Reason
	c.ended = causeOf(res)
	switch {
	case c.invite.cancelled:
		by = "us"
	case isRedirect(res):
		reason += ": to " + sentTo(res)
	case isChallenge(res):
		why := c.refusal(x, res)
		reason = why.reason
		s.Log(event.Error{Op: "call " + c.peer, Err: why.reason, Hint: why.hint, Rule: why.rule})
	}
	c.end(s, by, res.StatusCode, reason)
	c.gone(c)
}

// failed is an INVITE without an answer.
func (i *invitation) failed(s *step, err error) {
	c := i.call
	if c.state == callUp || c.over || !i.provisional && i.moves(s, 0, err) {
		return
	}
	by, status, hint := "network", 0, "the call can be made again when the connection is back"
	var timeout *TimeoutError
	if errors.As(err, &timeout) {
		by, status, hint = "timeout", sip.StatusRequestTimeout, "is "+c.conn.Server()+" the right server, and is it alive?"
	}
	s.Log(event.Error{Op: "call " + c.peer, Err: err.Error(), Hint: hint, Rule: unanswered(err)})
	c.end(s, by, status, err.Error())
	c.gone(c)
}
