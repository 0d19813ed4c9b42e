package lab

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
)

const watching = "Contact: <sip:watcher@10.7.7.9:5060>"

// watcher is alice's client, which subscribes to a package of somebody.
func (b *bench) watcher(of, event string, more ...string) (*wire, *grammar.Response) {
	b.t.Helper()
	c := b.wire()
	c.from = asAlice
	return c, c.subscribe(of, event, more...)
}

func (c *wire) subscribe(of, event string, more ...string) *grammar.Response {
	c.bench.t.Helper()
	uri := "sip:" + of + "@lab.test"
	return c.authorized("SUBSCRIBE", uri, "<"+uri+">", "alice", "secret", append([]string{watching, "Event: " + event}, more...)...)
}

// notified answers the NOTIFYs that have come and returns them.
func (c *wire) notified() (all []*grammar.Request) {
	for len(c.reqs) > 0 {
		req := c.reqs[0]
		c.reqs = c.reqs[1:]
		if req.Method == grammar.NOTIFY {
			all = append(all, req)
		}
		c.accept(req)
	}
	return all
}

// accept answers a request in a dialog.
func (c *wire) accept(req *grammar.Request) { c.send(respondTo(req, "200 OK", "")) }

// wantNotify wants one NOTIFY to have come whose body has all of the parts.
func (c *wire) wantNotify(state string, parts ...string) {
	c.bench.t.Helper()
	all := c.notified()
	if len(all) != 1 {
		c.bench.t.Fatalf("%d NOTIFYs, want one of %q: %v", len(all), parts, all)
	}
	got := all[0]
	if !strings.HasPrefix(text(got, "Subscription-State"), state) {
		c.bench.t.Errorf("Subscription-State: %s, want %s", text(got, "Subscription-State"), state)
	}
	for _, part := range parts {
		if !strings.Contains(string(got.Body()), part) {
			c.bench.t.Errorf("the body has no %q:\n%s", part, got.Body())
		}
	}
	if strings.HasSuffix(text(got, "Content-Type"), "+xml") && xml.Unmarshal(got.Body(), new(struct{})) != nil {
		c.bench.t.Errorf("no XML:\n%s", got.Body())
	}
}

// The life of a subscription (RFC 6665 §4.2).
func TestSubscription(t *testing.T) {
	b := newBench(t, nil)
	c, ok := b.watcher("alice", "message-summary;id=7", "Expires: 600")
	if ok.StatusCode != 200 || text(ok, "Expires") != "600" || ok.Contact() == nil {
		t.Fatal(ok)
	}
	if got := text(c.reqs[0], "Event"); got != "message-summary;id=7" {
		t.Errorf("Event: %s", got)
	}
	if c.reqs[0].Recipient.String() != "sip:watcher@10.7.7.9:5060" || c.reqs[0].CSeq().SeqNo != 1 {
		t.Errorf("%s", c.reqs[0])
	}
	c.wantNotify("active;expires=600", "Messages-Waiting: no\r\n", "Message-Account: sip:alice@lab.test\r\n", "Voice-Message: 0/0\r\n")

	b.do("lab sends mwi alice 2/5")
	b.run(time.Second)
	c.wantNotify("active", "Messages-Waiting: yes\r\n", "Voice-Message: 2/5\r\n")
	b.do("send mwi alice 2/5") // nothing is new
	b.run(time.Second)
	if n := len(c.notified()); n != 0 {
		t.Errorf("%d NOTIFYs of nothing new", n)
	}

	b.run(5 * time.Minute)
	again := c.request("SUBSCRIBE", ok.Contact().Address.String(), ok.To().Value(), watching, "Event: message-summary;id=7", "Expires: 600")
	if again.StatusCode != 200 || b.lab.sip.Load().Subscribed != 1 {
		t.Fatal(again)
	}
	c.wantNotify("active;expires=600", "Voice-Message: 2/5")
	if res := c.request("SUBSCRIBE", ok.Contact().Address.String(), "<sip:alice@lab.test>;tag=made-up", watching, "Event: message-summary;id=7"); res.StatusCode == 200 {
		t.Error("a To tag that is not the subscription's")
	}
	b.run(9*time.Minute + 50*time.Second)
	if n := len(c.notified()); n != 0 {
		t.Errorf("%d NOTIFYs before the end", n)
	}
	b.run(11 * time.Second)
	c.wantNotify("terminated;reason=timeout", "Voice-Message: 2/5")
	if gone := c.request("SUBSCRIBE", ok.Contact().Address.String(), ok.To().Value(), watching, "Event: message-summary;id=7"); gone.StatusCode == 200 {
		t.Error("it lives on after its end")
	}
	b.run(time.Minute)
	if load := b.lab.sip.Load(); load.Subscribed+load.Asked != 0 {
		t.Errorf("left: %+v", load)
	}
}

