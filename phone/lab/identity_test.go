package lab

import (
	"cmp"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/app"
)

const (
	carolURI = "sip:carol@lab.test"
	carolTo  = "<" + carolURI + ">"
	asAlice  = "<sip:alice@lab.test>"
)

// callers are a client that says to be somebody, and carol's phone.
func (b *bench) callers(from string) (caller, carol *wire) {
	b.t.Helper()
	carol = b.wire()
	if res := carol.register("carol", "secret", "Contact: <sip:carol@10.7.7.7:1234>"); res.StatusCode != 200 {
		b.t.Fatal(res.StatusCode)
	}
	caller = b.wire()
	caller.from = from
	return caller, carol
}

// authorized is ask with credentials for the challenge that it draws.
func (c *wire) authorized(method, uri, to, user, password string, more ...string) *grammar.Response {
	c.bench.t.Helper()
	res := c.ask(method, uri, to, more...)
	if res == nil || res.StatusCode != 407 {
		return res
	}
	return c.ask(method, uri, to, append(more, credentialsFor(c.bench.t, res, method, uri, user, password))...)
}

// Accounts are asked who they are (RFC 3261 §22.3), guests are not.
func TestAccountsAreAskedWhoTheyAre(t *testing.T) {
	asked := []string{"INVITE", "MESSAGE", "SUBSCRIBE", "PUBLISH", "REFER", "OPTIONS", "INFO", "BYE", "UPDATE", "FOO"}
	for _, tc := range []struct {
		from  string
		asked bool
	}{
		{asAlice, true},
		{"<sip:alice@LAB.test>", true},
		{"<sip:alice@10.0.0.1>", true},
		{"<sip:bob@lab.test>", true}, // a robot's name
		{"<sip:alice@elsewhere.test>", false},
		{"<sip:nobody@lab.test>", false},
		{"<sip:open@lab.test>", false}, // it has no password to show
		{"<sip:anonymous@anonymous.invalid>", false},
	} {
		b := newBench(t, func(c *Config) { c.Accounts = append(c.Accounts, Account{User: "open"}) })
		c, carol := b.callers(tc.from)
		if res := c.ask("OPTIONS", "sip:lab.test", "<sip:lab.test>"); res == nil || res.StatusCode != 200 {
			t.Errorf("who keeps its way open From %s: %v", tc.from, res)
		}
		for _, method := range asked {
			n := len(carol.reqs)
			res := c.ask(method, carolURI, carolTo)
			want := tc.asked || method == "PUBLISH" // for carol, only carol may
			if got := res != nil && res.StatusCode == 407; got != want {
				t.Errorf("%s From %s: asked %v, want %v", method, tc.from, got, want)
			}
			if method == "PUBLISH" {
				continue // it is for the lab itself
			}
			if want == (len(carol.reqs) > n) {
				t.Errorf("%s From %s reached carol %v", method, tc.from, want)
			}
		}
	}
}

// What passes without the credentials of an account is what nobody else can make.
func TestNamesAreNotForged(t *testing.T) {
	for name, tc := range map[string]struct {
		method, uri, to string
		asked           bool
	}{
		"a BYE outside of a dialog":         {"BYE", carolURI, carolTo, true},
		"a BYE, by the tags of its dialog":  {"BYE", carolURI, carolTo + ";tag=x", false},
		"an INFO, with a tag of anybody's":  {"INFO", carolURI, carolTo + ";tag=x", true},
		"an OPTIONS for somebody":           {"OPTIONS", carolURI, carolTo, true},
		"a REGISTER that is no registrar's": {"REGISTER", "sip:carol@10.7.7.7:1234", carolTo, true},
	} {
		b := newBench(t, nil)
		c, carol := b.callers(asAlice)
		res := c.ask(tc.method, tc.uri, tc.to)
		if asked := res != nil && res.StatusCode == 407; asked != tc.asked || asked == (len(carol.reqs) > 0) {
			t.Errorf("%s: %v, and carol has %d requests", name, res, len(carol.reqs))
		}
		if !tc.asked {
			continue
		}
		forged := c.ask(tc.method, tc.uri, tc.to, credentialsFor(t, res, tc.method, tc.uri, "carol", "secret"))
		if forged == nil || forged.StatusCode != 403 || len(carol.reqs) > 0 || !b.saw("lab", "forged From") {
			t.Errorf("%s by carol: %v", name, forged)
		}
	}
}

