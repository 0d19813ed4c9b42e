package media

import (
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// anybody is where the audio of a session comes from that takes it from anywhere.
func anybody(netip.Addr) bool { return true }

// hear gives s a packet of audio.
func hear(t *testing.T, s *Session, now time.Time, from netip.AddrPort, ssrc uint32, sequence uint16) {
	t.Helper()
	h := rtp.Header{SSRC: ssrc, SequenceNumber: sequence, Timestamp: uint32(sequence) * 160}
	s.Receive(now, system.Received{Socket: rtpSocket, From: from, Data: wire(t, h, make([]byte, 160))})
}

func TestLatching(t *testing.T) {
	nat := netip.MustParseAddrPort("203.0.113.5:61000")
	other := netip.MustParseAddrPort("203.0.113.6:62000")
	type in struct {
		from     netip.AddrPort
		ssrc     uint32
		sequence uint16
	}
	tests := []struct {
		name     string
		in       []in
		remote   netip.AddrPort
		received uint64
		lost     uint64
	}{
		{"before anything is heard, as SDP says", nil, addrA, 0, 0},
		{"the first stream is the peer's", []in{{nat, 9, 1}}, nat, 1, 0},
		{"two packets of a stranger are not enough", []in{{addrA, 9, 1}, {other, 8, 7}, {other, 8, 8}}, addrA, 1, 0},
		{"three in sequence are", []in{{addrA, 9, 1}, {other, 8, 7}, {other, 8, 8}, {other, 8, 9}}, other, 2, 0},
		{"not while the present stream goes on", []in{{addrA, 9, 1}, {other, 8, 7}, {other, 8, 8}, {addrA, 9, 2}, {other, 8, 9}}, addrA, 2, 0},
		{"not out of sequence", []in{{addrA, 9, 1}, {other, 8, 7}, {other, 8, 9}, {other, 8, 20}, {other, 8, 30}}, addrA, 1, 0},
		{"a rebound NAT keeps the counts", []in{{addrA, 9, 1}, {nat, 9, 2}, {nat, 9, 3}, {nat, 9, 4}}, nat, 2, 2},
		{"the address of SDP, beside a stream of another", []in{{other, 8, 7}, {addrA, 9, 1}, {other, 8, 8}, {addrA, 9, 2}, {other, 8, 9}, {addrA, 9, 3}}, addrA, 4, 0},
		{"which does not come back while that goes on", []in{{other, 8, 7}, {addrA, 9, 1}, {addrA, 9, 2}, {addrA, 9, 3}, {other, 8, 8}, {other, 8, 9}, {addrA, 9, 4}, {other, 8, 10}}, addrA, 3, 0},
		{"nor a second one from that address", []in{{addrA, 9, 1}, {addrA, 8, 7}, {addrA, 9, 2}, {addrA, 8, 8}, {addrA, 9, 3}, {addrA, 8, 9}}, addrA, 3, 0},
		{"a new SSRC from the same address", []in{{addrA, 9, 1}, {addrA, 8, 700}, {addrA, 8, 701}, {addrA, 8, 702}}, addrA, 2, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newTestSession(addrB, addrA, 1)
			s.route.origin.known = anybody
			for i, p := range test.in {
				hear(t, s, epoch.Add(time.Duration(i)*20*time.Millisecond), p.from, p.ssrc, p.sequence)
			}
			stats := s.Stats(epoch)
			if s.route.remote != test.remote || stats.Received != test.received || stats.Lost != test.lost {
				t.Errorf("remote %s, received %d, lost %d; want %s, %d, %d", s.route.remote, stats.Received, stats.Lost, test.remote, test.received, test.lost)
			}
			effects := s.Capture(epoch.Add(time.Second), make([]int16, 160))
			if to := effects[0].(system.Send).To; to != test.remote {
				t.Errorf("sent to %s, want %s", to, test.remote)
			}
		})
	}
}

func TestRenegotiateMovesThePeer(t *testing.T) {
	s := newTestSession(addrB, addrA, 1)
	s.route.origin.known = anybody
	nat := netip.MustParseAddrPort("203.0.113.5:61000")
	hear(t, s, epoch, nat, 9, 1)
	s.Renegotiate(epoch, agreed(addrA))
	if s.route.remote != nat {
		t.Errorf("the same address again unlatched: %s", s.route.remote)
	}
	moved := netip.MustParseAddrPort("192.0.2.77:7000")
	s.Renegotiate(epoch, agreed(moved))
	if s.route.remote != moved || s.route.remoteRTCP != port(moved, 1) {
		t.Errorf("remote %s and %s", s.route.remote, s.route.remoteRTCP)
	}
	hear(t, s, epoch, nat, 8, 1)
	if s.route.remote != nat {
		t.Error("the new stream is not followed")
	}
}

func TestUnknownPayloadIsNoFirstPacket(t *testing.T) {
	s := newTestSession(addrB, addrA, 1)
	s.Receive(epoch, system.Received{Socket: rtpSocket, From: addrA, Data: wire(t, rtp.Header{SSRC: 1, PayloadType: 96}, make([]byte, 160))})
	if s.in.settled {
		t.Error("a packet of an unknown type was taken for the peer's")
	}
}

func TestCollision(t *testing.T) {
	s := newTestSession(addrB, addrA, 1)
	ours := s.out.ssrc
	hear(t, s, epoch, addrA, ours, 1)
	if s.out.ssrc == ours {
		t.Error("two members have the same SSRC")
	}
	ours = s.out.ssrc
	for n := range uint16(5) {
		hear(t, s, epoch, addrA, ours, n)
	}
	if s.out.ssrc != ours {
		t.Error("a reflector makes the SSRC change for ever")
	}
}
