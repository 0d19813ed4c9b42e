package media

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestWhatCameInPlaceOfAudio is named, and counted.
func TestWhatCameInPlaceOfAudio(t *testing.T) {
	packet := func(payloadType uint8, size int) func(n int) []byte {
		return func(n int) []byte {
			h := rtp.Header{PayloadType: payloadType, SSRC: 9, SequenceNumber: uint16(n), Timestamp: uint32(160 * n)}
			return wire(t, h, make([]byte, size))
		}
	}
	bytes := func(first ...byte) func(int) []byte {
		return func(int) []byte { return append(slices.Clone(first), make([]byte, 40)...) }
	}
	for name, c := range map[string]struct {
		datagrams []func(n int) []byte
		want      string
		foreign   uint64
	}{
		"another codec":      {[]func(int) []byte{packet(111, 80)}, "100 datagrams of no audio of this call came: payload type 111; agreed are 0, 8, 101", 100},
		"several":            {[]func(int) []byte{packet(111, 80), bytes(0x41), packet(96, 80), packet(111, 1), packet(97, 1)}, "100 datagrams of no audio of this call came: payload type 111 (40), no RTP (20), payload type 96 (20), 1 other kind; agreed are 0, 8, 101", 100},
		"STUN":               {[]func(int) []byte{bytes(0)}, "100 datagrams of no audio of this call came: STUN (ICE), perhaps;", 100},
		"DTLS":               {[]func(int) []byte{bytes(22, 254)}, "100 datagrams of no audio of this call came: DTLS, perhaps;", 100},
		"TLS, perhaps":       {[]func(int) []byte{bytes(22, 3)}, "100 datagrams of no audio of this call came: no RTP;", 100},
		"RTP cut short":      {[]func(int) []byte{bytes(0x8f)}, "100 datagrams of no audio of this call came: no RTP;", 100},
		"SRTP":               {[]func(int) []byte{packet(0, 170)}, "95 datagrams of no audio of this call came: SRTP, it seems: each packet has 10 octets too many;", 95},
		"SRTP with GCM":      {[]func(int) []byte{packet(8, 176)}, "95 datagrams of no audio of this call came: SRTP, it seems: each packet has 16 octets too many;", 95},
		"one":                {nil, "1 datagram of no audio of this call came: payload type 99; agreed", 1},
		"nothing, but audio": {[]func(int) []byte{packet(0, 160)}, "", 0},
		"now more, now less": {[]func(int) []byte{packet(0, 164), packet(0, 170)}, "", 0},
		"a little more":      {[]func(int) []byte{packet(0, 165)}, "", 0},
	} {
		s := newTestSession(addrB, addrA, 1)
		s.Answered(epoch)
		var said []event.Warning
		note := func(effects []system.Effect) { said = append(said, only[event.Warning](logged(effects))...) }
		if c.datagrams == nil {
			s.Receive(epoch, system.Received{Socket: rtpSocket, From: addrA, Data: packet(99, 3)(0)})
		}
		for n := range 200 {
			at := epoch.Add(time.Duration(n) * 20 * time.Millisecond)
			if c.datagrams != nil && n < 100 {
				note(s.Receive(at, system.Received{Socket: rtpSocket, From: addrA, Data: c.datagrams[n%len(c.datagrams)](n)}))
			}
			note(s.Advance(at))
		}
		if got := s.Stats(epoch.Add(4 * time.Second)).Foreign; got != c.foreign {
			t.Errorf("%s: %d counted, want %d", name, got, c.foreign)
		}
		if len(said) != 1 || said[0].Rule != event.RuleNoAudioIn || said[0].Call != 1 || said[0].Way != event.Inward {
			t.Fatalf("%s: said %+v", name, said)
		}
		what, hint := "no audio has come from 192.0.2.1:4000 for 2.0 s; "+c.want, "another codec than it has agreed on"
		if c.want == "" {
			what, hint = "nothing has come from 192.0.2.1:4000 for 2.0 s, after 100 packets;", "we have sent nothing either"
		}
		if !strings.HasPrefix(said[0].Note, what) || !strings.Contains(said[0].Hint, hint) {
			t.Errorf("%s: said %q, %q\nwant %q, %q", name, said[0].Note, said[0].Hint, what, hint)
		}
	}
}