// Who has shown who it is is vouched for, and nobody else (RFC 3325 §5).
func TestIdentityIsAsserted(t *testing.T) {
	forged := []string{"P-Asserted-Identity: <sip:boss@lab.test>", "p-asserted-identity: <tel:+1>", "P-Preferred-Identity: <sip:boss@lab.test>"}
	for name, tc := range map[string]struct {
		from, user, password string
		more                 []string
		status               int    // that refuses it; 0: it reaches carol
		asserted             string // there
	}{
		"alice":                    {asAlice, "alice", "secret", forged, 0, asAlice},
		"alice, who is private":    {asAlice, "alice", "secret", []string{"Privacy: header; ID"}, 0, ""},
		"alice, with carol's name": {asAlice, "carol", "secret", forged, 403, ""},
		"carol's name for alice":   {"<sip:carol@lab.test>", "alice", "secret", forged, 403, ""},
		"a wrong password":         {asAlice, "alice", "guess", forged, 403, ""},
		"nobody":                   {asAlice, "mallory", "secret", forged, 403, ""},
		"a guest":                  {"<sip:guest@lab.test>", "", "", forged, 0, ""},
	} {
		for _, method := range []string{"MESSAGE", "INVITE"} {
			b := newBench(t, nil)
			c, carol := b.callers(tc.from)
			res := c.authorized(method, carolURI, carolTo, tc.user, tc.password, tc.more...)
			if tc.status != 0 {
				if res == nil || res.StatusCode != tc.status || len(carol.reqs) > 0 {
					t.Errorf("%s of %s: %v, want %d", method, name, res, tc.status)
				}
				continue
			}
			if len(carol.reqs) != 1 {
				t.Errorf("%s of %s: %d requests reached carol", method, name, len(carol.reqs))
				continue
			}
			got := ""
			for _, h := range carol.reqs[0].Headers() {
				switch grammar.HeaderToLower(h.Name()) {
				case "p-asserted-identity":
					got += h.Value()
				case "p-preferred-identity", "proxy-authorization":
					t.Errorf("%s of %s: carol got %s", method, name, h)
				}
			}
			if got != tc.asserted {
				t.Errorf("%s of %s: asserted %q, want %q", method, name, got, tc.asserted)
			}
			carol.answer(carol.reqs[0], "200 OK", forged...)
			last := c.last()
			if last.StatusCode != 200 || strings.Contains(strings.ToLower(last.String()), "boss") || strings.Contains(last.String(), "tel:") {
				t.Errorf("%s of %s: the answer is\n%s", method, name, last)
			}
		}
	}
}

// Credentials for somebody else go on (RFC 3261 §22.3).
func TestCredentialsForOthersGoOn(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	c.ask("MESSAGE", carolURI, carolTo, `Proxy-Authorization: Digest username="x", realm="elsewhere.test", nonce="n", uri="sip:x", response="0"`)
	if len(carol.reqs) != 1 || text(carol.reqs[0], "Proxy-Authorization") == "" {
		t.Errorf("%v", carol.reqs)
	}
}

// A nonce is good for one use of each count, as at the registrar.
func TestCredentialsAreNoCopies(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers(asAlice)
	res := c.request("MESSAGE", carolURI, carolTo)
	cred := credentialsFor(t, res, "MESSAGE", carolURI, "alice", "secret")
	c.ask("MESSAGE", carolURI, carolTo, cred)
	res = c.request("MESSAGE", carolURI, carolTo, cred)
	if res.StatusCode != 407 || !strings.Contains(text(res, "Proxy-Authenticate"), "stale=true") || len(carol.reqs) != 1 {
		t.Errorf("%s, %d requests reached carol", res, len(carol.reqs))
	}
	if res = c.request("MESSAGE", carolURI, carolTo, strings.Replace(cred, "qop=auth", "qop=auth-conf", 1)); res.StatusCode != 400 {
		t.Errorf("malformed credentials: %d", res.StatusCode)
	}
}

