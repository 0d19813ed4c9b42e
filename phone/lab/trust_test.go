package lab

import (
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip/server"
)

// A user is the same in whatever way the address is written (RFC 3261 §19.1.4), for
// the registrar, the proxy and who is asked for credentials.
func TestEscapedUsers(t *testing.T) {
	b := newBench(t, nil)
	carol := b.wire()
	const to = "<sip:%63arol@lab.test>"
	res := carol.request("REGISTER", "sip:lab.test", to, "Contact: <sip:%63arol@10.7.7.7:1234>")
	res = carol.request("REGISTER", "sip:lab.test", to, "Contact: <sip:%63arol@10.7.7.7:1234>", credentials(t, res, "carol", "secret"))
	if res.StatusCode != 200 || len(b.lab.sip.Bindings("carol")) != 1 {
		t.Fatal(res)
	}
	carol.register("carol", "secret", "Contact: <sip:carol@10.7.7.7:1234>")
	if n := len(b.lab.sip.Bindings("carol")); n != 1 {
		t.Errorf("%d bindings of one contact in two forms", n)
	}
	c := b.wire()
	for n, uri := range []string{"sip:carol@lab.test", "sip:%63arol@lab.test", "sip:c%61%72ol@10.0.0.1", "sip:c%61rol@10.7.7.7:1234"} {
		if c.ask("INFO", uri, "<"+uri+">"); len(carol.reqs) != n+1 {
			t.Errorf("%s is not carol: %v", uri, c.last())
		}
	}
	c.from = "<sip:%61lice@lab.test>"
	res = c.request("MESSAGE", carolURI, carolTo)
	if res.StatusCode != 407 {
		t.Fatalf("%s may be used by anybody: %d", c.from, res.StatusCode)
	}
	c.ask("MESSAGE", "sip:%63arol@lab.test", carolTo, credentialsFor(t, res, "MESSAGE", "sip:carol@lab.test", "alice", "secret"))
	if len(carol.reqs) != 5 || text(carol.reqs[4], "P-Asserted-Identity") != asAlice {
		t.Errorf("alice is not vouched for: %v", c.last())
	}
	c.from = "<sip:guest@lab.test>"
	if res := c.request("INFO", "sip:%43arol@lab.test", carolTo); res.StatusCode != 404 {
		t.Errorf("Carol is not carol: %d", res.StatusCode)
	}
	if err := b.lab.sip.AddAccount(server.Account{User: "50%"}); err == nil {
		t.Error("an account whose name cannot be in an address")
	}
}

// In a dialog, too, a request for the address of record is for the phone there.
func TestEscapedUserInADialog(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	c.ask("INVITE", carolURI, carolTo, "Contact: <sip:guest@10.7.7.8>")
	carol.answer(carol.reqs[0], "200 OK", "Contact: <sip:carol@10.7.7.7:1234>", "Record-Route: "+text(carol.reqs[0], "Record-Route"))
	ok := c.last()
	c.ask("INFO", "sip:%63arol@lab.test", ok.To().Value(), "Route: "+text(ok, "Record-Route"))
	if len(carol.reqs) != 2 || carol.reqs[1].Recipient.String() != "sip:carol@10.7.7.7:1234" {
		t.Errorf("%v, and carol has %v", c.last(), carol.reqs[1:])
	}
}

// A From of two is refused: one of them would go by unasked (RFC 3261 §7.3.1, §8.1.1.3).
func TestOneSender(t *testing.T) {
	for _, from := range []string{
		"<sip:guest@lab.test>, <sip:alice@lab.test>", "<sip:guest@lab.test>;tag=f\r\nFrom: <sip:alice@lab.test>", "<sip:guest@lab.test>;tag=f\r\nf: <sip:guest@lab.test>",
		`"A" <sip:guest@lab.test>;x=1 , sip:alice@lab.test`, "sip:alice@lab.test, x <sip:guest@lab.test>",
	} {
		b := newBench(t, nil)
		c, carol := b.callers(from)
		res := c.ask("MESSAGE", carolURI, carolTo)
		if refused := c.refused == 1 || res != nil && res.StatusCode == 400; !refused || len(carol.reqs) > 0 {
			t.Errorf("From: %q: %v, and carol has %v", from, res, carol.reqs)
		}
		if !b.saw("lab", "bad message", "more than one From header field") && !b.saw("lab", "bad message", "From: more than one address in it") {
			t.Errorf("From: %q: not named", from)
		}
	}
}

