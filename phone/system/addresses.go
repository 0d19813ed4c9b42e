package system

import (
	"net/netip"
	"slices"
	"time"
)

// MaxAddresses bounds what a name may resolve to (our own number: the largest pools of
// servers have a few dozen).
const MaxAddresses = 64

// Places are the addresses of a host at a port that are to be tried, in their order: as
// the resolver has them, without those that are to be avoided. If it has no others they
// are those, in the order in which they are to be avoided.
func Places(addrs []netip.Addr, port uint16, avoid []netip.AddrPort) (all []netip.AddrPort) {
	for _, a := range addrs {
		if at := netip.AddrPortFrom(a.Unmap(), port); !slices.Contains(avoid, at) {
			all = append(all, at)
		}
	}
	if len(all) > 0 {
		return all
	}
	for _, at := range avoid {
		if at.Port() == port && slices.ContainsFunc(addrs, func(a netip.Addr) bool { return a.Unmap() == at.Addr() }) {
			all = append(all, at)
		}
	}
	return all
}

const (
	// ConnectAll is how long the addresses of a host may take to be connected to, where
	// it has several: long enough for three SYNs (RFC 6298 §2.1: 0, 1 and 3 s), and short
	// compared with the 30 s of RFC 5626 §4.5 before the next try.
	ConnectAll = 10 * time.Second
	// connectOne is the least that one of them gets (our own number, that of Go's net).
	connectOne = 2 * time.Second
)

// ConnectShare is how much of the time that is left the next of several addresses gets.
func ConnectShare(left time.Duration, addresses int) time.Duration {
	return max(left/time.Duration(addresses), min(left, connectOne))
}
