package sip

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// TestOfferOnceMoreByAnotherFlow: an INVITE in a call that a proxy sends once more, for the
// flow by which it has come is gone with our 2xx, is answered as before, by the flow that it
// comes by now.
func TestOfferOnceMoreByAnotherFlow(t *testing.T) {
	p := inCall(t, TCP)
	req := p.one.peerRequest("INVITE", "sdp")
	p.one.receive(Encode(req))
	p.one.plays("answer 1")
	first := p.one.a.calls.list[0].ok.res
	req.Via().Params = sip.HeaderParams{{K: "branch", V: "z9hG4bKonce-more"}}
	var by []string
	var said []control.Notice
	p.one.seen = func(out control.Output, _ int) {
		by = append(by, byFlows(out.Effects)...)
		said = append(said, out.Notices...)
	}
	p.two.receive(Encode(req))
	ok := p.one.a.calls.list[0].ok
	if !slices.Equal(by, []string{"flow2 INVITE 200"}) || len(said) != 0 {
		t.Fatalf("%q, %+v", by, said)
	}
	if ok.res.Via().Params[0].V != "z9hG4bKonce-more" || !bytes.Equal(ok.res.Body(), first.Body()) || ok.res.ContentType() == nil || ok.way != &p.two.a.wire {
		t.Errorf("%s", ok.res)
	}
	p.byTwo("ACK")
	if p.one.a.calls.list[0].ok.res != nil {
		t.Error("the ACK has not come")
	}
}

// TestAckByTheNextFlow: an ACK that a flow may have taken with it is sent by the next, as
// long as the peer may wait for it; what is older is left.
func TestAckByTheNextFlow(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		want  []string
	}{
		{31 * time.Second, []string{"flow2 ACK 0"}},
		{32 * time.Second, nil},
	} {
		p := inCall(t, TCP)
		p.one.plays("reinvite 1", "respond INVITE 200 sdp")
		p.one.now, p.two.now = p.one.now.Add(c.after), p.two.now.Add(c.after)
		p.one.plays("closed")
		out := p.two.a.TakeOver(p.two.now, p.one.a)
		if got := byFlows(out.Effects); !slices.Equal(got, c.want) {
			t.Errorf("after %s: %q", c.after, got)
		}
	}
	p := inCall(t, TCP)
	p.one.plays("reinvite 1", "respond INVITE 200 sdp", "advance 20s", "closed", "connected")
	if _, sent := p.one.sent["ACK"]; !sent {
		t.Error("it is not sent by the flow that is formed again")
	}
	p.one.now, p.two.now = p.one.now.Add(15*time.Second), p.two.now.Add(35*time.Second)
	p.one.plays("closed")
	if got := byFlows(p.two.a.TakeOver(p.two.now, p.one.a).Effects); len(got) > 0 {
		t.Errorf("35 s after it was asked for: %q", got)
	}
	p = inCall(t, TCP) // their INVITE
	p.one.plays("closed")
	if got := byFlows(p.two.a.TakeOver(p.two.now, p.one.a).Effects); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

// TestHoldIsInherited: a change that the flow has taken with it is offered by the next.
func TestHoldIsInherited(t *testing.T) {
	p := inCall(t, TCP)
	var failed []control.Notice
	p.one.seen = func(out control.Output, _ int) { failed = append(failed, out.Notices...) }
	p.one.plays("reinvite 1", "closed")
	for _, n := range failed {
		if _, is := n.(control.ModifyFailed); is {
			t.Errorf("%+v", n)
		}
	}
	out := p.two.a.TakeOver(p.two.now, p.one.a)
	if want := []control.Notice{control.Inherited{ID: 1}, control.ModifyAgain{ID: 1}}; !slices.Equal(out.Notices, want) {
		t.Errorf("%+v", out.Notices)
	}
	p.two.plays("reinvite 1", "respond INVITE 200 sdp")
	if _, sent := p.two.sent["ACK"]; !sent {
		t.Error("it is not acknowledged")
	}
}

// TestAckIsWaitedFor: the next INVITE of a peer does not stand for an ACK that has the answer
// to our offer (RFC 5407 §3.1.5), nor for that with which the call begins.
func TestAckIsWaitedFor(t *testing.T) {
	begun, beginning := inCall(t, TCP).one, newFlows(t, TCP).one
	begun.plays("peer INVITE", "answer 1", "peer INVITE sdp")
	beginning.plays("peer INVITE sdp", "answer 1", "peer INVITE sdp")
	for _, r := range []*rig{begun, beginning} {
		if _, refused := r.sent["INVITE 491"]; !refused || r.a.calls.list[0].ok.res == nil {
			t.Errorf("it is not waited for:\n%s", r.w.String())
		}
	}
}
