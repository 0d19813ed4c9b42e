package system

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// TestPlaces: what is to be avoided is left out, unless there is nothing else: then it is
// the first of that which comes first.
func TestPlaces(t *testing.T) {
	addrs := []netip.Addr{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("::ffff:192.0.2.1"), netip.MustParseAddr("192.0.2.2")}
	at := func(s ...string) (all []netip.AddrPort) {
		for _, s := range s {
			all = append(all, netip.MustParseAddrPort(s))
		}
		return all
	}
	for want, avoid := range map[string][]netip.AddrPort{
		"[[2001:db8::1]:5060 192.0.2.1:5060 192.0.2.2:5060]": nil,
		"[[2001:db8::1]:5060 192.0.2.2:5060]":                at("192.0.2.1:5060", "192.0.2.2:5061", "192.0.2.9:5060"),
		"[192.0.2.2:5060 [2001:db8::1]:5060 192.0.2.1:5060]": at("192.0.2.2:5060", "192.0.2.9:5060", "[2001:db8::1]:5060", "192.0.2.1:5060", "192.0.2.1:5061"),
	} {
		if got := fmt.Sprint(Places(addrs, 5060, avoid)); got != want {
			t.Errorf("without %v: %s, want %s", avoid, got, want)
		}
	}
}

// TestConnectShare: each address has its part of what is left, and two seconds if there is
// that much.
func TestConnectShare(t *testing.T) {
	for _, c := range []struct {
		left      time.Duration
		addresses int
		want      time.Duration
	}{
		{10 * time.Second, 1, 10 * time.Second}, {10 * time.Second, 2, 5 * time.Second}, {10 * time.Second, 20, 2 * time.Second}, {time.Second, 3, time.Second},
	} {
		if got := ConnectShare(c.left, c.addresses); got != c.want {
			t.Errorf("%s for %d: %s, want %s", c.left, c.addresses, got, c.want)
		}
	}
}
