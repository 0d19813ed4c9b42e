package sip

import (
	"errors"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Invite calls somebody, with an offer for the session. The flow is opened if
// it is down.
func (a *Agent) Invite(now time.Time, to string, offer []byte) (id int, out control.Output, err error) {
	s := newStep(now)
	target, err := a.target(to)
	switch {
	case err != nil:
		return 0, s.Out, err
	case len(offer) == 0:
		return 0, s.Out, errors.New("call " + to + ": no session to offer")
	case len(a.calls) >= a.cfg.MaxCalls:
		return 0, s.Out, errors.New("call " + to + ": too many calls; hang one up first")
	case a.conn.Leaving():
		return 0, s.Out, errors.New("call " + to + ": the phone is shutting down")
	}
	c := a.newCall(true, addressOfRecord(&target), "")
	c.offer, c.target = offer, target
	c.dialog = dialog{callID: a.token(2), localTag: a.token(1), local: a.aor, remote: target, target: target}
	c.log(s, "calling")
	if a.conn.Up() {
		a.sendInvite(s, c)
	} else {
		a.connect(s)
	}
	return c.id, s.Out, nil
}

func (a *Agent) sendInvite(s *step, c *call) {
	c.state = callCalling
	c.dialog.routes = a.reg.routes
	req := a.inviteRequest(c, c.offer)
	c.invite = &exchange{purpose: toInvite, call: c, cseq: &c.dialog.localSeq}
	a.authorize(req)
	a.send(s, c.invite, req)
}

// inviteRequest builds an INVITE or re-INVITE.
func (a *Agent) inviteRequest(c *call, offer []byte) *sip.Request {
	c.dialog.localSeq++
	req := a.inDialog(&c.dialog, sip.INVITE, c.dialog.localSeq)
	req.AppendHeader(sip.NewHeader("Contact", a.dialogContact()))
	req.AppendHeader(sip.NewHeader("Allow", allowed))
	req.AppendHeader(sip.NewHeader("Accept", acceptable))
	a.finish(req, offer)
	return req
}

// inviteAnswered takes a response to our INVITE.
func (a *Agent) inviteAnswered(s *step, x *exchange, res *sip.Response) {
	c := x.call
	switch {
	case res.IsProvisional():
		a.progress(s, c, res)
	case res.IsSuccess():
		a.accepted(s, x, res)
	case c.state != callUp:
		a.rejected(s, x, res)
	}
}

func (a *Agent) progress(s *step, c *call, res *sip.Response) {
	if c.state != callCalling || c.over {
		return
	}
	c.provisional = true
	if c.cancelled {
		a.sendCancel(s, c)
		return
	}
	if res.StatusCode == sip.StatusTrying {
		return
	}
	var body []byte
	if isSDP(res) {
		body = res.Body()
	}
	switch {
	case body != nil:
		c.log(s, "early")
	case res.StatusCode == sip.StatusRinging:
		c.log(s, "ringing")
	}
	s.Notice(control.Progress{ID: c.id, Status: res.StatusCode, Body: body})
}

// accepted takes a 2xx: the first makes the call, a copy wants its ACK again,
// and one from another fork of the call is taken and hung up (RFC 3261
// §13.2.2.4).
func (a *Agent) accepted(s *step, x *exchange, res *sip.Response) {
	c := x.call
	d := c.dialog.confirm(x.tx.Request, res)
	first := c.state != callUp
	if !first && d.remoteTag != c.dialog.remoteTag {
		a.acknowledge(s, &d, x.tx.Request)
		a.hangUpFork(s, c, &d)
		return
	}
	if !first {
		a.acknowledge(s, &c.dialog, x.tx.Request)
		return
	}
	c.state, c.dialog, c.cancelBy, c.offer = callUp, d, time.Time{}, nil
	a.acknowledge(s, &c.dialog, x.tx.Request)
	if c.cancelled { // the 200 crossed our CANCEL, or came without any 1xx
		a.end(s, c, "us", 0, "cancelled")
		a.sendBye(s, c)
		return
	}
	c.begin(s)
	s.Notice(control.Accepted{ID: c.id, Body: res.Body()})
}

// acknowledge sends the ACK to a 2xx: no transaction, the credentials of the
// INVITE (RFC 3261 §13.2.2.4, §22.1).
func (a *Agent) acknowledge(s *step, d *dialog, invite *sip.Request) {
	ack := a.inDialog(d, sip.ACK, invite.CSeq().SeqNo)
	for _, name := range []string{"authorization", "proxy-authorization"} {
		for _, h := range invite.GetHeaders(name) {
			ack.AppendHeader(sip.HeaderClone(h))
		}
	}
	a.finish(ack, nil)
	a.transmit(s, ack)
}

// rejected takes a final response to our INVITE that is no 2xx.
func (a *Agent) rejected(s *step, x *exchange, res *sip.Response) {
	c := x.call
	by, reason := "peer", res.Reason
	switch {
	case c.cancelled:
		by = "us"
	case res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired:
		var hint string
		reason, hint = a.refusal(x, res)
		s.Log(event.Error{Op: "call " + c.peer, Err: reason, Hint: hint, Rule: event.RuleWrongPassword})
	}
	a.end(s, c, by, res.StatusCode, reason)
	a.remove(c)
}

// inviteFailed is an INVITE without an answer.
func (a *Agent) inviteFailed(s *step, x *exchange, err error) {
	c := x.call
	if c.state == callUp || c.over {
		return
	}
	by, status, hint := "network", 0, "the call can be made again when the connection is back"
	var timeout *TimeoutError
	if errors.As(err, &timeout) {
		by, status, hint = "timeout", sip.StatusRequestTimeout, "is "+a.cfg.Server+" the right server, and is it alive?"
	}
	s.Log(event.Error{Op: "call " + c.peer, Err: err.Error(), Hint: hint, Rule: unanswered(err)})
	a.end(s, c, by, status, err.Error())
	a.remove(c)
}
