package lab

import (
	"fmt"
	"strings"
	"testing"

	grammar "github.com/emiago/sipgo/sip"
)

const (
	labURI = "sip:lab.test"
	labTo  = "<" + labURI + ">"
	odd    = "Require: x-odd"
)

// TestRequestsForTheLabItself: it says what it does not serve, in the order of RFC 3261
// §8.2.
func TestRequestsForTheLabItself(t *testing.T) {
	const allows = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, SUBSCRIBE, PUBLISH"
	for _, tc := range []struct {
		method, to string
		status     int
		field      string
		value      string
		more       []string
	}{
		{"OPTIONS", labTo, 200, "Allow", allows, nil},
		{"OPTIONS", labTo, 420, "Unsupported", "x-odd, x-other", []string{odd, "Require: x-other"}},
		{"MESSAGE", labTo, 405, "Allow", allows, nil},
		{"MESSAGE", labTo, 405, "Allow", allows, []string{odd}},
		{"X-ODD", labTo, 405, "Allow", allows, nil},
		{"X-ODD", labTo, 405, "Allow", allows, []string{odd}},
		{"INVITE", labTo, 420, "Unsupported", "x-odd", []string{odd}},
		{"PUBLISH", labTo, 420, "Unsupported", "x-odd", []string{odd, "Event: presence"}},
		{"BYE", labTo + ";tag=x", 420, "Unsupported", "x-odd", []string{odd}},
		{"options", labTo, 405, "Allow", allows, nil}, // a method is as it is written (RFC 3261 §7.1)
		{"REFER", labTo, 405, "Allow", allows, nil},
		{"INVITE", labTo, 404, "", "", nil},
		{"PUBLISH", labTo, 404, "", "", []string{"Event: presence"}},
		{"SUBSCRIBE", labTo, 404, "", "", []string{"Event: presence"}},
		{"BYE", labTo + ";tag=x", 481, "", "", nil},
		{"BYE", labTo, 481, "", "", nil},
	} {
		for _, uri := range []string{labURI, "sip:10.0.0.1:5060", "sip:LAB.test;transport=tcp"} {
			res := newBench(t, nil).wire().request(tc.method, uri, tc.to, tc.more...)
			if res.StatusCode != tc.status || text(res, tc.field) != tc.value {
				t.Errorf("%s %s %q: %s", tc.method, uri, tc.more, res)
			}
		}
	}
}

// TestExtensionsForTheLabItself: what it serves for a user requires what it has (RFC 3261
// §8.2.2.3); what it sends on may require what the phone has.
func TestExtensionsForTheLabItself(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.from = asAlice
	alice := asAlice[1 : len(asAlice)-1]
	refused := func(what string, res *grammar.Response) {
		t.Helper()
		if res.StatusCode != 420 || text(res, "Unsupported") != "x-odd" {
			t.Errorf("%s: %s", what, res)
		}
	}
	refused("REGISTER", c.register("alice", "secret", contact, odd))
	refused("SUBSCRIBE", c.subscribe("alice", "presence", odd))
	refused("PUBLISH", c.authorized("PUBLISH", alice, asAlice, "alice", "secret", odd))
	if load := b.lab.sip.Load(); load.Subscribed+load.Published+len(b.lab.sip.Bindings("alice")) > 0 {
		t.Errorf("something was done all the same: %+v", load)
	}
	ok := c.subscribe("alice", "presence")
	c.notified()
	refused("SUBSCRIBE again", c.request("SUBSCRIBE", ok.Contact().Address.String(), ok.To().Value(), watching, "Event: presence", "Expires: 0", odd))
	if b.lab.sip.Load().Subscribed != 1 {
		t.Error("it was ended all the same")
	}
	caller, carol := b.callers(asAlice)
	for _, method := range []string{"MESSAGE", "INVITE", "OPTIONS", "SUBSCRIBE"} {
		if caller.authorized(method, carolURI, carolTo, "alice", "secret", odd, "Event: conference"); len(carol.reqs) != 1 || text(carol.reqs[0], "Require") != "x-odd" {
			t.Errorf("%s is sent on: %v", method, carol.reqs)
		}
		carol.reqs = nil
	}
}

