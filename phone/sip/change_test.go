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
