package lab

import (
	"fmt"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"
)

// say answers a request as a phone that knows dialogs: with a tag, the way back, and
// where it is.
func (c *wire) say(req *grammar.Request, status, tag string, more ...string) {
	more = append(more, "Contact: <sip:carol@"+c.local.String()+";transport=tcp>")
	for _, h := range req.GetHeaders("Record-Route") {
		more = append(more, "Record-Route: "+h.Value())
	}
	c.send(respondTo(req, status, tag, more...))
}

// A side is one end of a dialog, as it sees it.
type side struct {
	*wire
	from, to, target, route, id string
}

// tell sends a request in the dialog.
func (s *side) tell(method string, more ...string) {
	s.cseq++
	lines := append([]string{
		method + " " + s.target + " SIP/2.0", fmt.Sprintf("Via: SIP/2.0/TCP %s;branch=z9hG4bKs%d", s.local, s.cseq),
		"From: " + s.from, "To: " + s.to, "Call-ID: " + s.id, fmt.Sprintf("CSeq: %d %s", s.cseq, method),
		"Max-Forwards: 70", "Route: " + s.route,
	}, more...)
	s.send(strings.Join(lines, "\r\n") + "\r\nContent-Length: 0\r\n\r\n")
}

// sides are both ends of the dialog that a response has made.
func sides(caller, callee *wire, res *grammar.Response, invite *grammar.Request) (*side, *side) {
	id := res.CallID().Value()
	return &side{caller, res.From().Value(), res.To().Value(), res.Contact().Address.String(), text(res, "Record-Route"), id},
		&side{callee, res.To().Value(), res.From().Value(), invite.Contact().Address.String(), text(invite, "Record-Route"), id}
}

// passes has one side send a request and the other answer it, and wants both to come
// as they were sent.
func passes(t *testing.T, from, to *side, method, status string, fields ...string) {
	t.Helper()
	n, m := len(to.reqs), len(from.resps)
	from.tell(method, fields...)
	if len(to.reqs) != n+1 || string(to.reqs[n].Method) != method {
		t.Fatalf("%s: %v", method, to.reqs[n:])
	}
	got := to.reqs[n]
	for _, f := range fields {
		if !strings.Contains(got.String(), f+"\r\n") {
			t.Errorf("%s: no %q in\n%s", method, f, got)
		}
	}
	to.say(got, status, "", fields...)
	if len(from.resps) != m+1 || !strings.HasPrefix(from.resps[m].String(), "SIP/2.0 "+status) {
		t.Fatalf("%s: %v", method, from.resps[m:])
	}
	for _, f := range fields {
		if !strings.Contains(from.resps[m].String(), f+"\r\n") {
			t.Errorf("%s: no %q in\n%s", method, f, from.resps[m])
		}
	}
}

// forked is a call to both of carol's phones.
func (b *bench) forked(more ...string) (c, one, two *wire) {
	b.t.Helper()
	one, two, c = b.wire(), b.wire(), b.wire()
	for i, phone := range []*wire{one, two} {
		phone.register("carol", "secret", fmt.Sprintf("Contact: <sip:carol@%s;transport=tcp>;+sip.instance=\"<urn:uuid:%d>\"", phone.local, i))
	}
	c.ask("INVITE", carolURI, carolTo, append(more, "Contact: <sip:guest@"+c.local.String()+";transport=tcp>")...)
	if len(one.reqs) != 1 || len(two.reqs) != 1 {
		b.t.Fatalf("%d and %d INVITEs", len(one.reqs), len(two.reqs))
	}
	return c, one, two
}