func TestUnsubscribe(t *testing.T) {
	b := newBench(t, nil)
	c, ok := b.watcher("alice", "message-summary")
	if text(ok, "Expires") != "3600" {
		t.Errorf("an hour by default (RFC 3842 §3.4), got %s", text(ok, "Expires"))
	}
	c.notified()
	c.request("SUBSCRIBE", ok.Contact().Address.String(), ok.To().Value(), watching, "Event: message-summary", "Expires: 0")
	c.wantNotify("terminated;reason=timeout")
	if res := c.subscribe("alice", "message-summary", "Expires: 0"); res.StatusCode != 200 {
		t.Errorf("a poll: %s", res)
	}
	c.wantNotify("terminated", "Voice-Message")
	if b.lab.sip.Load().Subscribed != 0 {
		t.Error("it lives on")
	}
	b.run(2 * time.Hour)
	if n := len(c.notified()); n != 0 {
		t.Errorf("%d NOTIFYs after the end", n)
	}
}

// A refresh is of the subscription that it names, is not an old one, and says where
// the subscriber is now (RFC 6665 §4.4.1, RFC 3261 §12.2.2).
func TestSubscriptionIsRefreshed(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.from, c.cseq = asAlice, 10
	ok := c.subscribe("alice", "message-summary;id=7")
	c.notified()
	for name, tc := range map[string]struct {
		contact, event string
		old            bool // its CSeq
		status         int
	}{
		"another package":      {watching, "presence", false, 489},
		"none":                 {watching, "", false, 489},
		"another of its kind":  {watching, "message-summary;id=8", false, 481},
		"no id":                {watching, "message-summary", false, 481},
		"an old one":           {watching, "message-summary;id=7", true, 500},
		"no Contact":           {"Accept-Language: en", "message-summary;id=7", false, 400},
		"a Contact that is no": {"Contact: *", "message-summary;id=7", false, 400},
	} {
		cseq := c.cseq
		if tc.old {
			c.cseq = 5
		}
		fields := []string{tc.contact, "Event: " + tc.event}
		if tc.event == "" {
			fields = fields[:1]
		}
		res := c.request("SUBSCRIBE", ok.Contact().Address.String(), ok.To().Value(), fields...)
		if c.cseq = max(c.cseq, cseq); res.StatusCode != tc.status {
			t.Errorf("%s: %s, want %d", name, res, tc.status)
		}
	}
	if n := len(c.notified()); n != 0 || b.lab.sip.Load().Subscribed != 1 {
		t.Errorf("%d NOTIFYs, and %d subscriptions", n, b.lab.sip.Load().Subscribed)
	}
	res := c.request("SUBSCRIBE", ok.Contact().Address.String(), ok.To().Value(), "Contact: <sip:moved@10.7.7.10:5062>", "Event: message-summary;id=7")
	if res.StatusCode != 200 || len(c.reqs) != 1 || c.reqs[0].Recipient.String() != "sip:moved@10.7.7.10:5062" {
		t.Errorf("%s\n%v", res, c.reqs)
	}
}

// An account without a password is a guest until it shows who it is, and then has its
// own mailbox and presence.
func TestAccountWithoutPassword(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Accounts = append(c.Accounts, Account{User: "open"}) })
	c := b.wire()
	c.from = "<sip:open@lab.test>"
	if res := c.authorized("SUBSCRIBE", "sip:open@lab.test", c.from, "open", "", watching, "Event: message-summary"); res.StatusCode != 200 {
		t.Errorf("its mailbox: %s", res)
	}
	if res := c.withBody("<presence>", "PUBLISH", "sip:open@lab.test", c.from, "Event: presence", "Content-Type: application/pidf+xml"); res.StatusCode != 407 {
		t.Errorf("before it has shown who it is: %s", res)
	} else if res := c.withBody("<presence>", "PUBLISH", "sip:open@lab.test", c.from, "Event: presence", "Content-Type: application/pidf+xml",
		credentialsFor(t, res, "PUBLISH", "sip:open@lab.test", "open", "")); res.StatusCode != 200 {
		t.Errorf("its presence: %s", res)
	}
}

// A subscription that is refreshed over another connection goes on there.
func TestSubscriptionMoves(t *testing.T) {
	b := newBench(t, nil)
	first, ok := b.watcher("alice", "message-summary")
	first.notified()
	second := b.wire()
	second.from, second.cseq = asAlice, first.cseq+1
	second.send(strings.Replace(second.text("SUBSCRIBE", ok.Contact().Address.String(), ok.To().Value(), watching, "Event: message-summary"),
		"one@"+second.local.Addr().String(), "one@"+first.local.Addr().String(), 1))
	second.wantNotify("active")
	b.do("send mwi alice 1/1")
	b.run(time.Second)
	second.wantNotify("active", "1/1")
}

