package lab

import (
	"strings"
	"testing"

	grammar "github.com/emiago/sipgo/sip"
)

// The 503 of a phone is about that phone: it goes back as 500, without the time that the
// phone does not want to be asked for (RFC 3261 §16.7 step 6), and what came is logged.
func TestPhoneIsUnavailable(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	for _, method := range []string{"INVITE", "MESSAGE"} {
		c.ask(method, carolURI, carolTo)
		carol.say(carol.reqs[len(carol.reqs)-1], "503 Over there", "carol", "Retry-After: 30 (lunch)", "Reason: Q.850;cause=42")
		res := c.last()
		if res.StatusCode != 500 || res.Reason != "Server Internal Error" || text(res, "Retry-After") != "" || text(res, "Reason") != "Q.850;cause=42" {
			t.Errorf("%s: %s", method, res)
		}
		if !b.saw("lab", "phone unavailable", method, "goes back as 500, without its Retry-After: 30 (lunch)") {
			t.Errorf("%s: nothing is said", method)
		}
	}
	for _, tc := range []struct {
		one, two string
		want     int
	}{
		{"503 Busy", "486 Busy Here", 486},
		{"486 Busy Here", "503 Busy", 486},
		{"503 Busy", "504 Late", 500},
		{"503 Busy", "503 Busy", 500},
	} {
		b := newBench(t, nil)
		c, one, two := b.forked()
		one.say(one.reqs[0], tc.one, "one")
		two.say(two.reqs[0], tc.two, "two")
		if last := c.last(); last.StatusCode != tc.want {
			t.Errorf("%q and %q: %s", tc.one, tc.two, last)
		}
	}
}

// Who registers says who it is, too (RFC 3261 §10.3 step 4): with the name of another
// account it is refused as a caller is, and a third party that is none may register whom
// it has the password of.
func TestRegisterFromSomebodyElse(t *testing.T) {
	for from, want := range map[string]int{
		asAlice:                               200,
		"<sip:alice@elsewhere.test>":          200,
		"<sip:secretary@lab.test>":            200,
		"<sip:open@lab.test>":                 200, // it has no password to show
		carolTo:                               403,
		`"Carol" <sip:%63arol@LAB.test>`:      403,
		"<sips:carol@lab.test;transport=tcp>": 403,
	} {
		b := newBench(t, func(c *Config) { c.Accounts = append(c.Accounts, Account{User: "open"}) })
		c := b.wire()
		c.from = from
		res := c.register("alice", "secret", "Contact: <sip:alice@10.7.7.7:1234>")
		if n := len(b.lab.sip.Bindings("alice")); res.StatusCode != want || n != map[int]int{200: 1}[want] {
			t.Errorf("%s: %s, and %d bindings", from, res, n)
		}
		if b.saw("lab", "forged From", "alice may not call itself carol") != (want == 403) {
			t.Errorf("%s: what is said of it", from)
		}
	}
}

// Of two Event fields the first counts, and that is said.
func TestTwoEvents(t *testing.T) {
	b := newBench(t, nil)
	c, res := b.watcher("carol", "presence", "o: dialog")
	if res.StatusCode != 200 {
		t.Fatal(res)
	}
	c.wantNotify("active", "<presence")
	if !b.saw("lab", "warning: untidy-message", "SUBSCRIBE", "Event: there are two of it; the first counts") {
		t.Error("nothing is said of it")
	}
	c = b.wire()
	c.from = carolTo
	res = c.withBody("x", "PUBLISH", carolURI, carolTo, "Event: presence", "Event: dialog", "Content-Type: application/pidf+xml")
	res = c.withBody("x", "PUBLISH", carolURI, carolTo, "Event: presence", "Event: dialog", "Content-Type: application/pidf+xml", credentialsFor(t, res, "PUBLISH", carolURI, "carol", "secret"))
	if res.StatusCode != 200 || !b.saw("lab", "warning: untidy-message", "PUBLISH", "Event: there are two of it") {
		t.Errorf("%s", res)
	}
	alice, phone := b.callers(asAlice)
	alice.authorized("NOTIFY", carolURI, carolTo, "alice", "secret", "Event: x", "Event: y", "Subscription-State: active")
	if got := phone.reqs; len(got) != 1 || got[0].Method != grammar.NOTIFY || strings.Count(got[0].String(), "Event: ") != 1 || text(got[0], "Event") != "x" {
		t.Errorf("what is sent on: %v", got)
	}
}
