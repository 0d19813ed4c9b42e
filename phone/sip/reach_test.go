package sip

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// asked is a request of a stranger's, answering a response to one, with the tag
// "secret".
func asked(t *testing.T, method, tag, more string) *sip.Request {
	t.Helper()
	m, err := sip.ParseMessage([]byte(method + " sip:bob@lab SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:bob@lab>" + tag +
		"\r\nCall-ID: 1\r\nCSeq: 1 " + method + "\r\n" + more + "Content-Length: 0\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	return m.(*sip.Request)
}

func answering(t *testing.T, status int, more ...sip.Header) *sip.Response {
	res := NewResponse(asked(t, "INVITE", "", ""), status, "secret")
	for _, h := range more {
		res.AppendHeader(h)
	}
	return res
}

// TestReachOfAStranger: three times what came, and one final response to each
// request.
func TestReachOfAStranger(t *testing.T) {
	var r Reach
	if r.Allows(answering(t, 200), 1) {
		t.Error("something is sent to an address that nothing has come from")
	}
	r.Heard(asked(t, "INVITE", "", ""), 400)
	for _, step := range []struct {
		status, bytes int
		want          bool
	}{
		{180, 1200, true}, // just three times
		{180, 1, false},
		{200, 900, true}, // the request's own
		{200, 900, false},
		{486, 1, false},
	} {
		if got := r.Allows(answering(t, step.status), step.bytes); got != step.want {
			t.Errorf("%d of %d bytes: %v", step.status, step.bytes, got)
		}
	}
	if r.Allows(asked(t, "BYE", "", ""), 1) {
		t.Error("a request beyond the limit")
	}
	if r.Withheld("", "") == nil || r.Withheld("", "") != nil {
		t.Error("it is said once that something was withheld")
	}
	r.Heard(asked(t, "INVITE", "", ""), 400) // it asks again
	if !r.Allows(answering(t, 200), 900) || r.Allows(answering(t, 200), 900) {
		t.Error("a copy of the request has one copy of the response")
	}
	r.Heard(asked(t, "ACK", ";tag=guess", ""), 400)
	if r.Allows(answering(t, 200), 900) {
		t.Error("an ACK wants no response")
	}
}

// TestReachIsProven by what only a receiver knows.
func TestReachIsProven(t *testing.T) {
	challenge := sip.NewHeader("WWW-Authenticate", `Digest realm="lab", nonce="n1"`)
	answer := func(nonce string) string {
		return fmt.Sprintf("Authorization: Digest username=\"a\", realm=\"lab\", cnonce=\"n1\", nonce=%q, uri=\"sip:lab\", response=\"\"\r\n", nonce)
	}
	request := asked(t, "OPTIONS", "", "")
	strange := NewResponse(asked(t, "OPTIONS", "", ""), 200, "x")
	strange.Via().Params.Add("branch", "z9hG4bK2")
	for name, c := range map[string]struct {
		sent, heard sip.Message
		want        bool
	}{
		"the ACK":              {answering(t, 200), asked(t, "ACK", ";tag=secret", ""), true},
		"an ACK by chance":     {answering(t, 200), asked(t, "ACK", ";tag=other", ""), false},
		"a tag that is none":   {answering(t, 200), asked(t, "ACK", "", ""), false},
		"a nonce":              {answering(t, 401, challenge), asked(t, "REGISTER", "", answer("n1")), true},
		"another's nonce":      {answering(t, 401, challenge), asked(t, "REGISTER", "", answer("n2")), false},
		"an answer":            {request, NewResponse(request, 200, "x"), true},
		"an answer by chance":  {request, strange, false},
		"what was never asked": {answering(t, 200), strange, false},
	} {
		var r Reach
		first := asked(t, "INVITE", "", "")
		r.Heard(first, 400)
		if res, ok := c.sent.(*sip.Response); ok {
			r.Made(first, res)
		}
		r.Allows(c.sent, 300)
		r.Heard(c.heard, 300)
		if r.Proven() != c.want || r.Allows(answering(t, 180), 1<<20) != c.want {
			t.Errorf("%s: proven is %v", name, r.Proven())
		}
	}
}

// TestReachIsNotProven by a tag that somebody else may have chosen: that of a response
// that was relayed, or of the request itself.
func TestReachIsNotProven(t *testing.T) {
	var r Reach
	r.Heard(asked(t, "INVITE", "", ""), 400)
	r.Allows(answering(t, 200), 300) // it was not made here
	if r.Heard(asked(t, "ACK", ";tag=secret", ""), 400); r.Proven() {
		t.Error("proven by the tag of a relayed response")
	}
	own := asked(t, "OPTIONS", ";tag=mine", "")
	r.Heard(own, 400)
	r.Made(own, NewResponse(own, 200, "secret"))
	if r.Heard(own, 400); r.Proven() {
		t.Error("proven by the tag that its own request had")
	}
}

// TestReachForgets: of many strangers the proven ones are remembered, and one that
// was forgotten gets nothing.
func TestReachForgets(t *testing.T) {
	rs := reaches{}
	host := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}) }
	rs.of(host(1)).proven = true
	rs.of(host(2)).Heard(asked(t, "OPTIONS", "", ""), 400)
	for n := range 5000 {
		rs.of(host(n))
	}
	switch {
	case len(rs) > maxStrangers:
		t.Errorf("%d are remembered", len(rs))
	case !rs.of(host(1)).Proven():
		t.Error("the server is forgotten")
	case rs.of(host(2)).Allows(answering(t, 200), 1):
		t.Error("one that was forgotten gets something")
	}
	for n := range 5000 {
		rs.of(host(n)).proven = true
	}
	if len(rs) > maxStrangers {
		t.Errorf("%d proven ones are remembered", len(rs))
	}
}

