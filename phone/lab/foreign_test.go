package lab

import (
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A response that is to another request than the one whose branch it has is dropped and
// named, and the right one counts (RFC 3261 §8.2.6.2).
func TestForeignResponsesAtTheLab(t *testing.T) {
	for name, change := range map[string][2]string{
		"Call-ID":        {"Call-ID: one@10.0.1.2", "Call-ID: other"},
		"CSeq":           {"CSeq: 1 ", "CSeq: 99 "},
		"CSeq method":    {"INVITE", "MESSAGE"},
		"From tag":       {";tag=f", ";tag=g"},
		"sender":         {"10.0.0.1:5060;branch", "10.0.0.1:5070;branch"},
		"number of Vias": {"Call-ID: ", "Via: SIP/2.0/TCP 10.9.9.9;branch=z9hG4bKx\r\nCall-ID: "},
		"way back":       {"branch=z9hG4bKb1", "branch=z9hG4bKb2"},
		"":               {"", ""},
	} {
		b := newBench(t, nil)
		c, carol := b.callers("<sip:guest@lab.test>")
		c.ask("INVITE", carolURI, carolTo)
		right := respondTo(carol.reqs[0], "486 Busy Here", "carol")
		wrong := strings.Replace(right, change[0], change[1], 1)
		if name != "" && wrong == right {
			t.Fatalf("%s is as it was:\n%s", name, right)
		}
		carol.send(wrong)
		if passed := c.last().StatusCode == 486; passed != (name == "") {
			t.Errorf("%s: %s", name, c.last())
		}
		if named := b.saw("lab", "foreign-response", "486 to ", "our INVITE", "for another "+name); named != (name != "") {
			t.Errorf("%s: named is %t", name, named)
			b.dump()
		}
		if carol.send(right); c.last().StatusCode != 486 {
			t.Errorf("then the right one: %s", c.last())
		}
	}
}

// A response counts if it comes from where the request was sent, or from another flow of
// the same phone.
func TestResponsesOfOthers(t *testing.T) {
	const counts = true
	for name, tc := range map[string]struct {
		from func(b *bench, phone *wire) *wire
		want bool
	}{
		"the connection":                {func(_ *bench, phone *wire) *wire { return phone }, counts},
		"somebody":                      {func(b *bench, _ *wire) *wire { return b.wire() }, !counts},
		"another account":               {func(b *bench, _ *wire) *wire { c := b.wire(); c.register("alice", "secret", contact); return c }, !counts},
		"another account's like phone":  {func(b *bench, _ *wire) *wire { return b.wire().flow("alice", "1", 1) }, !counts},
		"another phone of the account":  {func(b *bench, _ *wire) *wire { return b.wire().flow("carol", "2", 1) }, !counts},
		"another flow of the phone":     {func(b *bench, _ *wire) *wire { return b.wire().flow("carol", "1", 2) }, counts},
		"its next connection":           {func(b *bench, _ *wire) *wire { return b.wire().flow("carol", "1", 1) }, counts},
		"its contact, without a number": {func(b *bench, _ *wire) *wire { return b.wire().flow("carol", "1", 0) }, counts},
		"a phone that has no instance":  {func(b *bench, _ *wire) *wire { return b.wire().flow("carol", "", 0) }, !counts},
	} {
		for _, method := range []string{"INVITE", "OPTIONS", "CANCEL", "asked"} {
			b := newBench(t, nil)
			phone := b.wire().flow("carol", "1", 1)
			caller := b.wire()
			switch method {
			case "asked":
				b.do("ask carol OPTIONS")
				b.run(100 * time.Millisecond)
			case "CANCEL":
				caller.ask("INVITE", carolURI, carolTo)
				phone.say(phone.reqs[0], "180 Ringing", "carol")
				caller.send(caller.text("CANCEL", carolURI, carolTo))
			default:
				caller.ask(method, carolURI, carolTo)
			}
			req, n := phone.reqs[len(phone.reqs)-1], len(caller.resps)
			tc.from(b, phone).say(req, "200 OK", "carol")
			if passed := len(caller.resps) > n; (method == "INVITE" || method == "OPTIONS") && passed != tc.want {
				t.Errorf("%s of %s passes: %t", method, name, passed)
			}
			if named := b.saw("lab", "stray-response", "200 to "+string(req.Method), "which was sent to carol"); named == tc.want {
				t.Errorf("%s of %s: named is %t", method, name, named)
				b.dump()
			}
		}
	}
}

// A response that is dropped is named for each request and each connection, and not for
// each copy, though all come from one address.
func TestDroppedResponsesAreNamed(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	want := 0
	named := func(rule, what string, n int) {
		t.Helper()
		if got := b.count("lab", rule, what); got != n {
			t.Errorf("%s is named %d times, want %d", rule, got, n)
		}
	}
	for range 2 {
		carol.reqs = nil
		c.ask("INVITE", carolURI, carolTo)
		for socket := system.Socket(2); socket < 4; socket++ {
			carol.connect(socket)
			for range 2 {
				carol.sendOver(socket, respondTo(carol.reqs[0], "486 Busy Here", "carol"))
			}
			want++
			named("stray-response", "486 to INVITE", want)
		}
		right := respondTo(carol.reqs[0], "486 Busy Here", "carol")
		carol.send(strings.Replace(right, ";tag=f", ";tag=g", 1))
		carol.send(strings.Replace(right, ";tag=f", "", 1))
		named("foreign-response", "486 to INVITE", want)
		carol.send(right)
	}
}

// What is wrong with a response is named when the phone sends it, though somebody at the
// same address has sent the like before.
func TestStrayResponsesHideNothing(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	c.ask("INVITE", carolURI, carolTo)
	res := strings.Replace(respondTo(carol.reqs[0], "486 Busy Here", "carol"), "From: <sip:guest@", "From: <sip:gast@", 1)
	carol.connect(2)
	carol.sendOver(2, res)
	if b.saw("lab", "untidy-message", "From: it has another address") {
		t.Error("named for somebody else")
	}
	if carol.send(res); !b.saw("lab", "untidy-message", "From: it has another address") {
		b.dump()
		t.Error("not named")
	}
}

// connect opens another connection.
func (c *wire) connect(socket system.Socket) {
	c.bench.w.Do(c.node, func(time.Time) []system.Effect {
		return []system.Effect{system.Connect{Socket: socket, Target: "lab:5060"}}
	})
	c.bench.run(100 * time.Millisecond)
}

// Over UDP a phone may answer from another port, which its NAT has given it while it rang,
// and not from another address.
func TestResponsesFromAnotherPort(t *testing.T) {
	for name, tc := range map[string]struct {
		from   func(b *bench, phone *post) (*post, system.Socket)
		passes bool
		named  string
	}{
		"the port":        {func(_ *bench, phone *post) (*post, system.Socket) { return phone, 1 }, true, ""},
		"another port":    {func(_ *bench, phone *post) (*post, system.Socket) { phone.bind(2, 5070); return phone, 2 }, true, "another port"},
		"another address": {func(b *bench, _ *post) (*post, system.Socket) { return b.post(), 1 }, false, "stray-response"},
	} {
		b := newBench(t, nil)
		phone, caller := b.post(), b.wire()
		phone.register()
		caller.ask("INVITE", "sip:alice@lab.test", "<sip:alice@lab.test>")
		invite := phone.got[len(phone.got)-1].(*grammar.Request)
		from, socket := tc.from(b, phone)
		for range 2 {
			from.sendFrom(socket, respondTo(invite, "603 Decline", "a"))
		}
		if passed := caller.last().StatusCode == 603; passed != tc.passes {
			t.Errorf("%s: passes is %t", name, passed)
		}
		for _, what := range []string{"another port", "stray-response"} {
			if n := b.count("lab", what, "603 to INVITE"); n != map[bool]int{true: 1}[what == tc.named] {
				t.Errorf("%s: %d times %q", name, n, what)
				b.dump()
			}
		}
	}
}

// bind opens another port.
func (c *post) bind(socket system.Socket, port uint16) {
	c.bench.w.Do(c.node, func(time.Time) []system.Effect { return []system.Effect{system.Bind{RTP: socket, Port: port}} })
	c.bench.run(time.Millisecond)
}

// One that is addressed otherwise passes, and is named.
func TestResponsesWithOtherAddresses(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	c.ask("INVITE", carolURI, carolTo)
	res := respondTo(carol.reqs[0], "486 Busy Here", "carol")
	carol.send(strings.Replace(res, "To: <sip:carol@", "To: <sip:carola@", 1))
	if c.last().StatusCode != 486 || !b.saw("lab", "untidy-message", "To: it has another address") {
		t.Errorf("%s", c.last())
		b.dump()
	}
}
