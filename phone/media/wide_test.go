package media

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// agreedOn is what both have agreed on, with another codec.
func agreedOn(remote netip.AddrPort, c codec.Codec) sdp.Negotiated {
	n := agreed(remote)
	n.Codec, n.PayloadType = c, c.PayloadType
	return n
}

// newPairOf is a pair that speaks a codec: a tone of hz one way, of 1000 Hz the other.
func newPairOf(c codec.Codec, hz float64, seed uint64) *pair {
	p := newPair(seed)
	p.speak(c, hz)
	return p
}

// speak has both ends begin with a codec.
func (p *pair) speak(c codec.Codec, hz float64) {
	for e, remote := range map[*end]netip.AddrPort{p.a: addrB, p.b: addrA} {
		cfg := e.cfg
		cfg.Negotiated, cfg.Rand = agreedOn(remote, c), rand.New(rand.NewPCG(uint64(remote.Port()), 9))
		e.Session = New(cfg, p.now)
	}
	p.play(hz)
}

// play has a say a tone of hz, and b one of 1000 Hz, at the rate of now.
func (p *pair) play(hz float64) {
	p.a.mic, p.b.mic = pcm.Tone(p.a.Rate(), hz, -6).Read, pcm.Tone(p.b.Rate(), 1000, -6).Read
}

// wantHeard wants a tone in what an end has heard, in nearly all of it.
func wantHeard(t *testing.T, what string, e *end, hz float64) {
	t.Helper()
	good, blocks := 0, pcm.NewToneDetector(e.Rate()).Write(e.ear)
	for _, b := range blocks {
		if math.Abs(b.Hz-hz) < 3 && b.Purity > 0.9 && b.Level > -9 {
			good++
		}
	}
	if good < len(blocks)-1 || good < 5 {
		t.Errorf("%s: %g Hz is in %d of %d blocks: %+v", what, hz, good, len(blocks), blocks[len(blocks)-1])
	}
}

// TestCodecs: every codec carries a clean call with the numbers of G.711's, and digits by
// its own clock.
func TestCodecs(t *testing.T) {
	for c, hz := range map[codec.Codec]float64{codec.PCMA: 3000, codec.G722: 6000, codec.L16: 3000, codec.L16Wide: 7000} {
		p := newPairOf(c, hz, 1)
		p.run(time.Second)
		p.a.ear, p.b.ear = nil, nil
		p.run(9 * time.Second)
		wantHeard(t, c.String(), p.b, hz)
		wantHeard(t, c.String(), p.a, 1000)
		s := p.b.Stats(p.now)
		if s.Sent != 500 || s.Received < 498 || s.Lost != 0 || s.Late != 0 || s.Concealed != 0 || s.Jitter.D() > time.Millisecond || s.FarJitter.D() > time.Millisecond {
			t.Errorf("%s: statistics of a clean call: %+v", c, s)
		}
		near(t, c.String()+": the round trip in ms", s.RTT.D().Seconds()*1000, 60, 2)
		near(t, c.String()+": the delay in ms", s.Delay.D().Seconds()*1000, 30, 12)
		near(t, c.String()+": MOS", s.MOS, 4.41, 0.02)
		if err := p.a.SendDTMF(p.now, "5#"); err != nil {
			t.Fatal(err)
		}
		p.run(time.Second)
		for who, e := range map[string]*end{"sends": p.a, "receives": p.b} {
			digits := only[event.DTMF](e.events)
			if len(digits) != 2 || digits[0].Digit != "5" || digits[1].Digit != "#" || digits[0].Length.D() != 160*time.Millisecond {
				t.Errorf("%s: who %s digits has %+v", c, who, digits)
			}
		}
	}
}

