package sip

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// TestOneRead: of a change of the session that is taken back in the same read, or
// ends with the call in it, the program never hears.
func TestOneRead(t *testing.T) {
	for end, want := range map[string][]string{
		"":       {"control.Modify"},
		"CANCEL": nil,
		"BYE":    {"control.Ended"},
	} {
		r := registered(t)
		r.plays("peer INVITE sdp", "answer 1", "peer ACK")
		var got []string
		r.seen = func(out control.Output, _ int) {
			for _, n := range out.Notices {
				got = append(got, fmt.Sprintf("%T", n))
			}
		}
		data := Encode(r.peerRequest("INVITE", "sdp"))
		if end != "" {
			data = append(data, Encode(r.peerRequest(end, ""))...)
		}
		r.receive(data)
		if !slices.Equal(got, want) {
			t.Errorf("re-INVITE and %q: %q, want %q", end, got, want)
		}
	}
}
