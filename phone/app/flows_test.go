package app

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A flowing agent takes orders, and knows what it serves.
type flowing struct{ *awaiting }

func (a flowing) Tell(_ time.Time, o control.Order) (control.Output, error) {
	if _, ends := o.(control.Unsubscribe); ends && a.name == "work" {
		return control.Output{}, errLost
	}
	return a.says(fmt.Sprintf("%s does %T", a.name, o)), nil
}

func (a flowing) Check(control.Order) error { return nil }

func (a flowing) Serves(req control.Request) bool { return a.serves == req && req.CallID != "" }

func (a flowing) Invite(time.Time, string, []byte) (int, control.Output, error) {
	a.calls++
	return 10*len(a.name) + a.calls, a.says(a.name + " invites"), nil
}

// newFlows is an app with two flows, called as the accounts of a pair are.
func newFlows(t *testing.T) *pair {
	t.Helper()
	p := newPairOf(t, VoIPSocket, true)
	for _, l := range p.lines {
		l.agent = flowing{l.agent.(*awaiting)}
		l.here = netip.MustParseAddrPort("192.0.2.10:49152")
	}
	return p
}

// TestFlowsOfOneAccount: what goes out takes the first flow that is registered, and each
// knows which it is and whether another stands.
func TestFlowsOfOneAccount(t *testing.T) {
	p := newFlows(t)
	one, two := p.work.env.Flow, p.private.env.Flow
	if one.Number != 1 || two.Number != 2 || one.Backed() || two.Backed() {
		t.Errorf("%+v, %+v", one, two)
	}
	text := func() string {
		return p.did(p.Tell(p.now, "", control.SendText{To: "bob", Text: "hi"}))
	}
	p.want("none is registered", text(), "work does control.SendText")
	p.hears(p.lines[1], control.Registered{Expires: time.Hour})
	if !one.Backed() || two.Backed() {
		t.Error("the second stands, and backs the first alone")
	}
	p.want("the second is", text(), "private does control.SendText")
	p.hears(p.lines[0], control.Registered{Expires: time.Hour})
	p.want("both are", text(), "work does control.SendText")
	p.hears(p.lines[0], control.FlowFailed{Err: errLost})
	p.want("the first is lost", text(), "private does control.SendText")
	p.hears(p.lines[1], control.Unregistered{})
	p.want("the second has signed off", text(), "work does control.SendText")
	p.want("it is the second that is subscribed", p.did(p.Tell(p.now, "", control.Unsubscribe{})), "private does control.Unsubscribe")
	if accounts := newPair(t, VoIPSocket); accounts.work.env.Flow.Number != 0 || accounts.lines.spare(accounts.lines[1]) != nil {
		t.Error("accounts are no flows")
	}
}

// TestMergedFlows: an INVITE that another flow serves is known to this one.
func TestMergedFlows(t *testing.T) {
	p := newFlows(t)
	req := control.Request{CallID: "c", Tag: "t", CSeq: 1}
	p.work.serves = req
	if !p.private.env.Flow.Merged(req) || p.work.env.Flow.Merged(req) || p.private.env.Flow.Merged(control.Request{CallID: "c", Tag: "t", CSeq: 2}) {
		t.Error("merged")
	}
}

// TestCallFailsOver: a call whose flow breaks before anybody rings is made again by the
// other flow; not if somebody rings, or the user has hung up, or no other flow stands.
func TestCallFailsOver(t *testing.T) {
	for _, c := range []struct {
		name   string
		backed bool
		before func(p *pair)
		by     string
		want   string
	}{
		{"network", true, func(*pair) {}, "network", "work: warning: server-failover, private invites"},
		{"silence", true, func(*pair) {}, "timeout", "work: warning: server-failover, private invites"},
		{"alone", false, func(*pair) {}, "network", "close 3, close 4"},
		{"refused", true, func(*pair) {}, "peer", "close 3, close 4"},
		{"rings", true, func(p *pair) { p.hears(p.lines[0], control.Progress{ID: 41, Status: 180}) }, "network", "close 3, close 4"},
		{"hung up", true, func(p *pair) { _, _ = p.Hangup(p.now, 0) }, "network", "close 3, close 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newFlows(t)
			p.hears(p.lines[0], control.Registered{Expires: time.Hour})
			if c.backed {
				p.hears(p.lines[1], control.Registered{Expires: time.Hour})
			}
			effects, err := p.Call(p.now, "", "bob")
			if p.did(effects, err); err != nil {
				t.Fatal(err)
			}
			p.want("bound", p.words(p.Receive(p.now, system.Bound{Socket: p.board.calls[0].voice.rtp, Local: netip.MustParseAddrPort("192.0.2.10:5000")})), "work invites")
			c.before(p)
			p.words(nil)
			p.hears(p.lines[0], control.FlowFailed{Err: errLost})
			p.want("ended", p.hears(p.lines[0], control.Ended{ID: 41, By: c.by, Reason: "lost"}), c.want)
		})
	}
}

