package sip

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// twoFlows are the agents of two flows of one account, both registered, with a program
// that does as phone/app does.
type twoFlows struct{ one, two *rig }

func newFlows(t *testing.T, over Transport) *twoFlows {
	t.Helper()
	p := new(twoFlows)
	flow := func(number int, beside **rig) *rig {
		r := registeredWith(t, Config{Transport: over, Flow: control.Flow{
			Number: number, Name: fmt.Sprintf("flow%d", number), Others: func() bool { return true },
			Beside: func() []control.Agent {
				if *beside == nil {
					return nil
				}
				return []control.Agent{(*beside).a}
			},
		}})
		r.seen = func(out control.Output, _ int) { p.pass(out.Notices) }
		return r
	}
	p.one, p.two = flow(1, &p.two), flow(2, &p.one)
	return p
}

// takeOver has flow 2 go on with what flow 1 leaves.
func (p *twoFlows) takeOver() {
	p.two.print(p.two.a.TakeOver(p.two.now, p.one.a))
}

// inCall is a pair of flows with a call on the first.
func inCall(t *testing.T, over Transport) *twoFlows {
	t.Helper()
	p := newFlows(t, over)
	p.one.plays("peer INVITE sdp", "answer 1", "peer ACK")
	return p
}

// pass has the agent of a flow serve what has come by the other.
func (p *twoFlows) pass(notices []control.Notice) {
	for _, n := range notices {
		if n, ok := n.(control.Stray); ok {
			owner := p.one
			if n.To == control.Agent(p.two.a) {
				owner = p.two
			}
			owner.print(n.Serve(owner.now))
		}
	}
}

// byTwo gives a request of the call, which is on flow 1, to flow 2.
func (p *twoFlows) byTwo(what string) {
	method, extra, _ := strings.Cut(what, " ")
	p.two.receive(Encode(p.one.peerRequest(method, extra)))
}

// byFlows are the flows by which messages have gone out, as the log has it.
func byFlows(out []system.Effect) (list []string) {
	for _, c := range out {
		if l, ok := c.(system.Log); ok {
			if m, ok := l.Event.(event.Message); ok && m.Out {
				list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %d", l.Account, m.Method, m.Status)))
			}
		}
	}
	return list
}

// TestDialogIsOfTheAccount: what is in a dialog is served whichever flow it comes by,
// and answered by that one (RFC 5626 §4.2); a stranger's is not.
func TestDialogIsOfTheAccount(t *testing.T) {
	for _, over := range []Transport{TCP, UDP} {
		p := inCall(t, over)
		var sent []string
		p.one.seen = func(out control.Output, _ int) { sent = append(sent, byFlows(out.Effects)...) }
		p.byTwo("INFO")
		p.byTwo("UPDATE")
		p.byTwo("INVITE sdp")
		p.one.plays("answer 1")
		p.byTwo("ACK")
		if p.one.a.calls.list[0].ok.res != nil {
			t.Errorf("%s: the ACK has not come", over)
		}
		p.byTwo("BYE")
		want := []string{"flow2 INFO 200", "flow2 UPDATE 200", "flow2 INVITE 200", "flow2 BYE 200"}
		sent = slices.DeleteFunc(sent, func(s string) bool { return strings.HasSuffix(s, " 100") })
		if !slices.Equal(sent, want) || len(p.one.a.calls.list) != 0 {
			t.Errorf("%s: %q, want %q; %d calls\n%s%s", over, sent, want, len(p.one.a.calls.list), p.one.w.String(), p.two.w.String())
		}
		p.two.plays("peer BYE")
		if _, refused := p.two.sent["BYE 481"]; !refused {
			t.Errorf("%s: a BYE in no dialog is not refused", over)
		}
	}
}

// TestOrderAcrossFlows: a request that is older than one of another flow is out of order
// (RFC 3261 §12.2.2).
func TestOrderAcrossFlows(t *testing.T) {
	p := inCall(t, TCP)
	old := p.one.peerRequest("INFO", "")
	p.byTwo("OPTIONS")
	p.one.receive(Encode(old))
	if _, refused := p.one.sent["INFO 500"]; !refused {
		t.Error("an older request is served")
	}
}

// TestUnackedBesideItsFlow: a 200 that waits for its ACK is sent again by the flow that
// its INVITE has come by or, if that is gone, by the call's own.
func TestUnackedBesideItsFlow(t *testing.T) {
	for _, gone := range []bool{false, true} {
		p := inCall(t, TCP)
		p.byTwo("INVITE sdp")
		p.one.plays("answer 1")
		want := "flow2 INVITE 200"
		if gone {
			p.two.plays("closed")
			want = "flow1 INVITE 200"
		}
		var sent []string
		p.one.seen = func(out control.Output, _ int) { sent = append(sent, byFlows(out.Effects)...) }
		p.one.plays("advance 600ms")
		if !slices.Equal(sent, []string{want}) {
			t.Errorf("gone %t: %q, want %s", gone, sent, want)
		}
	}
}