// A proxy must have what Proxy-Require names, whoever a request is for (RFC 3261 §16.3
// step 5); it looks at that after scheme, hops and loops.
func TestProxyRequire(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	for uri, want := range map[string]int{carolURI: 420, labURI: 420, "mailto:carol@lab.test": 416} {
		for _, method := range []string{"MESSAGE", "INVITE", "REGISTER", "X-ODD"} {
			res := c.request(method, uri, carolTo, "Proxy-Require: x-odd, x-other", "proxy-require: x-third")
			if res.StatusCode != want || want == 420 && text(res, "Unsupported") != "x-odd, x-other, x-third" {
				t.Errorf("%s %s: %s", method, uri, res)
			}
		}
	}
	if len(carol.reqs) > 0 {
		t.Errorf("carol has %v", carol.reqs)
	}
	if res := c.request("MESSAGE", carolURI, carolTo, "Proxy-Require: x-odd"); res.StatusCode != 420 || text(res, "Unsupported") != "x-odd" {
		t.Errorf("one alone: %s", res)
	}
	c.ask("ACK", carolURI, carolTo, "Proxy-Require: x-odd") // it has no answer (RFC 3261 §8.2.2.3)
	c.ask("INVITE", carolURI, carolTo, odd)
	n := len(c.resps)
	if c.send(c.text("CANCEL", carolURI, carolTo, odd, "Proxy-Require: x-odd")); len(c.resps) == n || c.resps[n].StatusCode != 200 {
		t.Errorf("a CANCEL: %v", c.resps[n:])
	}
}

// sendsBack is what a phone does that is a proxy and sends a request back to the lab, for
// a URI.
func (c *wire) sendsBack(req *grammar.Request, uri string) {
	c.cseq++
	lines := []string{fmt.Sprintf("%s %s SIP/2.0", req.Method, uri), fmt.Sprintf("Via: SIP/2.0/TCP %s;rport;branch=z9hG4bKback%d", c.local, c.cseq)}
	for _, h := range req.Headers() {
		if h.Name() != "Content-Length" {
			lines = append(lines, h.String())
		}
	}
	c.send(strings.Join(lines, "\r\n") + "\r\nContent-Length: 0\r\n\r\n")
}

// TestLoops: what comes back as it was is refused at once, rather than after as many
// copies as there are hops, each forked (RFC 3261 §16.3 step 4, RFC 5393); what comes back
// for somebody else is sent on.
func TestLoops(t *testing.T) {
	for _, method := range []string{"MESSAGE", "INVITE"} {
		b := newBench(t, nil)
		alice := b.wire()
		alice.register("alice", "secret", "Contact: <sip:alice@10.7.7.8:1234>")
		c, carol := b.callers("<sip:guest@lab.test>")
		c.ask(method, carolURI, carolTo)
		carol.resps = nil
		carol.sendsBack(carol.reqs[0], carolURI)
		if len(carol.resps) != 1 || carol.resps[0].StatusCode != 482 || len(carol.reqs) != 1 || !b.saw("lab", "loop") {
			t.Errorf("%s comes back: %v, %d requests", method, carol.resps, len(carol.reqs))
		}
		carol.sendsBack(carol.reqs[0], "sip:alice@lab.test")
		if len(alice.reqs) != 1 {
			t.Fatalf("%s for somebody else: %v", method, carol.resps)
		}
		alice.sendsBack(alice.reqs[0], carolURI)
		if alice.last().StatusCode != 482 || len(carol.reqs) != 1 {
			t.Errorf("%s comes back from there: %s", method, alice.last())
		}
		// A Via that only looks like the lab's is none.
		other := b.wire()
		other.ask(method, carolURI, carolTo, "Via: SIP/2.0/TCP 10.0.0.1:5060;branch=z9hG4bKmade-up")
		if len(carol.reqs) != 2 {
			t.Errorf("%s with somebody else's Via: %v", method, other.resps)
		}
	}
}
