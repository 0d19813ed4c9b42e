package elsewhere

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
)

func source4(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 5060)
}

// said is all that a ledger says.
func said(l *Ledger, n int, from func(i int) netip.AddrPort) (notes []string) {
	for i := range n {
		if note := l.Refuse("INVITE", from(i)); note != "" {
			notes = append(notes, note)
		}
	}
	return notes
}

func TestOnceForEachSource(t *testing.T) {
	var l Ledger
	got := said(&l, 6, func(i int) netip.AddrPort { return source4(i % 2) })
	if want := []string{"INVITE from 10.0.0.0:5060 refused", "INVITE from 10.0.0.1:5060 refused"}; !slices.Equal(got, want) {
		t.Errorf("said %q, want %q", got, want)
	}
	if got, want := l.Rest(), "6 datagrams refused in all, from 2 addresses"; got != want {
		t.Errorf("in the end %q, want %q", got, want)
	}
	if got := l.Rest(); got != "" {
		t.Errorf("and then %q", got)
	}
}

// TestSameSource: ports, zones and the ways to write an IPv4 address make no
// other source.
func TestSameSource(t *testing.T) {
	for _, pair := range [][2]string{
		{"192.0.2.1:1", "192.0.2.1:2"}, {"192.0.2.1:1", "[::ffff:192.0.2.1]:1"}, {"[fe80::1%eth0]:1", "[fe80::1%2]:1"},
	} {
		var l Ledger
		l.Refuse("INVITE", netip.MustParseAddrPort(pair[0]))
		if note := l.Refuse("INVITE", netip.MustParseAddrPort(pair[1])); note != "" {
			t.Errorf("%s after %s: said %q", pair[1], pair[0], note)
		}
	}
}

// TestFlood: 100,000 addresses are 13 notes, and no more memory than a few.
func TestFlood(t *testing.T) {
	var l Ledger
	got := said(&l, 100_000, source4)
	want := []string{
		"datagrams from more than 8 addresses refused; from now on only their number is told",
		"100 datagrams refused so far, from more than 8 addresses",
		"1,000 datagrams refused so far, from more than 8 addresses",
		"10,000 datagrams refused so far, from more than 8 addresses",
		"100,000 datagrams refused so far, from more than 8 addresses",
	}
	for i := range maxSources {
		want = slices.Insert(want, i, fmt.Sprintf("INVITE from 10.0.0.%d:5060 refused", i))
	}
	if !slices.Equal(got, want) {
		t.Errorf("said %q, want %q", got, want)
	}
	if len(l.sources) != maxSources || l.Total() != 100_000 {
		t.Errorf("remembers %d sources of %d datagrams", len(l.sources), l.Total())
	}
}

// TestAfter: what may have been on its way is not named at once, and counts.
func TestAfter(t *testing.T) {
	l := Ledger{After: 3}
	if got := said(&l, 2, func(int) netip.AddrPort { return source4(1) }); got != nil {
		t.Errorf("said %q of two datagrams", got)
	}
	if got := said(&l, 5, func(int) netip.AddrPort { return source4(1) }); len(got) != 1 {
		t.Errorf("said %q of seven", got)
	}
	one := Ledger{After: 3}
	one.Refuse("RTP", source4(1))
	if got, want := one.Rest(), "1 datagram refused in all, from 1 address"; got != want {
		t.Errorf("in the end %q, want %q", got, want)
	}
}