// captures are the packets that an end makes of so many frames of silence, which come at
// that interval.
func (e *end) captures(now time.Time, frames int, each time.Duration, samples int) (packets []rtp.Packet) {
	for i := range frames {
		for _, c := range e.Capture(now.Add(time.Duration(i)*each), make([]int16, samples)) {
			var p rtp.Packet
			if s, ok := c.(system.Send); ok && p.Unmarshal(s.Data) == nil {
				packets = append(packets, p)
			}
		}
	}
	return packets
}

// TestTimestampsOfCodecs: the clock of G.722 is half of its samples' (RFC 3551 §4.5.2),
// that of L16 is not.
func TestTimestampsOfCodecs(t *testing.T) {
	for c, want := range map[codec.Codec]uint32{codec.PCMU: 160, codec.G722: 160, codec.L16: 160, codec.L16Wide: 320} {
		p := newPairOf(c, 440, 1)
		packets := p.a.captures(p.now, 4, 20*time.Millisecond, pcm.Frame(c.SampleRate))
		for _, packet := range packets {
			if len(packet.Payload) != c.Octets(pcm.Frame(c.SampleRate)) {
				t.Errorf("%s: %d octets", c, len(packet.Payload))
			}
		}
		for i := 1; i < len(packets); i++ {
			if step := packets[i].Timestamp - packets[i-1].Timestamp; step != want {
				t.Errorf("%s: timestamps go by %d, want %d", c, step, want)
			}
		}
		if got := p.a.out.stampOf(p.a.Session, p.now.Add(time.Second)); got != want*50 {
			t.Errorf("%s: a second is %d in a sender report, want %d", c, got, want*50)
		}
	}
}

func (*path) stampOf(s *Session, at time.Time) uint32 {
	s.out.last = at.Add(-time.Second)
	return s.out.stampAt(at) - s.out.stamp
}

// TestWideLoss: what is lost is concealed, and counted in packets, as in G.711.
func TestWideLoss(t *testing.T) {
	for _, c := range []codec.Codec{codec.G722, codec.L16Wide} {
		p := newPairOf(c, 440, 2)
		p.a.out.lose = func(n int) bool { return n > 100 && n < 950 && n%10 == 0 }
		p.run(20 * time.Second)
		s := p.b.Stats(p.now)
		if int(s.Lost) != p.a.out.lost || int(s.Concealed) != p.a.out.lost || s.Late != 0 {
			t.Errorf("%s: lost %d, concealed %d, late %d; want %d, the same, 0", c, s.Lost, s.Concealed, s.Late, p.a.out.lost)
		}
		wantHeard(t, c.String(), &end{Session: p.b.Session, ear: p.b.ear[8000:]}, 440)
	}
}

// TestWideJitter: the delay that jitter costs is that of G.711.
func TestWideJitter(t *testing.T) {
	delays := map[codec.Codec]float64{}
	for _, c := range []codec.Codec{codec.PCMU, codec.G722, codec.L16Wide} {
		p := newPairOf(c, 440, 3)
		p.a.out.jitter = 60 * time.Millisecond
		p.run(30 * time.Second)
		s := p.b.Stats(p.now)
		delays[c] = s.Delay.D().Seconds() * 1000
		jitter := s.Jitter.D().Seconds() * 1000
		near(t, c.String()+": jitter in ms", jitter, 20, 8)
		near(t, c.String()+": jitter in ms, as the other end has it", p.a.Stats(p.now).FarJitter.D().Seconds()*1000, jitter, 8)
		near(t, c.String()+": delay in ms", delays[c], delays[codec.PCMU], 12)
		if s.Late > 15 || s.Lost != 0 {
			t.Errorf("%s: %+v", c, s)
		}
	}
}