// TestAudioSettlesWhatWasForeign: what came before the audio stopped is no reason for that.
func TestAudioSettlesWhatWasForeign(t *testing.T) {
	p := newAnsweredPair(1)
	p.run(time.Second)
	p.a.hands(t, p, 111, make([]byte, 80))
	p.run(time.Second)
	p.a.out.cut = true
	p.run(3 * time.Second)
	wantSaid(t, p.b, "no-audio-in: nothing has come from 192.0.2.1:4000 for 2.0 s, after 101 packets")
}

// TestStrangersAreNotForeign: only what an address of the call sends to the audio is
// counted.
func TestStrangersAreNotForeign(t *testing.T) {
	s := newTestSession(addrB, addrA, 1)
	for _, sig := range []system.Received{
		{Socket: rtpSocket, From: netip.MustParseAddrPort("203.0.113.5:61001"), Data: make([]byte, 40)},
		{Socket: rtcpSocket, From: addrA, Data: make([]byte, 40)},
	} {
		s.Receive(epoch, sig)
	}
	if n := s.Stats(epoch).Foreign; n != 0 {
		t.Errorf("%d counted", n)
	}
}

// TestSealedInSpiteOfLoss: a stream of which packets are lost is seen to be encrypted, too,
// and one that is plain after it is heard.
func TestSealedInSpiteOfLoss(t *testing.T) {
	s := newTestSession(addrB, addrA, 1)
	sequence := 0
	hand := func(packets, size int, ssrc uint32, lost func(n int) bool) (foreign uint64) {
		before := s.Stats(epoch).Foreign
		for range packets {
			if sequence++; lost(sequence) {
				continue
			}
			h := rtp.Header{SSRC: ssrc, SequenceNumber: uint16(sequence), Timestamp: uint32(160 * sequence)}
			s.Receive(epoch.Add(time.Duration(sequence)*20*time.Millisecond), system.Received{Socket: rtpSocket, From: addrA, Data: wire(t, h, make([]byte, size))})
		}
		return s.Stats(epoch).Foreign - before
	}
	every := func(k int) func(int) bool { return func(n int) bool { return n%k == 0 } }
	if n := hand(1000, 170, 9, every(50)); n != 975 {
		t.Errorf("%d of 980 packets are encrypted", n)
	}
	if n := hand(1000, 160, 9, every(50)); n > 1 { // the first follows a loss
		t.Errorf("%d of 980 plain packets are encrypted", n)
	}
	hand(100, 170, 9, every(50))
	if n := hand(1000, 160, 10, every(2)); n != 0 {
		t.Errorf("%d of 500 plain packets of another stream are encrypted", n)
	}
}

// TestWhatCannotBePlayedIsNotHeard: packets that come in time are no loss, but those with
// nothing in them that can be played speak against the quality.
func TestWhatCannotBePlayedIsNotHeard(t *testing.T) {
	const law, other = 0, 97
	for name, c := range map[string]struct {
		payloadType uint8
		size        int
		most        float64
	}{
		"audio":           {law, 160, 4.5},
		"another codec":   {other, 160, 2.5},
		"without payload": {law, 0, 2.5},
	} {
		s := newTestSession(addrB, addrA, 1)
		s.Answered(epoch)
		for n := range 250 {
			at := epoch.Add(time.Duration(n) * 20 * time.Millisecond)
			h, size := rtp.Header{SSRC: 9, SequenceNumber: uint16(n), Timestamp: uint32(160 * n)}, 160
			if n%2 == 1 {
				h.PayloadType, size = c.payloadType, c.size
			}
			s.Receive(at, system.Received{Socket: rtpSocket, From: addrA, Data: wire(t, h, make([]byte, size))})
			s.Advance(at)
		}
		got := s.Stats(epoch.Add(5 * time.Second))
		if got.Lost != 0 || got.MOS > c.most || got.MOS < c.most-1.6 {
			t.Errorf("%s in every second packet: MOS %.2f, lost %d", name, got.MOS, got.Lost)
		}
	}
}
