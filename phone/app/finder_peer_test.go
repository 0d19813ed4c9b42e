package app

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/ice"
	"github.com/sleeptalk/sleeptalk/phone/ice/stun"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A seeker is the other end of a board's call, which speaks ICE.
type seeker struct {
	*board
	agent  *ice.Agent
	steps  []event.ICE
	asked  int      // checks that have come from the board
	said   []string // by the app to its agent
	starts int      // how often the audio has begun or changed
	silent bool
}

func newSeeker(t *testing.T, cfg Config) *seeker {
	at := peer().Addr
	return &seeker{board: newBoard(t, cfg), agent: ice.New(ice.Config{
		Bases: [2]netip.AddrPort{at, netip.AddrPortFrom(at.Addr(), at.Port()+1)}, Rand: rand.New(rand.NewPCG(7, 7)),
	})}
}

// local is its side of the session.
func (p *seeker) local() sdp.Local {
	l, ours := peer(), p.agent.Local()
	l.ICE, l.Mux = &ours, true
	return l
}

// settle lets both ends do what is due at once and in the next while.
func (p *seeker) settle(effects []system.Effect, d time.Duration) {
	until := p.now.Add(d)
	for {
		p.deliver(append(effects, p.out.take()...))
		effects = nil
		at := system.Earliest(p.App.board.deadline(), p.agent.Deadline())
		if at.IsZero() || at.After(until) {
			break
		}
		if at.After(p.now) {
			p.now = at
		}
		p.App.board.advance(p.now)
		effects = p.out.take()
		if system.Due(p.agent.Deadline(), p.now) {
			effects = append(effects, p.take(p.agent.Advance(p.now))...)
		}
	}
	p.now = until
}

// deliver hands what the board sends to the peer, and back.
func (p *seeker) deliver(effects []system.Effect) {
	for len(effects) > 0 {
		c := effects[0]
		effects = effects[1:]
		switch c := c.(type) {
		case system.Log:
			switch e := c.Event.(type) {
			case event.ICE:
				p.steps = append(p.steps, e)
			case event.Media:
				p.starts++
			}
		case system.Send:
			if !stun.Is(c.Data) {
				p.said = append(p.said, string(c.Data))
				continue
			}
			if m, _ := stun.Parse(c.Data); m.Class == stun.Request {
				p.asked++
			}
			if !p.silent {
				from := netip.AddrPortFrom(p.lines[0].here.Addr(), 5000+uint16(c.Socket-1))
				effects = append(effects, p.take(p.agent.Receive(p.now, int(c.To.Port()-peer().Addr.Port())+1, from, c.Data))...)
			}
		}
	}
}

// take hands what the peer's agent sends to the board.
func (p *seeker) take(out ice.Output) (effects []system.Effect) {
	for _, d := range out.Send {
		from := netip.AddrPortFrom(peer().Addr.Addr(), peer().Addr.Port()+uint16(d.Component-1))
		socket := system.Socket(d.To.Port() - 5000 + 1)
		effects = append(effects, p.Receive(p.now, system.Received{Socket: socket, From: from, Data: d.Data})...)
	}
	return append(effects, p.out.take()...)
}

// bindsAt is the answer to a bind.
func (p *seeker) bindsAt(rtp system.Socket) []system.Effect {
	return p.Receive(p.now, system.Bound{Socket: rtp, Local: netip.AddrPortFrom(p.lines[0].here.Addr(), 5000+uint16(rtp-1))})
}

func (p *seeker) notices(n control.Notice) {
	p.lines[0].do(p.now, control.Output{Notices: []control.Notice{n}})
}

func (p *seeker) phases() string {
	var all []string
	for _, e := range p.steps {
		all = append(all, string(e.Phase))
	}
	p.steps = nil
	return strings.Join(all, " ")
}

// isCalled has the peer call, and the board answer.
func (p *seeker) isCalled() *call {
	p.notices(control.Offered{ID: 1, From: "sip:bob@lab.test", Body: p.local().Offer()})
	p.settle(p.bindsAt(1), 0)
	effects, err := p.Answer(p.now, 1)
	if err != nil {
		p.t.Fatal(err)
	}
	p.settle(effects, 0)
	c := p.App.board.calls[0]
	agreed, err := p.local().Accept(c.voice.terms.ours)
	if err != nil || agreed.ICE == nil {
		p.t.Fatalf("answered %v, %v\n%s", agreed.ICE, err, c.voice.terms.ours)
	}
	p.settle(p.take(p.agent.Begin(p.now, *agreed.ICE, true)), 0)
	return c
}

