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

// TestLateAnswerInTheKernel: the program is stopped until long after an INVITE of its has
// ended, and then reads a 200 that came in time: that is acknowledged and hung up. Read as
// late by a program that ran, it is not.
func TestLateAnswerInTheKernel(t *testing.T) {
	for pause, want := range map[string]string{"freeze 2m": "ACK BYE", "advance 2m": ""} {
		r := registered(t)
		r.plays("invite bob", "respond INVITE 486", pause)
		before := r.w.Len()
		r.plays("respond INVITE 200 tag=y sdp Contact: <sip:bob@192.0.2.9:5060;transport=tcp>")
		var sent []string
		for _, method := range []string{"ACK", "BYE"} {
			if strings.Contains(r.w.String()[before:], "--> "+method) {
				sent = append(sent, method)
			}
		}
		if got := strings.Join(sent, " "); got != want {
			t.Errorf("%s: sent %q, not %q:\n%s", pause, got, want, r.w.String()[before:])
		}
	}
}
