package sip

import (
	"errors"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Reinvite offers a change of a session that is up (RFC 3261 §14.1). What
// comes of it is [Modified] or [ModifyFailed].
func (a *Agent) Reinvite(now time.Time, id int, offer []byte) control.Output {
	s := newStep(now)
	if c := a.find(s, id, "modify"); c != nil {
		a.reinvite(s, c, offer)
	}
	return s.Out
}

func (a *Agent) reinvite(s *step, c *call, offer []byte) {
	busy := c.uas != nil || c.ok.res != nil || c.modify != nil || !c.retryAt.IsZero()
	if c.state != callUp || busy || !a.conn.Up() || len(offer) == 0 {
		s.Log(event.Error{
			Op: "modify the call with " + c.peer, Err: "it cannot be modified now",
			Hint: "it must be up, its connection open and no other change under way", Rule: event.RuleNotPossible,
		})
		s.Notice(control.ModifyFailed{ID: c.id, Status: sip.StatusRequestPending, Reason: Reason(sip.StatusRequestPending)})
		return
	}
	c.retry = offer
	req := a.inviteRequest(c, offer)
	c.modify = &exchange{purpose: toModify, call: c, cseq: &c.dialog.localSeq}
	a.authorize(req)
	a.send(s, c.modify, req)
}

// modifyAnswered takes a response to our re-INVITE.
func (a *Agent) modifyAnswered(s *step, x *exchange, res *sip.Response) {
	c := x.call
	switch {
	case res.IsProvisional():
	case res.IsSuccess():
		c.dialog.refresh(res)
		a.acknowledge(s, &c.dialog, x.tx.Request)
		if c.modify != x || c.over {
			return // a copy
		}
		c.modify, c.retry = nil, nil
		s.Notice(control.Modified{ID: c.id, Body: res.Body()})
	case c.over:
		c.modify = nil
	default:
		a.modifyRefused(s, c, res)
	}
}

func (a *Agent) modifyRefused(s *step, c *call, res *sip.Response) {
	c.modify = nil
	switch res.StatusCode {
	case sip.StatusRequestPending:
		c.retryAt = s.In(a.glareWait(c))
	case sip.StatusCallTransactionDoesNotExists:
		a.end(s, c, "peer", res.StatusCode, res.Reason)
		a.remove(c)
	case sip.StatusRequestTimeout:
		a.end(s, c, "timeout", res.StatusCode, res.Reason)
		a.sendBye(s, c)
	default:
		s.Notice(control.ModifyFailed{ID: c.id, Status: res.StatusCode, Reason: res.Reason})
	}
}

// glareWait is how long to wait after both sides have asked at once, in units
// of 10 ms: the side that made the Call-ID waits longer (RFC 3261 §14.1).
func (a *Agent) glareWait(c *call) time.Duration {
	low, high := time.Duration(0), 2*time.Second
	if c.out {
		low, high = 2100*time.Millisecond, 4*time.Second
	}
	const unit = 10 * time.Millisecond
	return max(a.between(low, high)/unit*unit, unit)
}

// modifyFailed is a re-INVITE without an answer. After a timeout the dialog
// is over (RFC 3261 §14.1); when the flow fails the session goes on.
func (a *Agent) modifyFailed(s *step, x *exchange, err error) {
	c := x.call
	if c.modify != x || c.over {
		return
	}
	c.modify = nil
	s.Log(event.Error{Op: "modify the call with " + c.peer, Err: err.Error(), Hint: "the session was left as it was", Rule: unanswered(err)})
	if errors.Is(err, ErrFlow) {
		s.Notice(control.ModifyFailed{ID: c.id, Reason: err.Error()})
		return
	}
	a.end(s, c, "timeout", sip.StatusRequestTimeout, err.Error())
	a.sendBye(s, c)
}

// reoffered takes a re-INVITE (RFC 3261 §14.2).
func (a *Agent) reoffered(s *step, c *call, tx *ServerTransaction) {
	req := tx.Request
	var res *sip.Response
	switch {
	case c.uas != nil:
		res = a.newResponse(c, req, sip.StatusInternalServerError)
		res.AppendHeader(sip.NewHeader("Retry-After", strconv.Itoa(a.cfg.Rand.IntN(11))))
	case c.modify != nil || c.ok.res != nil:
		res = a.newResponse(c, req, sip.StatusRequestPending)
	case len(req.Body()) > 0 && !isSDP(req):
		res = a.newResponse(c, req, sip.StatusUnsupportedMediaType)
		res.AppendHeader(sip.NewHeader("Accept", acceptable))
	default:
		trying := NewResponse(req, sip.StatusTrying, "")
		trying.SetBody(nil)
		a.respond(s, tx, trying)
		c.uas = tx
		s.Notice(control.Modify{ID: c.id, Body: req.Body()})
		return
	}
	a.respond(s, tx, res)
}
