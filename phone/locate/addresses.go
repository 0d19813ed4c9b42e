package locate

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxResting bounds the addresses that are remembered to have failed: as many as a name may
// resolve to, so that all of the present host have room.
const maxResting = system.MaxAddresses

// Addresses are those of the server that a connection leads to: each is an element of the
// list of RFC 3263 §4.3, of which one that has failed rests. Which address of a host is
// taken is up to the kernel, which is told those to avoid.
type Addresses struct {
	all   []netip.AddrPort
	rests map[netip.AddrPort]time.Time // until when those that have failed are avoided
}

// Know takes in which addresses the host has at a port.
func (a *Addresses) Know(addrs []netip.Addr, port uint16) {
	a.all = nil
	for _, addr := range addrs[:min(len(addrs), system.MaxAddresses)] {
		a.all = append(a.all, netip.AddrPortFrom(addr.Unmap(), port))
	}
}

// Several reports whether there is more than one.
func (a *Addresses) Several() bool { return len(a.all) > 1 }

// Another reports whether there is an address besides one that does not rest.
func (a *Addresses) Another(now time.Time, at netip.AddrPort) bool {
	return slices.ContainsFunc(a.all, func(o netip.AddrPort) bool { return o != at && !now.Before(a.rests[o]) })
}

// Failed has an address rest for a while, and reports whether there is another one.
func (a *Addresses) Failed(now time.Time, at netip.AddrPort, rest time.Duration) (another bool) {
	if !slices.Contains(a.all, at) {
		return false
	}
	if a.rests == nil {
		a.rests = map[netip.AddrPort]time.Time{}
	}
	if until := now.Add(rest); until.After(a.rests[at]) {
		a.rests[at] = until
	}
	a.bound(now)
	return a.Another(now, at)
}

// bound forgets one of too many: of those that the host has no more, the one whose rest
// ends first.
func (a *Addresses) bound(now time.Time) {
	resting := a.Avoid(now)
	if len(resting) <= maxResting {
		return
	}
	if i := slices.IndexFunc(resting, func(at netip.AddrPort) bool { return !slices.Contains(a.all, at) }); i >= 0 {
		delete(a.rests, resting[i])
	}
}

// Avoid are those that rest, the one first whose rest ends first.
func (a *Addresses) Avoid(now time.Time) (all []netip.AddrPort) {
	for at, until := range a.rests {
		if now.Before(until) {
			all = append(all, at)
		} else {
			delete(a.rests, at)
		}
	}
	slices.SortFunc(all, func(x, y netip.AddrPort) int { return cmp.Or(a.rests[x].Compare(a.rests[y]), x.Compare(y)) })
	return all
}