// News outside of a dialog are for accounts to send, and for the lab; a guest's go no
// further, whatever tag or route they have.
func TestUnaskedNews(t *testing.T) {
	news := []string{"Event: message-summary", "Subscription-State: active", "Contact: <sip:x@10.7.7.9:5060>"}
	for name, tc := range map[string]struct {
		from, user, password, to string
		status                   int // 0: it reaches carol
	}{
		"a guest":                        {"<sip:guest@lab.test>", "", "", carolTo, 403},
		"a guest with a tag":             {"<sip:guest@lab.test>", "", "", carolTo + ";tag=made-up", 403},
		"a guest who proves to be alice": {"<sip:guest@lab.test>", "alice", "secret", carolTo, 0},
		"alice":                          {asAlice, "alice", "secret", carolTo, 0},
		"alice, with a guess":            {asAlice, "alice", "guess", carolTo, 403},
		"carol's name":                   {asAlice, "carol", "secret", carolTo, 403},
	} {
		b := newBench(t, nil)
		c, carol := b.callers(tc.from)
		more := news
		if tc.user != "" {
			other := b.wire()
			other.from = asAlice
			res := other.request("MESSAGE", carolURI, carolTo) // a guest is not asked: this is for a nonce
			more = append(news, credentialsFor(t, res, "NOTIFY", carolURI, tc.user, tc.password))
		}
		res := c.ask("NOTIFY", carolURI, tc.to, more...)
		if reached := len(carol.reqs) == 1; reached != (tc.status == 0) || !reached && (res == nil || res.StatusCode != tc.status) {
			t.Errorf("%s: %v, and carol has %v", name, res, carol.reqs)
		}
	}
	b := newBench(t, nil)
	c, carol := b.callers(asAlice)
	if res := c.request("NOTIFY", carolURI, carolTo, news...); res.StatusCode != 407 {
		t.Errorf("alice is not asked who she is: %d", res.StatusCode)
	}
	b.do("send mwi carol 1/0")
	b.run(100 * time.Millisecond)
	if len(carol.reqs) != 1 || text(carol.reqs[0], "Contact") == "" {
		t.Errorf("the lab's own news: %v", carol.reqs)
	}
}

// A phone that is subscribed to tells the subscriber what is new, in their dialog.
func TestNewsInADialog(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers(asAlice)
	c.authorized("SUBSCRIBE", carolURI, carolTo, "alice", "secret", "Contact: <sip:alice@10.7.7.8>", "Event: conference")
	asked := carol.reqs[0]
	carol.answer(asked, "200 OK", "Contact: <sip:carol@10.7.7.7:1234>", "Expires: 60", "Record-Route: "+text(asked, "Record-Route"))
	carol.from = "<sip:carol@lab.test>"
	told := strings.NewReplacer("tag=f", "tag=wire", carol.callID(), asked.CallID().Value()).
		Replace(carol.text("NOTIFY", "sip:alice@10.7.7.8", asked.From().Value(), "Route: "+text(asked, "Record-Route"), "Event: conference", "Subscription-State: active"))
	carol.send(strings.Replace(told, asked.From().Value(), "<sip:alice@lab.test>;tag=f", 1))
	if len(c.reqs) != 1 || c.reqs[0].Method != grammar.NOTIFY {
		t.Errorf("%v, and alice has %v", carol.last(), c.reqs)
	}
}
