package sip

import (
	"strings"
	"testing"
)

// TestWaitingChange: the peer's next INVITE says that our 2xx to the one before has come.
// What has waited for that is offered whatever the INVITE is answered.
func TestWaitingChange(t *testing.T) {
	for name, invite := range map[string]string{
		"488": "sdp", // the program refuses it
		"415": `"x" Content-Type: image/png`,
		"420": "sdp Require: frob",
		"422": "sdp Session-Expires: 10 | Supported: timer",
	} {
		r := registered(t)
		r.plays("peer INVITE sdp", "answer 1", "peer ACK", "peer INVITE sdp", "answer 1", "reinvite 1")
		if r.plays("peer INVITE " + invite); name == "488" {
			if strings.Contains(r.w.String(), "ModifyAgain") {
				t.Errorf("it is offered while the peer's has no answer:\n%s", &r.w)
			}
			r.plays("reject 1 488")
		} else if r.sent["INVITE "+name] == nil {
			t.Errorf("%s is not answered:\n%s", name, &r.w)
		}
		if n := strings.Count(r.w.String(), "NOTICE ModifyAgain{ID:1}"); n != 1 {
			t.Errorf("%s: offered %d times:\n%s", name, n, &r.w)
		}
		if r.plays("advance 40s"); r.a.calls.byID(1) == nil {
			t.Errorf("%s: the call was ended:\n%s", name, &r.w)
		}
	}
}

// TestRefusalEndsTheRow: flows that break under an offer, and offers that cross the peer's,
// are counted until the peer refuses one or takes one, and not for as long as the call is up.
func TestRefusalEndsTheRow(t *testing.T) {
	lost := func(r *rig) {
		r.plays("reinvite 1", "closed")
		for !r.a.Opening() {
			r.plays("advance 1s")
		}
		r.plays("connected", "respond REGISTER 200 Contact: CONTACT;expires=3600")
	}
	crossed := func(r *rig) { r.plays("reinvite 1", "respond INVITE 491", "advance 4s") }
	for _, c := range []struct {
		name   string
		fails  func(*rig)
		most   int
		answer string // to the one before the last that may fail
		again  bool   // one more that fails is offered again
	}{
		{"flows break, then none", lost, maxLosses, "488", true},
		{"flows break, then none, and it is taken", lost, maxLosses, "200 sdp", true},
		{"flows break, and one crosses", lost, maxLosses, "491", false},
		{"they cross, then not", crossed, maxGlares, "488", true},
		{"they cross, then not, and it is taken", crossed, maxGlares, "200 sdp", true},
	} {
		r := registered(t)
		r.plays("invite bob", "respond INVITE 200 sdp Contact: <sip:bob@192.0.2.7:5070;transport=tcp>")
		for range c.most - 1 {
			c.fails(r)
		}
		r.plays("reinvite 1", "respond INVITE "+c.answer, "advance 10m")
		r.w.Reset()
		c.fails(r)
		if again, failed := strings.Count(r.w.String(), "NOTICE ModifyAgain"), strings.Count(r.w.String(), "NOTICE ModifyFailed"); c.again != (again == 1) || c.again != (failed == 0) {
			t.Errorf("%s: offered again %d times, given up %d times\n%s", c.name, again, failed, &r.w)
		}
	}
}

// offering makes an offer.
func offering(offer string) func() []byte { return func() []byte { return []byte(offer) } }

// TestChangeThatIsLeft: the offer of a change that has to wait is not made, and if nothing is
// left to change in the end, nothing is sent, and what waits for the change goes on.
func TestChangeThatIsLeft(t *testing.T) {
	r := registered(t)
	made := 0
	r.plays("peer INVITE sdp", "answer 1", "peer ACK", "reinvite 1")
	r.print(r.a.Reinvite(r.now, 1, func() []byte { made++; return []byte(testSDP) }))
	r.plays("respond INVITE 200 sdp")
	log := r.w.String()
	if made != 0 || !strings.Contains(log, "NOTICE ModifyAgain{ID:1}") {
		t.Fatalf("made %d times:\n%s", made, log)
	}
	r.print(r.a.Reinvite(r.now, 1, func() []byte { made++; return nil }))
	if made != 1 || r.w.String() != log {
		t.Errorf("made %d times:\n%s", made, &r.w)
	}
}
