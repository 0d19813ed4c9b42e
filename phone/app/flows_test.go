package app

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A flowing agent takes orders, and the calls of others.
type flowing struct{ *awaiting }

func (a flowing) Tell(_ time.Time, o control.Order) (control.Output, error) {
	if _, ends := o.(control.Unsubscribe); ends && a.name == "work" {
		return control.Output{}, errLost
	}
	return a.says(fmt.Sprintf("%s does %T", a.name, o)), nil
}

func (a flowing) Check(control.Order) error { return nil }

func (a flowing) TakeOver(_ time.Time, from control.Agent) control.Output {
	return a.says(a.name + " takes over from " + from.(flowing).name)
}

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

// TestFlowsBeside: a flow knows the agents of the other flows of its account, and what is
// in a dialog of one of them is served by that.
func TestFlowsBeside(t *testing.T) {
	p := newFlows(t)
	if beside := p.private.env.Flow.Beside(); len(beside) != 1 || beside[0] != p.lines[0].agent || p.private.env.Flow.Name != "private" {
		t.Errorf("%+v", beside)
	}
	served := control.Output{Effects: []system.Effect{system.Log{Event: event.Ping{Out: true}}, system.Log{Account: "private", Event: event.Pong{}}}}
	n := control.Stray{To: p.lines[0].agent, Serve: func(time.Time) control.Output { return served }}
	p.want("it came by the other", p.hears(p.lines[1], n), "work: --> ping, private: <-- pong")
	if accounts := newPair(t, VoIPSocket); accounts.work.env.Flow.Beside != nil {
		t.Error("another account is no flow")
	}
}

// TestCallsAreInherited: a call goes on by another flow if its own is gone, with its audio
// where that flow is: at once, or as soon as there is one.
func TestCallsAreInherited(t *testing.T) {
	p := newFlows(t)
	p.hears(p.lines[0], control.Registered{Expires: time.Hour})
	heir := func(what string, l *line, n control.Notice, want string) {
		t.Helper()
		who, _, _ := strings.Cut(p.hears(l, n)+", ", " takes over")
		p.want(what, who[strings.LastIndex(who, " ")+1:], want)
	}
	heir("alone", p.lines[0], control.FlowFailed{Err: errLost}, "")
	heir("there is one", p.lines[1], control.Registered{Expires: time.Hour}, "private")
	heir("both stand", p.lines[0], control.Registered{Expires: time.Hour}, "work") // which finds that the other stands
	heir("the other is lost", p.lines[1], control.FlowFailed{Err: errLost}, "work")

	c := p.board.add(call{line: p.lines[1], id: 1, state: up, peer: "sip:bob@lab.test"})
	p.want("the call goes on", p.hears(p.lines[0], control.Inherited{ID: 1}), "private: warning: server-failover")
	if c.line != p.lines[0] || c.voice.line != p.lines[0] {
		t.Errorf("by %s, the audio by %s", c.line.name, c.voice.line.name)
	}
}

// boundBy are the addresses that sockets of audio are to be bound to.
func boundBy(effects []system.Effect) (list []string) {
	for _, e := range effects {
		if b, binds := e.(system.Bind); binds {
			list = append(list, b.Addr.String())
		}
	}
	return list
}

// TestAudioIsInherited: the audio of a call goes where its new flow is, whether its sockets
// are bound or are being bound; and from there it may come from the new flow's server.
func TestAudioIsInherited(t *testing.T) {
	for _, tt := range []struct {
		here  string
		bound bool
		want  []string
	}{
		{"198.51.100.1:49152", true, []string{"198.51.100.1"}},
		{"198.51.100.1:49152", false, []string{"198.51.100.1"}},
		{"192.0.2.10:49153", true, nil},
		{"192.0.2.10:49153", false, nil},
	} {
		p := newFlows(t)
		c := p.board.add(call{line: p.lines[0], id: 1, state: up, peer: "sip:bob@lab.test"})
		p.board.voicing.bind(&c.voice)
		if tt.bound {
			p.Receive(p.now, system.Bound{Socket: c.voice.rtp, Local: netip.MustParseAddrPort("192.0.2.10:5000")})
		}
		p.out.take()
		p.lines[1].here = netip.MustParseAddrPort(tt.here)
		p.lines[1].notice(p.now, p.lines[1], control.Inherited{ID: 1})
		if got := boundBy(p.out.take()); !slices.Equal(got, tt.want) {
			t.Errorf("%s, bound %t: bound at %q", tt.here, tt.bound, got)
		}
		p.Receive(p.now, system.Bound{Socket: c.voice.rtp, Local: netip.AddrPortFrom(p.lines[1].here.Addr(), 5002)})
		if want := netip.AddrPortFrom(p.lines[1].here.Addr(), 5002); c.voice.local != want {
			t.Errorf("%s, bound %t: the peer is told %s", tt.here, tt.bound, c.voice.local)
		}
	}
	p := newFlows(t)
	c := p.board.add(call{line: p.lines[0], id: 1, state: up, peer: "sip:bob@lab.test"})
	known, server := c.voice.knows, netip.MustParseAddr("198.51.100.9")
	p.private.server = server
	p.lines[1].notice(p.now, p.lines[1], control.Inherited{ID: 1})
	if !known(server) {
		t.Error("the server of the flow that the call goes by now is not known")
	}
	heardFromNewServer(t)
	if none := p.board.add(call{line: p.lines[1], id: 2, state: up, voice: voice{none: true}}); none.voice.rtp != 0 {
		t.Error("sockets of no audio")
	} else if p.lines[0].here = netip.MustParseAddrPort("203.0.113.1:1"); len(boundBy(p.does(control.Inherited{ID: 2}))) != 0 {
		t.Error("bound for no audio")
	}
}

