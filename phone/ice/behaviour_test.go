package ice

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/ice/stun"
)

// A peer is the other end by hand: it sends what a test writes.
type peer struct {
	t      *testing.T
	agent  *Agent
	now    time.Time
	out    Output
	theirs Description
}

var peerAt = netip.MustParseAddrPort("192.0.2.9:7000")

// newPeer is an agent that is called by a peer with one address, or others.
func newPeer(t *testing.T, cfg Config, theirs Description, offerer bool) *peer {
	w := newNetwork(t)
	e := w.add("A", "192.0.2.1", nil, cfg)
	theirs.Ufrag, theirs.Pwd = "peer", "the password of the peer"
	if theirs.Candidates == nil {
		theirs.Candidates = []Candidate{host(RTP, peerAt)}
	}
	p := &peer{t: t, agent: e.agent, now: w.now, theirs: theirs}
	p.take(e.agent.Begin(w.now, theirs, offerer))
	return p
}

func (p *peer) take(out Output) {
	p.out.Send = append(p.out.Send, out.Send...)
	p.out.News = append(p.out.News, out.News...)
}

// run lets the agent's time pass.
func (p *peer) run(d time.Duration) {
	until := p.now.Add(d)
	for at := p.agent.Deadline(); !at.IsZero() && !at.After(until); at = p.agent.Deadline() {
		if at.After(p.now) {
			p.now = at
		}
		p.take(p.agent.Advance(p.now))
	}
	p.now = until
}

// sent is what the agent has sent since it was last asked.
func (p *peer) sent() (all []stun.Message) {
	for _, d := range p.out.Send {
		m, err := stun.Parse(d.Data)
		if err != nil {
			p.t.Fatal(err)
		}
		all = append(all, m)
	}
	p.out.Send = nil
	return all
}

func (p *peer) news() (all []string) {
	for _, n := range p.out.News {
		all = append(all, strings.TrimPrefix(fmt.Sprintf("%T", n), "ice."))
	}
	p.out.News = nil
	return all
}

// asks sends a check to the agent, from an address.
func (p *peer) asks(from netip.AddrPort, m stun.Message, password string) {
	m.Class = stun.Request
	p.take(p.agent.Receive(p.now, RTP, from, m.Append(nil, password)))
}

// check is one that the agent takes.
func (p *peer) check() stun.Message {
	return stun.Message{ID: stun.ID{9}, Username: p.agent.words.ufrag + ":peer", Priority: 5, Role: stun.Controlling, TieBreaker: 1 << 63}
}

// answers answers a check of the agent.
func (p *peer) answers(m stun.Message, from netip.AddrPort) {
	answer := stun.Message{Class: stun.Success, ID: m.ID, Mapped: netip.MustParseAddrPort("192.0.2.1:5000")}
	p.take(p.agent.Receive(p.now, RTP, from, answer.Append(nil, p.theirs.Pwd)))
}

// TestRepetitions: a check goes seven times, after 0, 500, 1500, … ms, and has failed after
// 39.5 s (RFC 8489 §6.2.1).
func TestRepetitions(t *testing.T) {
	p := newPeer(t, Config{}, Description{Mux: true}, false)
	if n := len(p.sent()); n != 0 {
		t.Errorf("%d checks go before there is leave", n)
	}
	p.take(p.agent.Start(p.now))
	var at []time.Duration
	for p.now.Sub(began) < time.Minute {
		for range p.sent() {
			at = append(at, p.now.Sub(began))
		}
		next := p.agent.Deadline()
		if next.IsZero() {
			break
		}
		p.run(next.Sub(p.now))
	}
	ms := time.Millisecond
	if want := []time.Duration{0, 500 * ms, 1500 * ms, 3500 * ms, 7500 * ms, 15500 * ms, 31500 * ms}; !slices.Equal(at, want) {
		t.Errorf("sent at %v, want %v", at, want)
	}
	if got := p.agent.list.pairs[0].state; got != failed {
		t.Errorf("the pair is %d", got)
	}
	if got := p.news(); !slices.Equal(got, []string{"Gathered", "Failed"}) && !slices.Equal(got, []string{"Failed"}) {
		t.Errorf("news: %q", got)
	}
	if p.now != began.Add(giveUp) {
		t.Errorf("given up after %s", p.now.Sub(began))
	}
}