// What cannot be subscribed to.
func TestSubscriptionsThatCannotBe(t *testing.T) {
	for name, tc := range map[string]struct {
		of, event, more string
		status          int
		header, value   string
	}{
		"somebody else's mailbox": {"carol", "message-summary", "", 403, "", ""},
		"somebody else's calls":   {"carol", "dialog", "", 200, "", ""},
		"a robot's presence":      {"bob", "presence", "", 200, "", ""},
		"nobody's":                {"nobody", "presence", "", 404, "", ""},
		"too short":               {"alice", "presence", "Expires: 5", 423, "Min-Expires", "10"},
		"too long":                {"alice", "presence", "Expires: 999999", 200, "Expires", "3600"},
		"no XML wanted":           {"alice", "presence", "Accept: text/plain", 406, "", ""},
		"any application wanted":  {"alice", "presence", "Accept: text/plain, application/*;q=0.5", 200, "", ""},
		"that type in capitals":   {"alice", "presence", "Accept: APPLICATION/PIDF+XML", 200, "", ""},
		"another package":         {"alice", "reg", "", 480, "", ""}, // it is for the phone, and there is none now
		"no package":              {"alice", "", "", 489, "Allow-Events", "message-summary, dialog, presence"},
	} {
		b := newBench(t, nil)
		_, res := b.watcher(tc.of, tc.event, orLanguage(tc.more))
		if res.StatusCode != tc.status || tc.header != "" && text(res, tc.header) != tc.value {
			t.Errorf("%s: %s", name, res)
		}
	}
	b := newBench(t, nil)
	c := b.wire()
	if res := c.request("SUBSCRIBE", carolURI, carolTo, watching, "o: presence"); res.StatusCode != 407 {
		t.Errorf("a guest may still say who it is: %s", res)
	}
	for _, password := range []string{"guess", "secret"} { // of alice's mailbox
		uri := "sip:alice@lab.test"
		if res := c.authorized("SUBSCRIBE", uri, asAlice, "carol", password, watching, "Event: message-summary"); res.StatusCode != 403 {
			t.Errorf("a guest who shows itself to be carol with %q: %s", password, res)
		}
	}
	if res := c.request("SUBSCRIBE", carolURI, carolTo+";tag=made-up", watching, "Event: presence"); res.StatusCode != 481 {
		t.Errorf("a dialog that never was: %s", res)
	}
	c.from = asAlice
	if res := c.authorized("SUBSCRIBE", carolURI, carolTo, "alice", "secret", "Event: presence"); res.StatusCode != 400 {
		t.Errorf("no Contact: %s", res)
	}
}

// A package that the lab does not serve is the phone's.
func TestOtherPackagesGoToThePhone(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers(asAlice)
	for _, event := range []string{"conference", "reg", "Presence"} {
		carol.reqs = nil
		c.authorized("SUBSCRIBE", carolURI, carolTo, "alice", "secret", watching, "Event: "+event)
		if len(carol.reqs) != 1 {
			t.Errorf("%s did not reach carol", event)
		}
	}
	carol.from, carol.reqs = carolTo, nil
	res := carol.authorized("SUBSCRIBE", carolURI, carolTo, "carol", "secret", watching, "Event: reg")
	if res == nil || res.StatusCode != 489 || len(carol.reqs) > 0 {
		t.Errorf("who asks is asked: %v, %v", res, carol.reqs)
	}
}

// Subscriptions are bounded, and one of a subscriber that is not there ends.
func TestSubscriptionsAreBounded(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.from = asAlice
	refused := 0
	for i := range 70 {
		c.from = fmt.Sprintf("<sip:alice@lab.test>;x=%d", i) // each a dialog of its own
		if res := c.subscribe("bob", "presence"); res.StatusCode == 503 {
			refused++
		}
	}
	if load := b.lab.sip.Load(); refused != 6 || load.Subscribed != 64 {
		t.Errorf("%d of 70 were refused, %+v", refused, load)
	}
	other := b.wire()
	other.from = carolTo
	if res := other.authorized("SUBSCRIBE", asAlice[1:len(asAlice)-1], asAlice, "carol", "secret", watching, "Event: presence"); res.StatusCode != 200 {
		t.Errorf("somebody else is kept out: %s", res)
	}
	if load := b.lab.sip.Load(); load.Asked > 65 {
		t.Errorf("more than a NOTIFY for each is under way: %+v", load)
	}
	b.run(time.Minute) // nobody answers
	if load := b.lab.sip.Load(); load.Subscribed+load.Asked != 0 {
		t.Errorf("left of them: %+v", load)
	}
}

func TestSubscribersThatRefuse(t *testing.T) {
	for said, lives := range map[string]int{"481 Said": 0, "500 Said": 0, "503 Said\r\nRetry-After: 5": 1, "200 Said": 1} {
		b := newBench(t, nil)
		c, _ := b.watcher("bob", "presence")
		c.send(respondTo(c.reqs[0], said, ""))
		if got := b.lab.sip.Load().Subscribed; got != lives {
			t.Errorf("%q: %d subscriptions live, want %d", said, got, lives)
		}
	}
}