// heardFromNewServer: audio that began on one flow is taken from the server of the flow by
// which the call goes now, and from no other's any more.
func heardFromNewServer(t *testing.T) {
	t.Helper()
	p := newFlows(t)
	p.work.server, p.private.server = netip.MustParseAddr("198.51.100.8"), netip.MustParseAddr("198.51.100.9")
	c := p.board.add(call{line: p.lines[0], id: 1, state: up, peer: "sip:bob@lab.test"})
	p.board.voicing.bind(&c.voice)
	p.Receive(p.now, system.Bound{Socket: c.voice.rtp, Local: netip.MustParseAddrPort("192.0.2.10:5000")})
	_, agreed, err := c.voice.sdp.Answer(peer().Offer())
	if err != nil {
		t.Fatal(err)
	}
	p.board.voicing.start(p.now, 1, &c.voice, agreed)
	p.lines[1].notice(p.now, p.lines[1], control.Inherited{ID: 1})
	for i, from := range []string{"198.51.100.9:4000", "198.51.100.8:4000"} {
		for n := range byte(4 + i) {
			packet := append([]byte{0x80, 0, byte(i), n, 0, 0, 0, 160 * n, 0, 0, 0, byte(i)}, make([]byte, pcm.FrameSamples)...)
			p.Receive(p.now, system.Received{Socket: c.voice.rtp, From: netip.MustParseAddrPort(from), Data: packet})
		}
	}
	if got := c.voice.session.Stats(p.now); got.Received != 4 || got.Refused != 5 {
		t.Errorf("received %d of the server, refused %d of the one before; want 4 and 5", got.Received, got.Refused)
	}
}

// does is what the first line asks for after a notice.
func (p *pair) does(n control.Notice) []system.Effect {
	p.out.take()
	p.lines[0].notice(p.now, p.lines[0], n)
	return p.out.take()
}

// TestTransferBetweenFlows: a call is handed over to the peer of one on another flow.
func TestTransferBetweenFlows(t *testing.T) {
	p := newFlows(t)
	a := p.board.add(call{line: p.lines[0], id: 1, state: up})
	b := p.board.add(call{line: p.lines[1], id: 2, state: up})
	p.want("transferred", p.did(p.transferTo(p.now, a, b)), "transfer 1 to call 2")
}

// TestFlowsBesideAccounts: an account with flows stands beside one without: named by
// itself it takes the flow that is registered; a flow that is named is that one.
func TestFlowsBesideAccounts(t *testing.T) {
	p := newFlows(t)
	p.lines[0].name, p.lines[0].of, p.lines[1].name, p.lines[1].of = "work.flow1", "work", "work.flow2", "work"
	club := &line{name: "club", agent: flowing{&awaiting{toldCaller: p.work.toldCaller, name: "club"}}, registered: true, out: &p.out, notice: p.notice, after: p.watch}
	p.lines = append(p.lines, club)
	text := func(account string) string {
		return p.did(p.Tell(p.now, account, control.SendText{To: "bob", Text: "hi"}))
	}
	p.want("nobody is named", text(""), "work does control.SendText")
	p.lines[1].registered = true
	p.want("the flow that stands", text(""), "private does control.SendText")
	p.want("of the account", text("work"), "private does control.SendText")
	p.want("that flow", text("work.flow1"), "work does control.SendText")
	p.want("the other account", text("club"), "club does control.SendText")
	p.want("for all flows", p.did(p.Tell(p.now, "work", control.Unforce{})), "work does control.Unforce, private does control.Unforce")
	p.want("for all", p.did(p.Tell(p.now, "", control.Unforce{})), "work does control.Unforce, private does control.Unforce, club does control.Unforce")
	p.want("the subscription is the second's", p.did(p.Tell(p.now, "work", control.Unsubscribe{})), "private does control.Unsubscribe")
	p.want("none", text("wrk"), `there is no account "wrk"; did you mean work? (there are: work, work.flow1, work.flow2, club)`)
	home := &line{name: "home.flow1", of: "home", flow: 1, registered: true}
	all := append(p.lines, home)
	if all.spare(club) != nil || all.spare(home) != nil || len(all.beside(all[0])) != 1 || all.spare(all[0]) != all[1] || len(all.beside(club)) != 0 {
		t.Error("an account is no flow of another")
	}
	if accounts := newPair(t, VoIPSocket); len(accounts.lines.beside(accounts.lines[0])) != 0 {
		t.Error("accounts are no flows")
	}
	for i, want := range []string{"Incoming call for work", "Incoming call for work", "Incoming call for club"} {
		if got := (&call{line: p.lines[i]}).title(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := (&call{line: &line{name: "flow1", flow: 1}}).title(); got != "Incoming call" {
		t.Error(got)
	}
	p.lines.withoutOutbound(p.now, p.lines[0], 439)
	if !p.lines[1].idle || club.idle || p.lines[0].idle {
		t.Error("other than the first's other flows are given up")
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
		{"its server cannot", true, func(*pair) {}, "peer 503", "work: warning: server-failover, private invites"},
		{"rings, and its server cannot", true, func(p *pair) { p.hears(p.lines[0], control.Progress{ID: 41, Status: 180}) }, "peer 503", "close 3, close 4"},
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
			n := control.Ended{ID: 41, By: c.by, Reason: "lost"}
			if by, unavailable := strings.CutSuffix(c.by, " 503"); unavailable {
				n.By, n.Status = by, 503
			} else {
				p.hears(p.lines[0], control.FlowFailed{Err: errLost})
			}
			p.want("ended", p.hears(p.lines[0], n), c.want)
		})
	}
}