// TestPace: checks of several pairs are 50 ms apart, the best first, those of one
// foundation after one another.
func TestPace(t *testing.T) {
	var list []Candidate
	for i := range 3 {
		c := host(RTP, netip.AddrPortFrom(peerAt.Addr(), uint16(7000+i)))
		c.Priority += uint32(i) << 8
		c.Foundation = fmt.Sprint(i)
		list = append(list, c)
	}
	same := list[2]
	same.At = netip.AddrPortFrom(peerAt.Addr(), 8000)
	p := newPeer(t, Config{}, Description{Mux: true, Candidates: append(list, same)}, false)
	p.take(p.agent.Start(p.now))
	var got []string
	for range 4 {
		for _, d := range p.out.Send {
			got = append(got, fmt.Sprintf("%s %d", p.now.Sub(began), d.To.Port()))
		}
		p.out.Send = nil
		p.run(50 * time.Millisecond)
	}
	if want := []string{"0s 7002", "50ms 7001", "100ms 7000"}; !slices.Equal(got, want) {
		t.Errorf("checks: %q, want %q", got, want)
	}
}

// TestJudged: what a stranger asks is refused, and makes no check.
func TestJudged(t *testing.T) {
	p := newPeer(t, Config{}, Description{Mux: true}, false)
	good := p.check()
	for _, tt := range []struct {
		name     string
		change   func(m *stun.Message)
		password string
		code     int
	}{
		{"good", func(*stun.Message) {}, p.agent.words.pwd, 0},
		{"wrong password", func(*stun.Message) {}, "guessed", 401},
		{"the peer's password", func(*stun.Message) {}, p.theirs.Pwd, 401},
		{"another's name", func(m *stun.Message) { m.Username = "someone:peer" }, p.agent.words.pwd, 401},
		{"no name", func(m *stun.Message) { m.Username = ""; m.TieBreaker = 1 }, p.agent.words.pwd, 400},
		{"not signed", func(*stun.Message) {}, "", 400},
		{"no priority", func(m *stun.Message) { m.Priority = 0 }, p.agent.words.pwd, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p.out, p.agent.list = Output{}, checklist{}
			m := good
			tt.change(&m)
			p.asks(netip.MustParseAddrPort("192.0.2.77:1"), m, tt.password)
			sent := p.sent()
			if len(sent) == 0 || sent[0].Code != tt.code {
				t.Fatalf("answered %+v, want %d", sent, tt.code)
			}
			if tt.code == 0 && (sent[0].Mapped.String() != "192.0.2.77:1" || !sent[0].Authentic(p.agent.words.pwd)) {
				t.Errorf("answered %+v", sent[0])
			}
			if checks := len(sent) - 1; checks != 1 && tt.code == 0 || checks != 0 && tt.code != 0 {
				t.Errorf("%d checks follow", checks)
			}
		})
	}
}

// TestNoAmplifier: whoever is not authentic gets no more octets than he has sent, and only
// so many answers.
func TestNoAmplifier(t *testing.T) {
	p := newPeer(t, Config{}, Description{}, false)
	short := (&stun.Message{Class: stun.Request}).Append(nil, "")
	p.take(p.agent.Receive(p.now, RTP, peerAt, short))
	if len(p.out.Send) > 0 {
		t.Errorf("%d octets are answered by %d", len(short), len(p.out.Send[0].Data))
	}
	for range 3 * maxErrors {
		m := p.check()
		p.asks(peerAt, m, "guessed")
	}
	if n := len(p.out.Send); n != maxErrors {
		t.Errorf("%d answers, want %d", n, maxErrors)
	}
}