// Whoever says when to try again is told nothing before, and then what is so by then
// (RFC 6665 §4.2.2); 0 is not at once.
func TestSubscribersThatAreBusy(t *testing.T) {
	for said, wait := range map[string]time.Duration{"5 (soon)": 5 * time.Second, "0": time.Second} {
		b := newBench(t, nil)
		c, _ := b.watcher("alice", "message-summary")
		c.send(respondTo(c.reqs[0], "503 Busy", "", "Retry-After: "+said))
		c.reqs = nil
		b.do("send mwi alice 1/0")
		b.run(wait - 300*time.Millisecond)
		if len(c.reqs) != 0 {
			t.Errorf("%q: told too early: %s", said, c.reqs[0])
			continue
		}
		b.run(400 * time.Millisecond)
		c.wantNotify("active", "Voice-Message: 1/0")

		b.do("send mwi alice 2/0")
		b.run(time.Second)
		c.send(respondTo(c.reqs[0], "503 Busy", "", "Retry-After: "+said))
		c.reqs = nil
		b.run(wait)
		c.wantNotify("active", "Voice-Message: 2/0") // the state that was refused
	}
	b := newBench(t, nil)
	c, _ := b.watcher("alice", "message-summary", "Expires: 60")
	c.send(respondTo(c.reqs[0], "503 Busy", "", "Retry-After: 4294967"))
	c.reqs = nil
	if !b.saw("lab", "notify put off", "503, Retry-After: 4294967 s, which is longer than the subscription lasts") {
		t.Error("nobody is told")
	}
	b.do("send mwi alice 1/0")
	b.run(2 * time.Minute)
	c.wantNotify("terminated;reason=timeout", "Voice-Message: 1/0")
	if load := b.lab.sip.Load(); load.Subscribed+load.Asked != 0 {
		t.Errorf("it outlives its end: %+v", load)
	}
	if at := b.lab.Deadline(); at.After(b.w.Now().Add(24 * time.Hour)) {
		t.Errorf("it is waited for until %s", at)
	}
}

// A refresh is answered by a NOTIFY at once (RFC 6665 §4.2.1.2), whatever was said before.
func TestSubscribersThatWereBusy(t *testing.T) {
	b := newBench(t, nil)
	c, ok := b.watcher("alice", "message-summary")
	c.send(respondTo(c.reqs[0], "503 Busy", "", "Retry-After: 600"))
	if c.reqs = nil; !b.saw("lab", "notify put off", "message-summary of alice: 503, Retry-After: 600 s") || b.saw("lab", "longer than") {
		t.Error("nobody is told, or too much")
	}
	c.request("SUBSCRIBE", ok.Contact().Address.String(), ok.To().Value(), watching, "Event: message-summary")
	c.wantNotify("active", "Voice-Message: 0/0")
	b.do("send mwi alice 1/0")
	b.run(time.Second)
	c.wantNotify("active", "Voice-Message: 1/0")
	b.run(11 * time.Minute)
	if n := len(c.notified()); n != 0 {
		t.Errorf("%d NOTIFYs more", n)
	}
}

// A SUBSCRIBE in a dialog is looked at as one, whatever its package; of a user who is not
// there the server knows that (RFC 6665 §4.2.1, RFC 3261 §12.2.2).
func TestSubscriptionsToWhoIsAway(t *testing.T) {
	for _, tc := range []struct {
		of, to, event string
		status        int
	}{
		{"carol", "", "presence", 200},
		{"carol", "", "conference", 480}, // her phone may know it
		{"carol", ";tag=x", "conference", 481},
		{"carol", ";tag=x", "presence", 481},
		{"zoe", "", "presence", 404},
		{"zoe", "", "conference", 404},
		{"zoe", ";tag=x", "presence", 481},
	} {
		b := newBench(t, nil)
		c := b.wire()
		c.from = asAlice
		uri := "sip:" + tc.of + "@lab.test"
		res := c.authorized("SUBSCRIBE", uri, "<"+uri+">"+tc.to, "alice", "secret", watching, "Event: "+tc.event)
		if res.StatusCode != tc.status {
			t.Errorf("%s of %s%s: %s, want %d", tc.event, tc.of, tc.to, res, tc.status)
		}
		if tc.status == 200 {
			c.wantNotify("active", "<basic>closed</basic>")
		}
	}
}

// While a NOTIFY has no answer the next one waits, and tells the last state.
func TestSlowSubscriber(t *testing.T) {
	b := newBench(t, nil)
	c, _ := b.watcher("alice", "message-summary")
	for n := range 5 {
		b.do(fmt.Sprintf("send mwi alice %d/0", n+1))
	}
	b.run(time.Second)
	if len(c.reqs) != 1 {
		t.Fatalf("%d NOTIFYs at once", len(c.reqs))
	}
	if b.count("lab", "mailbox", "told 0") != 5 {
		t.Error("it is said to have been told")
	}
	c.accept(c.reqs[0])
	c.reqs = c.reqs[1:]
	b.run(time.Second)
	c.wantNotify("active", "Voice-Message: 5/0")
	b.do("send mwi alice 6/0")
	b.do("send mwi alice 6/0") // nothing is new
	if b.count("lab", "mailbox", "6/0, told 1") != 1 || b.count("lab", "mailbox", "6/0, told 0") != 1 {
		t.Error("what was sent is counted wrongly")
	}
}