// TestCodecChanges: a call goes from narrow to wide and back. Its counts go on; another
// clock is another stream.
func TestCodecChanges(t *testing.T) {
	p := newPairOf(codec.PCMU, 3000, 4)
	p.a.out.lose = func(n int) bool { return n == 20 || n == 22 || n == 24 }
	ssrc, received := p.a.Session.out.ssrc, uint64(0)
	for _, c := range []codec.Codec{codec.PCMU, codec.G722, codec.L16Wide, codec.PCMA} {
		hz := 3000.0
		if c.SampleRate == pcm.WideRate {
			hz = 6000
		}
		p.a.Renegotiate(p.now, agreedOn(addrB, c))
		p.b.Renegotiate(p.now, agreedOn(addrA, c))
		if s := p.b.Stats(p.now); c != codec.PCMU && s.Concealed != 3 {
			t.Errorf("%s: at once %d are concealed, want 3", c, s.Concealed)
		}
		p.play(hz)
		p.run(time.Second)
		p.a.ear, p.b.ear = nil, nil
		p.run(2 * time.Second)
		wantHeard(t, c.String(), p.b, hz)
		wantHeard(t, c.String(), p.a, 1000)
		s := p.b.Stats(p.now)
		if s.Received < received+145 || s.Lost != 3 || s.Concealed != 3 || s.Jitter.D() > time.Millisecond || s.JitterMax.D() > 5*time.Millisecond {
			t.Errorf("%s: %+v, with %d received before", c, s, received)
		}
		received = s.Received
		if other := p.a.Session.out.ssrc != ssrc; other != (c == codec.L16Wide || c == codec.PCMA) {
			t.Errorf("%s: another stream: %t", c, other)
		}
		ssrc = p.a.Session.out.ssrc
		sr, ok := p.a.control.senderOrReceiverReport(p.now).(*rtcp.SenderReport)
		if want := map[codec.Codec]uint32{codec.PCMU: 150, codec.G722: 300, codec.L16Wide: 150, codec.PCMA: 150}[c]; !ok || sr.PacketCount != want || sr.OctetCount < 150*160 {
			t.Errorf("%s: a sender report has %d packets, %d octets, want %d packets", c, sr.PacketCount, sr.OctetCount, want)
		}
	}
}

// TestAClockChangesWithinAStream: a peer that goes on under its SSRC has no jitter by it.
func TestAClockChangesWithinAStream(t *testing.T) {
	p := newPairOf(codec.PCMU, 1000, 4)
	p.run(2 * time.Second)
	ssrc := p.a.Session.out.ssrc
	p.a.Renegotiate(p.now, agreedOn(addrB, codec.L16Wide))
	p.b.Renegotiate(p.now, agreedOn(addrA, codec.L16Wide))
	p.a.Session.out.ssrc = ssrc
	p.play(6000)
	p.run(time.Second)
	if s := p.b.Stats(p.now); s.Jitter.D() > time.Millisecond {
		t.Errorf("jitter %s", s.Jitter)
	}
	p.b.ear = nil
	p.run(time.Second)
	wantHeard(t, "another clock", p.b, 6000)
	if s := p.b.Stats(p.now); s.Jitter.D() > time.Millisecond || s.JitterMax.D() > 3*time.Millisecond || s.Lost != 0 {
		t.Errorf("jitter %s, at most %s, lost %d", s.Jitter, s.JitterMax, s.Lost)
	}
	p.a.out.jitter = 60 * time.Millisecond
	p.run(5 * time.Second)
	near(t, "jitter in ms on an uneven way", p.b.Stats(p.now).Jitter.D().Seconds()*1000, 20, 8)
}