// TestStrangerOverUDP: what a phone sends to somebody who has sent one INVITE, or
// seems to, and never says anything again; and what our server gets, which has
// shown that it is there.
func TestStrangerOverUDP(t *testing.T) {
	for from, c := range map[string]struct {
		most   int
		source string
	}{
		"203.0.113.9:5060": {3 * len(inviteText), "203.0.113.9"},
		"192.0.2.9:5060":   {11 * len(inviteText), "invalid IP"},
	} {
		r := registeredWith(t, Config{Transport: UDP, AcceptAny: true})
		at, bytes, source := netip.MustParseAddrPort(from), 0, ""
		see := func(out control.Output) {
			for _, c := range out.Effects {
				if send, ok := c.(system.Send); ok && send.To.Addr() == at.Addr() {
					bytes += len(send.Data)
				}
			}
			for _, n := range out.Notices {
				if offered, ok := n.(control.Offered); ok {
					source = offered.Source.String()
				}
			}
		}
		see(r.a.Receive(r.now, system.Received{Socket: r.socket, From: at, Data: []byte(inviteText)}))
		see(r.a.Answer(r.now, 1, []byte(testSDP)))
		for end := r.now.Add(31 * time.Second); r.a.Deadline().Before(end); {
			r.now = r.a.Deadline()
			see(r.a.Advance(r.now))
		}
		if bytes > c.most || bytes < len(inviteText)/2 || source != c.source {
			t.Errorf("%s has sent %d bytes and had %d, want at most %d; its source is %s, want %s", from, len(inviteText), bytes, c.most, source, c.source)
		}
		t.Logf("%s: %d bytes for %d", from, bytes, len(inviteText))
	}
}

// TestSpare: before the ACK, audio gets what an address may be sent besides a repetition
// of our 200, once; one that has shown that it receives, what its INVITE allows.
func TestSpare(t *testing.T) {
	invite := asked(t, "INVITE", "", "")
	var r Reach
	if n := r.TakeSpare(); n != 0 {
		t.Errorf("%d bytes for an address that nothing has come from", n)
	}
	r.Heard(invite, 1000)
	r.Allows(answering(t, 180), 400)
	r.Allows(answering(t, 200), 900)
	if n := r.TakeSpare(); n != 3000-400-2*900 {
		t.Errorf("%d bytes after an INVITE of 1000, a 180 of 400 and a 200 of 900", n)
	}
	if r.TakeSpare() != 0 || !r.Allows(answering(t, 200), 900) || r.Allows(answering(t, 200), 1) {
		t.Error("what is spared does not count as sent, or leaves no room for a repetition")
	}
	r = Reach{proven: true}
	r.Heard(invite, 1000)
	if n := r.TakeSpare(); n != 3000 {
		t.Errorf("%d bytes for an address that receives", n)
	}
	r = Reach{}
	r.Heard(invite, 100)
	r.Allows(answering(t, 200), 900)
	if n := r.TakeSpare(); n != 0 {
		t.Errorf("%d bytes where there is nothing left", n)
	}
}

// TestSpareOfAnAgent: a connection answers for its callers; over UDP each host has its own
// bound, and inside a server nobody knows.
func TestSpareOfAnAgent(t *testing.T) {
	host := netip.MustParseAddr("192.0.2.1")
	heard := reaches{host: {proven: true, asked: 1}}
	for name, c := range map[string]struct {
		cfg   Config
		host  string
		bytes int
		free  bool
	}{
		"TCP":             {Config{Transport: TCP}, "192.0.2.1", 0, true},
		"inside a server": {Config{Transport: TCP, Inside: true}, "192.0.2.1", 0, false},
		"UDP":             {Config{Transport: UDP}, "::ffff:192.0.2.1", 3, false},
		"UDP, a victim":   {Config{Transport: UDP}, "192.0.2.9", 0, false},
	} {
		a := &Agent{cfg: c.cfg, wire: wire{reaches: heard}}
		if bytes, free := a.TakeSpare(netip.MustParseAddr(c.host)); bytes != c.bytes || free != c.free {
			t.Errorf("%s: %d bytes, free %t", name, bytes, free)
		}
	}
	if len(heard) != 1 {
		t.Error("whoever is asked for is remembered")
	}
}
