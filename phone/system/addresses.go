package system

import (
	"net/netip"
	"slices"
	"time"
)

// MaxAddresses bounds what a name may resolve to (our own number: the largest pools of
// servers have a few dozen).
const MaxAddresses = 64

// Places are the addresses of a host at a port in the order in which they are tried: as
// the resolver has them, but those that are to be avoided come after all others. fresh is
// how many others there are.
func Places(addrs []netip.Addr, port uint16, avoid []netip.AddrPort) (all []netip.AddrPort, fresh int) {
	var late []netip.AddrPort
	for _, a := range addrs {
		at := netip.AddrPortFrom(a.Unmap(), port)
		if slices.Contains(avoid, at) {
			late = append(late, at)
		} else {
			all = append(all, at)
		}
	}
	return append(all, late...), len(all)
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