// TestCallFailsOverElsewhere: if the other flow has another address, the audio is bound
// anew first.
func TestCallFailsOverElsewhere(t *testing.T) {
	p := newFlows(t)
	p.hears(p.lines[0], control.Registered{Expires: time.Hour})
	p.hears(p.lines[1], control.Registered{Expires: time.Hour})
	p.did(p.Call(p.now, "", "bob"))
	p.Receive(p.now, system.Bound{Socket: p.board.calls[0].voice.rtp, Local: netip.MustParseAddrPort("192.0.2.10:5000")})
	p.words(nil)
	p.lines[1].here = netip.MustParseAddrPort("198.51.100.1:49152")
	p.lines[0].notice(p.now, p.lines[0], control.Ended{ID: 41, By: "network", Reason: "lost"})
	effects := p.out.take()
	c := p.board.calls[0]
	if i := slices.IndexFunc(effects, func(e system.Effect) bool { _, binds := e.(system.Bind); return binds }); i < 0 || effects[i].(system.Bind).Addr != p.lines[1].here.Addr() {
		t.Errorf("not bound at %s: %+v", p.lines[1].here.Addr(), effects)
	}
	if c.voice.line != c.line {
		t.Errorf("the audio goes by %s, and the call by %s", c.voice.line.name, c.line.name)
	}
	p.want("bound again", p.words(p.Receive(p.now, system.Bound{Socket: c.voice.rtp, Local: netip.MustParseAddrPort("198.51.100.1:5002")})), "private invites")
	if c.voice.local != netip.MustParseAddrPort("198.51.100.1:5002") {
		t.Error(c.voice.local)
	}
}

// TestOrdersGoOn: a text or a subscription that a flow broke under is given to the other.
func TestOrdersGoOn(t *testing.T) {
	p := newFlows(t)
	p.hears(p.lines[1], control.Registered{Expires: time.Hour})
	p.want("text", p.hears(p.lines[0], control.Unsent{Order: control.SendText{To: "bob"}, Err: errLost}), "work: warning: server-failover, private does control.SendText")
	p.want("subscription", p.hears(p.lines[0], control.Unsent{Order: control.Subscribe{To: "bob"}, Err: errLost}), "work: warning: server-failover, private does control.Subscribe")
}

// TestFirstHopLacksOutbound: a 439 leaves the phone with its first flow (RFC 5626 §4.2.1),
// which says so; what it is told about the others later does not wake them.
func TestFirstHopLacksOutbound(t *testing.T) {
	refused := control.RegisterFailed{Status: 439}
	p := newFlows(t)
	p.want("the first hop", p.hears(p.lines[0], refused), "private: warning: no-outbound, private leaves")
	p.want("again", p.hears(p.lines[0], refused), "")
	p.want("register", p.did(p.Register(p.now, "")), "work registers")
	p.hears(p.lines[0], control.Registered{Expires: time.Hour})
	p.want("tick", p.words(p.Receive(p.now, system.KeepAlive{})), "work pings")
	p = newFlows(t)
	p.want("the second", p.hears(p.lines[1], refused), "private leaves")
	p.want("register", p.did(p.Register(p.now, "")), "work registers")
	p = newFlows(t)
	p.want("403", p.hears(p.lines[1], control.RegisterFailed{Status: 403}), "")
	accounts := newPair(t, VoIPSocket)
	accounts.want("of accounts", accounts.hears(accounts.lines[0], refused), "")
}
