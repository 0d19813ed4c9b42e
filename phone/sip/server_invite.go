package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"
)

// answerInvite is the final response to an INVITE (RFC 3261 §17.2.1, RFC 6026
// §8.5):
//
//	proceeding ──┬── 2xx ──▶ accepted ── L ──▶ terminated
//	             └── 300-699 ──▶ completed ── ACK ──▶ confirmed ── I ──▶ terminated
//	                                └── timer H ──▶ terminated
//
// A 2xx is retransmitted by the transaction user until its ACK comes, which
// is a transaction of its own.
func (t *ServerTransaction) answerInvite(now time.Time, res *sip.Response) {
	if res.IsSuccess() {
		t.absorb(now, StateAccepted, giveUp) // timer L
		return
	}
	t.state = StateCompleted
	t.timeout = now.Add(giveUp) // timer H
	if !t.reliable {
		t.interval, t.retransmit = T1, now.Add(T1)
	}
}

// receiveAck takes the ACK. In the accepted state it belongs to the dialog.
func (t *ServerTransaction) receiveAck(now time.Time) Step {
	switch t.state {
	case StateAccepted:
		return Step{Pass: true}
	case StateCompleted:
		t.absorb(now, StateConfirmed, unless(t.reliable, T4)) // timer I
	}
	return Step{}
}
