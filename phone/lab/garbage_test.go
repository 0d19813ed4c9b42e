package lab

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func TestRequestsThatCannotBe(t *testing.T) {
	for _, tc := range []struct {
		name, method, uri, to, more string
		status                      int
	}{
		{"options", "OPTIONS", "sip:lab.test", "<sip:lab.test>", "X: y", 200},
		{"options by address", "OPTIONS", "sip:10.0.0.1:5060", "<sip:lab.test>", "X: y", 200},
		{"foreign domain", "INVITE", "sip:bob@elsewhere.test", "<sip:bob@elsewhere.test>", "X: y", 404},
		{"unknown user", "INVITE", "sip:zoe@lab.test", "<sip:zoe@lab.test>", "X: y", 404},
		{"absent user", "INVITE", "sip:carol@lab.test", "<sip:carol@lab.test>", "X: y", 480},
		{"lost dialog", "BYE", "sip:zoe@192.0.2.1:5", "<sip:zoe@lab.test>;tag=1", "X: y", 481},
		{"scheme", "INVITE", "tel:+4989", "<tel:+4989>", "X: y", 416},
		{"extension", "INVITE", "sip:bob@lab.test", "<sip:bob@lab.test>", "Proxy-Require: foo", 420},
		{"bad route", "INVITE", "sip:bob@lab.test", "<sip:bob@lab.test>", "Route: sip:x", 400},
		{"cancel of nothing", "CANCEL", "sip:bob@lab.test", "<sip:bob@lab.test>", "X: y", 481},
	} {
		if res := newBench(t, nil).wire().request(tc.method, tc.uri, tc.to, tc.more); res.StatusCode != tc.status {
			t.Errorf("%s: %d, want %d", tc.name, res.StatusCode, tc.status)
		}
	}
}

// hops is a request with another Max-Forwards than 70, or none.
func hops(text, n string) string {
	line := "Max-Forwards: " + n + "\r\n"
	if n == "" {
		line = ""
	}
	return strings.Replace(text, "Max-Forwards: 70\r\n", line, 1)
}

// TestMaxForwards sends a phone a request on with one hop fewer, and at most 69
// (RFC 3261 §16.6 step 3), and one whose hops are used up to nobody.
func TestMaxForwards(t *testing.T) {
	for _, method := range []string{"MESSAGE", "INVITE", "ACK"} {
		for was, want := range map[string]string{"70": "69", "5": "4", "1": "0", "200": "69", "": "70", "0": ""} {
			b := newBench(t, nil)
			carol := b.wire()
			carol.register("carol", "secret", "Contact: <sip:carol@192.168.7.7:1234;transport=tcp>")
			c := b.wire()
			c.cseq++
			c.send(hops(c.text(method, "sip:carol@lab.test", "<sip:carol@lab.test>"), was))
			got := ""
			if len(carol.reqs) > 0 {
				got = text(carol.reqs[0], "Max-Forwards")
			}
			if got != want {
				t.Errorf("%s with Max-Forwards %q reached the phone with %q, want %q", method, was, got, want)
			}
			if refused := len(c.resps) == 1 && c.resps[0].StatusCode == 483; refused != (was == "0" && method != "ACK") {
				t.Errorf("%s with Max-Forwards %q: refused is %t", method, was, refused)
			}
		}
	}
}

// TestRegisterOfTheLastHop: the registrar serves what it would send on to nobody (RFC
// 3261 §10.3, §16.3); it does not send it on.
func TestRegisterOfTheLastHop(t *testing.T) {
	for domain, want := range map[string]int{"lab.test": 401, "elsewhere.test": 483} {
		c := newBench(t, nil).wire()
		c.cseq++
		c.send(hops(c.text("REGISTER", "sip:"+domain, "<sip:alice@"+domain+">"), "0"))
		if len(c.resps) != 1 || c.resps[0].StatusCode != want {
			t.Errorf("%s: %v, want %d", domain, c.resps, want)
		}
	}
}

// TestOptionsOfTheLastHop: who asks with Max-Forwards 0 asks the lab (RFC 3261
// §11).
func TestOptionsOfTheLastHop(t *testing.T) {
	c := newBench(t, nil).wire()
	c.cseq++
	c.send(hops(c.text("OPTIONS", "sip:carol@lab.test", "<sip:carol@lab.test>"), "0"))
	if n := len(c.resps); n != 1 || c.resps[0].StatusCode != 200 {
		t.Errorf("%d responses", n)
	}
}