// TestBounds: a peer with more candidates than are taken, and one that checks from
// everywhere.
func TestBounds(t *testing.T) {
	var list []Candidate
	for i := range 200 {
		list = append(list, host(RTP, netip.AddrPortFrom(peerAt.Addr(), uint16(1000+i))))
	}
	p := newPeer(t, Config{}, Description{Mux: true, Candidates: list}, false)
	if n := len(p.agent.list.pairs); n != 32 {
		t.Errorf("%d pairs", n)
	}
	for i := range 100 {
		p.asks(netip.AddrPortFrom(peerAt.Addr(), uint16(3000+i)), p.check(), p.agent.words.pwd)
	}
	if n := len(p.agent.list.pairs); n != maxPairs {
		t.Errorf("%d pairs after checks from everywhere", n)
	}
	p.out.Send = nil
	p.take(p.agent.Start(p.now))
	p.run(time.Hour)
	if n := len(p.out.Send); n > maxPairs*maxSends {
		t.Errorf("%d datagrams to addresses that do not answer", n)
	}
	p.out.Send = nil
	for range 200 { // one that asks again and again, for 20 s, and answers nothing
		p.asks(netip.AddrPortFrom(peerAt.Addr(), 1000), p.check(), p.agent.words.pwd)
		p.run(100 * time.Millisecond)
	}
	checks := 0
	for _, m := range p.sent() {
		if m.Class == stun.Request {
			checks++
		}
	}
	if checks > 100 { // two that wait for half a second each
		t.Errorf("%d checks of one pair", checks)
	}
}

// TestEarly: checks that come before the answer are answered, and checked back when it is
// there.
func TestEarly(t *testing.T) {
	w := newNetwork(t)
	e := w.add("A", "192.0.2.1", nil, Config{})
	p := &peer{t: t, agent: e.agent, now: began, theirs: Description{Ufrag: "peer", Pwd: "the password of the peer", Mux: true}}
	for i := range 2 * maxEarly {
		p.asks(netip.AddrPortFrom(peerAt.Addr(), uint16(100+i)), p.check(), e.agent.words.pwd)
	}
	if n := len(p.sent()); n != 2*maxEarly {
		t.Errorf("%d answers", n)
	}
	p.take(e.agent.Begin(began, p.theirs, true))
	p.take(e.agent.Start(began))
	if n := len(e.agent.list.pairs); n != maxEarly {
		t.Errorf("%d pairs of early checks", n)
	}
	if n := len(p.sent()); n != 1 {
		t.Errorf("%d checks at once", n)
	}
}

// TestResponses: a response counts by its transaction, its password and its way.
func TestResponses(t *testing.T) {
	other := netip.MustParseAddrPort("192.0.2.66:7000")
	for _, tt := range []struct {
		name     string
		change   func(m *stun.Message)
		password string
		from     netip.AddrPort
		want     pairState
	}{
		{"good", func(*stun.Message) {}, "", peerAt, succeeded},
		{"another transaction", func(m *stun.Message) { m.ID[0]++ }, "", peerAt, checking},
		{"another password", func(*stun.Message) {}, "guessed", peerAt, checking},
		{"from elsewhere", func(*stun.Message) {}, "", other, failed},
		{"an error", func(m *stun.Message) { m.Class, m.Code, m.Mapped = stun.Failure, 500, netip.AddrPort{} }, "", peerAt, failed},
		{"an error of a stranger", func(m *stun.Message) { m.Class, m.Code, m.Mapped = stun.Failure, 500, netip.AddrPort{} }, "guessed", peerAt, checking},
		{"without an address", func(m *stun.Message) { m.Mapped = netip.AddrPort{} }, "", peerAt, failed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPeer(t, Config{}, Description{Mux: true}, false)
			p.take(p.agent.Start(p.now))
			answer := stun.Message{Class: stun.Success, ID: p.sent()[0].ID, Mapped: netip.MustParseAddrPort("192.0.2.1:5000")}
			tt.change(&answer)
			password := tt.password
			if password == "" {
				password = p.theirs.Pwd
			}
			p.take(p.agent.Receive(p.now, RTP, tt.from, answer.Append(nil, password)))
			if got := p.agent.list.pairs[0].state; got != tt.want {
				t.Errorf("the pair is in state %d, want %d", got, tt.want)
			}
		})
	}
}

