package sip

import (
	"strings"
	"testing"
)

// TestLateAnswerByTheNextFlow: the 200 to an INVITE whose flow has broken is acknowledged
// and hung up, if the call has ended with the flow; a call that is up is left alone.
func TestLateAnswerByTheNextFlow(t *testing.T) {
	const answer = "respond INVITE 200 sdp Contact: <sip:bob@192.0.2.9:5060;transport=tcp>"
	const reconnect = "respond REGISTER 200 Contact: CONTACT;expires=3600"
	for _, up := range []bool{false, true} {
		r := registered(t)
		r.plays("invite bob", "respond INVITE 180")
		if up {
			r.plays(answer)
		}
		r.plays("closed reset", "advance 5s", "connected", reconnect)
		before := r.w.Len()
		r.plays(answer, answer)
		log := r.w.String()[before:]
		if acks, byes, said := strings.Count(log, "--> ACK"), strings.Count(log, "--> BYE"), strings.Count(log, "late-answer"); up && byes+said > 0 || !up && (acks != 2 || byes != 1 || said != 1 || !strings.Contains(log, flowGone)) {
			t.Errorf("up: %t: %d ACK, %d BYE, said %d times:\n%s", up, acks, byes, said, log)
		}
	}
}
