package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// callCommands are the calls of an agent, and what the program has it do with them.
type callCommands struct{ calls calls }

// Invite calls somebody, with an offer for the session. The flow is opened if
// it is down.
func (cc *callCommands) Invite(now time.Time, to string, offer []byte) (id int, out control.Output, err error) {
	s := newStep(now)
	c, err := cc.calls.dial(s, to, offer)
	if err != nil {
		return 0, s.Out, err
	}
	return c.id, s.Out, nil
}

// Reinvite offers a change of a session that is up (RFC 3261 §14.1). What
// comes of it is [control.Modified] or [control.ModifyFailed], or [control.ModifyAgain]
// when what is in its way is over. offer makes the offer if it is sent now; one that is nil
// changes nothing.
func (cc *callCommands) Reinvite(now time.Time, id int, offer func() []byte) control.Output {
	s := newStep(now)
	if c := cc.calls.find(s, id, "modify"); c != nil {
		c.change.begin(s, offer)
	}
	return s.Out
}

// Ring answers an incoming call 180: the user is being told.
func (cc *callCommands) Ring(now time.Time, id int) control.Output {
	s := newStep(now)
	c := cc.calls.find(s, id, "ring")
	if c == nil {
		return s.Out
	}
	if c.state != callIncoming {
		s.Log(event.Error{Op: "ring", Err: "the call is not an incoming one that waits for an answer", Rule: event.RuleNotPossible})
		return s.Out
	}
	c.ringing.ring(s)
	c.log(s, event.CallRinging)
	return s.Out
}

// RingOffering answers an incoming call 180 with our offer, where the caller
// has made none and wants its provisional responses reliably.
func (cc *callCommands) RingOffering(now time.Time, id int, offer []byte) control.Output {
	s := newStep(now)
	c := cc.calls.asked(s, id, "ring")
	if c == nil || c.state != callIncoming {
		return s.Out
	}
	if c.rel.offered || c.rel.waits != nil { // RFC 3262 §5: one offer, one response at a time
		s.Log(event.Error{
			Op: "offer " + c.peer + " a session", Err: "another response to its INVITE has an offer, or waits for its PRACK",
			Hint: "change the session when the call is up", Rule: event.RuleNotPossible,
		})
		return s.Out
	}
	c.ringing.offer(s, offer)
	c.session = offer
	c.log(s, event.CallRinging)
	return s.Out
}

// Answer accepts what the peer has asked: a call, or a change of its session
// (re-INVITE). The body answers its offer, or is an offer if it made none.
func (cc *callCommands) Answer(now time.Time, id int, sdp []byte) control.Output {
	s := newStep(now)
	if c := cc.calls.asked(s, id, "answer"); c != nil {
		c.answer(s, sdp)
	}
	return s.Out
}

// Reject refuses what the peer has asked: a call, or a change of its session.
// status is 300 to 699: 486 if we are busy, 603 to decline, 488 if the offer
// does not fit.
func (cc *callCommands) Reject(now time.Time, id, status int) control.Output {
	s := newStep(now)
	if status < 300 || status > 699 {
		status = sip.StatusGlobalDecline
	}
	if c := cc.calls.asked(s, id, "reject"); c != nil {
		c.reject(s, status)
	}
	return s.Out
}

// RejectOffer refuses what the peer has asked because of its session description:
// 488 with a Warning (RFC 3261 §20.43).
func (cc *callCommands) RejectOffer(now time.Time, id, warning int, text string) control.Output {
	s := newStep(now)
	if c := cc.calls.asked(s, id, "reject"); c != nil {
		c.reject(s, sip.StatusNotAcceptableHere, Warning(warning, cc.calls.conn.Local().String(), text))
	}
	return s.Out
}

// Hangup ends a call, by whatever ends it now: CANCEL, BYE or 603.
func (cc *callCommands) Hangup(now time.Time, id int) control.Output {
	s := newStep(now)
	if c := cc.calls.find(s, id, "hang up"); c != nil {
		c.hangup(s)
	}
	return s.Out
}
