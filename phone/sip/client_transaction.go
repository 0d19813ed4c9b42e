package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A ClientTransaction is one request of ours until its final response
// (RFC 3261 §17.1, RFC 6026). Non-INVITE:
//
//	trying ── 1xx ──▶ proceeding ── final ──▶ completed ── K ──▶ terminated
//	   └──────────── final, or timer F ──────────┘
//
// The states of an INVITE are in client_invite.go. Whoever makes one sends
// the request.
type ClientTransaction struct {
	Request *sip.Request

	state      State
	reliable   bool
	interval   time.Duration // between retransmissions
	retransmit time.Time     // timers A and E; zero on a reliable transport
	timeout    time.Time     // timers B and F
	linger     time.Time     // timers D, K and M
}

// NewClientTransaction starts the transaction of a request that is sent at
// now.
func NewClientTransaction(now time.Time, req *sip.Request, reliable bool) *ClientTransaction {
	t := &ClientTransaction{Request: req, state: StateTrying, reliable: reliable, interval: T1, timeout: now.Add(giveUp)}
	if req.IsInvite() {
		t.state = StateCalling
	}
	if !reliable {
		t.retransmit = now.Add(T1)
	}
	return t
}

// State is where the transaction is.
func (t *ClientTransaction) State() State { return t.state }

// Deadline is when Advance wants to be called next.
func (t *ClientTransaction) Deadline() time.Time {
	return system.Earliest(t.retransmit, t.timeout, t.linger)
}

// Receive takes in a response that has the transaction's key.
func (t *ClientTransaction) Receive(now time.Time, res *sip.Response) Step {
	if t.Request.IsInvite() {
		return t.receiveInvite(now, res)
	}
	switch {
	case t.state == StateCompleted || t.state == StateTerminated:
		return Step{} // a copy
	case res.IsProvisional():
		if t.state == StateTrying && !t.reliable {
			t.interval, t.retransmit = T2, now.Add(T2)
		}
		t.state = StateProceeding
	default:
		t.complete(now, unless(t.reliable, T4)) // timer K
	}
	return Step{Pass: true}
}

// Advance does what is due at now, one thing at a time.
func (t *ClientTransaction) Advance(now time.Time) Step {
	switch {
	case system.Due(t.linger, now):
		t.terminate()
	case system.Due(t.timeout, now):
		t.terminate()
		timer := "F"
		if t.Request.IsInvite() {
			timer = "B"
		}
		return Step{Err: &TimeoutError{Timer: timer, After: giveUp, What: "answer to " + string(t.Request.Method)}}
	case system.Due(t.retransmit, now):
		t.interval *= 2
		if !t.Request.IsInvite() {
			t.interval = min(t.interval, T2)
		}
		t.retransmit = now.Add(t.interval)
		return Step{Send: t.Request}
	}
	return Step{}
}

// Delay moves the moment of giving up to until, if it is before that: see the
// rule of thawing in the package comment.
func (t *ClientTransaction) Delay(until time.Time) { control.Delay(until, &t.timeout) }

// complete enters the state that absorbs copies for the given time.
func (t *ClientTransaction) complete(now time.Time, linger time.Duration) {
	t.retransmit, t.timeout = time.Time{}, time.Time{}
	if linger == 0 {
		t.terminate()
		return
	}
	t.state, t.linger = StateCompleted, now.Add(linger)
}

func (t *ClientTransaction) terminate() {
	t.state = StateTerminated
	t.retransmit, t.timeout, t.linger = time.Time{}, time.Time{}, time.Time{}
}
