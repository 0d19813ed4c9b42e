package lab

import (
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// talksTo has a guest call carol, whose phone callee answers. It returns the 200 and the
// Route by which the dialog goes on.
func (c *wire) talksTo(callee *wire) (ok *grammar.Response, route string) {
	c.bench.t.Helper()
	c.ask("INVITE", carolURI, carolTo, "Contact: <sip:guest@10.7.7.8>")
	callee.say(callee.reqs[0], "200 OK", "carol")
	ok = c.last()
	return ok, "Route: " + text(ok, "Record-Route")
}

// A Contact is a claim of whoever registers it, and takes nothing from anybody else:
// neither an address of record, nor the contact of another account, nor its calls.
func TestContactsOfOthersAreNotTaken(t *testing.T) {
	const at = "10.7.7.7:1234"
	for name, contact := range map[string]string{
		"her address of record":    carolURI,
		"it by the lab's address":  "sip:carol@10.0.0.1",
		"it with the port":         "sip:carol@10.0.0.1:5060",
		"it with the root":         "sip:carol@lab.test.",
		"a robot's, of which none": "sip:zoe@lab.test",
		"her contact":              "sip:carol@" + at,
	} {
		for _, left := range []bool{false, true} { // whether alice has removed it again
			b := newBench(t, nil)
			guest, carol := b.callers("<sip:guest@lab.test>")
			ok, route := guest.talksTo(carol)
			thief := b.wire()
			thief.register("alice", "secret", "Contact: <"+contact+">")
			if left {
				thief.register("alice", "secret", "Contact: <"+contact+">;expires=0")
			}
			carol.reqs = nil
			guest.ask("MESSAGE", carolURI, carolTo)
			guest.ask("MESSAGE", "sip:carol@"+at, carolTo)
			guest.ask("INFO", "sip:carol@"+at, ok.To().Value(), route)
			guest.ask("INFO", carolURI, ok.To().Value(), route)
			guest.ask("MESSAGE", "sip:zoe@lab.test", "<sip:zoe@lab.test>")
			if len(carol.reqs) != 4 || len(thief.reqs) != 0 {
				t.Errorf("%s, left %t: carol has %d of 4 requests, who takes it %d", name, left, len(carol.reqs), len(thief.reqs))
			}
		}
	}
}

// The other way round, who was there first has it.
func TestContactOfTheFirst(t *testing.T) {
	b := newBench(t, nil)
	guest, carol := b.callers("<sip:guest@lab.test>")
	ok, route := guest.talksTo(carol)
	carol.register("carol", "secret", "Contact: *", "Expires: 0")
	thief := b.wire()
	thief.register("alice", "secret", "Contact: <sip:carol@10.7.7.7:1234>")
	carol.register("carol", "secret", "Contact: <sip:carol@10.7.7.7:1234>")
	carol.reqs = nil
	guest.ask("INFO", "sip:carol@10.7.7.7:1234", ok.To().Value(), route)
	guest.ask("MESSAGE", carolURI, carolTo)
	if len(carol.reqs) != 2 || len(thief.reqs) != 0 {
		t.Errorf("carol has %d of 2 requests, the other %d", len(carol.reqs), len(thief.reqs))
	}
}

// A phone that has come back is asked where it is now, and not who has had its address
// meanwhile.
func TestContactOfOneWhoComesBack(t *testing.T) {
	const old = "Contact: <sip:carol@10.7.7.7:1234>"
	for name, tc := range map[string]struct {
		leaves  bool
		contact string
	}{
		"to the same contact, over another connection": {false, old},
		"to another contact":                           {true, "Contact: <sip:carol@10.7.7.9:1234>"},
	} {
		b := newBench(t, nil)
		guest, carol := b.callers("<sip:guest@lab.test>")
		ok, route := guest.talksTo(carol)
		if tc.leaves {
			carol.hangsUp()
		}
		thief := b.wire()
		thief.register("alice", "secret", old)
		thief.register("alice", "secret", old+";expires=0")
		again := b.wire()
		again.register("carol", "secret", tc.contact)
		guest.ask("INFO", "sip:carol@10.7.7.7:1234", ok.To().Value(), route)
		if len(again.reqs) != 1 {
			t.Errorf("%s: %d requests there, %d at the thief: %s", name, len(again.reqs), len(thief.reqs), guest.last())
		}
	}
}

// A CANCEL is from whoever has called: the same connection, or one of the same account.
func TestCancelsOfOthers(t *testing.T) {
	const cancelled = true
	for name, tc := range map[string]struct {
		from string // who calls
		by   func(b *bench, caller *wire) *wire
		want bool
	}{
		"a guest":            {"<sip:guest@lab.test>", func(_ *bench, c *wire) *wire { return c }, cancelled},
		"another connection": {"<sip:guest@lab.test>", func(b *bench, _ *wire) *wire { return b.wire() }, !cancelled},
		"a guest who has come back": {"<sip:guest@lab.test>", func(_ *bench, c *wire) *wire {
			c.hangsUp()
			c.bench.w.Do(c.node, func(time.Time) []system.Effect { return []system.Effect{system.Connect{Socket: 1, Target: "lab:5060"}} })
			c.bench.run(100 * time.Millisecond)
			return c
		}, cancelled},
		"another account":                  {asAlice, func(b *bench, _ *wire) *wire { return b.wire().refresh("") }, !cancelled},
		"alice":                            {asAlice, func(_ *bench, c *wire) *wire { return c }, cancelled},
		"alice, over another connection":   {asAlice, func(b *bench, _ *wire) *wire { c := b.wire(); c.register("alice", "secret", contact); return c }, cancelled},
		"somebody else when alice is gone": {asAlice, func(b *bench, c *wire) *wire { c.hangsUp(); return b.wire() }, !cancelled},
	} {
		b := newBench(t, nil)
		caller, carol := b.callers(tc.from)
		caller.authorized("INVITE", carolURI, carolTo, "alice", "secret", "Contact: <sip:x@10.7.7.8>")
		carol.say(carol.reqs[0], "180 Ringing", "carol")
		cancel := caller.text("CANCEL", carolURI, carolTo)
		by := tc.by(b, caller)
		carol.reqs = nil
		by.send(cancel)
		if got := len(carol.reqs) == 1 && carol.reqs[0].Method == grammar.CANCEL; got != tc.want {
			t.Errorf("%s: cancelled is %t, want %t", name, got, tc.want)
		}
		if !tc.want && by.last().StatusCode != 481 {
			t.Errorf("%s: %s", name, by.last())
		}
	}
}

// What a number or a written root hides is no guest.
func TestGuestsWhoAreNone(t *testing.T) {
	for from, asked := range map[string]bool{
		"<sip:alice@lab.test.>": true, "<tel:+49-30-1234>": true, "<tel:+49301234;x=y>": true, "<tel:+49301235>": false, "<tel:alice>": false,
		"<sip:%61lice@LAB.TEST>": true, "<sips:alice@lab.test>": true, `"Alice" <sip:alice:pw@lab.test;user=phone>`: true,
	} {
		b := newBench(t, func(c *Config) { c.Accounts = append(c.Accounts, Account{User: "+49301234", Password: "secret"}) })
		c, carol := b.callers(from)
		if res := c.ask("MESSAGE", carolURI, carolTo); asked != (res != nil && res.StatusCode == 407) || asked == (len(carol.reqs) > 0) {
			t.Errorf("%s: asked is not %t: %v", from, asked, res)
		}
	}
}

// TestOddFlows: a flow without a number is refused, and an instance is written back as it
// was, so that nobody finds more in it (RFC 5626 §4.2).
func TestOddFlows(t *testing.T) {
	const instance = `+sip.instance="<urn:x:a \"b\";expires=9\\>"`
	for reg, status := range map[string]int{
		"1": 200, "2147483647": 200, `"7"`: 200, "0": 400, "2147483648": 400, "-1": 400, "x": 400, "": 400, `"1 2"`: 400, `"1;expires=99999"`: 400,
	} {
		res := newBench(t, nil).wire().register("alice", "secret", contact+";"+instance+";reg-id="+reg)
		want := "<sip:alice@192.168.7.7:1234;transport=tcp>;expires=3600;" + instance + ";reg-id=" + strings.Trim(reg, `"`)
		if res.StatusCode != status || status == 200 && text(res, "Contact") != want {
			t.Errorf("reg-id=%s: %s", reg, res)
		}
	}
	if res := newBench(t, nil).wire().register("alice", "secret", contact+";"+instance); !strings.HasSuffix(text(res, "Contact"), ";"+instance) {
		t.Errorf("no reg-id: %s", res)
	}
}

// TestOneFlowPerRegister: a REGISTER has come by one flow, and none is bound if it names
// two (RFC 5626 §6); a Contact that is no flow may stand beside one.
func TestOneFlowPerRegister(t *testing.T) {
	const instance = `+sip.instance="<urn:x:a>"`
	second := ", <sip:alice@192.168.7.8:1234;transport=tcp>;" + instance
	for more, status := range map[string]int{"": 200, second: 200, second + ";reg-id=2": 400, second + ";reg-id=1": 400} {
		if res := newBench(t, nil).wire().register("alice", "secret", contact+";"+instance+";reg-id=1"+more); res.StatusCode != status {
			t.Errorf("%q: %s", more, res)
		}
	}
}

// TestRequestURIs: a contact is asked without what no Request-URI has (RFC 3261 §19.1.1,
// table 1), also by the lab itself.
func TestRequestURIs(t *testing.T) {
	b := newBench(t, nil)
	carol := b.wire()
	const there = "sip:carol@10.7.7.7:1234;line=1;transport=tcp"
	carol.register("carol", "secret", "Contact: <sip:carol@10.7.7.7:1234;line=1;Method=REFER;transport=tcp?Route=%3Csip:evil.test%3E&Subject=x>")
	b.wire().ask("MESSAGE", carolURI, carolTo)
	b.do("ask carol OPTIONS")
	b.run(100 * time.Millisecond)
	if len(carol.reqs) != 2 {
		t.Fatal(carol.reqs)
	}
	for _, req := range carol.reqs {
		if got := req.Recipient.String(); got != there || text(req, "Subject")+text(req, "Route") != "" {
			t.Errorf("%s", req)
		}
	}
}

// Credentials are for a Request-URI, and "*" is none.
func TestCredentialsForEverything(t *testing.T) {
	b := newBench(t, nil)
	c, _ := b.callers(asAlice)
	cred := credentialsFor(t, c.request("MESSAGE", carolURI, carolTo), "MESSAGE", "*", "alice", "secret")
	if res := c.request("MESSAGE", carolURI, carolTo, cred); res.StatusCode != 400 {
		t.Errorf("%s", res)
	}
}