// TestNomination: the controlling agent waits for a better pair, takes the one that works,
// and says so in a check of its own; the controlled one takes what it is told.
func TestNomination(t *testing.T) {
	better := host(RTP, netip.MustParseAddrPort("192.0.2.8:7000"))
	better.Priority, better.Foundation = better.Priority+256, "better"
	p := newPeer(t, Config{}, Description{Mux: true, Candidates: []Candidate{host(RTP, peerAt), better}}, true)
	p.take(p.agent.Start(p.now))
	p.run(pace)
	checks := p.sent()
	if len(checks) != 2 || checks[0].UseCandidate || checks[1].UseCandidate || checks[0].Role != stun.Controlling {
		t.Fatalf("%+v", checks)
	}
	p.answers(checks[1], peerAt)
	p.run(patience - time.Millisecond)
	for _, m := range p.sent() {
		if m.UseCandidate {
			t.Error("nominated before the better pair had its time")
		}
	}
	p.run(time.Millisecond)
	var nominating []stun.Message
	for _, m := range p.sent() {
		if m.UseCandidate {
			nominating = append(nominating, m)
		}
	}
	if len(nominating) != 1 {
		t.Fatalf("%d nominations", len(nominating))
	}
	if got := p.agent.Peers()[0]; got.IsValid() {
		t.Errorf("media goes to %s before the nomination is answered", got)
	}
	p.answers(nominating[0], peerAt)
	if got := p.agent.Peers()[0]; got != peerAt {
		t.Errorf("media goes to %s", got)
	}
	p.sent()
	p.run(4 * time.Second)
	if n := len(p.sent()); n != 0 {
		t.Errorf("%d checks after a pair is selected", n)
	}
}

// TestAggressive: a peer that nominates with each check has the best of them selected.
func TestAggressive(t *testing.T) {
	other := host(RTP, netip.MustParseAddrPort("192.0.2.8:7000"))
	other.Priority, other.Foundation = other.Priority+256, "better"
	worse := host(RTP, netip.MustParseAddrPort("192.0.2.7:7000"))
	worse.Priority, worse.Foundation = 7, "worse"
	p := newPeer(t, Config{}, Description{Mux: true, Candidates: []Candidate{host(RTP, peerAt), other, worse}}, false)
	p.take(p.agent.Start(p.now))
	m := p.check()
	m.UseCandidate = true
	for _, at := range []netip.AddrPort{peerAt, other.At, peerAt, worse.At} {
		p.out.Send = nil
		p.asks(at, m, p.agent.words.pwd)
		p.run(pace)
		for _, d := range slices.Clone(p.out.Send) {
			if c, _ := stun.Parse(d.Data); c.Class == stun.Request && d.To == at {
				p.answers(c, at)
			}
		}
	}
	if got := p.agent.Peers()[0]; got != other.At {
		t.Errorf("media goes to %s, want %s", got, other.At)
	}
	selected := 0
	for _, n := range p.out.News {
		if _, ok := n.(Selected); ok {
			selected++
		}
	}
	if selected != 2 {
		t.Errorf("%d pairs were selected, want 2", selected)
	}
}

