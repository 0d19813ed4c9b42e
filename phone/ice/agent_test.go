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

var began = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// An end is one agent in a network of tests: at an address, perhaps behind a NAT.
type end struct {
	name     string
	agent    *Agent
	bases    [2]netip.AddrPort
	nat      *nat
	selected [2]netip.AddrPort
	news     []string
	sent     int
	dead     bool // it says nothing more
}

// A nat maps what goes out: with a symmetric one each destination has a port of its own.
type nat struct {
	outside   netip.Addr
	symmetric bool
	next      uint16
	out       map[string]netip.AddrPort // by the inner address and the destination
	in        map[netip.AddrPort]netip.AddrPort
	allows    map[string]bool // from whom an outer address takes something
}

func newNAT(outside string, symmetric bool) *nat {
	return &nat{outside: netip.MustParseAddr(outside), symmetric: symmetric, next: 40000, out: map[string]netip.AddrPort{}, in: map[netip.AddrPort]netip.AddrPort{}, allows: map[string]bool{}}
}

func (n *nat) leave(from, to netip.AddrPort) netip.AddrPort {
	key := from.String()
	if n.symmetric {
		key += to.String()
	}
	at, ok := n.out[key]
	if !ok {
		n.next++
		at = netip.AddrPortFrom(n.outside, n.next)
		n.out[key], n.in[at] = at, from
	}
	n.allows[at.String()+to.String()] = true
	return at
}

func (n *nat) enter(from, to netip.AddrPort) (netip.AddrPort, bool) {
	at, ok := n.in[to]
	return at, ok && n.allows[to.String()+from.String()]
}

// A network carries datagrams between ends, each in 20 ms.
type network struct {
	t      *testing.T
	now    time.Time
	ends   []*end
	flying []flight
	server netip.AddrPort // of STUN
	lose   func(from, to netip.AddrPort, data []byte) bool
}

type flight struct {
	at       time.Time
	from, to netip.AddrPort
	data     []byte
}

const way = 20 * time.Millisecond

func (w *network) add(name, addr string, behind *nat, cfg Config) *end {
	at := netip.MustParseAddr(addr)
	e := &end{name: name, nat: behind, bases: [2]netip.AddrPort{netip.AddrPortFrom(at, 5000), netip.AddrPortFrom(at, 5001)}}
	cfg.Bases, cfg.Rand = e.bases, rand.New(rand.NewPCG(uint64(len(w.ends)), 1))
	e.agent = New(cfg)
	w.ends = append(w.ends, e)
	w.take(e, e.agent.Gather(w.now))
	return e
}

// take carries out what an agent gives.
func (w *network) take(e *end, out Output) {
	for _, d := range out.Send {
		e.sent++
		from := e.bases[d.Component-1]
		if e.nat != nil {
			from = e.nat.leave(from, d.To)
		}
		if w.lose != nil && w.lose(from, d.To, d.Data) || e.dead {
			continue
		}
		w.flying = append(w.flying, flight{w.now.Add(way), from, d.To, d.Data})
	}
	for _, n := range out.News {
		if s, ok := n.(Selected); ok {
			e.selected[s.Component-1] = s.Remote.At
		}
		text := fmt.Sprintf("%T %+v", n, n)
		e.news = append(e.news, strings.TrimPrefix(text, "ice."))
	}
}

// arrive delivers a datagram, to an end or to the server of STUN.
func (w *network) arrive(f flight) {
	if f.to == w.server {
		m, err := stun.Parse(f.data)
		if err != nil {
			w.t.Fatal(err)
		}
		answer := stun.Message{Class: stun.Success, ID: m.ID, Mapped: f.from}
		w.flying = append(w.flying, flight{w.now.Add(way), w.server, f.from, answer.Append(nil, "")})
		return
	}
	for _, e := range w.ends {
		to := f.to
		if e.nat != nil {
			var ok bool
			if to, ok = e.nat.enter(f.from, f.to); !ok {
				continue
			}
		}
		if i := slices.Index(e.bases[:], to); i >= 0 {
			w.take(e, e.agent.Receive(w.now, i+1, f.from, f.data))
			return
		}
	}
}

