package ice

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/ice/stun"
)

// gatherFor is how long a server of STUN is waited for (our own number): its request is
// sent three times. A call should not wait longer.
const gatherFor = 2 * time.Second

// A gathering asks a server of STUN as whom it sees our sockets (RFC 8445 §5.1.1.2).
type gathering struct {
	found  []Candidate
	bases  [2]netip.AddrPort
	server netip.AddrPort
	asks   [2]transaction
	open   int       // how many of them have no response
	by     time.Time // zero: it is over
}

// own begins with the addresses of the sockets.
func (g *gathering) own(bases [2]netip.AddrPort) {
	g.bases = bases
	for i, at := range bases {
		if at.IsValid() {
			g.found = append(g.found, host(i+1, netip.AddrPortFrom(at.Addr().Unmap(), at.Port())))
		}
	}
}

// Gather looks for candidates of ours. [Gathered] follows, at once if there is no server to
// ask.
func (a *Agent) Gather(now time.Time) Output {
	var s step
	if !a.cfg.Server.IsValid() {
		s.tell(Gathered{})
		return s.out
	}
	a.gather.begin(&s, now, a.cfg.Server, a.cfg.Rand)
	return s.out
}

func (g *gathering) begin(s *step, now time.Time, server netip.AddrPort, rng *rand.Rand) {
	g.server, g.by = server, now.Add(gatherFor)
	for i, at := range g.bases {
		if !at.IsValid() {
			continue
		}
		m := stun.Message{Class: stun.Request, ID: newID(rng)}
		g.asks[i] = newTransaction(now, m.ID, m.Append(nil, ""), minRTO)
		g.open++
		s.send(i+1, server, g.asks[i].data)
	}
}

func (g *gathering) deadline() time.Time {
	if g.by.IsZero() {
		return time.Time{}
	}
	at := g.by
	for i := range g.asks {
		at = earliest(at, g.asks[i].next)
	}
	return at
}

func (g *gathering) advance(s *step, now time.Time) {
	if g.by.IsZero() {
		return
	}
	if due(g.by, now) {
		g.end(s, g.server)
		return
	}
	for i := range g.asks {
		if t := &g.asks[i]; !t.next.IsZero() {
			if again, _ := t.advance(now); again {
				s.send(i+1, g.server, t.data)
			}
		}
	}
}

func (g *gathering) end(s *step, silent netip.AddrPort) {
	g.by, g.asks = time.Time{}, [2]transaction{}
	s.tell(Gathered{silent})
}

// hears takes a response of the server, and reports whether it was one. What it says is
// not signed: it is only an address to be tried.
func (g *gathering) hears(s *step, component int, from netip.AddrPort, m *stun.Message) bool {
	if g.by.IsZero() || component < RTP || component > RTCP || from != g.server {
		return false
	}
	t := &g.asks[component-1]
	if t.next.IsZero() || t.id != m.ID {
		return false
	}
	*t = transaction{}
	if base := g.bases[component-1]; m.Class == stun.Success && m.Mapped.IsValid() && m.Mapped != base {
		g.found = append(g.found, reflexive(component, m.Mapped, base))
	}
	if g.open--; g.open == 0 {
		g.end(s, netip.AddrPort{})
	}
	return true
}