// The subscriber comes back over another connection; or it does not.
func TestSubscriberReconnects(t *testing.T) {
	b := newBench(t, nil)
	first := b.wire()
	first.from = asAlice
	first.register("alice", "secret", watching)
	first.subscribe("alice", "message-summary")
	first.notified()
	b.do("close alice")
	second := b.wire()
	second.register("alice", "secret", watching)
	b.do("send mwi alice 1/0")
	b.run(time.Second)
	second.wantNotify("active", "Voice-Message: 1/0")
	b.do("close alice")
	b.run(time.Second)
	b.do("send mwi alice 3/0")
	b.run(time.Second)
	if b.lab.sip.Load().Subscribed != 0 || !b.saw("lab", "subscription lost") {
		t.Error("nobody is there, and it lives on")
	}
}

// A phone that has not subscribed is told unasked.
func TestMessagesUnasked(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.register("alice", "secret", watching)
	b.do("lab sends mwi alice 1/2")
	b.run(time.Second)
	if len(c.reqs) != 1 || text(c.reqs[0], "Event") != "message-summary" || text(c.reqs[0], "Subscription-State") != "active" {
		t.Fatal(c.reqs)
	}
	c.wantNotify("active", "Messages-Waiting: yes", "Voice-Message: 1/2")
	c.from = asAlice
	c.subscribe("alice", "message-summary")
	c.notified()
	b.do("lab sends mwi alice 0/3")
	b.run(time.Second)
	c.wantNotify("active;expires", "Messages-Waiting: no", "Voice-Message: 0/3") // once
	if _, err := b.lab.Do(b.w.Now(), "send mwi nobody 1/1"); err == nil {
		t.Error("to nobody")
	}
}

// The state of calls is the one that they have (RFC 4235).
func TestDialogPackage(t *testing.T) {
	b := newBench(t, nil)
	w, _ := b.watcher("carol", "dialog")
	w.wantNotify("active", `state="full"`, `entity="sip:carol@lab.test"`, `version="0"`)
	c, carol := b.callers("<sip:guest@lab.test>")
	c.ask("INVITE", carolURI, carolTo, "Contact: <sip:guest@10.7.7.8>")
	w.wantNotify("active", `version="1"`, `direction="recipient"><state>trying</state>`, "<identity>sip:guest@lab.test</identity>", `remote-tag="f"`)
	carol.answer(carol.reqs[0], "180 Ringing")
	w.wantNotify("active", `version="2"`, "<state>early</state>", `local-tag="wire"`)
	carol.answer(carol.reqs[0], "200 OK", "Contact: <sip:carol@10.7.7.7:1234>")
	w.wantNotify("active", "<state>confirmed</state>")
	ok := c.last()
	c.send(c.text("ACK", "sip:carol@10.7.7.7:1234", ok.To().Value()))
	c.ask("BYE", "sip:carol@10.7.7.7:1234", carolTo+";tag=other")
	if n := len(w.notified()); n != 0 || b.lab.sip.Load().Watched != 1 {
		t.Errorf("%d NOTIFYs after the BYE of another call", n)
	}
	c.ask("BYE", "sip:carol@10.7.7.7:1234", ok.To().Value())
	all := w.notified()
	if len(all) != 1 || strings.Contains(string(all[0].Body()), "<dialog ") {
		t.Errorf("the call is over: %v", all)
	}
	carol.from = carolTo
	carol.authorized("INVITE", "sip:ring@lab.test", "<sip:ring@lab.test>", "carol", "secret", "Contact: <sip:carol@10.7.7.7:1234>")
	for i, state := range []string{"trying", "early"} { // each when the one before was answered
		body := string(w.reqs[0].Body())
		w.accept(w.reqs[0])
		w.reqs = w.reqs[1:]
		if !strings.Contains(body, `direction="initiator"><state>`+state) || !strings.Contains(body, "<identity>sip:ring@lab.test</identity>") {
			t.Errorf("%d: %s", i, body)
		}
	}
}

// A call between two who are no users of the lab is nobody's.
func TestCallsOfGuestsAreNotWatched(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	c.ask("INVITE", "sip:carol@10.7.7.7:1234", "<sip:carol@10.7.7.7:1234>", "Contact: <sip:guest@10.7.7.8>")
	if n := b.lab.sip.Load().Watched; n != 0 || len(carol.reqs) != 1 {
		t.Errorf("%d calls", n)
	}
}

