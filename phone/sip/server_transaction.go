package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A ServerTransaction is one request to us until its final response (RFC 3261
// §17.2, RFC 6026). Non-INVITE:
//
//	trying ── 1xx ──▶ proceeding ── final ──▶ completed ── J ──▶ terminated
//
// The states of an INVITE are in server_invite.go.
type ServerTransaction struct {
	Request *sip.Request

	key        Key    // of the layer that it is in
	way        *wire  // of an agent: by which it has come, and is answered
	owner      *Agent // of an agent: that has its dialog, if that is of another flow
	tag        string // of the To in responses outside of a dialog; see wire.tagOf
	state      State
	reliable   bool
	last       *sip.Response // what a copy of the request is answered with
	interval   time.Duration
	retransmit time.Time // timer G
	timeout    time.Time // timer H
	linger     time.Time // timers I, J and L
}

// NewServerTransaction starts the transaction of a request that arrived.
func NewServerTransaction(req *sip.Request, reliable bool) *ServerTransaction {
	t := &ServerTransaction{Request: req, state: StateTrying, reliable: reliable}
	if req.IsInvite() {
		t.state = StateProceeding
	}
	return t
}

// State is where the transaction is.
func (t *ServerTransaction) State() State { return t.state }

// refused reports whether the request was answered with a refusal.
func (t *ServerTransaction) refused() bool { return t.last != nil && t.last.StatusCode >= 300 }

// Deadline is when Advance wants to be called next.
func (t *ServerTransaction) Deadline() time.Time {
	return system.Earliest(t.retransmit, t.timeout, t.linger)
}

// Receive takes in a copy of the request, or the ACK to a final response that
// is no 2xx.
func (t *ServerTransaction) Receive(now time.Time, req *sip.Request) Step {
	if req.IsAck() {
		return t.receiveAck(now)
	}
	if t.last == nil || t.state == StateAccepted || t.state == StateConfirmed || t.state == StateTerminated {
		return Step{} // the transaction user retransmits a 2xx, not we
	}
	return Step{Send: t.last}
}

// Respond takes a response of the transaction user; what is in Step.Send is
// to be sent. After the final response others are ignored.
func (t *ServerTransaction) Respond(now time.Time, res *sip.Response) Step {
	if t.state != StateTrying && t.state != StateProceeding {
		if t.state == StateAccepted && res.IsSuccess() {
			return Step{Send: res} // RFC 6026 §7.1: copies of the 2xx pass
		}
		return Step{}
	}
	t.last = res
	switch {
	case res.IsProvisional():
		t.state = StateProceeding
	case t.Request.IsInvite():
		t.answerInvite(now, res)
	default:
		t.absorb(now, StateCompleted, unless(t.reliable, giveUp)) // timer J
	}
	return Step{Send: res}
}

// Advance does what is due at now, one thing at a time.
func (t *ServerTransaction) Advance(now time.Time) Step {
	switch {
	case system.Due(t.linger, now):
		t.terminate()
	case system.Due(t.timeout, now):
		t.terminate()
		return Step{Err: &TimeoutError{Timer: "H", After: giveUp, What: "ACK"}}
	case system.Due(t.retransmit, now):
		t.interval = min(2*t.interval, T2)
		t.retransmit = now.Add(t.interval)
		return Step{Send: t.last}
	}
	return Step{}
}

// Delay moves the moment of giving up to until, if it is before that.
func (t *ServerTransaction) Delay(until time.Time) { control.Delay(until, &t.timeout) }

// absorb enters a state that ends by itself after the given time.
func (t *ServerTransaction) absorb(now time.Time, state State, linger time.Duration) {
	t.retransmit, t.timeout = time.Time{}, time.Time{}
	if linger == 0 {
		t.terminate()
		return
	}
	t.state, t.linger = state, now.Add(linger)
}

func (t *ServerTransaction) terminate() {
	t.state = StateTerminated
	t.retransmit, t.timeout, t.linger = time.Time{}, time.Time{}, time.Time{}
}