// TestConflict: both ends take the same role; the one with the smaller tie-breaker gives
// way, whoever asks first.
func TestConflict(t *testing.T) {
	for _, role := range []bool{true, false} {
		for _, late := range []bool{true, false} {
			w := newNetwork(t)
			x, y := w.add("A", "192.0.2.1", nil, Config{}), w.add("B", "192.0.2.2", nil, Config{})
			x.agent.tie, y.agent.tie = 1, 2
			if late {
				x.agent.tie, y.agent.tie = 2, 1
			}
			w.take(x, x.agent.Begin(w.now, y.agent.Local(), role))
			w.take(y, y.agent.Begin(w.now, x.agent.Local(), role))
			w.take(x, x.agent.Start(w.now))
			w.run(200 * time.Millisecond)
			w.take(y, y.agent.Start(w.now))
			w.run(2 * time.Second)
			x.has(t, "Connected", true)
			y.has(t, "Connected", true)
			if x.agent.controlling == y.agent.controlling {
				t.Errorf("both have the role %t", x.agent.controlling)
			}
			larger := x
			if y.agent.tie > x.agent.tie && !late {
				larger = y
			}
			if !larger.agent.controlling && larger.agent.tie == 2 {
				t.Errorf("the larger tie-breaker does not control: role %t, late %t", role, late)
			}
		}
	}
}

// TestLoss: a third of the datagrams is lost, and they find each other all the same.
func TestLoss(t *testing.T) {
	w := newNetwork(t)
	rng := rand.New(rand.NewPCG(1, 2))
	w.lose = func(_, _ netip.AddrPort, _ []byte) bool { return rng.IntN(3) == 0 }
	x, y := w.add("A", "192.0.2.1", nil, Config{}), w.add("B", "192.0.2.2", nil, Config{})
	w.call(x, y)
	w.run(20 * time.Second)
	x.has(t, "Connected", true)
	y.has(t, "Connected", true)
}

// TestConsent: it is asked for about every five seconds, and is gone thirty after the last
// answer. Only the peer's own answer gives it.
func TestConsent(t *testing.T) {
	w := newNetwork(t)
	x, y := w.add("A", "192.0.2.1", nil, Config{}), w.add("B", "192.0.2.2", nil, Config{})
	w.call(x, y)
	w.run(time.Second)
	before := x.sent
	w.run(time.Hour)
	if n := (x.sent - before) / 2; n < 3600/5*2*9/10 || n > 3600/5*2*11/10 { // its own, and its answers, for two components
		t.Errorf("%d datagrams for each component in an hour", n)
	}
	x.has(t, "Lost", false)
	y.dead = true
	w.run(20 * time.Second)
	x.has(t, "Lost", false)
	w.run(11 * time.Second)
	x.has(t, "Lost", true)
	w.ends = w.ends[:1]
	sent := x.sent
	w.run(time.Minute)
	if x.sent != sent {
		t.Errorf("%d datagrams after it is gone", x.sent-sent)
	}
}

// TestConsentIsHis: neither a wrong password nor another address gives consent, and 403
// takes it back.
func TestConsentIsHis(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(m *stun.Message)
		pwd  string
		from netip.AddrPort
		lost time.Duration
	}{
		{"given", func(*stun.Message) {}, "", peerAt, 0},
		{"wrong password", func(*stun.Message) {}, "guessed", peerAt, 30 * time.Second},
		{"from elsewhere", func(*stun.Message) {}, "", netip.MustParseAddrPort("192.0.2.66:7000"), 30 * time.Second},
		{"another transaction", func(m *stun.Message) { m.ID[1]++ }, "", peerAt, 30 * time.Second},
		{"taken back", func(m *stun.Message) { m.Class, m.Code, m.Mapped = stun.Failure, 403, netip.AddrPort{} }, "", peerAt, 6 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPeer(t, Config{}, Description{Mux: true}, true)
			p.take(p.agent.Start(p.now))
			p.answers(p.sent()[0], peerAt)
			p.run(pace)
			p.answers(p.sent()[0], peerAt)
			if !p.agent.Peers()[0].IsValid() {
				t.Fatal("not connected")
			}
			selected := p.now
			var lost time.Duration
			for p.now.Sub(selected) < time.Minute && lost == 0 {
				p.run(100 * time.Millisecond)
				for _, m := range p.sent() {
					answer := stun.Message{Class: stun.Success, ID: m.ID, Mapped: peerAt}
					tt.edit(&answer)
					pwd := tt.pwd
					if pwd == "" {
						pwd = p.theirs.Pwd
					}
					p.take(p.agent.Receive(p.now, RTP, tt.from, answer.Append(nil, pwd)))
				}
				if slices.Contains(p.news(), "Lost") {
					lost = p.now.Sub(selected)
				}
			}
			if (lost == 0) != (tt.lost == 0) || lost > tt.lost+200*time.Millisecond || lost < tt.lost-3*time.Second {
				t.Errorf("lost after %s, want %s", lost, tt.lost)
			}
		})
	}
}

