package sip

import (
	"errors"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// hangup ends a call, by whatever ends it now: CANCEL, BYE or 603.
func (c *call) hangup(s *step) {
	switch c.state {
	case callWaiting:
		c.end(s, "us", 0, "cancelled")
		c.gone(c)
	case callCalling:
		c.invite.cancel(s)
	case callIncoming:
		c.reject(s, sip.StatusGlobalDecline)
	case callUp:
		c.hangupSession(s)
	}
}

// hangupSession ends a session that is up. A callee must not send BYE before
// the ACK has come (RFC 3261 §15), so it may have to wait.
func (c *call) hangupSession(s *step) {
	c.end(s, "us", 0, "")
	if c.ok.res != nil && c.ok.initial {
		c.byeOwed = true
		return
	}
	c.ok.drop()
	c.sendBye(s)
}

// sendBye sends the BYE of a call that is over, or owes it to the next flow.
func (c *call) sendBye(s *step) {
	if !c.conn.Up() {
		c.byeOwed = true
		c.conn.Dial(&s.Step)
		return
	}
	c.byeOwed = false
	c.byeTries++
	c.sendByeIn(s, &c.dialog)
}

func (c *call) sendByeIn(s *step, d *dialog) {
	d.localSeq++
	req := c.inDialog(d, sip.BYE, d.localSeq)
	c.finish(req, nil)
	c.authorize(req)
	c.byes.note(s, *d)
	c.send(s, &exchange{purpose: toBye, user: c, cseq: &d.localSeq}, req)
}

// maxByes bounds how often a BYE is sent on yet another flow.
const maxByes = 3

// byeFailed is a BYE without an answer.
func (c *call) byeFailed(s *step, err error) {
	if errors.Is(err, ErrFlow) && c.byeTries > 0 && c.byeTries < maxByes {
		c.byeOwed = true
		return
	}
	s.Log(event.Error{Op: "hang up on " + c.peer, Err: err.Error(), Hint: "the call is over on our side; the other side may not know", Rule: unanswered(err)})
	c.gone(c)
}

// hungUp takes a BYE.
func (c *call) hungUp(s *step, tx *ServerTransaction) {
	c.wire.ok(s, tx)
	c.timer.unrefreshed(s)
	c.ok.drop()
	c.byeOwed = false
	c.ended = causeOf(tx.Request)
	c.end(s, "peer", 0, c.ended.words(""))
	c.gone(c)
}