// TestPendingRequestsAreBounded has one connection ask for more than it may
// while nobody answers; another is served all the same.
func TestPendingRequestsAreBounded(t *testing.T) {
	b := newBench(t, nil)
	b.wire().register("carol", "secret", "Contact: <sip:carol@192.168.7.7:1234;transport=tcp>")
	c, other := b.wire(), b.wire()
	var all strings.Builder
	for range maxPending + 1 {
		c.cseq++
		all.WriteString(c.text("INVITE", "sip:carol@lab.test", "<sip:carol@lab.test>", "Contact: <sip:load@10.0.1.1:5061>"))
	}
	c.send(all.String())
	b.run(time.Second)
	busy := 0
	for _, res := range c.resps {
		if res.StatusCode == 503 {
			busy++
		}
	}
	if busy != 1 {
		t.Errorf("%d of %d requests were refused", busy, maxPending+1)
	}
	if res := other.request("OPTIONS", "sip:lab.test", "<sip:lab.test>"); res.StatusCode != 200 {
		t.Errorf("another connection hears %d", res.StatusCode)
	}
}

// TestFlowTokens follows a route of the lab's own to the other end of a call,
// and no route that only looks like one.
func TestFlowTokens(t *testing.T) {
	b := newBench(t, nil)
	carol := b.wire()
	carol.register("carol", "secret", "Contact: <sip:carol@192.168.7.7:1234;transport=tcp>")
	c := b.wire()
	c.cseq++
	c.send(c.text("INVITE", "sip:carol@lab.test", "<sip:carol@lab.test>", "Contact: <sip:load@10.9.9.9:9>"))
	route := text(carol.reqs[0], "Record-Route")
	user, _, _ := strings.Cut(strings.TrimPrefix(route, "<sip:"), "@")
	last := user[len(user)-1]
	for _, tc := range []struct {
		name, token string
		elsewhere   bool // in another call
		status      int  // 0: the caller has it
	}{
		{"as it was given", user, false, 0},
		{"another call", user, true, 481},
		{"another signature", user[:len(user)-1] + string('0'+(last-'0'+1)%10), false, 481},
		{"no signature", user[:strings.LastIndexByte(user, '-')], false, 481},
		{"an empty signature", user[:strings.LastIndexByte(user, '-')+1], false, 481},
		{"another connection", "1" + user, false, 481},
		{"none", "", false, 481},
	} {
		c.reqs, carol.resps = nil, nil
		carol.cseq++
		bye := carol.text("BYE", "sip:somebody@10.8.8.8:8", "<sip:alice@lab.test>;tag=f", "Route: "+strings.Replace(route, user, tc.token, 1))
		if !tc.elsewhere {
			bye = strings.Replace(bye, carol.callID(), c.callID(), 1)
		}
		carol.send(bye)
		status := 0
		if len(carol.resps) > 0 {
			status = carol.resps[0].StatusCode
		}
		if status != tc.status || len(c.reqs) != map[bool]int{true: 1, false: 0}[tc.status == 0] {
			t.Errorf("a token with %s: %d, and the caller has %d requests", tc.name, status, len(c.reqs))
		}
	}
}

func TestGarbageHurtsNobodyElse(t *testing.T) {
	b := newBench(t, nil)
	alice := b.phone("alice", "secret", app.Manual, 440)
	alice.call("echo")
	b.expect("alice", "call up")
	for _, garbage := range []string{
		"\x00\x01\x02\x03\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", strings.Repeat("x", 100_000),
		"INVITE sip:bob@lab.test SIP/2.0\r\nX: " + strings.Repeat("x", 100_000),
	} {
		c := b.wire()
		c.send(garbage)
		b.run(time.Second)
		if c.closed == "" {
			t.Errorf("still open after %.20q", garbage)
		}
	}
	const bad = "OPTIONS sip:lab.test SIP/2.0\r\nContent-Length: 0\r\n\r\n"
	c := b.wire()
	for range 3 { // what is good between them has the count begin anew
		c.send(strings.Repeat(bad, maxBad-1))
		c.request("OPTIONS", "sip:lab.test", "<sip:lab.test>")
	}
	if c.send(strings.Repeat(bad, maxBad-1)); c.closed != "" {
		t.Error("closed after fewer bad messages in a row")
	}
	if c.send(bad); c.closed == "" {
		t.Error("still open after many bad messages in a row")
	}
	b.expect("alice", "heard tone 440 Hz")
}

