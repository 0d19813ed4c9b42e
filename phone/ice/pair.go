package ice

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/ice/stun"
)

// pairState is where the checks of a pair stand (RFC 8445 §6.1.2.6).
type pairState uint8

const (
	frozen    pairState = iota // waits for one of the same foundation
	waiting                    // for its turn
	checking                   // "In-Progress"
	succeeded                  // the peer has answered
	failed
)

// A pair is a socket of ours and an address of the peer's.
type pair struct {
	remote Candidate
	state  pairState
	// nominated says that media may flow on it: the controlling agent has said so.
	// nominates says that our next check says it; wanted that the peer has said it before
	// our check has succeeded.
	nominated, nominates, wanted bool
	checks                       []*check       // that have no response yet; the last one counts
	mapped                       netip.AddrPort // where the peer sees us
}

// A check is a request of a pair.
type check struct {
	transaction
	role      stun.Role // as it says
	nominates bool
	stopped   bool // it is not repeated any more
}

// maxChecks bounds the checks of one pair that have no response (our own number): one that
// is under way, and one that the peer's own has triggered meanwhile (§7.3.1.4).
const maxChecks = 2

// A checklist is all pairs, the best first, and which are to be checked before their turn.
type checklist struct {
	pairs     []*pair
	triggered []*pair
}

// maxPairs bounds them (§6.1.2.5 has 100; a phone with its addresses, those of its NATs and
// those of its relays for two components has less than this).
const maxPairs = 32

// find is the pair of a component and an address of the peer's.
func (l *checklist) find(component int, remote netip.AddrPort) *pair {
	i := slices.IndexFunc(l.pairs, func(p *pair) bool { return p.remote.Component == component && p.remote.At == remote })
	if i < 0 {
		return nil
	}
	return l.pairs[i]
}

// add makes a pair, or finds the one that there is; nil if there are too many.
func (l *checklist) add(remote Candidate, state pairState) *pair {
	if p := l.find(remote.Component, remote.At); p != nil {
		return p
	}
	if len(l.pairs) == maxPairs {
		return nil
	}
	p := &pair{remote: remote, state: state}
	l.pairs = append(l.pairs, p)
	return p
}

// sort has the best first, as seen by who controls.
func (l *checklist) sort(controlling bool) {
	slices.SortStableFunc(l.pairs, func(a, b *pair) int {
		return cmp.Compare(b.priority(controlling), a.priority(controlling))
	})
}

// priority is that of the pair with the host candidate of ours.
func (p *pair) priority(controlling bool) uint64 {
	ours, theirs := priorityOf(Host, p.remote.Component), p.remote.Priority
	if controlling {
		return pairPriority(ours, theirs)
	}
	return pairPriority(theirs, ours)
}

// thaw has the first of each foundation wait for its turn (§6.1.2.6): that of the lowest
// component, and of those the best.
func (l *checklist) thaw() {
	first := map[string]*pair{}
	for _, p := range l.pairs {
		if before := first[p.remote.Foundation]; before == nil || p.remote.Component < before.remote.Component {
			first[p.remote.Foundation] = p
		}
	}
	for _, p := range first {
		if p.state == frozen {
			p.state = waiting
		}
	}
}

// thawed has all pairs of a foundation wait for their turn: one has succeeded
// (§7.2.5.3.3).
func (l *checklist) thawed(foundation string) {
	for _, p := range l.pairs {
		if p.state == frozen && p.remote.Foundation == foundation {
			p.state = waiting
		}
	}
}

// trigger has a pair checked before the others, once.
func (l *checklist) trigger(p *pair) {
	if !slices.Contains(l.triggered, p) {
		l.triggered = append(l.triggered, p)
	}
}

// next takes the pair that is to be checked now (§6.1.4.2); nil: there is none. A foundation
// of which nothing is under way is thawed.
func (l *checklist) next() *pair {
	if len(l.triggered) > 0 {
		p := l.triggered[0]
		l.triggered = l.triggered[1:]
		return p
	}
	if p := l.first(waiting); p != nil {
		return p
	}
	for _, p := range l.pairs {
		if p.state == frozen && !l.busy(p.remote.Foundation) {
			return p
		}
	}
	return nil
}

func (l *checklist) first(state pairState) *pair {
	i := slices.IndexFunc(l.pairs, func(p *pair) bool { return p.state == state })
	if i < 0 {
		return nil
	}
	return l.pairs[i]
}

// busy reports whether a pair of a foundation is checked, or about to be.
func (l *checklist) busy(foundation string) bool {
	return slices.ContainsFunc(l.pairs, func(p *pair) bool {
		return p.remote.Foundation == foundation && (p.state == waiting || p.state == checking)
	})
}

// rto is how long a check waits for its response (§14.3).
func (l *checklist) rto() time.Duration {
	n := 0
	for _, p := range l.pairs {
		if p.state == waiting || p.state == checking {
			n++
		}
	}
	return max(minRTO, time.Duration(n)*pace)
}

// bySender is the pair and the check that a response is for.
func (l *checklist) byID(id stun.ID) (*pair, *check) {
	for _, p := range l.pairs {
		for _, c := range p.checks {
			if c.id == id {
				return p, c
			}
		}
	}
	return nil, nil
}

// drop forgets a check.
func (p *pair) drop(c *check) {
	p.checks = slices.DeleteFunc(p.checks, func(other *check) bool { return other == c })
}

// open reports whether something may still come of a pair.
func (p *pair) open() bool { return p.state == frozen || p.state == waiting || p.state == checking }
