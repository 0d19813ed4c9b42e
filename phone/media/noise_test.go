package media

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestLoudness: the level of RFC 3389 §3.1 is that of a square wave, and the level that we
// measure that of a sine, 3 dB below.
func TestLoudness(t *testing.T) {
	for _, level := range []byte{6, 30, 50, 70} {
		for _, spectrum := range [][]byte{nil, {3, 200}} {
			n := noise{peak: loudness(append([]byte{level}, spectrum...))}
			frame := make([]int16, 8000)
			n.fill(frame)
			if got, want := pcm.Level(frame), 3.01-float64(level); math.Abs(got-want) > 0.5 {
				t.Errorf("noise of -%d dBov is at %.1f dBFS, want %.1f", level, got, want)
			}
		}
	}
	for _, quiet := range [][]byte{nil, {}, {127}} {
		if got := loudness(quiet); got != 0 {
			t.Errorf("% x is a peak of %d", quiet, got)
		}
	}
	if got := loudness([]byte{0x80 | 30}); got != loudness([]byte{30}) {
		t.Errorf("the bit that is reserved counts: %d", got)
	}
	if got := loudness([]byte{0}); got != math.MaxInt16 {
		t.Errorf("the loudest is a peak of %d", got)
	}
	frame := make([]int16, 8000)
	(&noise{peak: 10000}).fill(frame)
	if b := pcm.NewToneDetector(pcm.Rate).Write(frame)[0]; b.Purity > 0.2 {
		t.Errorf("noise is a tone: %+v", b)
	}
}

// hushed is a pair that sends comfort noise, in which a says a tone for two seconds, is quiet
// at a level for six, and says the tone again.
func hushed(c codec.Codec, number uint8, dbfs float64) *pair {
	p := newPairOf(c, 1000, 1)
	for _, e := range []*end{p.a, p.b} {
		n := e.n
		n.NoiseType = number
		e.Renegotiate(p.now, n)
		e.Answered(p.now)
	}
	loud := pcm.Tone(c.SampleRate, 1000, -6)
	soft := pcm.Tone(c.SampleRate, 300, dbfs)
	from := p.now
	p.a.mic = func(frame []int16) {
		if d := p.now.Sub(from); d > 2*time.Second && d < 8*time.Second {
			soft.Read(frame)
			return
		}
		loud.Read(frame)
	}
	return p
}

// TestComfortNoise: silence is sent as a packet a second, and heard as noise of its level. It
// is no loss, and nobody is dead.
func TestComfortNoise(t *testing.T) {
	for c, number := range map[codec.Codec]uint8{codec.PCMU: 13, codec.G722: 13, codec.L16Wide: 98} {
		p := hushed(c, number, -70)
		p.run(4 * time.Second)
		p.b.ear = nil
		p.run(3 * time.Second)
		if got := pcm.Level(p.b.ear); math.Abs(got+70) > 1 {
			t.Errorf("%s: a pause at -70 dBFS is heard at %.1f", c, got)
		}
		p.run(2 * time.Second)
		p.b.ear = nil
		p.run(time.Second)
		wantHeard(t, c.String(), p.b, 1000)
		s, sent := p.b.Stats(p.now), p.a.Stats(p.now).Sent
		if sent < 210 || sent > 230 || s.Noise != 6 || s.Lost+s.Late+s.Concealed != 0 {
			t.Errorf("%s: of 10 s, 6 of them silent, %d packets are sent; %+v", c, sent, s)
		}
		if warned := only[event.Warning](p.b.events); len(warned) != 0 {
			t.Errorf("%s: %+v", c, warned)
		}
	}
}

// TestWhatIsNoPause: sound that is faint, and silence where comfort noise was not agreed on, or
// that is shorter than 200 ms.
func TestWhatIsNoPause(t *testing.T) {
	for level, number := range map[float64]uint8{-59: 13, -90: 0} {
		p := hushed(codec.PCMU, number, level)
		p.run(10 * time.Second)
		if got := p.a.Stats(p.now).Sent; got != 500 {
			t.Errorf("%g dBFS, comfort noise as %d: %d packets, want 500", level, number, got)
		}
	}
	for quiet, want := range map[int]bool{10: false, 11: true} {
		var h hush
		paused := false
		for range quiet {
			_, paused = h.hear(make([]int16, 160), 20*time.Millisecond)
		}
		if paused != want {
			t.Errorf("after %d ms of silence: a pause is %t", quiet*20, paused)
		}
		if _, paused := h.hear(append(make([]int16, 100), 9000), 20*time.Millisecond); paused {
			t.Error("a pause does not end with a sound")
		}
	}
}

