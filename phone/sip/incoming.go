package sip

import (
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// offered takes an INVITE that begins a call.
func (a *Agent) offered(s *step, tx *ServerTransaction) {
	req := tx.Request
	if status, why := a.unacceptable(req); status != 0 {
		res := NewResponse(req, status, a.token(1))
		for _, h := range why {
			res.AppendHeader(h)
		}
		a.finish(res, nil)
		a.respond(s, tx, res)
		return
	}
	trying := NewResponse(req, sip.StatusTrying, "")
	trying.SetBody(nil)
	a.respond(s, tx, trying)

	c := a.newCall(false, addressOfRecord(&req.From().Address), req.From().DisplayName)
	c.state, c.uas = callIncoming, tx
	c.dialog = uasDialog(req, a.token(1))
	c.log(s, "incoming")
	s.Notice(control.Offered{ID: c.id, From: c.peer, Name: c.name, Body: req.Body()})
}

// unacceptable reports why a new INVITE cannot be served, as a status and the
// header fields that go with it; 0 if it can.
func (a *Agent) unacceptable(req *sip.Request) (status int, why []sip.Header) {
	required := Values(req, "require")
	switch {
	case contactOf(req) == nil:
		return sip.StatusBadRequest, nil // nobody to send the BYE to
	case len(required) > 0:
		return sip.StatusBadExtension, []sip.Header{sip.NewHeader("Unsupported", strings.Join(required, ", "))}
	case len(req.Body()) > 0 && !isSDP(req):
		return sip.StatusUnsupportedMediaType, []sip.Header{sip.NewHeader("Accept", acceptable)}
	case a.merged(req):
		return sip.StatusLoopDetected, nil
	case a.conn.Leaving():
		return sip.StatusTemporarilyUnavailable, nil
	case len(a.calls) >= a.cfg.MaxCalls:
		return sip.StatusBusyHere, nil
	}
	return 0, nil
}

// merged reports whether a request has reached us on another way already
// (RFC 3261 §8.2.2.2).
func (a *Agent) merged(req *sip.Request) bool {
	tag, _ := req.From().Params.Get("tag")
	for _, c := range a.calls {
		d := &c.dialog
		if !c.out && d.callID == req.CallID().Value() && d.remoteTag == tag && d.remoteSeq == req.CSeq().SeqNo {
			return true
		}
	}
	return false
}

// Ring answers an incoming call 180: the user is being told.
func (a *Agent) Ring(now time.Time, id int) control.Output {
	s := newStep(now)
	c := a.find(s, id, "ring")
	if c == nil {
		return s.Out
	}
	if c.state != callIncoming {
		s.Log(event.Error{Op: "ring", Err: "the call is not an incoming one that waits for an answer", Rule: event.RuleNotPossible})
		return s.Out
	}
	a.ring(s, c)
	c.log(s, "ringing")
	return s.Out
}

func (a *Agent) ring(s *step, c *call) {
	c.ringAgain = s.In(ringInterval)
	res := a.newResponse(c, c.uas.Request, sip.StatusRinging)
	a.respond(s, c.uas, res)
}

// newResponse builds a response in a call's dialog, with a Contact where it
// makes or refreshes one.
func (a *Agent) newResponse(c *call, req *sip.Request, status int) *sip.Response {
	res := NewResponse(req, status, c.dialog.localTag)
	if status > sip.StatusTrying && status < 300 {
		res.AppendHeader(sip.NewHeader("Contact", a.dialogContact()))
		res.AppendHeader(sip.NewHeader("Allow", allowed))
	}
	if status < 200 || status >= 300 {
		a.finish(res, nil) // a 2xx gets its body first
	}
	return res
}

// respond gives a response to its transaction, and sends what comes of it.
func (a *Agent) respond(s *step, tx *ServerTransaction, res *sip.Response) {
	if what := a.txs.Respond(s.Now, tx, res); what.Send != nil {
		a.transmit(s, what.Send)
	}
}

// Answer accepts what the peer has asked: a call, or a change of its session
// (re-INVITE). The body answers its offer, or is an offer if it made none.
func (a *Agent) Answer(now time.Time, id int, sdp []byte) control.Output {
	s := newStep(now)
	c := a.asked(s, id, "answer")
	if c == nil {
		return s.Out
	}
	tx := c.uas
	c.uas, c.ringAgain = nil, time.Time{}
	initial := c.state == callIncoming
	c.state = callUp
	res := a.newResponse(c, tx.Request, sip.StatusOK)
	a.finish(res, sdp)
	a.respond(s, tx, res)
	a.awaitAck(s, c, res, initial)
	if initial {
		c.log(s, "answered")
	} else {
		c.dialog.refresh(tx.Request)
	}
	return s.Out
}

// Reject refuses what the peer has asked: a call, or a change of its session.
// status is 300 to 699: 486 if we are busy, 603 to decline, 488 if the offer
// does not fit.
func (a *Agent) Reject(now time.Time, id, status int) control.Output {
	s := newStep(now)
	c := a.asked(s, id, "reject")
	if c == nil {
		return s.Out
	}
	if status < 300 || status > 699 {
		status = sip.StatusGlobalDecline
	}
	a.reject(s, c, status)
	return s.Out
}

func (a *Agent) reject(s *step, c *call, status int) {
	tx := c.uas
	c.uas = nil
	a.respond(s, tx, a.newResponse(c, tx.Request, status))
	if c.state == callIncoming {
		a.end(s, c, "us", status, Reason(status))
		a.remove(c)
	}
}

// asked returns the call with that number if its peer waits for an answer.
func (a *Agent) asked(s *step, id int, op string) *call {
	c := a.find(s, id, op)
	if c != nil && c.uas == nil {
		s.Log(event.Error{Op: op + " " + c.peer, Err: "nothing waits for an answer", Hint: "it may have been answered or cancelled already", Rule: event.RuleNotPossible})
		return nil
	}
	return c
}

// cancelled takes a CANCEL (RFC 3261 §9.2).
func (a *Agent) cancelled(s *step, tx *ServerTransaction) {
	invite := a.txs.Server(InviteKey(tx.Request))
	if invite == nil {
		a.reply(s, tx, sip.StatusCallTransactionDoesNotExists)
		return
	}
	c := a.asking(invite)
	tag := a.token(1)
	if c != nil {
		tag = c.dialog.localTag
	}
	res := NewResponse(tx.Request, sip.StatusOK, tag)
	a.finish(res, nil)
	a.respond(s, tx, res)
	if c == nil {
		return // answered already: the CANCEL has no effect
	}
	initial := c.state == callIncoming
	c.uas = nil
	a.respond(s, invite, a.newResponse(c, invite.Request, sip.StatusRequestTerminated))
	if initial {
		a.end(s, c, "peer", sip.StatusRequestTerminated, why(tx.Request, "cancelled"))
		a.remove(c)
	}
}

// asking returns the call that has not answered that INVITE, or nil.
func (a *Agent) asking(invite *ServerTransaction) *call {
	for _, c := range a.calls {
		if c.uas == invite {
			return c
		}
	}
	return nil
}

// why is the text of a Reason header field (RFC 3326), for instance "Call
// completed elsewhere", or else what is given.
func why(req *sip.Request, otherwise string) string {
	_, after, found := strings.Cut(text(req, "reason"), `text="`)
	reason, _, closed := strings.Cut(after, `"`)
	if !found || !closed || reason == "" {
		return otherwise
	}
	return reason
}
