package sip

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// reinvite offers a change of a session that is up (RFC 3261 §14.1). What comes
// of it is [control.Modified] or [control.ModifyFailed].
func (c *call) reinvite(s *step, offer []byte) {
	busy := c.uas != nil || c.ok.res != nil || c.modify != nil || !c.retryAt.IsZero()
	if c.state != callUp || busy || !c.conn.Up() || len(offer) == 0 {
		s.Log(event.Error{
			Op: "modify the call with " + c.peer, Err: "it cannot be modified now",
			Hint: "it must be up, its connection open and no other change under way", Rule: event.RuleNotPossible,
		})
		s.Notice(control.ModifyFailed{ID: c.id, Status: sip.StatusRequestPending, Reason: Reason(sip.StatusRequestPending)})
		return
	}
	c.retry = offer
	req := c.inviteRequest(&c.dialog, offer)
	c.modify = &exchange{purpose: toModify, user: c, cseq: &c.dialog.localSeq}
	c.authorize(req)
	c.send(s, c.modify, req)
}

// modifyAnswered takes a response to our re-INVITE.
func (c *call) modifyAnswered(s *step, x *exchange, res *sip.Response) {
	switch {
	case res.IsProvisional():
	case res.IsSuccess():
		c.dialog.refresh(res)
		c.acknowledge(s, &c.dialog, x.tx.Request)
		if c.modify != x || c.over {
			return // a copy
		}
		c.modify, c.retry, c.glares = nil, nil, 0
		body, _ := c.bodies.read(s, c.peer, res)
		s.Notice(control.Modified{ID: c.id, Body: body})
	case c.over:
		c.modify = nil
	default:
		c.modifyRefused(s, res)
	}
}

func (c *call) modifyRefused(s *step, res *sip.Response) {
	c.modify = nil
	switch res.StatusCode {
	case sip.StatusRequestPending:
		c.glare(s, res)
	case sip.StatusCallTransactionDoesNotExists:
		c.end(s, "peer", res.StatusCode, res.Reason)
		c.gone(c)
	case sip.StatusRequestTimeout:
		c.end(s, "timeout", res.StatusCode, res.Reason)
		c.sendBye(s)
	default:
		s.Notice(control.ModifyFailed{ID: c.id, Status: res.StatusCode, Reason: res.Reason})
	}
}

// maxGlares bounds how often in a row both sides can have asked at once (our own
// number). By chance it hardly happens twice.
const maxGlares = 5

// glare tries again after a while, or gives up a change that the peer always
// crosses with one of its own.
func (c *call) glare(s *step, res *sip.Response) {
	if c.glares++; c.glares < maxGlares {
		c.retryAt = s.In(c.glareWait())
		return
	}
	c.glares, c.retry = 0, nil
	s.Log(event.Warning{
		Rule: event.RuleServerLoop, Note: fmt.Sprintf("%d changes of the call with %s in a row were answered 491", maxGlares, c.peer),
		Hint: "the session goes on as it was; does the peer ever finish the change that it has under way?",
	})
	s.Notice(control.ModifyFailed{ID: c.id, Status: res.StatusCode, Reason: res.Reason})
}

// glareWait is how long to wait after both sides have asked at once, in units
// of 10 ms: the side that made the Call-ID waits longer (RFC 3261 §14.1).
func (c *call) glareWait() time.Duration {
	low, high := time.Duration(0), 2*time.Second
	if c.out {
		low, high = 2100*time.Millisecond, 4*time.Second
	}
	const unit = 10 * time.Millisecond
	return max(c.between(low, high)/unit*unit, unit)
}

// modifyFailed is a re-INVITE without an answer. After a timeout the dialog
// is over (RFC 3261 §14.1); when the flow fails the session goes on.
func (c *call) modifyFailed(s *step, x *exchange, err error) {
	if c.modify != x || c.over {
		return
	}
	c.modify = nil
	s.Log(event.Error{Op: "modify the call with " + c.peer, Err: err.Error(), Hint: "the session was left as it was", Rule: unanswered(err)})
	if errors.Is(err, ErrFlow) {
		s.Notice(control.ModifyFailed{ID: c.id, Reason: err.Error()})
		return
	}
	c.end(s, "timeout", sip.StatusRequestTimeout, err.Error())
	c.sendBye(s)
}

// reoffered takes a re-INVITE (RFC 3261 §14.2).
func (c *call) reoffered(s *step, tx *ServerTransaction) {
	req := tx.Request
	body, bad := c.bodies.read(s, c.peer, req)
	var res *sip.Response
	switch {
	case c.uas != nil:
		res = c.newResponse(req, sip.StatusInternalServerError)
		res.AppendHeader(sip.NewHeader("Retry-After", strconv.Itoa(c.cfg.Rand.IntN(11))))
	case c.modify != nil || c.ok.res != nil:
		res = c.newResponse(req, sip.StatusRequestPending)
	case bad != nil:
		refuseBody(s, c.peer, bad)
		res = c.newResponse(req, sip.StatusUnsupportedMediaType)
		res.AppendHeader(bad.Field)
	default:
		trying := NewResponse(req, sip.StatusTrying, "")
		trying.SetBody(nil)
		c.respond(s, tx, trying)
		c.uas = tx
		s.Notice(control.Modify{ID: c.id, Body: body})
		return
	}
	c.respond(s, tx, res)
}