// Where a phone sleeps without a connection, nothing is said to have been told.
func TestMessagesOfASleeper(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.register("alice", "secret", "Contact: <sip:alice@10.7.7.9:5060;pn-provider=fcm;pn-param=p;pn-prid=t>")
	b.do("close alice")
	b.run(time.Second)
	b.do("lab sends mwi alice 1/0")
	if !b.saw("lab", "mailbox", "told 0") || b.lab.sip.Load().Asked != 0 {
		t.Error("a phone without a connection was told")
	}
}

// A call that fails, and one that the lab itself ends, are over.
func TestCallsThatEnd(t *testing.T) {
	b := newBench(t, nil)
	alice := b.phone("alice", "secret", app.Manual, 440)
	for _, robot := range []string{"busy", "nobody", "carol"} {
		alice.call(robot)
		b.run(5 * time.Second)
		if n := b.lab.sip.Load().Watched; n != 0 {
			t.Errorf("%s: %d calls left", robot, n)
		}
	}
	alice.call("bob")
	b.run(5 * time.Second)
	if n := b.lab.sip.Load().Watched; n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
	b.do("bob hangs up")
	b.run(5 * time.Second)
	if n := b.lab.sip.Load().Watched; n != 0 {
		t.Errorf("%d calls left", n)
	}
	c, carol := b.callers("<sip:guest@lab.test>")
	for i := range 40 {
		text := c.text("INVITE", carolURI, carolTo, "Contact: <sip:guest@10.7.7.8>")
		c.cseq++
		c.send(strings.Replace(text, "Call-ID: one@", fmt.Sprintf("Call-ID: %d@", i), 1))
	}
	for _, req := range carol.reqs {
		carol.answer(req, "200 OK", "Contact: <sip:carol@10.7.7.7:1234>")
	}
	if n := b.lab.sip.Load().Watched; n != 32 {
		t.Errorf("%d calls of one user, want the newest 32", n)
	}
	b.run(13 * time.Hour)
	if n := b.lab.sip.Load().Watched; n != 0 {
		t.Errorf("%d calls are believed in after 13 hours", n)
	}
}

// Presence is whether somebody has registered, or what was published (RFC 3856,
// RFC 3903).
func TestPresencePackage(t *testing.T) {
	b := newBench(t, nil)
	w, _ := b.watcher("carol", "presence")
	w.wantNotify("active", "<basic>closed</basic>", `entity="sip:carol@lab.test"`)
	carol := b.wire()
	carol.register("carol", "secret", "Contact: <sip:carol@10.7.7.7:1234>")
	w.wantNotify("active", "<basic>open</basic>")
	carol.register("carol", "secret", "Contact: <sip:carol@10.7.7.7:1234>")
	if n := len(w.notified()); n != 0 {
		t.Errorf("%d NOTIFYs of a refresh", n)
	}
	carol.from = carolTo
	etag := text(carol.publish("", 200, "<presence>away</presence>"), "SIP-ETag")
	w.wantNotify("active", "<presence>away</presence>")
	other := carol.publish(etag, 200, "<presence>busy</presence>")
	w.wantNotify("active", "<presence>busy</presence>")
	carol.publish(etag, 412, "<presence>old</presence>")
	third := carol.publish(text(other, "SIP-ETag"), 200, "") // it lives on
	if n := len(w.notified()); n != 0 || text(third, "SIP-ETag") == text(other, "SIP-ETag") {
		t.Errorf("%d NOTIFYs of a refresh; %s", n, third)
	}
	carol.publish(text(third, "SIP-ETag"), 200, "", "Expires: 0")
	w.wantNotify("active", "<basic>open</basic>")
	carol.publish("", 200, "<presence>soon over</presence>", "Expires: 60")
	w.wantNotify("active", "soon over")
	b.run(time.Minute)
	w.wantNotify("active", "<basic>open</basic>")
	b.do("close carol")
	b.run(time.Second)
	w.wantNotify("active", "<basic>closed</basic>")
	if load := b.lab.sip.Load(); load.Published != 0 {
		t.Errorf("left: %+v", load)
	}
}

// A refresh leaves the state as it is: of two phones the one that changed last has the
// say, not the one that refreshed last (RFC 3903 §6 step 6).
func TestRefreshIsNoNews(t *testing.T) {
	b := newBench(t, nil)
	w, _ := b.watcher("carol", "presence")
	w.notified()
	carol := b.wire()
	carol.from = carolTo
	desk := text(carol.publish("", 200, "<presence>desk</presence>"), "SIP-ETag")
	w.notified()
	carol.publish("", 200, "<presence>mobile</presence>")
	w.notified()
	carol.publish(desk, 200, "")
	if all := w.notified(); len(all) != 0 {
		t.Errorf("a refresh is told: %s", all[0])
	}
	b.run(time.Hour + time.Minute)
	if n := b.lab.sip.Load().Published; n != 0 {
		t.Errorf("%d live on", n)
	}
}

