package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"
)

// receiveInvite is the INVITE client transaction (RFC 3261 §17.1.1, RFC 6026
// §8.4):
//
//	calling ── 1xx ──▶ proceeding ──┬── 2xx ──▶ accepted ── M ──▶ terminated
//	   │                            └── 300-699: ACK ──▶ completed ── D ──▶ terminated
//	   └── timer B ──▶ terminated
//
// The ACK to a 2xx is the transaction user's, who gets every copy of it.
func (t *ClientTransaction) receiveInvite(now time.Time, res *sip.Response) Step {
	switch {
	case t.state == StateAccepted:
		return Step{Pass: res.IsSuccess()}
	case t.state == StateCompleted && res.StatusCode >= 300:
		return Step{Send: ackFor(t.Request, res)}
	case t.state != StateCalling && t.state != StateProceeding:
		return Step{}
	case res.IsProvisional():
		// Timers A and B stop: a phone may ring for as long as it likes.
		t.state, t.retransmit, t.timeout = StateProceeding, time.Time{}, time.Time{}
		return Step{Pass: true}
	case res.IsSuccess():
		t.state, t.retransmit, t.timeout = StateAccepted, time.Time{}, time.Time{}
		t.linger = now.Add(giveUp) // timer M
		return Step{Pass: true}
	default:
		t.complete(now, unless(t.reliable, timerDUnreliable))
		return Step{Send: ackFor(t.Request, res), Pass: true}
	}
}

// ackFor builds the ACK to a final response that is no 2xx (RFC 3261
// §17.1.1.3): the same Via, Route, Call-ID, From and CSeq number, and the To
// of the response.
func ackFor(invite *sip.Request, res *sip.Response) *sip.Request {
	ack := sip.NewRequest(sip.ACK, *invite.Recipient.Clone())
	ack.AppendHeader(sip.HeaderClone(invite.Via()))
	for _, route := range Fields(invite, "route") {
		ack.AppendHeader(sip.HeaderClone(route))
	}
	hops := sip.MaxForwardsHeader(maxForwards)
	ack.AppendHeader(&hops)
	ack.AppendHeader(sip.HeaderClone(invite.From()))
	ack.AppendHeader(ackTo(invite, res))
	ack.AppendHeader(invite.CallID())
	ack.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sip.ACK})
	ack.SetBody(nil)
	return ack
}
