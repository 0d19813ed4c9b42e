package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
)

// Ping sends a ping now; if the flow is down it opens it first, and if
// another ping is unanswered it waits for that one.
func (a *Agent) Ping(now time.Time) control.Output {
	s := newStep(now)
	if !a.conn.Up() {
		a.conn.Pings.Want()
		a.connect(s)
		return s.Out
	}
	a.keepalive.ping(s)
	return s.Out
}

// Awaits reports whether an answer of the server is outstanding.
func (a *Agent) Awaits() bool { return a.conn.Pings.Waits() || a.reg.pending != nil || a.client.asks() }

// AwaitsPong reports whether a ping is unanswered of which an answer is to be
// expected, because the server has answered one before.
func (a *Agent) AwaitsPong() bool { return a.keepalive.answers && a.conn.Pings.Waits() }

// Opening reports whether the connection is being opened.
func (a *Agent) Opening() bool { return a.conn.Opening() }

// Private reports whether nobody on the way to the server reads what is said: the
// connection speaks TLS, or leads to a server of this program.
func (a *Agent) Private() bool { return a.conn.Secure() || a.cfg.Inside }

// Outbound reports whether outbound was asked for, and whether the registrar
// that holds our binding has said that it does it.
func (a *Agent) Outbound() (asked, promised bool) { return a.cfg.Outbound, a.reg.promised }

// Register registers, or refreshes the registration now. It opens the flow if
// need be.
func (a *Agent) Register(now time.Time) control.Output {
	s := newStep(now)
	a.reg.wanted = true
	a.reg.expires, a.reg.longer = a.cfg.Expires, 0
	if a.conn.Up() {
		a.reg.sendRegister(s)
	} else {
		a.connect(s)
	}
	return s.Out
}

// Refill says that a person signs on.
func (a *Agent) Refill() { a.conn.Refill() }

// Unregister removes our binding from the registrar. The flow stays.
func (a *Agent) Unregister(now time.Time) control.Output {
	s := newStep(now)
	a.reg.unregister(s)
	return s.Out
}

// SetPush has the Contact of a REGISTER carry parameters in its URI by which
// the server can have the program woken (RFC 8599 §8.7). They hold from the
// next [Agent.Register] on; where a REGISTER is on its way, another follows.
func (a *Agent) SetPush(p push.Params) { a.reg.push = p }

// Pushes reports whether the binding that stands asked to be pushed to, and
// whether the server has said that it will, by that service (RFC 8599 §8.2:
// +sip.pns).
func (a *Agent) Pushes(service string) (asked, will bool) {
	return a.reg.granted.PRID != "", a.reg.promises.pushes(service)
}

// Invite calls somebody, with an offer for the session. The flow is opened if
// it is down.
func (a *Agent) Invite(now time.Time, to string, offer []byte) (id int, out control.Output, err error) {
	s := newStep(now)
	c, err := a.calls.dial(s, to, offer)
	if err != nil {
		return 0, s.Out, err
	}
	return c.id, s.Out, nil
}

// Reinvite offers a change of a session that is up (RFC 3261 §14.1). What
// comes of it is [control.Modified] or [control.ModifyFailed], or [control.ModifyAgain]
// when what is in its way is over.
func (a *Agent) Reinvite(now time.Time, id int, offer []byte) control.Output {
	s := newStep(now)
	if c := a.calls.find(s, id, "modify"); c != nil {
		c.change.begin(s, offer)
	}
	return s.Out
}

// Ring answers an incoming call 180: the user is being told.
func (a *Agent) Ring(now time.Time, id int) control.Output {
	s := newStep(now)
	c := a.calls.find(s, id, "ring")
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
func (a *Agent) RingOffering(now time.Time, id int, offer []byte) control.Output {
	s := newStep(now)
	c := a.calls.asked(s, id, "ring")
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
func (a *Agent) Answer(now time.Time, id int, sdp []byte) control.Output {
	s := newStep(now)
	if c := a.calls.asked(s, id, "answer"); c != nil {
		c.answer(s, sdp)
	}
	return s.Out
}

// Reject refuses what the peer has asked: a call, or a change of its session.
// status is 300 to 699: 486 if we are busy, 603 to decline, 488 if the offer
// does not fit.
func (a *Agent) Reject(now time.Time, id, status int) control.Output {
	s := newStep(now)
	if status < 300 || status > 699 {
		status = sip.StatusGlobalDecline
	}
	if c := a.calls.asked(s, id, "reject"); c != nil {
		c.reject(s, status)
	}
	return s.Out
}

// RejectOffer refuses what the peer has asked because of its session description:
// 488 with a Warning (RFC 3261 §20.43).
func (a *Agent) RejectOffer(now time.Time, id, warning int, text string) control.Output {
	s := newStep(now)
	if c := a.calls.asked(s, id, "reject"); c != nil {
		c.reject(s, sip.StatusNotAcceptableHere, Warning(warning, a.conn.Local().String(), text))
	}
	return s.Out
}

// Hangup ends a call, by whatever ends it now: CANCEL, BYE or 603.
func (a *Agent) Hangup(now time.Time, id int) control.Output {
	s := newStep(now)
	if c := a.calls.find(s, id, "hang up"); c != nil {
		c.hangup(s)
	}
	return s.Out
}
