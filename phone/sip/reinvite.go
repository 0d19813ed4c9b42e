package sip

import (
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// begin offers a change of a session that is up (RFC 3261 §14.1). What comes
// of it is [control.Modified] or [control.ModifyFailed], or [control.ModifyAgain] when
// what is in its way is over. An offer that is nil by now changes nothing.
func (w *change) begin(s *step, offer func() []byte) {
	c := w.call
	if e := c.update.early(); e != nil && c.conn.Up() {
		if w.offer = offer(); w.offer != nil {
			c.update.send(s, &e.dialog, w.offer)
		}
		return
	}
	switch {
	case c.state != callUp:
		s.Log(event.Error{
			Op: "modify the call with " + c.peer, Err: "it cannot be modified now",
			Hint: "it must be up", Rule: event.RuleNotPossible,
		})
		s.Notice(control.ModifyFailed{ID: c.id, Status: sip.StatusRequestPending, Reason: Reason(sip.StatusRequestPending)})
	case w.blocked():
		w.later = true
	default:
		if w.offer = offer(); w.offer == nil {
			w.over(s)
			return
		}
		w.reinvite(s, w.offer)
	}
}

func (w *change) reinvite(s *step, offer []byte) {
	c := w.call
	req := c.inviteRequest(&c.dialog, offer, &c.timer)
	w.sent = &exchange{purpose: toModify, user: c, cseq: &c.dialog.localSeq}
	c.authorize(req)
	c.send(s, w.sent, req)
}

// answered takes a response to our re-INVITE.
func (w *change) answered(s *step, x *exchange, res *sip.Response) {
	c := w.call
	switch {
	case res.IsProvisional():
	case res.IsSuccess():
		c.dialog.refresh(res)
		c.confirmed.send(s, x.tx.Request)
		if w.sent != x || c.over {
			return // a copy
		}
		kept := c.timer.sent == x
		w.sent, c.timer.sent = nil, nil
		c.timer.granted(s, res)
		if !kept {
			w.made(w.offer)
		}
		body, _ := c.bodies.read(s, c.peer, res)
		s.Notice(control.Modified{ID: c.id, Body: body, Kept: kept})
	case c.over:
		w.sent = nil
	default:
		w.sent = nil
		w.refused(s, x.tx.Request, res)
	}
}

// refused takes a refusal of our re-INVITE or UPDATE (RFC 3261 §14.1, RFC
// 3311 §5.1).
func (w *change) refused(s *step, req *sip.Request, res *sip.Response) {
	c := w.call
	refresh := len(req.Body()) == 0 || c.timer.sent != nil
	c.timer.sent = nil
	if res.StatusCode != sip.StatusRequestPending {
		w.decided()
	}
	switch status := res.StatusCode; {
	case status == sip.StatusRequestPending && !refresh:
		w.glare(s, res)
	case c.state != callUp:
		s.Notice(control.ModifyFailed{ID: c.id, Status: status, Reason: res.Reason})
	case c.endedBy(s, res):
	case refresh:
		c.timer.refused(s, res)
	case c.timer.askLonger(s, res):
		again := w.offer
		w.begin(s, func() []byte { return again })
	default:
		s.Notice(control.ModifyFailed{ID: c.id, Status: res.StatusCode, Reason: res.Reason})
	}
}

// endedBy ends the call if the answer to a request in its dialog says that it is over: the
// peer does not know it any more, or nobody has heard from the peer (RFC 3261 §12.2.1.2).
func (c *call) endedBy(s *step, res *sip.Response) bool {
	switch res.StatusCode {
	case sip.StatusCallTransactionDoesNotExists:
		c.timer.unrefreshed(s)
		c.end(s, "peer", res.StatusCode, res.Reason)
		c.gone(c)
	case sip.StatusRequestTimeout:
		c.end(s, "timeout", res.StatusCode, res.Reason)
		c.bye.send(s)
	default:
		return false
	}
	return true
}

// maxGlares bounds how often both sides can have asked at once before the peer takes or
// refuses an offer (our own number). By chance it hardly happens twice.
const maxGlares = 5

// glare tries again after a while, or gives up a change that the peer always
// crosses with one of its own.
func (w *change) glare(s *step, res *sip.Response) {
	c := w.call
	if w.glares++; w.glares < maxGlares {
		w.later, w.until = true, s.In(w.glareWait())
		return
	}
	w.drop()
	s.Log(event.Warning{
		Rule: event.RuleServerLoop, Note: fmt.Sprintf("%d changes of the call with %s in a row were answered 491", maxGlares, c.peer),
		Hint: "the session goes on as it was; does the peer ever finish the change that it has under way?",
	})
	s.Notice(control.ModifyFailed{ID: c.id, Status: res.StatusCode, Reason: res.Reason})
}

// glareWait is how long to wait after both sides have asked at once, in units
// of 10 ms: the side that made the Call-ID waits longer (RFC 3261 §14.1).
func (w *change) glareWait() time.Duration {
	c := w.call
	low, high := time.Duration(0), 2*time.Second
	if c.out {
		low, high = 2100*time.Millisecond, 4*time.Second
	}
	const unit = 10 * time.Millisecond
	return max(c.between(low, high)/unit*unit, unit)
}

// failed is a re-INVITE without an answer. After a timeout the dialog
// is over (RFC 3261 §14.1); when the flow fails the session goes on.
func (w *change) failed(s *step, x *exchange, err error) {
	c := w.call
	if w.sent != x || c.over {
		return
	}
	offered := c.timer.sent == nil
	w.sent, c.timer.sent = nil, nil
	w.lost(s, err, offered)
}

// maxLosses bounds how many flows may break under changes of one call before the peer takes
// or refuses one (our own number): a server that closes at each would be asked for ever.
const maxLosses = 3

// outlives reports whether a change of ours whose flow broke under it is offered again by
// the next, or by another flow of the account: what the user has asked for is not over,
// and whether the peer knows of it nobody can tell.
func (w *change) outlives(err error) bool {
	c := w.call
	if !errors.Is(err, ErrFlow) || c.state != callUp || c.conn.Up() {
		return false
	}
	w.losses++
	if w.losses < maxLosses {
		return true
	}
	w.losses = 0
	return false
}

// lost is a re-INVITE or UPDATE without an answer; offered says that it
// was to change the session.
func (w *change) lost(s *step, err error, offered bool) {
	c := w.call
	waits := offered && w.outlives(err)
	hint := "the session was left as it was"
	if waits {
		hint = "it is offered again as soon as there is a connection"
	}
	s.Log(event.Error{Op: "modify the call with " + c.peer, Err: err.Error(), Hint: hint, Rule: unanswered(err)})
	if waits {
		w.later = true
		return
	}
	if errors.Is(err, ErrFlow) || c.state != callUp {
		if offered {
			s.Notice(control.ModifyFailed{ID: c.id, Reason: err.Error()})
		}
		c.timer.again(s.Now)
		return
	}
	c.end(s, "timeout", sip.StatusRequestTimeout, err.Error())
	c.bye.send(s)
}

// reoffered takes a re-INVITE (RFC 3261 §14.2).
func (c *call) reoffered(s *step, tx *ServerTransaction) {
	req := tx.Request
	doubtSession(s, c.peer, req)
	body, bad := c.bodies.read(s, c.peer, req)
	switch {
	case c.ok.reanswer(s, tx):
	case c.uas != nil, c.update.asked != nil:
		c.collided(s, tx, sip.StatusInternalServerError)
	case c.change.sent != nil || c.ok.res != nil || c.update.offers() || c.state == callCalling:
		c.collided(s, tx, sip.StatusRequestPending)
	case c.cfg.tooBrief(req):
		c.turnAway(s, tx, statusTooBrief, timerBrief, c.cfg.minSE())
	case bad != nil:
		c.refuseBody(s, tx, bad)
	default:
		c.trying(s, tx)
		c.uas = tx
		s.Notice(control.Modify{ID: c.id, Body: body})
	}
}