// TestStandstill: a program that was suspended for a minute does not hold its peer to have
// taken its consent back.
func TestStandstill(t *testing.T) {
	w := newNetwork(t)
	x, y := w.add("A", "192.0.2.1", nil, Config{}), w.add("B", "192.0.2.2", nil, Config{Lite: true})
	w.call(x, y)
	w.run(time.Second)
	x.has(t, "Connected", true)
	w.now = w.now.Add(time.Minute) // nobody looks at x
	w.run(time.Minute)
	x.has(t, "Lost", false)
}

// TestRestart: new words find a pair anew, and the old ones are still answered meanwhile.
func TestRestart(t *testing.T) {
	w := newNetwork(t)
	x, y := w.add("A", "192.0.2.1", nil, Config{}), w.add("B", "192.0.2.2", nil, Config{})
	w.call(x, y)
	w.run(time.Second)
	old := x.agent.Local()
	x.agent.Restart()
	if d := x.agent.Local(); !d.Restarts(&old) || old.Chosen == nil || d.Chosen != nil {
		t.Errorf("it restarts with %+v, after %+v", d, old)
	}
	w.run(40 * time.Second) // the offer takes its time
	y.has(t, "Lost", false)
	x.has(t, "Lost", false)
	y.agent.Restart()
	controlling := x.agent.controlling
	x.news, y.news = nil, nil
	w.call(y, x) // by the other end
	w.run(2 * time.Second)
	x.has(t, "Connected", true)
	y.has(t, "Connected", true)
	if x.agent.controlling != controlling {
		t.Error("the roles have changed")
	}
	w.run(time.Minute)
	x.has(t, "Lost", false)
}

// TestSilentServer: a server of STUN that does not answer holds a call up for two seconds.
func TestSilentServer(t *testing.T) {
	w := newNetwork(t)
	w.server = netip.AddrPort{}
	x := w.add("A", "192.0.2.1", nil, Config{Server: peerAt})
	w.run(1999 * time.Millisecond)
	x.has(t, "Gathered", false)
	w.run(time.Millisecond)
	if len(x.news) != 1 || !strings.Contains(x.news[0], peerAt.String()) {
		t.Errorf("%q", x.news)
	}
	if x.sent != 6 {
		t.Errorf("%d requests for two sockets", x.sent)
	}
}

// TestForgedServer: only the answer to our own request says as whom we are seen.
func TestForgedServer(t *testing.T) {
	w := newNetwork(t)
	x := w.add("A", "192.0.2.1", nil, Config{Server: peerAt})
	forged := stun.Message{Class: stun.Success, ID: stun.ID{1}, Mapped: netip.MustParseAddrPort("203.0.113.66:1")}
	w.take(x, x.agent.Receive(w.now, RTP, peerAt, forged.Append(nil, "")))
	ask := x.agent.gather.asks[0].id
	forged.ID = ask
	w.take(x, x.agent.Receive(w.now, RTP, netip.MustParseAddrPort("192.0.2.66:3478"), forged.Append(nil, "")))
	if n := len(x.agent.Local().Candidates); n != 2 {
		t.Errorf("%d candidates: %v", n, x.agent.Local().Candidates)
	}
	w.take(x, x.agent.Receive(w.now, RTP, peerAt, forged.Append(nil, "")))
	if n := len(x.agent.Local().Candidates); n != 3 {
		t.Errorf("%d candidates after the answer", n)
	}
}

