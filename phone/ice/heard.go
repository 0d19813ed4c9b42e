package ice

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/ice/stun"
)

// hears takes a response (RFC 8445 §7.2.5). One that is not authentic is left out, as it
// may be anybody's (RFC 8489 §9.1.4); what it says is kept for who asks why nothing works.
func (a *Agent) hears(s *step, now time.Time, component int, from netip.AddrPort, m *stun.Message) {
	if a.gather.hears(s, component, from, m) || a.theirs == nil {
		return
	}
	p, c := a.list.byID(m.ID)
	path := a.pathOf(component)
	switch {
	case c == nil && path != nil && path.selected != nil && m.Authentic(a.theirs.Pwd):
		path.consent.hears(now, from == path.selected.remote.At, m)
	case c == nil:
	case !m.Authentic(a.theirs.Pwd):
		if m.Class == stun.Failure {
			a.complaint = fmt.Sprintf("%s has answered %d %s", from, m.Code, m.Reason)
		}
	case m.Class == stun.Failure:
		p.drop(c)
		a.answeredError(s, p, c, m)
	default:
		p.drop(c)
		a.answeredWell(s, now, p, c, component, from, m)
	}
}

// pathOf is the path of a component, nil if there is none.
func (a *Agent) pathOf(component int) *path {
	if component < RTP || component > len(a.paths) {
		return nil
	}
	return &a.paths[component-1]
}

// answeredError takes an error: the roles are the same (§7.2.5.1), or the pair has failed.
func (a *Agent) answeredError(s *step, p *pair, c *check, m *stun.Message) {
	if m.Code != 487 {
		a.complaint = fmt.Sprintf("%s has answered %d %s", p.remote.At, m.Code, m.Reason)
		p.state, p.nominates = failed, false
		return
	}
	if c.role == a.role() {
		a.turn(s)
		a.tie = a.cfg.Rand.Uint64()
	}
	if p.state != succeeded {
		p.state = waiting
	}
	a.list.trigger(p)
}

// answeredWell takes a success: the pair works, if it has come the way that the check went
// (§7.2.5.2.1).
func (a *Agent) answeredWell(s *step, now time.Time, p *pair, c *check, component int, from netip.AddrPort, m *stun.Message) {
	if from != p.remote.At || component != p.remote.Component || !m.Mapped.IsValid() {
		a.complaint = fmt.Sprintf("what was sent to %s was answered from %s", p.remote.At, from)
		p.state, p.nominates = failed, false
		return
	}
	a.answered++
	p.state, p.mapped = succeeded, m.Mapped
	a.list.thawed(p.remote.Foundation)
	path := &a.paths[component-1]
	if path.since.IsZero() {
		path.since = now
	}
	if c.nominates && a.controlling || p.wanted && !a.controlling {
		a.selects(s, now, p)
	}
}

// nominate chooses the best pair that works, when none that is better is still to be
// waited for (§8.1.1).
func (a *Agent) nominate(now time.Time) {
	if !a.controlling {
		return
	}
	for i := range a.components {
		if p := a.candidate(i); p != nil && !now.Before(a.patient(i)) {
			p.nominates = true
			a.list.trigger(p)
		}
	}
}

// candidate is the best pair of a component that works and is to be nominated; nil: there
// is none, or one is.
func (a *Agent) candidate(i int) (best *pair) {
	if a.paths[i].selected != nil {
		return nil
	}
	for _, p := range a.list.pairs {
		switch {
		case p.remote.Component != i+1:
		case p.nominates:
			return nil
		case best == nil && p.state == succeeded:
			best = p
		}
	}
	return best
}

// patient is until when a pair of a component is waited for that is better than the one that
// would be nominated; zero: there is no reason to wait.
func (a *Agent) patient(i int) time.Time {
	if !a.controlling {
		return time.Time{}
	}
	best := a.candidate(i)
	if best == nil {
		return time.Time{}
	}
	for _, p := range a.list.pairs {
		if p == best {
			break
		}
		if p.remote.Component == i+1 && p.open() {
			return a.paths[i].since.Add(patience)
		}
	}
	return time.Time{}
}

// selects has media go by a pair from now on. A peer that nominates with each check means
// the best of them.
func (a *Agent) selects(s *step, now time.Time, p *pair) {
	path := &a.paths[p.remote.Component-1]
	if old := path.selected; p.nominated || old != nil && old.priority(a.controlling) > p.priority(a.controlling) {
		return
	}
	p.nominated, p.nominates, path.selected = true, false, p
	if !a.cfg.Lite {
		path.consent.begin(now, a.cfg.Rand)
	}
	a.rest(p.remote.Component)
	s.tell(Selected{Component: p.remote.Component, Local: a.localOf(p), Remote: p.remote, Answered: !a.cfg.Lite})
	if a.complete() && !a.connected {
		a.connected, a.by = true, time.Time{}
		s.tell(Connected{a.sent, a.answered})
	}
}

// localOf is the candidate of ours in a pair: the one that the peer sees (§7.2.5.3.1).
func (a *Agent) localOf(p *pair) Candidate {
	base := a.cfg.Bases[p.remote.Component-1]
	if !p.mapped.IsValid() || p.mapped == base {
		return host(p.remote.Component, base)
	}
	for _, c := range a.gather.found {
		if c.At == p.mapped && c.Component == p.remote.Component {
			return c
		}
	}
	return Candidate{Component: p.remote.Component, Priority: priorityOf(Peer, p.remote.Component), At: p.mapped, Type: Peer, Related: base}
}

// rest checks no other pair of a component of its own accord (§8.1.2).
func (a *Agent) rest(component int) {
	for _, p := range a.list.pairs {
		if p.remote.Component != component || p.nominated {
			continue
		}
		if p.open() {
			p.state = failed
		}
		for _, c := range p.checks {
			c.stopped = true
		}
	}
}

// complete reports whether every component has a pair.
func (a *Agent) complete() bool {
	for i := range a.components {
		if a.paths[i].selected == nil {
			return false
		}
	}
	return true
}

// fail gives the search up.
func (a *Agent) fail(s *step) {
	a.by = time.Time{}
	a.list.triggered = nil
	for i := range a.components {
		if a.paths[i].selected == nil {
			a.rest(i + 1)
			s.tell(Failed{i + 1, a.why(i)})
		}
	}
}

// why says what has come of the checks of a component.
func (a *Agent) why(i int) string {
	all, working := 0, 0
	for _, p := range a.list.pairs {
		if p.remote.Component != i+1 {
			continue
		}
		all++
		if p.state == succeeded {
			working++
		}
	}
	switch {
	case a.cfg.Lite:
		return "the peer has nominated no pair"
	case all == 0:
		return "the peer has named no address that can be reached from ours, and has sent no check"
	case working > 0:
		return "checks were answered, and the peer has nominated no pair"
	case a.complaint != "":
		return "no check was answered well: " + a.complaint
	}
	return fmt.Sprintf("no check was answered, from any of its addresses (%d)", all)
}