// The uri of credentials is another one in many clients; one for somebody else is none.
func TestCredentialsForAnotherURI(t *testing.T) {
	for uri, want := range map[string]int{"sip:10.0.0.1:5060": 0, "sip:carol@10.0.0.1": 0, carolURI: 0, "sip:bob@lab.test": 400} {
		b := newBench(t, nil)
		c, _ := b.callers(asAlice)
		cred := credentialsFor(t, c.request("MESSAGE", carolURI, carolTo), "MESSAGE", uri, "alice", "secret")
		status := 0
		if res := c.ask("MESSAGE", carolURI, carolTo, cred); res != nil {
			status = res.StatusCode
		}
		if status != want {
			t.Errorf("%q: %d, want %d", uri, status, want)
		}
	}
}

// In a dialog nobody is asked again; a To tag alone makes none.
func TestDialogsAreNotAskedAgain(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers(asAlice)
	if res := c.request("INVITE", carolURI, carolTo+";tag=made-up"); res.StatusCode != 407 {
		t.Errorf("a To tag of its own: %d", res.StatusCode)
	}
	if res := c.request("INVITE", carolURI, carolTo+";tag=made-up", "Route: <sip:1-2-abcdef@10.0.0.1;lr>"); res.StatusCode != 407 {
		t.Errorf("a To tag and a route of its own: %d", res.StatusCode)
	}
	c.authorized("INVITE", carolURI, carolTo, "alice", "secret", "Contact: <sip:alice@10.7.7.8>")
	carol.answer(carol.reqs[0], "200 OK", "Contact: <sip:carol@10.7.7.7:1234>", "Record-Route: "+text(carol.reqs[0], "Record-Route"))
	ok := c.last()
	route := "Route: " + text(ok, "Record-Route")
	n := len(carol.reqs)
	for _, method := range []string{"INVITE", "REFER", "MESSAGE", "UPDATE", "INFO"} {
		c.ask(method, "sip:carol@10.7.7.7:1234", ok.To().Value(), route)
		if n++; len(carol.reqs) != n || string(carol.reqs[n-1].Method) != method {
			t.Fatalf("%s in the dialog: %v", method, c.last())
		}
	}
}

// A tester can do without.
func TestNobodyIsAsked(t *testing.T) {
	b := newBench(t, func(c *Config) { c.NoAuth = true })
	c, carol := b.callers(asAlice)
	c.ask("INVITE", carolURI, carolTo, "P-Asserted-Identity: <sip:boss@lab.test>")
	if len(carol.reqs) != 1 || text(carol.reqs[0], "P-Asserted-Identity") != "" {
		t.Errorf("%v %v", carol.reqs, c.resps)
	}
	if res := c.ask("SUBSCRIBE", carolURI, carolTo, watching, "Event: message-summary"); res == nil || res.StatusCode != 200 {
		t.Errorf("a subscription: %v", res)
	}
}

// Our own phone calls, and its robots, as before.
func TestPhonesAreKnown(t *testing.T) {
	b := newBench(t, nil)
	alice := b.phone("alice", "secret", app.Manual, 440)
	carol := b.wire()
	carol.register("carol", "secret", "Contact: <sip:carol@10.7.7.7:1234>")
	alice.call("carol")
	b.run(time.Second)
	if len(carol.reqs) != 1 || text(carol.reqs[0], "P-Asserted-Identity") != asAlice {
		t.Errorf("%v", carol.reqs)
	}
	b.do("bob calls carol")
	b.run(time.Second)
	if len(carol.reqs) != 2 {
		t.Errorf("bob's call: %d requests", len(carol.reqs))
	}
	if b.saw("bob", "407") || text(carol.reqs[1], "P-Asserted-Identity") != "" {
		t.Error("a robot is the lab's own: it is neither asked nor vouched for")
	}
}