// TestChecksWaitForTheACK: over UDP nobody gets checks who has not shown that he receives,
// but for those that his own trigger.
func TestChecksWaitForTheACK(t *testing.T) {
	p := newSeeker(t, Config{ICE: ICEOn})
	p.isCalled()
	p.settle(nil, 5*time.Second)
	if p.asked != 0 {
		t.Errorf("%d checks before the ACK", p.asked)
	}
	p.notices(control.Confirmed{ID: 1})
	p.settle(nil, time.Second)
	if p.asked == 0 {
		t.Error("no check after the ACK")
	}
	p.settle(p.take(p.agent.Start(p.now)), 5*time.Second)
	if got := p.phases(); got != "gathered checking connected" {
		t.Errorf("steps: %s", got)
	}
}

// TestRestartOfICE: sockets that are lost begin ICE anew, with other words, as does the peer
// that offers others; a change that has the same words does not.
func TestRestartOfICE(t *testing.T) {
	p := newSeeker(t, Config{ICE: ICEOn})
	c := p.isCalled()
	p.notices(control.Confirmed{ID: 1})
	p.settle(p.take(p.agent.Start(p.now)), 2*time.Second)
	if got := p.phases(); got != "gathered checking connected" {
		t.Fatalf("steps: %s", got)
	}
	words := c.voice.sdp.ICE.Ufrag

	hold := p.local()
	hold.Direction, hold.Version = sdp.SendOnly, 2
	p.notices(control.Modify{ID: 1, Body: hold.Offer()})
	p.settle(nil, time.Second)
	if got := p.phases(); got != "" || c.voice.sdp.ICE.Ufrag != words {
		t.Errorf("a hold: %s, words %s after %s", got, c.voice.sdp.ICE.Ufrag, words)
	}

	starts := p.starts
	p.notices(control.Modify{ID: 1, Body: hold.Offer()})
	p.settle(nil, 0)
	if p.starts != starts {
		t.Error("the same description changes the audio")
	}

	p.agent.Restart()
	again := p.local()
	again.Version = 3
	p.notices(control.Modify{ID: 1, Body: again.Offer()})
	if c.voice.sdp.ICE.Ufrag == words {
		t.Error("new words are answered with the old ones")
	}
	words = c.voice.sdp.ICE.Ufrag
	p.accepts(c.voice.terms.ours)
	p.settle(nil, 2*time.Second)
	if got := p.phases(); got != "checking connected" {
		t.Errorf("a restart of the peer's: %s", got)
	}

	p.settle(p.Receive(p.now, system.Closed{Socket: 1}), 0)
	p.settle(p.bindsAt(3), 0)
	if c.voice.sdp.ICE.Ufrag == words {
		t.Error("other sockets have the old words")
	}
	p.agent.Restart()
	body, agreed, err := p.local().Answer(c.voice.terms.ours)
	if err != nil {
		t.Fatal(err)
	}
	p.notices(control.Modified{ID: 1, Body: body})
	p.settle(p.take(p.agent.Begin(p.now, *agreed.ICE, false)), 2*time.Second)
	if got := p.phases(); got != "gathered checking checking connected" { // the peer keeps its role, which is ours, too
		t.Errorf("other sockets: %s", got)
	}
}

// accepts takes the board's answer.
func (p *seeker) accepts(answer []byte) {
	agreed, err := p.local().Accept(answer)
	if err != nil {
		p.t.Fatal(err)
	}
	p.settle(p.take(p.agent.Begin(p.now, *agreed.ICE, true)), 0)
}

// TestICEFails: where no check is answered the audio goes on as without ICE, and with
// ice=required the call is ended.
func TestICEFails(t *testing.T) {
	for mode, ended := range map[ICE]bool{ICEOn: false, ICERequired: true} {
		p := newSeeker(t, Config{ICE: mode})
		p.silent = true
		p.isCalled()
		p.notices(control.Confirmed{ID: 1})
		p.settle(nil, 41*time.Second)
		if got := p.phases(); !strings.HasPrefix(got, "gathered checking failed") {
			t.Errorf("%s: %s", mode, got)
		}
		if got := slices.Contains(p.said, "hang up 1"); got != ended {
			t.Errorf("%s: hung up is %t", mode, got)
		}
	}
}

// TestNothingWithoutConsent: a peer that answers no more is sent nothing, though it is offered another session.
func TestNothingWithoutConsent(t *testing.T) {
	p := newSeeker(t, Config{ICE: ICEOn})
	c := p.isCalled()
	p.notices(control.Confirmed{ID: 1})
	p.settle(p.take(p.agent.Start(p.now)), 2*time.Second)
	speak := func() int { return len(c.voice.session.Capture(p.now, make([]int16, c.voice.rate/50))) }
	if speak() == 0 {
		t.Error("nothing is sent to a peer that consents")
	}
	p.silent = true
	p.settle(nil, 40*time.Second)
	if got := p.phases(); got != "gathered checking connected lost restarting" {
		t.Errorf("steps: %s", got)
	}
	if n := speak(); n != 0 {
		t.Errorf("%d effects without consent", n)
	}
}

