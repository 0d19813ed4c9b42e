package sip

import (
	"fmt"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// turnAway refuses a request of a peer's, and says why. fields go with the status.
func (w *wire) turnAway(s *step, tx *ServerTransaction, status int, because string, fields ...sip.Header) {
	w.reply(s, tx, status, fields...)
	turnedAway(s, event.RuleTurnedAway, tx.Request, status, because)
}

// turnedAway writes down that the agent itself has refused a request: its sender has a
// status, and who watches the phone would have nothing but the message.
func turnedAway(s *step, rule event.Rule, req *sip.Request, status int, because string) {
	s.Log(event.Warning{
		Rule: rule,
		Note: fmt.Sprintf("%s of %s was answered %d: %s", shortText(string(req.Method)), addressOfRecord(&req.From().Address), status, because),
		Hint: "nothing was done with it; see the request in the SIP log",
	})
}

// Why requests are refused.
const (
	noDialog    = "it names no dialog of ours, or one that is over"
	outOfOrder  = "its CSeq is lower than that of the last request in the dialog (RFC 3261 §12.2.2)"
	cameAlready = "it has come before, on this way or another (RFC 3261 §8.2.2.2)"
	oursWaits   = "an offer of ours, or its acknowledgement, is under way (RFC 3261 §14.2, RFC 3311 §5.2)"
	theirsWaits = "an earlier offer of the sender's has no answer yet (RFC 3261 §14.2, RFC 3311 §5.2)"
	timerBrief  = "its session timer is shorter than we take (RFC 4028 §9)"
)

// missed refuses a call before the user has heard of it: it was one all the same.
func (cs *calls) missed(s *step, tx *ServerTransaction, status int, because string) {
	req := tx.Request
	e := event.Call{
		ID: cs.next(), Phase: event.CallIncoming, Peer: addressOfRecord(&req.From().Address), Name: DisplayName(req.From().DisplayName), CallID: req.CallID().Value(),
	}
	introductionOf(req).fill(&e)
	s.Log(e)
	cs.turnAway(s, tx, status, because)
	s.Log(event.Call{
		ID: e.ID, Phase: event.CallEnded, Peer: e.Peer, Name: e.Name, CallID: e.CallID, Status: status, Reason: because, By: "us", Missed: true,
	})
	s.Notice(control.Missed{From: e.Peer, Name: control.Shown(e.Name)})
}
