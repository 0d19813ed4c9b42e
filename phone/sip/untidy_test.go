package sip

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// One fault of one peer is said once in a while; of many there is an end.
func TestTidiness(t *testing.T) {
	m := ParseDatagram([]byte(optionsWith(`From: <sip:bob@b>;;tag="x"`))).(Message)
	at := func(n int) netip.AddrPort { return netip.MustParseAddrPort(fmt.Sprintf("192.0.2.%d:5060", n)) }
	var known Tidiness
	count := func(d time.Duration, peer int) int { return len(known.Warnings(epoch.Add(d), m, at(peer))) }
	for _, test := range []struct {
		d          time.Duration
		peer, want int
	}{{0, 1, 2}, {time.Second, 1, 0}, {time.Second, 2, 2}, {10*time.Minute - 1, 1, 0}, {10 * time.Minute, 1, 2}, {10 * time.Minute, 2, 0}} {
		if got := count(test.d, test.peer); got != test.want {
			t.Errorf("after %s from %d: %d warnings, want %d", test.d, test.peer, got, test.want)
		}
	}
	known = Tidiness{}
	said := 0
	for peer := range 200 {
		said += count(0, peer)
	}
	if said != maxFaults || len(known.said) != maxFaults {
		t.Errorf("%d warnings, %d faults are remembered", said, len(known.said))
	}
	if count(10*time.Minute, 201) != 2 {
		t.Error("those of before are not forgotten")
	}
}