// run lets time pass.
func (w *network) run(d time.Duration) {
	w.t.Helper()
	until := w.now.Add(d)
	for range 100000 {
		next := until
		for _, f := range w.flying {
			next = earliest(next, f.at)
		}
		for _, e := range w.ends {
			next = earliest(next, e.agent.Deadline())
		}
		if next.After(w.now) {
			w.now = next
		}
		if i := slices.IndexFunc(w.flying, func(f flight) bool { return !f.at.After(w.now) }); i >= 0 {
			f := w.flying[i]
			w.flying = slices.Delete(w.flying, i, i+1)
			w.arrive(f)
			continue
		}
		idle := true
		for _, e := range w.ends {
			if due(e.agent.Deadline(), w.now) {
				w.take(e, e.agent.Advance(w.now))
				idle = false
			}
		}
		if idle && !w.now.Before(until) {
			return
		}
	}
	w.t.Fatal("the agents never rest")
}

// call has the first end offer and the second answer.
func (w *network) call(a, b *end) {
	offer, answer := a.agent.Local(), b.agent.Local()
	w.take(b, b.agent.Begin(w.now, offer, false))
	w.take(b, b.agent.Start(w.now))
	w.run(2 * way) // the answer is on its way
	w.take(a, a.agent.Begin(w.now, answer, true))
	w.take(a, a.agent.Start(w.now))
}

func newNetwork(t *testing.T) *network {
	return &network{t: t, now: began, server: netip.MustParseAddrPort("203.0.113.1:3478")}
}

func (e *end) has(t *testing.T, kind string, want bool) {
	t.Helper()
	if got := slices.ContainsFunc(e.news, func(s string) bool { return strings.HasPrefix(s, kind+" ") }); got != want {
		t.Errorf("%s: %s is %t, want %t: %q", e.name, kind, got, want, e.news)
	}
}

// TestConnect: both ends find each other's sockets, whatever stands between them, as long
// as a way exists.
func TestConnect(t *testing.T) {
	stunned := Config{Server: netip.MustParseAddrPort("203.0.113.1:3478")}
	const a, b = "10.1.0.2", "10.2.0.2"
	for _, tt := range []struct {
		name     string
		natA     *nat
		natB     *nat
		addrB    string
		cfgA     Config
		cfgB     Config
		at       string // where A sends RTP
		fails    bool
		maxWaits time.Duration
	}{
		{name: "no NAT", addrB: b, at: b + ":5000", maxWaits: time.Second},
		{name: "IPv6", addrB: "2001:db8::2", fails: true},
		{name: "one NAT, without STUN", natA: newNAT("192.0.2.1", false), addrB: b, at: b + ":5000", maxWaits: time.Second},
		{name: "one symmetric NAT, without STUN", natA: newNAT("192.0.2.1", true), addrB: b, at: b + ":5000", maxWaits: time.Second},
		{name: "two NATs", natA: newNAT("192.0.2.1", false), natB: newNAT("192.0.2.2", false), addrB: b, cfgA: stunned, cfgB: stunned, at: "192.0.2.2:40001", maxWaits: 2 * time.Second},
		{name: "two NATs, one symmetric", natA: newNAT("192.0.2.1", true), natB: newNAT("192.0.2.2", false), addrB: b, cfgA: stunned, cfgB: stunned, fails: true},
		{name: "two symmetric NATs", natA: newNAT("192.0.2.1", true), natB: newNAT("192.0.2.2", true), addrB: b, cfgA: stunned, cfgB: stunned, fails: true},
		{name: "behind a NAT, to a lite agent", natA: newNAT("192.0.2.1", true), addrB: b, cfgB: Config{Lite: true}, at: b + ":5000", maxWaits: time.Second},
		{name: "from a lite agent", addrB: b, cfgA: Config{Lite: true}, at: b + ":5000", maxWaits: time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newNetwork(t)
			x, y := w.add("A", a, tt.natA, tt.cfgA), w.add("B", tt.addrB, tt.natB, tt.cfgB)
			w.run(500 * time.Millisecond)
			x.has(t, "Gathered", true)
			w.call(x, y)
			if tt.fails {
				w.run(time.Minute)
				x.has(t, "Connected", false)
				x.has(t, "Failed", true)
				y.has(t, "Failed", true)
				return
			}
			w.run(tt.maxWaits)
			for _, e := range w.ends {
				e.has(t, "Connected", true)
				e.has(t, "Failed", false)
			}
			if got := x.selected[0].String(); got != tt.at {
				t.Errorf("A sends to %s, want %s", got, tt.at)
			}
			if x.selected[1].Port() != x.selected[0].Port()+1 {
				t.Errorf("A sends RTCP to %s and RTP to %s", x.selected[1], x.selected[0])
			}
		})
	}
}
