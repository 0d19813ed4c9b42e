package sip

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// TestBypassCarriesAll: whatever is too large goes over TCP with all that the account
// adds to it, has its answer there, and goes over UDP where TCP breaks under it.
func TestBypassCarriesAll(t *testing.T) {
	up := []string{"invite bob", "respond INVITE 200 sdp Contact: <sip:bob@192.0.2.7:5070>"}
	for _, test := range []struct {
		method      sip.RequestMethod
		before      []string
		do, respond string
		want        string // in the log, once it is answered
	}{
		{sip.MESSAGE, nil, "text bob hello", "200", "text to sip:bob@example.com          hello (200 OK)"},
		{sip.SUBSCRIBE, nil, "subscribe presence sip:bob@example.com", "200 Expires: 3600", "presence of sip:bob@example.com active 200 OK"},
		{sip.REFER, up, "transfer 1 carol", "202", "transfer accepted"},
		{sip.PUBLISH, nil, "publish open", "200 SIP-ETag: a | Expires: 3600", "publication of presence active       200 OK"},
		{sip.OPTIONS, nil, "ask", "200", "200 OK (OPTIONS)"},
	} {
		for _, breaks := range []bool{false, true} {
			r := newRig(t, Config{})
			r.plays("config udp", "register", "connected", "respond REGISTER 200 Contact: CONTACT;expires=3600")
			r.plays(test.before...)
			r.plays("header "+string(test.method)+" X-Long LONG", test.do, "tcp connected")
			sent := func(how string) bool {
				all := strings.Split(r.w.String(), "--> "+string(test.method)+" ")
				line, _, _ := strings.Cut(all[len(all)-1], "\n")
				return len(all) > 1 && strings.HasSuffix(line, how)
			}
			if !sent(" B, over the tcp socket") {
				t.Fatalf("%s is not sent over TCP:\n%s", test.method, r.w.String())
			}
			over := "tcp "
			if breaks {
				r.plays("tcp closed reset")
				over = ""
			}
			if breaks && !sent(" B") {
				t.Errorf("%s is not sent over UDP:\n%s", test.method, r.w.String())
			}
			r.plays(over + "respond " + string(test.method) + " " + test.respond)
			if !strings.Contains(r.w.String(), test.want) {
				t.Errorf("%s, and TCP breaks: %t: no %q in\n%s", test.method, breaks, test.want, r.w.String())
			}
		}
	}
}
