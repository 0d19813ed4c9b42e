package report

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/ice/stun"
)

// TestCaptureHasChecks: the capture has the checks of a call by ICE, byte for byte; a
// redacted one has their headers alone, without an address or a word of the session.
func TestCaptureHasChecks(t *testing.T) {
	log, wire := calledBy(t, "use phone alice ice=on mic=tone:440\n")
	checks := 0
	for _, packets := range dissect(t, captured(t, log, wire)).datagrams {
		for _, data := range packets {
			if m, err := stun.Parse(data); err == nil {
				checks++
				if m.Class == stun.Request && m.Username == "" {
					t.Error("a check names nobody")
				}
			}
		}
	}
	if checks != 4 { // one to find the pair and one to nominate it, and their answers
		t.Errorf("%d messages of STUN in the capture, want 4", checks)
	}
	for _, p := range new(Redactor).Wire(wire).packets {
		if m, err := stun.Parse(p.Data); isSTUN(p.Data) && (err != nil || len(p.Data) != stunHeader || m.Username != "") {
			t.Errorf("a redacted check says %x, %v", p.Data, err)
		}
	}
}
