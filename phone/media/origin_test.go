package media

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// said are the warnings among effects.
func said(effects []system.Effect) (notes []string) {
	for _, w := range only[event.Warning](logged(effects)) {
		if w.Rule == event.RuleMediaRefused {
			notes = append(notes, w.Note)
		}
	}
	return notes
}

// TestOrigin: from where the audio of a call is taken.
func TestOrigin(t *testing.T) {
	const private, public, server = "192.168.1.5:4000", "203.0.113.5:61000", "192.0.2.9:30000"
	known := func(a netip.Addr) bool { return a == netip.MustParseAddrPort(server).Addr() }
	for _, test := range []struct {
		name, agreed, from string
		want               bool
	}{
		{"as agreed", public, public, true},
		{"from another port, which a NAT has chosen", public, "203.0.113.5:40000", true},
		{"written as IPv6", public, "[::ffff:203.0.113.5]:61000", true},
		{"over IPv6", "[2001:db8::5]:4000", "[2001:db8::5]:4000", true},
		{"link-local, on an interface of ours", "[fe80::5]:4000", "[fe80::5%2]:4000", true},
		{"relayed by the server", private, server, true},
		{"a peer behind a NAT that tells its private address", private, public, false},
		{"a neighbour", public, "203.0.113.6:61000", false},
		{"this machine", public, "127.0.0.1:61000", false},
		{"a peer that holds the call, or trickles its candidates: 0.0.0.0", "0.0.0.0:9", public, false},
		{"the server's early media, where nothing is agreed", "0.0.0.0:9", server, true},
	} {
		s := newTestSession(addrB, netip.MustParseAddrPort(test.agreed), 1)
		s.route.origin.known = known
		from := netip.MustParseAddrPort(test.from)
		var notes []string
		for n := range uint16(5) {
			h := rtp.Header{SSRC: 9, SequenceNumber: n, Timestamp: uint32(n) * 160}
			notes = append(notes, said(s.Receive(epoch.Add(time.Duration(n)*20*time.Millisecond), system.Received{Socket: rtpSocket, From: from, Data: wire(t, h, make([]byte, 160))}))...)
		}
		stats := s.Stats(epoch)
		if got := stats.Received == 5; got != test.want || stats.Refused != map[bool]uint64{true: 0, false: 5}[test.want] {
			t.Errorf("%s: received %d and refused %d of 5", test.name, stats.Received, stats.Refused)
		}
		if want := map[bool]int{true: 0, false: 1}[test.want]; len(notes) != want {
			t.Errorf("%s: said %q", test.name, notes)
		}
	}
}

// TestOriginWhileThePeerMoves: the address before and the one after a re-INVITE
// are both heard, whichever is sent from while packets are on their way.
func TestOriginWhileThePeerMoves(t *testing.T) {
	before, after := netip.MustParseAddrPort("203.0.113.5:4000"), netip.MustParseAddrPort("203.0.113.6:4000")
	s := newTestSession(addrB, before, 1)
	hear(t, s, epoch, before, 9, 1)
	hear(t, s, epoch, after, 8, 1) // overtakes the re-INVITE
	s.Renegotiate(epoch, agreed(after))
	hear(t, s, epoch, before, 9, 2)
	for n := range uint16(proof) {
		hear(t, s, epoch, after, 8, 2+n)
	}
	if stats := s.Stats(epoch); stats.Received != 5 || stats.Refused != 1 {
		t.Errorf("received %d, refused %d; want 5 and 1", stats.Received, stats.Refused)
	}
	if notes := said(s.Close(epoch)); len(notes) != 1 || !strings.HasPrefix(notes[0], "1 datagram refused in all") {
		t.Errorf("at the end of the call: %q", notes)
	}
	for i := range 2 * maxAgreed { // a peer that moves for ever is remembered no longer
		s.Renegotiate(epoch, agreed(netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), 4000)))
	}
	if len(s.route.origin.agreed) != maxAgreed || s.route.origin.takes(before.Addr()) {
		t.Errorf("%d addresses are remembered", len(s.route.origin.agreed))
	}
}

// TestRTCPFromElsewhere is refused, counted and said, as audio is.
func TestRTCPFromElsewhere(t *testing.T) {
	s := newTestSession(addrB, addrA, 1)
	hear(t, s, epoch, addrA, 9, 1)
	data, err := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{}, &rtcp.Goodbye{Sources: []uint32{9}}})
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	for range 10 {
		notes = append(notes, said(s.Receive(epoch, system.Received{Socket: rtcpSocket, From: netip.MustParseAddrPort("198.51.100.7:5005"), Data: data}))...)
	}
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "RTCP from 198.51.100.7:5005 refused") || !s.in.settled {
		t.Errorf("said %q; the peer's stream goes on: %t", notes, s.in.settled)
	}
}

// TestMediaFlood: 31,503 packets of as many sources leave a few lines.
func TestMediaFlood(t *testing.T) {
	s := newTestSession(addrB, addrA, 1)
	data := wire(t, rtp.Header{SSRC: 9}, make([]byte, 160))
	events := 0
	for i := range 31_503 {
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 4000)
		events += len(s.Receive(epoch, system.Received{Socket: rtpSocket, From: from, Data: data}))
	}
	if events == 0 || events > 6 || s.Stats(epoch).Refused != 31_503 {
		t.Errorf("%d events, %d refused", events, s.Stats(epoch).Refused)
	}
}