// TestSteeringAtEveryRate: what is tolerated, what is corrected and what is cut does not
// depend on the rate.
func TestSteeringAtEveryRate(t *testing.T) {
	for _, k := range []scale{1, 2, 3, 6} {
		ms := func(n int) int64 { return int64(k.of(8 * n)) }
		for off, want := range map[int]int{0: 0, 14: 0, 16: -1, -14: 0, -16: 1} {
			b := jitterBuffer{scale: k, transit: transit{scale: k}, plc: concealer{scale: k}}
			at := ms(10000)
			b.transit.observe(at, at)
			b.chunk = b.pcm[:ms(20)]
			b.delay = float64(b.transit.target() + ms(off))
			b.next = at - int64(b.delay) + int64(len(b.chunk))
			b.steer(at)
			if got := len(b.chunk) - int(ms(20)); got < 0 != (want < 0) || got > 0 != (want > 0) {
				t.Errorf("scale %d: %d ms off the target the chunk is %d samples longer", k, off, got)
			}
		}
		for over, cut := range map[int]bool{150: false, 199: false, 201: true} {
			b := jitterBuffer{scale: k, transit: transit{scale: k}}
			at := ms(10000)
			b.transit.observe(at, at)
			b.playing, b.next = true, at-b.transit.target()-ms(over)
			before := b.next
			if b.cut(at); (b.next != before) != cut {
				t.Errorf("scale %d: %d ms above the target: cut by %d samples", k, over, b.next-before)
			}
		}
	}
}

// TestLengthsOfCodecs: how long a packet is, in octets and in time, and how far the
// timestamp goes while the app is frozen.
func TestLengthsOfCodecs(t *testing.T) {
	for c, octets := range map[codec.Codec]int{codec.PCMU: 172, codec.G722: 172, codec.L16: 332, codec.L16Wide: 652} {
		p := newPairOf(c, 440, 9)
		p.run(time.Second)
		if got := p.b.Session.out.packetLen(); got != octets {
			t.Errorf("%s: a packet has %d octets, want %d", c, got, octets)
		}
		if got := p.b.inward.packetTime(); got != 20*time.Millisecond {
			t.Errorf("%s: a packet lasts %s", c, got)
		}
		before := p.a.Session.out.stamp
		p.a.Capture(p.now.Add(time.Hour), make([]int16, pcm.Frame(c.SampleRate)))
		if got := p.a.Session.out.stamp - before; got < uint32(3600*c.ClockRate) || got > uint32(3601*c.ClockRate) {
			t.Errorf("%s: an hour is %d", c, got)
		}
	}
}

// TestTimesAtEveryRate: what is written for 8000 Hz lasts as long at 16000 Hz.
func TestTimesAtEveryRate(t *testing.T) {
	for _, k := range []scale{0, 1, 2} {
		rate := clockRate * k.of(1)
		ms := func(n int) int64 { return int64(n * rate / 1000) }
		tr := transit{scale: k}
		tr.observe(0, 0)
		tr.observe(ms(70), ms(20))
		if got := durationOf(tr.target(), rate); got != 70*time.Millisecond {
			t.Errorf("%d Hz: after 50 ms of variation the target is %s, want 70 ms", rate, got)
		}
		for at := ms(90); at <= ms(4070); at += ms(20) {
			tr.observe(at, at)
		}
		if got := durationOf(tr.target(), rate); (got - 38400*time.Microsecond).Abs() > 500*time.Microsecond {
			t.Errorf("%d Hz: after 4 s the target is %s, want 20 ms and 50/e", rate, got)
		}
		c := concealer{scale: k}
		sound := make([]int16, ms(100))
		pcm.Tone(rate, 200, -6).Read(sound)
		c.heard(sound)
		made := make([]int16, ms(70))
		c.conceal(made)
		for at, want := range map[int]float64{5: -6, 35: -12, 62: pcm.Floor} {
			if got := pcm.Level(made[ms(at-5):ms(at+5)]); math.Abs(got-want) > 2.5 && at != 62 || at == 62 && pcm.Level(made[ms(60):]) != want {
				t.Errorf("%d Hz: %d ms into the gap there are %g dBFS, want %g", rate, at, got, want)
			}
		}
	}
}

