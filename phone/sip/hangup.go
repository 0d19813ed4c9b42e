package sip

import "github.com/emiago/sipgo/sip"

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
		c.bye.owed = true
		return
	}
	c.ok.drop()
	c.bye.send(s)
}

// hungUp takes a BYE.
func (c *call) hungUp(s *step, tx *ServerTransaction) {
	c.wire.ok(s, tx)
	c.timer.unrefreshed(s)
	c.ok.drop()
	c.bye.owed = false
	c.ended = causeOf(tx.Request)
	c.end(s, "peer", 0, c.ended.words(""))
	c.gone(c)
}