// publish publishes carol's presence.
func (c *wire) publish(etag string, status int, body string, more ...string) *grammar.Response {
	c.bench.t.Helper()
	if !slices.Contains(more, "Event: dialog") {
		more = append(more, "Event: presence")
	}
	if etag != "" {
		more = append(more, "SIP-If-Match: "+etag)
	}
	if body != "" {
		more = append(more, "Content-Type: application/pidf+xml")
	}
	res := c.withBody(body, "PUBLISH", carolURI, carolTo, more...)
	if res.StatusCode == 407 {
		more = append(more, credentialsFor(c.bench.t, res, "PUBLISH", carolURI, "carol", "secret"))
		res = c.withBody(body, "PUBLISH", carolURI, carolTo, more...)
	}
	if res.StatusCode != status {
		c.bench.t.Fatalf("PUBLISH of %q: %s, want %d", body, res, status)
	}
	return res
}

func (c *wire) withBody(body, method, uri, to string, more ...string) *grammar.Response {
	c.bench.t.Helper()
	c.cseq++
	res := c.exchange(strings.Replace(c.text(method, uri, to, more...), "Content-Length: 0\r\n\r\n", fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body), 1))
	if res == nil {
		c.bench.t.Fatalf("no response to %s", method)
	}
	return res
}

// What cannot be published (RFC 3903 §6).
func TestPublicationsThatCannotBe(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.from = carolTo
	c.publish("", 400, "")
	c.publish("unknown", 412, "x")
	if res := c.publish("", 423, "x", "Expires: 1"); text(res, "Min-Expires") != "10" {
		t.Error(res)
	}
	c.publish("", 200, "x", "Expires: 0") // it is gone at once
	if n := b.lab.sip.Load().Published; n != 0 {
		t.Errorf("%d publications for no time", n)
	}
	if res := c.publish("", 200, "x", "Expires: 999999"); text(res, "Expires") != "3600" {
		t.Error(res)
	} else {
		c.publish(text(res, "SIP-ETag"), 400, "", "SIP-If-Match: another")
		c.publish(text(res, "SIP-ETag"), 200, "", "Expires: 0")
	}
	c.publish("", 413, strings.Repeat("x", 9000))
	if res := c.publish("", 415, "x", "Content-Type: text/plain"); text(res, "Accept") != "application/pidf+xml" {
		t.Error(res)
	}
	if res := c.publish("", 415, "x", "e: gzip"); text(res, "Accept-Encoding") != "identity" {
		t.Error(res)
	}
	c.publish("", 200, "x", "Content-Encoding: Identity", "Expires: 0")
	if res := c.publish("", 489, "x", "Event: dialog"); text(res, "Allow-Events") != "presence" {
		t.Error(res)
	}
	for range server.MaxPublications {
		c.publish("", 200, "x")
	}
	c.publish("", 503, "x")
	alice := b.wire()
	alice.from = asAlice
	if res := alice.authorized("PUBLISH", carolURI, carolTo, "alice", "secret", "Event: presence"); res.StatusCode != 403 {
		t.Errorf("for somebody else: %s", res)
	}
	if n := b.lab.sip.Load().Published; n != server.MaxPublications {
		t.Errorf("%d publications", n)
	}
	b.do("stop")
	if n := b.lab.sip.Load().Published; n != 0 {
		t.Errorf("%d publications of a lab that has gone away", n)
	}
}

// What is forced is answered so to everybody but robots.
func TestForcedAnswers(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	b.do("respond 503 to INVITE retry after 30s")
	if res := c.request("INVITE", carolURI, carolTo); res.StatusCode != 503 || text(res, "Retry-After") != "30" {
		t.Errorf("%s", res)
	}
	b.do("respond 500 to REGISTER")
	if res := c.request("REGISTER", "sip:lab.test", carolTo); res.StatusCode != 500 || text(res, "Retry-After") != "" {
		t.Errorf("%s", res)
	}
	for status, field := range map[string]string{
		"405": "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, SUBSCRIBE, PUBLISH", "415": "Accept: application/sdp", "420": "Unsupported: none",
		"421": "Require: 100rel", "422": "Min-SE: 90", "423": "Min-Expires: 7200", "489": "Allow-Events: message-summary, dialog, presence",
	} {
		b.do("respond " + status + " to REGISTER")
		name, want, _ := strings.Cut(field, ": ")
		if res := c.request("REGISTER", "sip:lab.test", carolTo); text(res, name) != want {
			t.Errorf("%s, without %s", res, field)
		}
	}
	for status, name := range map[string]string{"401": "WWW-Authenticate", "407": "Proxy-Authenticate"} {
		b.do("respond " + status + " to REGISTER")
		res := c.request("REGISTER", "sip:lab.test", carolTo)
		if all, err := digest.ParseChallenges(text(res, name)); err != nil || len(all) != 1 || all[0].Realm != "lab.test" || all[0].Unsupported() != nil {
			t.Errorf("%s: %v, %v", res, all, err)
		}
	}
	b.do("bob calls carol")
	b.run(time.Second)
	if len(carol.reqs) != 1 {
		t.Error("a robot was refused")
	}
	b.do("respond normally")
	if c.ask("INVITE", carolURI, carolTo); len(carol.reqs) != 2 || !b.saw("lab", "forced", "no longer") {
		t.Error("it goes on")
	}
}