// TestMergedFlows: what comes by both flows is served once, in and outside of calls (RFC
// 3261 §8.2.2.2): another tag, CSeq or method is another request.
func TestMergedFlows(t *testing.T) {
	for _, method := range []string{"MESSAGE type text/plain", "OPTIONS", "NOTIFY", "INVITE sdp"} {
		p := newFlows(t, TCP)
		name, extra, _ := strings.Cut(method, " ")
		req := p.one.peerRequest(name, extra)
		p.one.receive(Encode(req))
		by := func(what string, merged bool, change func(*sip.Request)) {
			t.Helper()
			p.two.sent = map[string]sip.Message{}
			other := req.Clone()
			other.Via().Params.Add("branch", "z9hG4bK-"+strings.ReplaceAll(what, " ", "-"))
			change(other)
			p.two.receive(Encode(other))
			if _, refused := p.two.sent[name+" 482"]; refused != merged {
				t.Errorf("%s, %s: refused %t", name, what, refused)
			}
		}
		by("the same", true, func(*sip.Request) {})
		by("the next", false, func(r *sip.Request) { r.CSeq().SeqNo++ })
		by("another tag", false, func(r *sip.Request) { r.From().Params.Add("tag", "other") })
		if name != "INVITE" { // which is known while its call is there
			p.one.plays("advance 32s")
			p.two.now = p.one.now
			by("late", false, func(*sip.Request) {})
		}
	}
}

// TestMergedOnOneFlow: what comes twice by the same flow, on two ways, is served once,
// whether the account has others or not.
func TestMergedOnOneFlow(t *testing.T) {
	for _, r := range []*rig{registered(t), newFlows(t, TCP).one} {
		req := r.peerRequest("MESSAGE", "type text/plain")
		r.receive(Encode(req))
		r.receive(Encode(forked(req)))
		if _, refused := r.sent["MESSAGE 482"]; !refused {
			t.Error("it is shown twice")
		}
	}
}

// TestMergedInviteEndsWithItsCall: a proxy that has given up a call by one flow may try
// another.
func TestMergedInviteEndsWithItsCall(t *testing.T) {
	p := newFlows(t, TCP)
	invite := p.one.peerRequest("INVITE", "sdp")
	p.one.receive(Encode(invite))
	p.one.plays("ring 1", "peer CANCEL")
	p.two.receive(Encode(invite))
	if _, refused := p.two.sent["INVITE 482"]; refused || len(p.two.a.calls.list) != 1 {
		t.Errorf("refused %t, %d calls", refused, len(p.two.a.calls.list))
	}
}

// TestMergedEndsWithItsFlow: an answer that was lost with its flow is given again.
func TestMergedEndsWithItsFlow(t *testing.T) {
	p := newFlows(t, TCP)
	req := p.one.peerRequest("OPTIONS", "")
	p.one.receive(Encode(req))
	p.one.plays("closed")
	p.two.receive(Encode(req))
	if _, served := p.two.sent["OPTIONS 200"]; !served {
		t.Error("it is refused for what a flow has answered that is gone")
	}
}

// TestCallOutlivesItsFlow: a call that is up goes on by another flow, in both
// directions. One that rings does not, nor anything while its flow stands.
func TestCallOutlivesItsFlow(t *testing.T) {
	p := inCall(t, TCP)
	takeOver := func() control.Output { return p.two.a.TakeOver(p.two.now, p.one.a) }
	if out := takeOver(); len(out.Notices) > 0 || len(p.one.a.calls.list) != 1 {
		t.Error("a call has left a flow that stands")
	}
	p.one.plays("closed")
	if out := takeOver(); !slices.Equal(out.Notices, []control.Notice{control.Inherited{ID: 1}}) || len(p.one.a.calls.list) != 0 {
		t.Fatalf("%+v", out.Notices)
	}
	p.byTwo("UPDATE")
	p.two.plays("reinvite 1", "respond INVITE 200 sdp", "hangup 1")
	for _, what := range []string{"UPDATE 200", "INVITE", "ACK", "BYE"} {
		if _, sent := p.two.sent[what]; !sent {
			t.Errorf("%s was not sent", what)
		}
	}
	p.two.plays("respond BYE 200")
	if n := len(p.two.a.calls.list); n != 0 {
		t.Errorf("%d calls are left", n)
	}
}

// TestByeOutlivesItsFlow: a BYE that its flow has taken with it is sent by another; a
// call that rings has ended with its flow.
func TestByeOutlivesItsFlow(t *testing.T) {
	p := inCall(t, TCP)
	p.one.plays("hangup 1", "peer INVITE sdp", "closed")
	out := p.two.a.TakeOver(p.two.now, p.one.a)
	if got := byFlows(out.Effects); !slices.Equal(got, []string{"flow2 BYE 0"}) || len(out.Notices) != 0 {
		t.Errorf("%q, %+v", got, out.Notices)
	}
	if len(p.two.a.calls.list) != 1 || len(p.one.a.calls.list) != 0 {
		t.Errorf("%d calls here, %d there", len(p.two.a.calls.list), len(p.one.a.calls.list))
	}
	if out := p.two.a.TakeOver(p.two.now.Add(time.Second), p.one.a); len(out.Effects) > 0 {
		t.Errorf("%+v", out.Effects)
	}
}
