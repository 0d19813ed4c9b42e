package sip

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestRefusedOnTwoWays: a call that is refused and comes on another way as well, be it by
// the same flow or by another of the account, is answered 482 there, and missed once.
func TestRefusedOnTwoWays(t *testing.T) {
	full := []string{"peer INVITE sdp"}
	for name, c := range map[string]struct {
		before []string
		invite string
		then   []string // by the first flow
		status string
	}{
		"busy":        {full, "as=carol sdp", nil, "486"},
		"a body":      {nil, `as=carol "x" Content-Type: image/png`, nil, "415"},
		"a timer":     {nil, "as=carol sdp Session-Expires: 10 | Supported: timer", nil, "422"},
		"replaces":    {nil, "as=carol sdp Replaces: a;to-tag=b;from-tag=c", nil, "481"},
		"a bad route": {nil, "as=carol sdp Record-Route: foo", nil, "400"},
		"declined":    {nil, "as=carol sdp", []string{"reject 1 603"}, "603"},
	} {
		for _, flows := range []int{1, 2} {
			p := newFlows(t, TCP)
			p.one.a.cfg.MaxCalls, p.two.a.cfg.MaxCalls = 1, 1
			other := p.two
			if flows == 1 {
				other = p.one
			}
			p.one.plays(c.before...)
			req := p.one.peerRequest("INVITE", c.invite)
			p.one.receive(Encode(req))
			p.one.plays(c.then...)
			other.receive(Encode(forked(req)))
			if p.one.sent["INVITE "+c.status] == nil || other.sent["INVITE 482"] == nil {
				t.Errorf("%s, %d flows:\n%s%s", name, flows, &p.one.w, &p.two.w)
			}
			log := p.one.w.String() + p.two.w.String()
			if ended := strings.Count(log, "call ended"); ended > 1 || strings.Count(log, string(event.RuleDuplicateInvite)) != 1 {
				t.Errorf("%s, %d flows: ended %d times\n%s", name, flows, ended, log)
			}
			p.one.plays("closed") // and its answer with it, perhaps
			third := req.Clone()
			third.Via().Params.Add("branch", "z9hG4bK-a-third-way")
			p.two.receive(Encode(third))
			if p.two.sent["INVITE "+c.status] == nil && len(p.two.a.calls.list) == 0 && flows == 2 {
				t.Errorf("%s: it is refused for what a flow has answered that is gone", name)
			}
		}
	}
}

// TestForcedOnTwoWays: a request that is answered as the tester wishes, at once or later, and
// comes on another way when the wish is used up, is answered 482 there, and nothing comes of
// it. One that he has nothing answer is taken.
func TestForcedOnTwoWays(t *testing.T) {
	for name, c := range map[string]struct{ force, request, want string }{
		"refused":       {"INVITE 486 0s 1", "INVITE as=carol sdp", "INVITE 482"},
		"refused later": {"INVITE 486 1s 1", "INVITE as=carol sdp", "INVITE 482"},
		"a text taken":  {"MESSAGE 200 0s 1", `MESSAGE as=carol "hi" Content-Type: text/plain`, "MESSAGE 482"},
		"unanswered":    {"INVITE 0 0s 1", "INVITE as=carol sdp", "INVITE 100"},
	} {
		for _, flows := range []int{1, 2} {
			p := newFlows(t, TCP)
			other := p.two
			if flows == 1 {
				other = p.one
			}
			p.one.plays("force " + c.force)
			p.one.w.Reset()
			p.two.w.Reset()
			method, extra, _ := strings.Cut(c.request, " ")
			req := p.one.peerRequest(method, extra)
			p.one.receive(Encode(req))
			other.receive(Encode(forked(req)))
			if other.sent[c.want] == nil {
				t.Errorf("%s, %d flows: no %s\n%s%s", name, flows, c.want, &p.one.w, &p.two.w)
			}
			log := p.one.w.String() + p.two.w.String()
			if came := strings.Contains(log, "NOTICE"); came != (c.want == "INVITE 100") {
				t.Errorf("%s, %d flows: it comes to something: %t\n%s", name, flows, came, log)
			}
		}
	}
}

// TestOnceMoreOnOneWay: a request that comes once more over TCP, byte for byte, is not said to
// have come on another way.
func TestOnceMoreOnOneWay(t *testing.T) {
	r := registered(t)
	text := r.peerRequest("MESSAGE", `"hi" Content-Type: text/plain`)
	r.receive(Encode(text))
	r.w.Reset()
	if r.receive(Encode(text)); !strings.Contains(r.w.String(), "MESSAGE of sip:bob@example.com was answered 482: it has come before, on this way or another") {
		t.Error(r.w.String())
	}
}

// TestCancelOfAnotherNumber: a CANCEL is for the INVITE with its branch; another CSeq is named.
func TestCancelOfAnotherNumber(t *testing.T) {
	for extra, named := range map[string]bool{"": false, " CSeq: 9 CANCEL": true} {
		r := registered(t)
		r.plays("peer INVITE sdp", "peer CANCEL"+extra)
		if r.sent["CANCEL 200"] == nil || r.sent["INVITE 487"] == nil || strings.Contains(r.w.String(), otherNumber) != named {
			t.Errorf("%q:\n%s", extra, &r.w)
		}
	}
}
