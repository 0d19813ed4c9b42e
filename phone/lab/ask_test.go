package lab

import (
	"strings"
	"testing"
	"time"
)

// What the lab asks of a phone has the header fields that its method must have, but
// those that the tester writes or leaves out.
func TestAskedRequestsAreWhole(t *testing.T) {
	const contact = "<sip:lab@10.0.0.1:5060;transport=tcp>"
	for line, want := range map[string]map[string]string{
		"OPTIONS":                       {"Accept": "application/sdp", "Contact": ""},
		"REFER":                         {"Contact": contact, "Refer-To": "<sip:lab@lab.test>", "Accept": ""},
		"REFER Refer-To=":               {"Contact": contact, "Refer-To": ""},
		"REFER r=sip:bob@lab.test":      {"Contact": contact, "Refer-To": "sip:bob@lab.test"},
		"REFER contact=<sip:x@y>":       {"Contact": "<sip:x@y>", "Refer-To": "<sip:lab@lab.test>"},
		"SUBSCRIBE":                     {"Contact": contact, "Event": "presence", "Expires": "0"},
		"SUBSCRIBE o=dialog Expires=60": {"Contact": contact, "Event": "dialog", "Expires": "60"},
		"NOTIFY":                        {"Contact": contact, "Event": "message-summary", "Subscription-State": "active"},
		"NOTIFY Event=x Subscription-State=terminated": {"Event": "x", "Subscription-State": "terminated"},
		"PUBLISH": {"Event": "presence", "Contact": ""},
		"MESSAGE": {"Content-Type": "text/plain", "Contact": "", "Accept": ""},
		"INFO":    {"Contact": ""},
	} {
		b := newBench(t, nil)
		_, carol := b.callers("")
		b.do("ask carol " + line)
		b.run(100 * time.Millisecond)
		if len(carol.reqs) != 1 {
			t.Fatalf("%s: %v", line, carol.reqs)
		}
		for name, value := range want {
			all := carol.reqs[0].GetHeaders(name)
			if got := text(carol.reqs[0], name); got != value || len(all) > 1 || value == "" && len(all) > 0 {
				t.Errorf("%s: %s: %q (%d of them), want %q", line, name, got, len(all), value)
			}
		}
	}
}

// A registrar that sends a phone back to itself (RFC 3261 §21.3): it must say where to.
func TestRegisterIsRedirected(t *testing.T) {
	b := newBench(t, nil)
	b.do("respond 302 to REGISTER")
	res := b.wire().request("REGISTER", "sip:lab.test", "<sip:alice@lab.test>")
	if res.StatusCode != 302 || text(res, "Contact") != "<sip:lab.test>" {
		t.Errorf("%s", res)
	}
}

// A tester has a robot's INVITE be odd, and other digests asked for.
func TestRobotHeadersAndChallenges(t *testing.T) {
	b := newBench(t, nil)
	_, carol := b.callers("")
	b.do("bob: header INVITE X-Odd: yes")
	b.do("bob calls carol")
	b.run(time.Second)
	if len(carol.reqs) == 0 || text(carol.reqs[0], "X-Odd") != "yes" {
		t.Errorf("%v", carol.reqs)
	}
	b.do("challenge SHA-256,MD5")
	if _, err := b.lab.Do(b.w.Now(), "challenge SHA-1"); err == nil {
		t.Error("a digest that there is not")
	}
	res := b.wire().request("REGISTER", "sip:lab.test", "<sip:alice@lab.test>")
	if all := res.GetHeaders("WWW-Authenticate"); len(all) != 2 || !strings.Contains(all[0].Value(), "algorithm=SHA-256") || !b.saw("lab", "challenges", "SHA-256, MD5") {
		t.Errorf("%s", res)
	}
}