func TestConnectionsAreBounded(t *testing.T) {
	b := newBench(t, func(c *Config) { c.MaxConns = len(Robots()) + 2 })
	b.wire()
	b.wire()
	if third := b.wire(); third.closed != "RST" {
		t.Errorf("a connection too many: closed by %q", third.closed)
	}
}

func TestStalledConnectionIsBounded(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.register("alice", "secret", contact)
	b.do("stall alice")
	c.send(strings.Repeat("x", server.MaxBacklog+1))
	b.run(time.Second)
	if c.closed != "RST" {
		t.Errorf("closed by %q", c.closed)
	}
}

func FuzzLab(f *testing.F) {
	robots := Robots()[2:3]
	c := wire{local: netip.MustParseAddrPort("10.0.1.1:49152"), cseq: 1}
	f.Add([]byte(c.text("REGISTER", "sip:lab.test", "<sip:alice@lab.test>", contact)))
	f.Add([]byte(c.text("INVITE", "sip:busy@lab.test", "<sip:busy@lab.test>", contact) + c.text("CANCEL", "sip:busy@lab.test", "<sip:busy@lab.test>")))
	f.Add([]byte(c.text("ACK", "sip:bob@lab.test", "<sip:bob@lab.test>;tag=x", "Route: <sip:1-2-3@10.0.0.1;lr>,<sip:a>")))
	f.Add([]byte(c.text("SUBSCRIBE", "sip:alice@lab.test", "<sip:alice@lab.test>", contact, "Event: presence;id=1", "Accept: */*", "Expires: 60")))
	f.Add([]byte(c.text("SUBSCRIBE", "sip:busy@lab.test", "<sip:busy@lab.test>", contact, "o: dialog") + c.text("INVITE", "sip:busy@lab.test", "<sip:busy@lab.test>", contact)))
	f.Add([]byte(c.text("PUBLISH", "sip:alice@lab.test", "<sip:alice@lab.test>", "Event: presence", "SIP-If-Match: x", "Expires: 0")))
	f.Add([]byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKx\r\nFrom: <sip:a>\r\nTo: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"))
	f.Add([]byte("\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := New(Config{
			Config: server.Config{Addr: ":5060", Accounts: []Account{{User: "alice", Password: "secret"}}, NoAuth: len(data)%2 == 0}, Rand: rand.New(rand.NewPCG(1, 2)), Robots: robots,
		})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		l.Start(now)
		local := netip.MustParseAddrPort("10.0.0.1:5060")
		l.Receive(now, system.Bound{Socket: 1, Local: local})
		l.Receive(now, system.Bound{Socket: 2, Local: local})
		phone := netip.MustParseAddrPort("10.0.1.2:5060")
		l.Receive(now, system.Received{Socket: 2, From: phone, Data: bytes.Clone(data)})
		conn := ^system.Socket(0)
		l.Receive(now, system.Accepted{Listener: 1, Socket: conn, Local: local, Remote: netip.MustParseAddrPort("10.0.1.1:49152")})
		half := len(data) / 2
		l.Receive(now, system.Received{Socket: conn, Data: append([]byte(nil), data[:half]...)})
		l.Receive(now, system.Received{Socket: conn, Data: append([]byte(nil), data[half:]...)})
		for range 20 {
			if d := l.Deadline(); !d.IsZero() && d.After(now) {
				now = d
			}
			l.Advance(now)
		}
		l.Receive(now, system.Closed{Socket: conn})
	})
}