// Early dialogs of a forked call: each provisional response of each branch goes up,
// and PRACK and UPDATE to the phone of their dialog (RFC 3262, RFC 3311).
func TestForkedEarlyDialogs(t *testing.T) {
	b := newBench(t, nil)
	wants := []string{"Require: 100rel", "Supported: 100rel, timer, replaces", "Session-Expires: 1800;refresher=uac", "Min-SE: 90", "X-Own: untouched"}
	c, one, two := b.forked(wants...)
	for _, f := range wants {
		if !strings.Contains(one.reqs[0].String(), f+"\r\n") {
			t.Errorf("no %q in\n%s", f, one.reqs[0])
		}
	}
	invites := []*grammar.Request{one.reqs[0], two.reqs[0]}
	var ends [][2]*side
	for i, phone := range []*wire{one, two, one} { // the first twice: a 180 after a 183
		n := len(c.resps)
		phone.say(invites[i%2], "18"+fmt.Sprint(3-3*(i/2))+" Progress", fmt.Sprintf("phone%d", i%2), "Require: 100rel", fmt.Sprintf("RSeq: %d", 7+i))
		if len(c.resps) != n+1 {
			t.Fatalf("%d responses after the provisional one of phone %d", len(c.resps)-n, i%2)
		}
		up := c.resps[n]
		tag, _ := up.To().Params.Get("tag")
		if tag != fmt.Sprintf("phone%d", i%2) || text(up, "RSeq") != fmt.Sprint(7+i) || text(up, "Require") != "100rel" || up.Contact() == nil {
			t.Errorf("phone %d: %s", i, up)
		}
		caller, callee := sides(c, phone, up, invites[i%2])
		ends = append(ends, [2]*side{caller, callee})
	}
	for i, e := range ends[:2] {
		other := ends[1-i][1]
		n := len(other.reqs)
		passes(t, e[0], e[1], "PRACK", "200 OK", fmt.Sprintf("RAck: %d 1 INVITE", 7+i))
		passes(t, e[0], e[1], "UPDATE", "200 OK", "Session-Expires: 600;refresher=uas", "Require: timer")
		passes(t, e[1], e[0], "UPDATE", "491 Request Pending")
		passes(t, e[1], e[0], "INFO", "200 OK")
		passes(t, e[0], e[1], "UPDATE", "500 Server Internal Error", "Retry-After: 3")
		if len(other.reqs) != n {
			t.Errorf("the other phone had some of it: %v", other.reqs[n:])
		}
	}
	one.say(invites[0], "200 OK", "phone0", "Require: timer", "Session-Expires: 1800;refresher=uac")
	last := c.last()
	if last.StatusCode != 200 || text(last, "Session-Expires") != "1800;refresher=uac" {
		t.Errorf("%s", last)
	}
	cancel := two.reqs[len(two.reqs)-1]
	if cancel.Method != "CANCEL" || text(cancel, "Reason") != `SIP;cause=200;text="Call completed elsewhere"` {
		t.Errorf("%s", cancel)
	}
	two.say(invites[1], "200 OK", "phone1") // it crosses the CANCEL: the caller has to end that call
	if up := c.last(); must(up.To().Params.Get("tag")) != "phone1" || up.StatusCode != 200 {
		t.Errorf("the second 200 does not come: %s", up)
	}
}

// A dialog lives for hours, in both directions, with all that phones say in it.
func TestLongDialog(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	c.ask("INVITE", carolURI, carolTo, "Contact: <sip:guest@"+c.local.String()+";transport=tcp>", "Replaces: a@b;to-tag=1;from-tag=2;early-only", "Require: replaces")
	invite := carol.reqs[0]
	if text(invite, "Replaces") != "a@b;to-tag=1;from-tag=2;early-only" || text(invite, "Require") != "replaces" {
		t.Errorf("%s", invite)
	}
	carol.say(invite, "200 OK", "carol")
	caller, callee := sides(c, carol, c.last(), invite)
	caller.tell("ACK")
	if got := carol.reqs[len(carol.reqs)-1]; got.Method != "ACK" {
		t.Fatal(got)
	}
	refer := []string{"Refer-To: <sip:dave@lab.test?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>", "Referred-By: <sip:guest@lab.test>", "Refer-Sub: true"}
	for range 6 {
		passes(t, caller, callee, "UPDATE", "200 OK", "Session-Expires: 3600;refresher=uac")
		passes(t, callee, caller, "UPDATE", "422 Session Interval Too Small", "Min-SE: 1800")
		passes(t, caller, callee, "REFER", "202 Accepted", refer...)
		passes(t, callee, caller, "NOTIFY", "200 OK", "Event: refer;id=2", "Subscription-State: active;expires=60")
		passes(t, callee, caller, "REFER", "603 Decline", refer...)
		passes(t, callee, caller, "SUBSCRIBE", "200 OK", "Event: refer")
		passes(t, caller, callee, "MESSAGE", "200 OK")
		passes(t, callee, caller, "OPTIONS", "200 OK", "Allow: INVITE, ACK")
		b.run(time.Hour)
	}
	passes(t, callee, caller, "BYE", "200 OK", `Reason: Q.850;cause=16;text="Normal"`)
}

