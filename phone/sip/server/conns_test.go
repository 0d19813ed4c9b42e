package server

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/ice/stun"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestEvict: of the addresses that may be forged the one that has been silent longest
// makes room, in each run the same; one for whom something is under way stays.
func TestEvict(t *testing.T) {
	l := loop.New("lab", rand.New(rand.NewPCG(1, 2)), secure.Config{})
	s, err := New(l, Config{Addr: "10.0.0.1:5060", MaxConns: 8}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	addr := func(n int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 7, 7, byte(n)}), 5060)
	}
	hear := func(n int) {
		text := "OPTIONS sip:lab.test SIP/2.0\r\nVia: SIP/2.0/UDP 10.7.7.7;rport;branch=z9hG4bK" + strconv.Itoa(n) +
			"\r\nFrom: <sip:x@lab.test>;tag=f\r\nTo: <sip:lab.test>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n\r\n"
		l.Step(now, func() { s.conns.datagram(system.Received{From: addr(n), Data: []byte(text)}) })
	}
	for n := range 8 {
		hear(n)
	}
	hear(0) // at the same time, but after the others
	s.conns.peers[addr(1)].pending = 1
	for n := 8; n < 12; n++ {
		hear(n)
	}
	var left []int
	for n := range 12 {
		if s.conns.peers[addr(n)] != nil {
			left = append(left, n)
		}
	}
	if want := []int{0, 1, 6, 7, 8, 9, 10, 11}; !slices.Equal(left, want) {
		t.Errorf("%v are left, want %v", left, want)
	}
	if n := s.conns.silent.Len(); n != 8 {
		t.Errorf("%d are in line, want 8", n)
	}
}

// TestSTUN: who asks by STUN, on the port of SIP, hears as whom he is seen; nothing else that
// looks like it is answered.
func TestSTUN(t *testing.T) {
	l := loop.New("lab", rand.New(rand.NewPCG(1, 2)), secure.Config{})
	s, err := New(l, Config{Addr: "10.0.0.1:5060", MaxConns: 8}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	from := netip.MustParseAddrPort("198.51.100.7:4711")
	hear := func(data []byte) []system.Effect {
		return l.Step(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), func() { s.conns.datagram(system.Received{From: from, Data: data}) })
	}
	ask := stun.Message{Class: stun.Request, ID: stun.ID{7}}
	sends := hear(ask.Append(nil, ""))
	if len(sends) != 1 {
		t.Fatalf("%d effects", len(sends))
	}
	sent, _ := sends[0].(system.Send)
	if m, err := stun.Parse(sent.Data); err != nil || sent.To != from || m.Class != stun.Success || m.ID != ask.ID || m.Mapped != from {
		t.Errorf("answered %+v, %v, to %s", m, err, sent.To)
	}
	for _, m := range []stun.Message{{Class: stun.Success, Mapped: from}, {Class: stun.Indication}, {Class: stun.Failure, Code: 400}} {
		if got := hear(m.Append(nil, "")); len(got) > 0 {
			t.Errorf("%+v is answered", m)
		}
	}
	if got := hear(ask.Append(nil, "")[:20]); len(got) > 0 {
		t.Error("one that is cut off is answered")
	}
}

// TestURI: a WebSocket is ws over TLS, too (RFC 7118 §5.2.1).
func TestURI(t *testing.T) {
	for transport, want := range map[sip.Transport]string{
		sip.UDP: "sip:lab@10.0.0.1:5060;transport=udp", sip.WS: "sip:lab@10.0.0.1:5060;transport=ws", sip.WSS: "sip:lab@10.0.0.1:5060;transport=ws",
	} {
		s := &subscription{conn: &conn{transport: transport, local: netip.MustParseAddrPort("10.0.0.1:5060")}}
		if got := s.contact(); got != "<"+want+">" {
			t.Errorf("%s: %s, want %s", transport, got, want)
		}
	}
}