// TestLite: a robot of the lab answers ICE and offers none, but where it is agreed on.
func TestLite(t *testing.T) {
	p := newSeeker(t, Config{ICE: ICELite})
	c := p.isCalled()
	if !strings.Contains(string(c.voice.terms.ours), "a=ice-lite") {
		t.Errorf("answered\n%s", c.voice.terms.ours)
	}
	p.settle(p.take(p.agent.Start(p.now)), 2*time.Second)
	if got := p.phases(); got != "checking connected" || p.asked != 0 {
		t.Errorf("steps: %s; %d checks of a lite agent", got, p.asked)
	}
	if offer := c.voice.offer(); !strings.Contains(string(offer), "a=ice-lite") {
		t.Errorf("a change is offered as\n%s", offer)
	}
	p = newSeeker(t, Config{ICE: ICELite})
	p.notices(control.Offered{ID: 1, From: "sip:bob@lab.test", Describe: true})
	p.settle(p.bindsAt(1), 0)
	if offer := p.App.board.calls[0].voice.terms.ours; len(offer) == 0 || strings.Contains(string(offer), "a=ice") {
		t.Errorf("a call is offered as\n%s", offer)
	}
}

// TestForgedChecks: who does not have our words is refused, and said, once for an address.
func TestForgedChecks(t *testing.T) {
	p := newSeeker(t, Config{ICE: ICEOn})
	p.isCalled()
	said := 0
	for range 50 {
		m := stun.Message{Class: stun.Request, Username: p.App.board.calls[0].voice.sdp.ICE.Ufrag + ":x", Priority: 1}
		for _, c := range p.Receive(p.now, system.Received{Socket: 1, From: netip.MustParseAddrPort("198.51.100.1:9"), Data: m.Append(nil, "guessed")}) {
			if l, ok := c.(system.Log); ok {
				if w, ok := l.Event.(event.Warning); ok && w.Rule == event.RuleICERefused {
					said++
				}
			}
		}
	}
	if said != 1 {
		t.Errorf("said %d times", said)
	}
}

// TestICEIsRenewed: when the peer's consent is lost we offer new words, once, and audio goes
// again by the pair that is found then; a peer that is found again and lost again is offered
// others.
func TestICEIsRenewed(t *testing.T) {
	p := newSeeker(t, Config{ICE: ICEOn})
	c := p.isCalled()
	p.notices(control.Confirmed{ID: 1})
	p.settle(p.take(p.agent.Start(p.now)), 2*time.Second)
	p.phases()
	for round := range 2 {
		words := c.voice.sdp.ICE.Ufrag
		p.silent = true
		p.settle(nil, 40*time.Second)
		if got := p.phases(); got != "lost restarting" {
			t.Fatalf("round %d: steps %s", round, got)
		}
		offer := string(c.voice.terms.ours)
		if c.voice.sdp.ICE.Ufrag == words || strings.Contains(offer, words) || strings.Contains(offer, "remote-candidates") {
			t.Errorf("round %d: after %s, it offers\n%s", round, words, offer)
		}
		asked := p.asked
		c.voice.finder.lost(p.now, ice.Lost{Component: ice.RTCP, Remote: peer().Addr})
		p.settle(nil, 0)
		if got := p.phases(); got != "lost" || string(c.voice.terms.ours) != offer {
			t.Errorf("round %d: the other component is lost, too: steps %s", round, got)
		}
		p.settle(nil, time.Minute)
		if got := p.phases(); got != "" || p.asked != asked {
			t.Errorf("round %d: an offer that nobody has answered: steps %s, %d checks", round, got, p.asked-asked)
		}
		p.silent = false
		p.agent.Restart()
		body, agreed, err := p.local().Answer(c.voice.terms.ours)
		if err != nil {
			t.Fatal(err)
		}
		p.notices(control.Modified{ID: 1, Body: body})
		p.settle(p.take(p.agent.Begin(p.now, *agreed.ICE, false)), 2*time.Second)
		if got := p.phases(); got != "checking connected" {
			t.Errorf("round %d: new words: steps %s", round, got)
		}
	}
	if n := len(slices.DeleteFunc(slices.Clone(p.said), func(s string) bool { return !strings.HasPrefix(s, "reinvite 1") })); n != 2 {
		t.Errorf("%d offers: %q", n, p.said)
	}
}