// callsByFlow has a call made by flow 1 while both stand.
func (p *pair) callsByFlow() {
	p.hears(p.lines[0], control.Registered{Expires: time.Hour})
	p.hears(p.lines[1], control.Registered{Expires: time.Hour})
	p.did(p.Call(p.now, "", "bob"))
	p.words(p.Receive(p.now, system.Bound{Socket: p.board.calls[0].voice.rtp, Local: netip.MustParseAddrPort("192.0.2.10:5000")}))
}

// TestUnavailableEverywhere: each flow is tried once for a call that is answered 503.
func TestUnavailableEverywhere(t *testing.T) {
	p := newFlows(t)
	p.callsByFlow()
	p.want("by the first", p.hears(p.lines[0], control.Ended{ID: 41, By: "peer", Status: 503}), "work: warning: server-failover, private invites")
	p.want("by the second", p.hears(p.lines[1], control.Ended{ID: p.board.calls[0].id, By: "peer", Status: 503}), "close 3, close 4")
}

// TestReferralFailsOver: a call that somebody has asked for is made again as that; if no
// other flow stands, who has asked hears that it has failed.
func TestReferralFailsOver(t *testing.T) {
	p := newFlows(t)
	p.callsByFlow()
	again := control.Again{
		ID: 41,
		Follow: func(_ time.Time, by control.Agent, _ []byte) (int, control.Output, error) {
			return 99, p.work.says(by.(flowing).name + " follows"), nil
		},
		GiveUp: func(time.Time) control.Output { return p.work.says("given up") },
	}
	p.want("by the other", p.hears(p.lines[0], again, control.Ended{ID: 41, By: "network"}), "work: warning: server-failover, private follows")
	p.lines[0].registered = false
	again.ID = 99
	p.want("by none", p.hears(p.lines[1], again, control.Ended{ID: 99, By: "network"}), "given up, close 3, close 4")
}

// TestCallFailsOverElsewhere: if the other flow has another address, the audio is bound
// anew first.
func TestCallFailsOverElsewhere(t *testing.T) {
	p := newFlows(t)
	p.callsByFlow()
	p.lines[1].here = netip.MustParseAddrPort("198.51.100.1:49152")
	effects := p.does(control.Ended{ID: 41, By: "network", Reason: "lost"})
	c := p.board.calls[0]
	if got := boundBy(effects); !slices.Equal(got, []string{"198.51.100.1"}) {
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

// TestCallFailsOverUnbound: a call whose sockets are being bound waits for them.
func TestCallFailsOverUnbound(t *testing.T) {
	p := newFlows(t)
	p.callsByFlow()
	c := p.board.calls[0]
	p.Receive(p.now, system.Closed{Socket: c.voice.rtp})
	p.words(nil)
	p.want("waits", p.hears(p.lines[0], control.Ended{ID: 41, By: "network", Reason: "lost"}), "work: warning: server-failover")
	p.want("bound", p.words(p.Receive(p.now, system.Bound{Socket: c.voice.rtp, Local: netip.MustParseAddrPort("192.0.2.10:5002")})), "private invites")
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
	p.want("the second, and no other is registered", p.hears(p.lines[1], refused), "")
	p.want("register", p.did(p.Register(p.now, "")), "work registers, private registers")
	p.hears(p.lines[0], control.Registered{Expires: time.Hour})
	p.want("the second", p.hears(p.lines[1], refused), "private: warning: no-outbound, private leaves")
	p.want("the second again", p.hears(p.lines[1], refused), "")
	p.want("register", p.did(p.Register(p.now, "")), "work registers")
	p = newFlows(t)
	p.want("403", p.hears(p.lines[1], control.RegisterFailed{Status: 403}), "")
	accounts := newPair(t, VoIPSocket)
	accounts.want("of accounts", accounts.hears(accounts.lines[0], refused), "")
}