// What is forced is forced as often as was said, and when: a caller who gives up meanwhile
// is heard.
func TestForcedAnswersOnce(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	b.do("respond 503 to INVITE once")
	b.do("respond 500 to MESSAGE 2 times")
	for n, want := range []string{"INVITE 503", "MESSAGE 500", "MESSAGE 500", "MESSAGE", "INVITE"} {
		method, status, refused := strings.Cut(want, " ")
		had := len(carol.reqs)
		if c.ask(method, carolURI, carolTo); refused != (len(carol.reqs) == had) || refused && strconv.Itoa(c.last().StatusCode) != status {
			t.Errorf("request %d is not %s: %v", n+1, want, c.last())
		}
	}
	for _, line := range []string{"503 from now on, 1 time", "500 from now on, 2 times"} {
		b.expect("lab", "forced", line)
	}
	b.do("respond 486 to INVITE after 2s once")
	b.expect("lab", "forced", "486 from now on, 1 time, after 2s")
	if res := c.ask("INVITE", carolURI, carolTo); res == nil || res.StatusCode != 100 {
		t.Errorf("meanwhile: %v", res)
	}
	b.run(1800 * time.Millisecond)
	if last := c.last(); last.StatusCode != 100 {
		t.Errorf("too early: %s", last)
	}
	b.run(200 * time.Millisecond)
	if last := c.last(); last.StatusCode != 486 {
		t.Errorf("not there: %s", last)
	}
	b.do("respond 486 to INVITE after 20s")
	c.ask("INVITE", carolURI, carolTo)
	c.send(c.text("CANCEL", carolURI, carolTo))
	if last := c.last(); last.StatusCode != 487 {
		t.Errorf("the caller has given up: %s", last)
	}
	b.do("respond 486 to MESSAGE after 2s")
	n := len(c.resps)
	c.ask("MESSAGE", carolURI, carolTo)
	if len(c.resps) > n {
		t.Errorf("a 100 to what is no INVITE, or too early: %s", c.last())
	}
	b.run(2 * time.Second)
	if last := c.last(); last.StatusCode != 486 {
		t.Errorf("not there: %s", last)
	}
}

// A CANCEL that is refused ends nothing.
func TestForcedAnswerToCancel(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	c.ask("INVITE", carolURI, carolTo)
	carol.say(carol.reqs[0], "180 Ringing", "carol")
	b.do("respond 503 to CANCEL retry after 5s")
	c.send(c.text("CANCEL", carolURI, carolTo))
	if last := c.last(); last.StatusCode != 503 || text(last, "Retry-After") != "5" || len(carol.reqs) != 1 {
		t.Errorf("%s; carol has %d requests", last, len(carol.reqs))
	}
	b.do("respond 500 to CANCEL after 1s")
	c.ask("INVITE", carolURI, carolTo)
	carol.say(carol.reqs[1], "180 Ringing", "carol")
	if c.send(c.text("CANCEL", carolURI, carolTo)); c.last().StatusCode != 180 {
		t.Errorf("too early: %s", c.last())
	}
	if b.run(time.Second); c.last().StatusCode != 500 || len(carol.reqs) != 2 {
		t.Errorf("%s; carol has %d requests", c.last(), len(carol.reqs))
	}
}

func TestRedirect(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	b.do("redirect carol sip:carol@elsewhere.test")
	if res := c.request("INVITE", carolURI, carolTo); res.StatusCode != 302 || text(res, "Contact") != "<sip:carol@elsewhere.test>" {
		t.Errorf("%s", res)
	}
	if c.ask("MESSAGE", carolURI, carolTo); len(carol.reqs) != 1 {
		t.Error("only calls are redirected")
	}
	b.do("redirect carol off")
	if c.ask("INVITE", carolURI, carolTo); len(carol.reqs) != 2 {
		t.Error("it goes on")
	}
	for _, line := range []string{"redirect nobody sip:x@y", "redirect carol nowhere:", "redirect carol sip:x@y>", "respond 503 to NOT-A-METHOD", "respond 302 to INVITE"} {
		if _, err := b.lab.Do(b.w.Now(), line); err == nil {
			t.Errorf("%q was done", line)
		}
	}
}

// A server says what it can (RFC 3261 §11.2, RFC 6665 §4.4.4).
func TestOptionsOfTheServer(t *testing.T) {
	b := newBench(t, nil)
	res := b.wire().request("OPTIONS", "sip:lab.test", "<sip:lab.test>")
	if !strings.HasSuffix(text(res, "Allow"), "SUBSCRIBE, PUBLISH") || text(res, "Allow-Events") != "message-summary, dialog, presence" {
		t.Errorf("%s", res)
	}
}

// orLanguage is a header field, or one that changes nothing.
func orLanguage(field string) string { return cmp.Or(field, "Accept-Language: en") }