// A call to another protocol is a dialog of the server's own, without a route.
func TestDialogsWithElsewhereAreNotAskedAgain(t *testing.T) {
	b := newRawBench(t, "lines")
	b.rawPhone("lines", "alice", app.Accept)
	c := b.wire()
	c.from = "<" + carolURI + ">"
	c.authorized("INVITE", "sip:alice@lab.test", asAlice, "carol", "secret", "Contact: <sip:carol@10.7.7.7:1234>")
	b.run(time.Second)
	ok := c.last()
	if ok.StatusCode != 200 {
		t.Fatal(ok)
	}
	c.send(c.text("ACK", ok.Contact().Address.String(), ok.To().Value()))
	if res := c.request("INVITE", ok.Contact().Address.String(), ok.To().Value()); res.StatusCode != 200 {
		t.Errorf("a re-INVITE: %s", res)
	}
	if res := c.request("INVITE", ok.Contact().Address.String(), ok.To().Value(), odd); res.StatusCode != 420 {
		t.Errorf("a re-INVITE with an extension that the other side does not have: %s", res)
	}
	if res := c.authorized("INVITE", "sip:alice@lab.test", asAlice, "carol", "secret", "Require: 100rel, timer"); res.StatusCode != 420 || text(res, "Unsupported") != "100rel, timer" {
		t.Errorf("an extension that the other side does not have: %s", res)
	}
	if res := c.authorized("MESSAGE", "sip:alice@lab.test", asAlice, "carol", "secret", "Content-Type: text/plain", "Content-Encoding: gzip"); res.StatusCode != 415 || text(res, "Accept-Encoding") != "identity" {
		t.Errorf("a text that is encoded: %s", res)
	}
	if res := c.authorized("MESSAGE", "sip:alice@lab.test", asAlice, "carol", "secret", "Content-Type: text/html"); res.StatusCode != 415 || text(res, "Accept") != "text/plain" {
		t.Errorf("a text in another type: %s", res)
	}
}

// A route that the lab has signed is worth nothing to somebody else: in another call,
// by another name, at another connection.
func TestRoutesOfOthersProveNothing(t *testing.T) {
	const target = "sip:carol@10.7.7.7:1234"
	for name, tc := range map[string]struct {
		call  string // its Call-ID; the guest's if empty
		other bool   // whether it comes over a connection of its own
	}{
		"in a call of its own":    {call: "two@10.7.7.8"},
		"in the guest's call":     {},
		"over another connection": {other: true},
	} {
		for _, method := range []string{"MESSAGE", "INVITE", "REFER"} {
			b := newBench(t, nil)
			guest, carol := b.callers("<sip:guest@lab.test>")
			guest.ask("INVITE", carolURI, carolTo, "Contact: <sip:guest@10.7.7.8>")
			route := "Route: " + text(carol.reqs[0], "Record-Route")
			from := guest
			if tc.other {
				from = b.wire()
			}
			from.from = asAlice
			from.cseq++
			request := from.text(method, target, carolTo+";tag=zzz", route)
			from.send(strings.Replace(request, from.callID(), cmp.Or(tc.call, guest.callID()), 1))
			if last := from.last(); last.StatusCode != 407 || len(carol.reqs) != 1 {
				t.Errorf("%s %s: %d, and carol has %d requests", method, name, last.StatusCode, len(carol.reqs))
			}
		}
	}
}

// Who is called is not asked in the call, nor who comes back over a new connection
// and has registered over it.
func TestBothSidesOfADialogAreKnown(t *testing.T) {
	b := newBench(t, nil)
	alice, carol := b.callers(asAlice)
	alice.authorized("INVITE", carolURI, carolTo, "alice", "secret", "Contact: <sip:alice@"+alice.local.String()+">")
	carol.say(carol.reqs[0], "200 OK", "carol")
	caller, callee := sides(alice, carol, alice.last(), carol.reqs[0])
	passes(t, callee, caller, "REFER", "202 Accepted")
	passes(t, caller, callee, "REFER", "202 Accepted")
	b.do("close carol")
	again := b.wire()
	again.register("carol", "secret", "Contact: <sip:carol@10.7.7.7:1234>")
	callee.wire = again
	callee.cseq = 100
	passes(t, callee, caller, "REFER", "202 Accepted")
}

// Nor is a subscription of one account of use to call by the name of another.
func TestSubscriptionsOfOthersProveNothing(t *testing.T) {
	b := newBench(t, nil)
	_, carol := b.callers("<sip:guest@lab.test>")
	c, ok := b.watcher("carol", "presence")
	c.from = "<sip:bob@lab.test>"
	if res := c.request("MESSAGE", carolURI, ok.To().Value()); res.StatusCode != 407 || len(carol.reqs) != 0 {
		t.Errorf("%s; carol has %v", res, carol.reqs)
	}
}
