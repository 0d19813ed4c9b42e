package ice

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/ice/stun"
)

const (
	// maxEarly bounds the checks of a peer that are remembered until its description is
	// known (our own number): it has hardly more candidates.
	maxEarly = 8
	// maxErrors bounds the error responses of one call (our own number).
	maxErrors = 100
)

// An asked check is one of the peer's that was authentic.
type asked struct {
	component int
	from      netip.AddrPort
	priority  uint32
	nominates bool
}

// Receive takes in a datagram of a component's socket that is STUN.
func (a *Agent) Receive(now time.Time, component int, from netip.AddrPort, data []byte) Output {
	var s step
	m, err := stun.Parse(data)
	if err != nil {
		return s.out
	}
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	a.pardon(now)
	switch m.Class {
	case stun.Request:
		a.asks(&s, now, asked{component, from, m.Priority, m.UseCandidate}, &m, len(data))
	case stun.Success, stun.Failure:
		a.hears(&s, now, component, from, &m)
	}
	a.work(&s, now)
	return s.out
}

// asks answers a request (RFC 8445 §7.3).
func (a *Agent) asks(s *step, now time.Time, r asked, m *stun.Message, size int) {
	w, code, reason := a.judge(m)
	if code == 0 {
		code, reason = a.conflict(s, w, m)
	}
	if code != 0 {
		a.refuse(s, r, m, w, code, reason, size)
		return
	}
	answer := stun.Message{Class: stun.Success, ID: m.ID, Mapped: r.from}
	s.send(r.component, r.from, answer.Append(nil, w.pwd))
	switch {
	case w != a.words: // of the session before
	case a.theirs == nil:
		if len(a.early) < maxEarly {
			a.early = append(a.early, r)
		}
	default:
		a.take(s, now, r)
	}
}

// judge says by which of our words a request is authentic, or what is wrong with it
// (RFC 8489 §9.1.3, §6.3.1).
func (a *Agent) judge(m *stun.Message) (w words, code int, reason string) {
	ours, _, named := strings.Cut(m.Username, ":")
	switch {
	case !m.Signed() || !named:
		return words{}, 400, "Bad Request"
	case ours == a.words.ufrag && m.Authentic(a.words.pwd):
		w = a.words
	case ours == a.before.ufrag && m.Authentic(a.before.pwd):
		w = a.before
	default:
		return words{}, 401, "Unauthenticated"
	}
	switch {
	case len(m.Unknown) > 0:
		return w, 420, "Unknown Attribute"
	case m.Priority == 0:
		return w, 400, "Bad Request"
	}
	return w, 0, ""
}

// conflict settles that both have the same role: the larger tie-breaker controls (RFC 8445
// §7.3.1.1).
func (a *Agent) conflict(s *step, w words, m *stun.Message) (code int, reason string) {
	if a.theirs == nil || w != a.words || m.Role != a.role() {
		return 0, ""
	}
	if (a.tie >= m.TieBreaker) == a.controlling || a.cfg.Lite {
		return 487, "Role Conflict"
	}
	a.turn(s)
	return 0, ""
}

// turn takes the other role.
func (a *Agent) turn(s *step) {
	a.controlling = !a.controlling
	for _, p := range a.list.pairs {
		p.nominates = false
	}
	a.list.sort(a.controlling)
	s.tell(Switched{a.controlling})
}

// refuse answers with an error, signed if the request was authentic. So that nobody can
// have us send more than he does, the answer is not longer than the request.
func (a *Agent) refuse(s *step, r asked, m *stun.Message, w words, code int, reason string, size int) {
	if w.pwd == "" {
		s.tell(Refused{r.from, fmt.Sprintf("%d %s", code, reason)})
	}
	answer := stun.Message{Class: stun.Failure, ID: m.ID, Code: code, Reason: reason}
	if code == 420 {
		answer.Unknown = m.Unknown
	}
	data := answer.Append(nil, w.pwd)
	if a.errors == maxErrors || len(data) > size && w.pwd == "" {
		return
	}
	a.errors++
	s.send(r.component, r.from, data)
}

// take acts on an authentic check of the peer's.
func (a *Agent) take(s *step, now time.Time, r asked) {
	peer := Candidate{Foundation: "peer " + r.from.String(), Component: r.component, Priority: r.priority, At: r.from, Type: Peer}
	switch {
	case !a.pairs(peer):
		return
	case a.cfg.Lite:
		a.chosenByPeer(s, now, peer, r.nominates)
		return
	}
	known := a.list.find(r.component, r.from) != nil
	p := a.list.add(peer, waiting)
	if p == nil {
		return
	}
	if !known {
		a.list.sort(a.controlling)
	}
	p.wanted = p.wanted || r.nominates && !a.controlling
	a.triggers(s, now, p)
}

// triggers checks a pair that the peer has checked (§7.3.1.4), as long as a pair is looked
// for, or this one may take the place of the one that there is.
func (a *Agent) triggers(s *step, now time.Time, p *pair) {
	path := &a.paths[p.remote.Component-1]
	switch {
	case p.state == succeeded:
		if p.wanted {
			a.selects(s, now, p)
		}
	case path.selected != nil && !p.wanted:
	case p.state == checking && len(p.checks) >= maxChecks:
	default:
		p.state = waiting
		a.list.trigger(p)
	}
}

// chosenByPeer takes the pair that the peer has nominated: a lite agent asks nobody.
func (a *Agent) chosenByPeer(s *step, now time.Time, peer Candidate, nominates bool) {
	if !nominates {
		return
	}
	for _, c := range a.theirs.Candidates {
		if c.Component == peer.Component && c.At == peer.At {
			peer = c
		}
	}
	p := a.list.add(peer, succeeded)
	if p == nil {
		return
	}
	a.selects(s, now, p)
}