// TestAPauseBeginsAnew after a hold, for another peer, by another codec or number, and after a
// leap: who hears it then has not been told of it.
func TestAPauseBeginsAnew(t *testing.T) {
	change := func(f func(n *sdp.Negotiated)) func(s *Session, now time.Time) {
		return func(s *Session, now time.Time) {
			n := s.n
			f(&n)
			s.Renegotiate(now, n)
		}
	}
	for name, c := range map[string]struct {
		change func(s *Session, now time.Time)
		want   bool
	}{
		"nothing":        {func(*Session, time.Time) {}, false},
		"the same again": {change(func(*sdp.Negotiated) {}), false},
		"hold": {func(s *Session, now time.Time) {
			change(func(n *sdp.Negotiated) { n.Send = false })(s, now)
			change(func(n *sdp.Negotiated) { n.Send = true })(s, now)
		}, true},
		"another peer":   {change(func(n *sdp.Negotiated) { n.Remote = port(n.Remote, 2) }), true},
		"another codec":  {change(func(n *sdp.Negotiated) { n.Codec, n.PayloadType = codec.PCMA, 8 }), true},
		"another number": {change(func(n *sdp.Negotiated) { n.NoiseType = 99 }), true},
		"a leap":         {func(s *Session, now time.Time) { s.Stood(now, time.Second) }, true},
	} {
		s := newTestSession(addrA, addrB, 1)
		s.n.NoiseType = 13
		now := epoch
		quiet := func() bool {
			now = now.Add(20 * time.Millisecond)
			return len(s.Capture(now, make([]int16, 160))) == 0
		}
		for range 30 {
			quiet()
		}
		c.change(s, now)
		if sends := !quiet(); sends != c.want {
			t.Errorf("%s: after it a packet is sent at once: %t, want %t", name, sends, c.want)
		}
	}
}

// TestNoiseBeforeSound: a stream may begin with comfort noise.
func TestNoiseBeforeSound(t *testing.T) {
	s := newTestSession(addrB, addrA, 1)
	frame := make([]int16, 160)
	tone(440)(frame)
	for i := range 3 {
		at := epoch.Add(time.Duration(i) * 20 * time.Millisecond)
		s.Receive(at, system.Received{Socket: rtpSocket, From: addrA, Data: wire(t, rtp.Header{SSRC: 1, PayloadType: 13, SequenceNumber: uint16(i + 1), Timestamp: uint32(160 * i)}, []byte{40})})
		s.Playout(at, frame)
	}
	if got := pcm.Level(frame); math.Abs(got+37) > 2 || s.Stats(epoch).Noise != 3 {
		t.Errorf("noise of -40 dBov is heard at %.1f dBFS, %d packets", got, s.Stats(epoch).Noise)
	}
}

// TestAnotherTimeLineBeginsAnew: neither the noise of the one before is heard, nor do its
// samples say how the next are decoded.
func TestAnotherTimeLineBeginsAnew(t *testing.T) {
	var b jitterBuffer
	b.tune(codec.G722)
	b.put(0, 0, packet{pause: true, noise: 1000})
	frame := make([]int16, 320)
	if b.fill(0, frame); pcm.Level(frame) < -60 {
		t.Errorf("the noise is at %g dBFS", pcm.Level(frame))
	}
	before := b.decoderOf(codec.G722)
	if b.decoderOf(codec.G722) != before {
		t.Error("a stream has two decoders")
	}
	b.reset()
	if b.fill(320, frame); pcm.Level(frame) != pcm.Floor {
		t.Errorf("there is noise at %g dBFS still", pcm.Level(frame))
	}
	if b.decoderOf(codec.G722) == before {
		t.Error("two streams have one decoder")
	}
}