// A 422 is passed, and preferred to a refusal that says nothing (RFC 4028 §7.3,
// RFC 3261 §16.7).
func TestBestResponse(t *testing.T) {
	for _, tc := range []struct {
		one, two string
		want     int
		field    string
	}{
		{"486 Busy Here", "422 Session Interval Too Small\r\nMin-SE: 1800", 422, "Min-SE: 1800"},
		{"422 Session Interval Too Small\r\nMin-SE: 1800", "486 Busy Here", 422, "Min-SE: 1800"},
		{"480 Gone", "420 Bad Extension\r\nUnsupported: x", 420, "Unsupported: x"},
		{"480 Gone", "302 Moved\r\nContact: <sip:x@y>", 302, "Contact: <sip:x@y>"},
		{"404 Not Found", "503 Service Unavailable", 404, ""},
		{"486 Busy Here", "603 Decline", 603, ""},
		{"407 Challenge\r\nProxy-Authenticate: Digest realm=\"a\", nonce=\"1\"", "401 Challenge\r\nWWW-Authenticate: Digest realm=\"b\", nonce=\"2\"", 407, "WWW-Authenticate: Digest realm=\"b\", nonce=\"2\""},
	} {
		b := newBench(t, nil)
		c, one, two := b.forked()
		one.say(one.reqs[0], tc.one, "one")
		two.say(two.reqs[0], tc.two, "two")
		last := c.last()
		if last.StatusCode != tc.want || !strings.Contains(last.String(), tc.field) {
			t.Errorf("%q and %q: %s", tc.one, tc.two, last)
		}
	}
}

// A CANCEL passes with its reasons, only after a provisional response, and only to
// phones that ring; one that refuses for all has the others stop (RFC 3326).
func TestCancelSaysWhy(t *testing.T) {
	b := newBench(t, nil)
	c, one, two := b.forked()
	one.say(one.reqs[0], "180 Ringing", "one")
	two.say(two.reqs[0], "486 Busy Here", "two")
	c.send(c.text("CANCEL", carolURI, carolTo, `Reason: SIP;cause=200;text="Call completed elsewhere"`, "Reason: Q.850 ;cause=26"))
	got := one.reqs[len(one.reqs)-1]
	if all := got.GetHeaders("Reason"); got.Method != "CANCEL" || len(all) != 2 || all[1].Value() != "Q.850 ;cause=26" {
		t.Errorf("%s", got)
	}
	if last := two.reqs[len(two.reqs)-1]; last.Method != "ACK" {
		t.Errorf("the phone that was busy got %s", last)
	}
	one.say(one.reqs[0], "487 Request Terminated", "one")
	if last := c.last(); last.StatusCode != 486 { // of the two the first
		t.Errorf("%s", last)
	}

	_, one, two = b.forked()
	one.say(one.reqs[0], "180 Ringing", "one")
	two.say(two.reqs[0], "603 Decline", "two")
	if got := one.reqs[len(one.reqs)-1]; got.Method != "CANCEL" || !strings.HasPrefix(text(got, "Reason"), "SIP;cause=603;") {
		t.Errorf("%s", got)
	}
}

// Timer C ends a call that rings for five minutes, and each provisional response that
// says more than Trying sets it again (RFC 3261 §16.6 step 11, §16.8).
func TestTimerC(t *testing.T) {
	b := newBench(t, nil)
	c, carol := b.callers("<sip:guest@lab.test>")
	c.ask("INVITE", carolURI, carolTo)
	invite := carol.reqs[0]
	carol.say(invite, "180 Ringing", "carol")
	b.run(4 * time.Minute)
	carol.say(invite, "183 Session Progress", "carol")
	b.run(4 * time.Minute)
	if len(carol.reqs) != 1 {
		t.Fatalf("it ended too early: %v", carol.reqs)
	}
	b.run(time.Minute)
	if len(carol.reqs) != 2 || carol.reqs[1].Method != "CANCEL" {
		t.Fatalf("it rings on: %v", carol.reqs)
	}
	b.run(time.Minute) // carol's phone is silent
	if last := c.last(); last.StatusCode != 487 {
		t.Errorf("%s", last)
	}
	b.run(time.Minute) // nobody acknowledges it
	if load := b.lab.sip.Load(); load.Requests+load.Transactions+load.Watched != 0 {
		t.Errorf("left of it: %+v", load)
	}
}