// TestComponents: with one port there is one component, and there are never more than two.
func TestComponents(t *testing.T) {
	list := []Candidate{host(RTP, peerAt), host(RTCP, netip.MustParseAddrPort("192.0.2.9:7001")), host(3, netip.MustParseAddrPort("192.0.2.9:7002"))}
	for mux, want := range map[bool]int{true: 1, false: 2} {
		p := newPeer(t, Config{}, Description{Mux: mux, Candidates: list}, false)
		if n := len(p.agent.list.pairs); n != want {
			t.Errorf("mux %t: %d pairs", mux, n)
		}
		p.out = Output{}
		p.take(p.agent.Receive(p.now, RTCP, peerAt, func() []byte { m := p.check(); return m.Append(nil, p.agent.words.pwd) }()))
		if mux && len(p.agent.list.pairs) != 1 {
			t.Error("a check of RTCP makes a pair, where there is none for it")
		}
	}
}

// TestRoleConflictAnswered: who hears 487 takes the other role, draws another tie-breaker,
// and checks again (RFC 8445 §7.2.5.1).
func TestRoleConflictAnswered(t *testing.T) {
	p := newPeer(t, Config{}, Description{Mux: true}, true)
	p.take(p.agent.Start(p.now))
	before := p.sent()[0]
	conflict := stun.Message{Class: stun.Failure, ID: before.ID, Code: 487, Reason: "Role Conflict"}
	p.take(p.agent.Receive(p.now, RTP, peerAt, conflict.Append(nil, p.theirs.Pwd)))
	p.run(pace)
	after := p.sent()
	if len(after) != 1 || after[0].Role != stun.Controlled || after[0].TieBreaker == before.TieBreaker || after[0].UseCandidate {
		t.Errorf("after %+v: %+v", before, after)
	}
}

// TestCompleted: who controls checks no other pair for the peer's sake, once there is one.
func TestCompleted(t *testing.T) {
	p := newPeer(t, Config{}, Description{Mux: true}, true)
	p.take(p.agent.Start(p.now))
	p.answers(p.sent()[0], peerAt)
	p.run(pace)
	p.answers(p.sent()[0], peerAt)
	m := p.check()
	m.Role = stun.Controlled
	p.asks(netip.MustParseAddrPort("192.0.2.9:9999"), m, p.agent.words.pwd)
	p.run(time.Second)
	for _, m := range p.sent() {
		if m.Class == stun.Request {
			t.Errorf("checked again: %+v", m)
		}
	}
}

// TestPriorities: the numbers of RFC 8445 §5.1.2.1 and §6.1.2.3.
func TestPriorities(t *testing.T) {
	for _, tt := range []struct {
		kind Type
		want uint32
	}{{Host, 2130706431}, {Reflexive, 1694498815}, {Peer, 1862270975}} {
		if got := priorityOf(tt.kind, RTP); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.kind, got, tt.want)
		}
	}
	if a, b := pairPriority(3, 2), pairPriority(2, 3); a != 2<<32+6+1 || b != 2<<32+6 {
		t.Errorf("%d, %d", a, b)
	}
}

// FuzzReceive: whatever is sent to an agent, it neither panics nor sends to anybody whom
// it does not know more than it was sent.
func FuzzReceive(f *testing.F) {
	f.Add((&stun.Message{Class: stun.Request, Username: "a:b", Priority: 1}).Append(nil, "x"), true)
	f.Add((&stun.Message{Class: stun.Success, Mapped: peerAt}).Append(nil, "x"), false)
	f.Fuzz(func(t *testing.T, data []byte, offerer bool) {
		p := newPeer(t, Config{}, Description{Mux: true}, offerer)
		p.take(p.agent.Start(p.now))
		p.out = Output{}
		from := netip.MustParseAddrPort("198.51.100.1:9")
		for _, component := range []int{RTP, RTCP} {
			p.take(p.agent.Receive(p.now, component, from, data))
		}
		n := 0
		for _, d := range p.out.Send {
			if d.To == from {
				n += len(d.Data)
			}
		}
		if n > 2*len(data) {
			t.Errorf("%d octets are answered by %d", len(data), n)
		}
		p.run(time.Minute)
	})
}
