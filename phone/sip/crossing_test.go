package sip

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCrossingBye: what a peer has sent before it had our BYE is answered 481, and not held
// against it. Later, and in a call that it has ended itself, it is.
func TestCrossingBye(t *testing.T) {
	up := []string{"peer INVITE sdp", "answer 1", "peer ACK"}
	over := slices.Concat(up, []string{"hangup 1", "respond BYE 200"})
	for name, c := range map[string]struct {
		plays  []string
		status string // of the last request
		blamed bool
	}{
		"a BYE":                    {slices.Concat(over, []string{"peer BYE"}), "BYE 481", false},
		"a BYE, late":              {slices.Concat(over, []string{"advance 63s", "peer BYE"}), "BYE 481", false},
		"a BYE, too late":          {slices.Concat(over, []string{"advance 64s", "peer BYE"}), "BYE 481", true},
		"a BYE, ours unanswered":   {slices.Concat(up, []string{"hangup 1", "peer BYE"}), "BYE 200", false},
		"a BYE, ours given up":     {slices.Concat(up, []string{"hangup 1", "advance 33s", "peer BYE"}), "BYE 481", false},
		"an INFO after our BYE":    {slices.Concat(over, []string{"peer INFO"}), "INFO 481", true},
		"a re-INVITE":              {slices.Concat(up, []string{"hangup 1", "peer INVITE sdp"}), "INVITE 481", false},
		"an UPDATE":                {slices.Concat(up, []string{"hangup 1", "peer UPDATE"}), "UPDATE 481", false},
		"a second BYE":             {slices.Concat(up, []string{"peer BYE", "peer BYE"}), "BYE 481", true},
		"a BYE of another dialog":  {slices.Concat(over, []string{"peer BYE as=carol"}), "BYE 481", true},
		"a BYE of a fork, hung up": {[]string{"invite bob", "respond INVITE 200 sdp", "respond INVITE 200 tag=fork sdp", "respond BYE 200", "peer BYE tag=fork"}, "BYE 481", false},
	} {
		r := registered(t)
		r.plays(c.plays...)
		if _, sent := r.sent[c.status]; !sent || strings.Contains(r.w.String(), "turned-away") != c.blamed {
			t.Errorf("%s: %s sent %t\n%s", name, c.status, sent, &r.w)
		}
	}
	p := inCall(t, TCP)
	p.one.plays("hangup 1", "respond BYE 200")
	p.byTwo("BYE")
	if strings.Contains(p.two.w.String(), "turned-away") {
		t.Errorf("by another flow:\n%s", &p.two.w)
	}
}

// TestNothingAfterHangup: once the user has hung up, no request in the dialog but a BYE does
// anything, be our BYE unanswered, or be it still to be sent: it is answered 481, and nobody
// is blamed.
func TestNothingAfterHangup(t *testing.T) {
	acked := []string{"peer INVITE sdp", "answer 1", "peer ACK", "hangup 1"}
	for name, before := range map[string][]string{"unanswered": acked, "owed": {"peer INVITE sdp", "answer 1", "hangup 1"}} {
		for _, request := range []string{
			"REFER Refer-To: <sip:carol@example.com>", `INFO "Signal=5\r\n" Content-Type: application/dtmf-relay`, `MESSAGE "hi" Content-Type: text/plain`, "OPTIONS",
			`NOTIFY "Messages-Waiting: yes\r\n" Event: message-summary | Content-Type: application/simple-message-summary`, "NOTIFY Event: refer", "NOTIFY Event: what",
			"PRACK RAck: 1 1 INVITE", "UPDATE sdp", "INVITE sdp", "INFO Require: what", "SUBSCRIBE", "WHAT",
		} {
			r := registered(t)
			r.plays(before...)
			r.w.Reset()
			r.plays("peer " + request)
			method, _, _ := strings.Cut(request, " ")
			if r.sent[method+" 481"] == nil {
				t.Errorf("%s, %s: no 481\n%s", name, request, &r.w)
			}
			for line := range strings.Lines(r.w.String()) {
				if !strings.Contains(line, "<--") && !strings.Contains(line, "-->") {
					t.Errorf("%s, %s: %s", name, request, line)
				}
			}
		}
	}
}

// TestMemoryIsBounded: no more is remembered than maxTransactions, nor for longer than it is
// of use.
func TestMemoryIsBounded(t *testing.T) {
	var b byes
	for i := range uint32(maxTransactions + 1) {
		b.sent(newStep(epoch), dialog{localSeq: i})
	}
	numbered := func(n uint32) bool { return b.has(func(d *dialog) bool { return d.localSeq == n }) }
	if len(b.list) != maxTransactions || numbered(0) || !numbered(maxTransactions) || !b.deadline().Equal(epoch.Add(64*time.Second)) {
		t.Errorf("%d, until %s", len(b.list), b.deadline())
	}
	if b.advance(newStep(epoch.Add(64 * time.Second))); len(b.list) != 0 || !b.deadline().IsZero() {
		t.Errorf("%d after their time", len(b.list))
	}
}

// TestMemoryThaws: what has waited in the kernel while the program was stopped is still known
// when it is read, be nothing else due by then.
func TestMemoryThaws(t *testing.T) {
	for name, c := range map[string]struct{ before, late []string }{
		"a BYE that has crossed": {[]string{"peer INVITE sdp", "answer 1", "peer ACK", "hangup 1", "respond BYE 200"}, []string{"peer BYE"}},
		"a refused INVITE":       {[]string{"peer INVITE sdp", "reject 1 486", "peer ACK"}, nil},
	} {
		for _, stopped := range []string{"5m", "66s"} {
			r := registered(t)
			r.plays(c.before...)
			r.plays("freeze " + stopped)
			r.w.Reset()
			if r.plays(c.late...); c.late == nil {
				r.receive(Encode(forked(r.asked)))
			}
			log := r.w.String()
			if strings.Contains(log, "turned-away") || strings.Contains(log, "NOTICE") {
				t.Errorf("%s, stopped for %s:\n%s", name, stopped, log)
			}
			r.plays("advance 1s")
			if len(r.a.client.byes.list)+len(r.a.wire.recent.list) != 0 {
				t.Errorf("%s, stopped for %s: it is known for ever", name, stopped)
			}
		}
	}
}