// TestAPeerTakesAnotherCodec: in a wideband call the peer may send G.711, which both have
// named; not what has another clock, nor what only it knows.
func TestAPeerTakesAnotherCodec(t *testing.T) {
	for _, tt := range []struct {
		call, sent codec.Codec
		heard      bool
	}{
		{codec.G722, codec.PCMU, true},
		{codec.G722, codec.PCMA, true},
		{codec.L16, codec.PCMU, true},
		{codec.L16Wide, codec.PCMU, false},
		{codec.PCMU, codec.G722, false},
	} {
		p := newPairOf(tt.call, 1000, 5)
		n := agreedOn(addrB, tt.sent)
		p.a.Renegotiate(p.now, n)
		p.play(1000)
		p.run(time.Second)
		p.b.ear = nil
		p.run(time.Second)
		if tt.heard {
			wantHeard(t, tt.sent.String()+" in "+tt.call.String(), p.b, 1000)
		} else if level := pcm.Level(p.b.ear); level > -90 {
			t.Errorf("%s in %s is heard at %g dBFS", tt.sent, tt.call, level)
		}
	}
}

// TestNumbersOfOurOffer are heard, if the peer has answered with others; the agreed ones come
// first.
func TestNumbersOfOurOffer(t *testing.T) {
	n := agreedOn(addrA, codec.L16Wide)
	n.PayloadType, n.DTMFType, n.NoiseType = 111, 112, 113
	n.Offered = sdp.Numbers{Codec: 96, DTMF: 102, Noise: 98}
	s := newTestSession(addrB, addrA, 1)
	for _, swapped := range []bool{false, true} {
		if swapped {
			n.PayloadType, n.DTMFType, n.NoiseType = 102, 98, 96
		}
		s.Renegotiate(epoch, n)
		want := map[uint8]payloadKind{96: audioPayload, 102: tonePayload, 98: noisePayload, n.PayloadType: audioPayload, n.DTMFType: tonePayload, n.NoiseType: noisePayload, 97: unknownPayload, 0: unknownPayload}
		for number, kind := range want {
			if c, got := meaning(&s.n, number); got != kind || kind == audioPayload && c != codec.L16Wide {
				t.Errorf("swapped %t: %d is %d of %s, want %d", swapped, number, got, c, kind)
			}
		}
	}
}

// TestLongestPacket: what is longer than 200 ms is dropped, whatever it is coded in.
func TestLongestPacket(t *testing.T) {
	for _, c := range []codec.Codec{codec.PCMU, codec.G722, codec.L16, codec.L16Wide} {
		most := c.Octets(c.SampleRate / 5)
		for n, want := range map[int]uint64{most: 1, most + 2: 0} {
			s := newPairOf(c, 440, 6).b.Session
			s.Receive(epoch, system.Received{Socket: rtpSocket, From: addrA, Data: wire(t, rtp.Header{SSRC: 1, PayloadType: c.PayloadType}, make([]byte, n))})
			if got := s.Stats(epoch).Received; got != want {
				t.Errorf("%s: %d of packets with %d octets are received, want %d", c, got, n, want)
			}
		}
	}
}

// TestWideFramesOfAnyLength: Capture takes frames of any length, and an odd number of
// samples shifts nothing.
func TestWideFramesOfAnyLength(t *testing.T) {
	for _, c := range []codec.Codec{codec.PCMU, codec.G722, codec.L16Wide} {
		p := newPairOf(c, 440, 7)
		packets := p.a.captures(p.now, 200, 5*time.Millisecond, 77)
		if want := 200 * 77 / pcm.Frame(c.SampleRate); len(packets) != want {
			t.Errorf("%s: %d packets, want %d", c, len(packets), want)
		}
		for i := 1; i < len(packets); i++ {
			if step := packets[i].Timestamp - packets[i-1].Timestamp; step != uint32(c.ClockRate/50) {
				t.Fatalf("%s: packet %d is %d after the one before", c, i, step)
			}
		}
	}
}

func TestWidePlayoutDoesNotAllocate(t *testing.T) {
	p := newPairOf(codec.G722, 440, 8)
	p.run(time.Second)
	frame := make([]int16, 320)
	if n := testing.AllocsPerRun(100, func() { p.b.Playout(p.now, frame) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