// TestLengthsTooLarge: a message whose rest never comes is given up for the next one,
// and with none it is refused at last; the connection lives on, if the next one can be
// found.
func TestLengthsTooLarge(t *testing.T) {
	for name, tc := range map[string]struct {
		length      string
		pause, wait time.Duration
		want        []int // and then, perhaps, the end: 0
	}{
		"swallowed, and not looked into": {"900", 0, 3 * time.Second, nil},
		"swallowed":                      {"900", 0, 5 * time.Second, []int{400, 200}},
		"after a pause":                  {"900", 2 * time.Second, 0, []int{400, 200}},
		"at last":                        {"900", time.Minute, 0, []int{400, 200, 200}},
		// More than any message may have is refused at once.
		"a lie, and not looked into": {"100000", 0, 3 * time.Second, []int{513}},
		"a lie":                      {"100000", 0, 5 * time.Second, []int{513, 200}},
		"a great lie":                {"2000000000", 0, 5 * time.Second, []int{513, 200}},
		"a lie after a pause":        {"100000", 2 * time.Second, 3 * time.Second, []int{513, 200}},
		"a lie at last":              {"100000", time.Minute, 0, []int{513, 200, 200}},
		"a part of the next":         {"150", 0, time.Second, []int{400, 200}},
		"a few bytes of it":          {"5", 0, time.Second, []int{200, 200}},
		// Nobody knows where the next message begins.
		"two lengths": {"0\r\nl: 900", 0, time.Second, []int{400, 0}},
		"no length":   {"-1", 0, time.Second, []int{400, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			c := b.wire()
			c.cseq = 1
			long := strings.Replace(c.text("OPTIONS", "sip:lab.test", "<sip:lab.test>"), "Content-Length: 0", "Content-Length: "+tc.length, 1)
			c.cseq = 2
			next := c.text("OPTIONS", "sip:lab.test", "<sip:lab.test>")
			if tc.pause == 0 {
				c.send(long + next)
			} else {
				c.send(long)
				b.run(tc.pause)
				c.send(next)
			}
			b.run(tc.wait)
			if tc.pause == time.Minute {
				c.send(strings.Replace(next, "branch=", "branch=z9hG4bKx", 1))
			}
			var got []int
			for _, res := range c.resps {
				got = append(got, res.StatusCode)
			}
			if c.closed != "" {
				got = append(got, 0)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("answers %d, want %d, closed %q", got, tc.want, c.closed)
			}
		})
	}
}

// TestLineEnds: a message whose lines end with LF alone is served, and said; if only its
// empty line does, after a pause. The connection lives on in any case.
func TestLineEnds(t *testing.T) {
	for name, tc := range map[string]struct {
		lines, empty, behind string
		wait                 time.Duration
		want                 []int
		said                 bool
	}{
		"CRLF":                      {"\r\n", "\r\n\r\n", "", 0, []int{200, 200}, false},
		"LF":                        {"\n", "\n\n", "", 0, []int{200, 200}, true},
		"LF, and CRLF behind it":    {"\n", "\n\r\n", "\r\n\r\n", 0, []int{200, 200}, true},
		"the last":                  {"\r\n", "\n\r\n", "", 5 * time.Second, []int{200, 200}, true},
		"the empty one":             {"\r\n", "\r\n\n", "", 5 * time.Second, []int{200, 200}, true},
		"and a message after a bit": {"\r\n", "\r\n\n", "", 2 * time.Second, []int{200, 200}, true},
		"and one at once":           {"\r\n", "\n\n", "X: y\r\n\r\n", 0, []int{400, 200}, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			c := b.wire()
			head := strings.TrimSuffix(c.text("OPTIONS", "sip:lab.test", "<sip:lab.test>"), "\r\n\r\n")
			c.send(strings.ReplaceAll(head, "\r\n", tc.lines) + tc.empty + tc.behind)
			b.run(tc.wait)
			c.ask("OPTIONS", "sip:lab.test", "<sip:lab.test>")
			var got []int
			for _, res := range c.resps {
				got = append(got, res.StatusCode)
			}
			if said := b.saw("lab", "warning: untidy-message", "OPTIONS", "header: lines end with LF alone"); !slices.Equal(got, tc.want) || c.closed != "" || said != tc.said {
				t.Errorf("answers %d, want %d, closed %q, said %t", got, tc.want, c.closed, said)
			}
		})
	}
}

// TestHeaderWithoutEnd is no message that could be given up.
func TestHeaderWithoutEnd(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.send("OPTIONS sip:lab.test SIP/2.0\r\nVia: x")
	b.run(30 * time.Second)
	if c.closed != "" {
		t.Error("it was closed too early")
	}
	if b.run(10 * time.Second); c.closed != "FIN" || !b.saw("lab", "a message lacks its rest") {
		t.Errorf("closed %q", c.closed)
	}
}

// TestRestInAStall: a server that hangs gives up no message whose rest it has not read.
func TestRestInAStall(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.register("alice", "secret", contact)
	c.cseq, c.resps = 9, nil
	c.send(strings.Replace(c.text("OPTIONS", "sip:lab.test", "<sip:lab.test>"), "Content-Length: 0", "Content-Length: 4", 1))
	b.do("stall alice")
	c.send("body")
	b.run(time.Minute)
	b.do("unstall alice")
	if b.run(time.Second); len(c.resps) != 1 || c.resps[0].StatusCode != 200 {
		t.Errorf("answers %v", c.resps)
	}
}
