package sip

import (
	"errors"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Hangup ends a call, by whatever ends it now: CANCEL, BYE or 603.
func (a *Agent) Hangup(now time.Time, id int) control.Output {
	s := newStep(now)
	if c := a.find(s, id, "hang up"); c != nil {
		a.hangup(s, c)
	}
	return s.Out
}

func (a *Agent) hangup(s *step, c *call) {
	switch c.state {
	case callWaiting:
		a.end(s, c, "us", 0, "cancelled")
		a.remove(c)
	case callCalling:
		a.cancel(s, c)
	case callIncoming:
		a.reject(s, c, sip.StatusGlobalDecline)
	case callUp:
		a.hangupSession(s, c)
	}
}

// hangupSession ends a session that is up. A callee must not send BYE before
// the ACK has come (RFC 3261 §15), so it may have to wait.
func (a *Agent) hangupSession(s *step, c *call) {
	if c.uas != nil {
		a.respond(s, c.uas, a.newResponse(c, c.uas.Request, sip.StatusRequestTerminated))
	}
	a.end(s, c, "us", 0, "")
	if c.ok.res != nil && c.ok.initial {
		c.byeOwed = true
		return
	}
	c.ok = unacked{}
	a.sendBye(s, c)
}

// cancel gives up a call that is not answered. A CANCEL may only follow a
// provisional response (RFC 3261 §9.1); until then it waits.
func (a *Agent) cancel(s *step, c *call) {
	if c.cancelled {
		return
	}
	c.cancelled = true
	if c.provisional {
		a.sendCancel(s, c)
	}
}

func (a *Agent) sendCancel(s *step, c *call) {
	if !c.cancelBy.IsZero() {
		return
	}
	c.cancelBy = s.In(giveUp)
	invite := c.invite.tx.Request
	req := sip.NewRequest(sip.CANCEL, *invite.Recipient.Clone())
	req.AppendHeader(sip.HeaderClone(invite.Via()))
	hops := sip.MaxForwardsHeader(maxForwards)
	req.AppendHeader(&hops)
	for _, route := range invite.GetHeaders("route") {
		req.AppendHeader(sip.HeaderClone(route))
	}
	from, to := sip.HeaderClone(invite.From()).(*sip.FromHeader), sip.HeaderClone(invite.To()).(*sip.ToHeader)
	identify(req, from, to, c.dialog.callID, invite.CSeq().SeqNo)
	a.finish(req, nil)
	a.send(s, &exchange{purpose: toCancel, call: c}, req)
}

// cancelUnanswered is an INVITE without a final response 64*T1 after its
// CANCEL: the call is taken for cancelled (RFC 3261 §9.1).
func (a *Agent) cancelUnanswered(s *step, c *call) {
	c.cancelBy = time.Time{}
	tx := c.invite.tx
	a.forget(tx)
	a.txs.Fail(tx)
	s.Log(event.Error{
		Op: "cancel the call to " + c.peer, Err: "no answer to the INVITE within 32 s of its CANCEL (64*T1)",
		Hint: "the call is taken for cancelled; the other phone may still ring", Rule: event.RuleServerSilent,
	})
	a.end(s, c, "us", 0, "cancelled, unanswered")
	a.remove(c)
}

// sendBye sends the BYE of a call that is over, or owes it to the next flow.
func (a *Agent) sendBye(s *step, c *call) {
	if !a.conn.Up() {
		c.byeOwed = true
		a.connect(s)
		return
	}
	c.byeOwed = false
	c.byeTries++
	a.sendByeIn(s, c, &c.dialog)
}

func (a *Agent) sendByeIn(s *step, c *call, d *dialog) {
	d.localSeq++
	req := a.inDialog(d, sip.BYE, d.localSeq)
	a.finish(req, nil)
	a.authorize(req)
	a.send(s, &exchange{purpose: toBye, call: c, cseq: &d.localSeq}, req)
}

// maxForks bounds the other dialogs of one INVITE that are ended with care.
const maxForks = 16

// hangUpFork ends a second dialog that our INVITE has made, once. The call
// itself goes on.
func (a *Agent) hangUpFork(s *step, c *call, d *dialog) {
	if slices.Contains(c.forks, d.remoteTag) || len(c.forks) >= maxForks {
		return
	}
	c.forks = append(c.forks, d.remoteTag)
	fork := &call{id: c.id, out: true, state: callUp, over: true, peer: c.peer, dialog: *d}
	fork.dialog.localSeq = c.dialog.localSeq
	a.sendByeIn(s, fork, &fork.dialog)
}

// maxByes bounds how often a BYE is sent on yet another flow.
const maxByes = 3

// byeFailed is a BYE without an answer.
func (a *Agent) byeFailed(s *step, x *exchange, err error) {
	c := x.call
	if errors.Is(err, ErrFlow) && c.byeTries > 0 && c.byeTries < maxByes {
		c.byeOwed = true
		return
	}
	s.Log(event.Error{Op: "hang up on " + c.peer, Err: err.Error(), Hint: "the call is over on our side; the other side may not know", Rule: unanswered(err)})
	a.remove(c)
}
