package media

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// TestTempo: in a pause, before the first one, and where none comes for two seconds, the delay
// may be corrected; in speech once packets have come too late for two reasons.
func TestTempo(t *testing.T) {
	ms := func(n int) int64 { return samples(time.Duration(n) * time.Millisecond) }
	for _, c := range []struct {
		what string
		does func(*tempo)
		at   int
		want bool
	}{
		{"at the start", func(*tempo) {}, 0, true},
		{"a tone from the start", func(p *tempo) { p.plays(0, false) }, 1000, true},
		{"in a pause", func(p *tempo) { p.plays(0, true) }, 1000, true},
		{"in speech", func(p *tempo) { p.plays(0, true); p.plays(ms(20), false) }, 1000, false},
		{"in speech, a packet too late", func(p *tempo) { p.plays(0, true); p.plays(ms(20), false); p.misses(ms(60)) }, 1000, false},
		{"some of one lump", func(p *tempo) {
			p.plays(0, true)
			p.plays(ms(20), false)
			p.misses(ms(60))
			p.misses(ms(100))
			p.misses(ms(140))
		}, 1000, false},
		{"again", func(p *tempo) { p.plays(0, true); p.plays(ms(20), false); p.misses(ms(60)); p.misses(ms(101)) }, 1000, true},
		{"in the next talk spurt", func(p *tempo) {
			p.plays(0, true)
			p.plays(ms(20), false)
			p.misses(ms(60))
			p.plays(ms(200), true)
			p.plays(ms(400), false)
			p.misses(ms(600))
		}, 1000, false},
		{"two seconds of speech", func(p *tempo) { p.plays(0, true); p.plays(ms(20), false); p.plays(ms(1000), false) }, 2020, false},
		{"more than that", func(p *tempo) { p.plays(0, true); p.plays(ms(20), false); p.plays(ms(1000), false) }, 2021, true},
	} {
		for _, k := range []scale{1, 6} {
			p := tempo{scale: k}
			if k == 1 {
				c.does(&p)
				if got := p.may(ms(c.at)); got != c.want {
					t.Errorf("%s: %t, want %t", c.what, got, c.want)
				}
				continue
			}
			p.plays(0, true)
			p.plays(0, false)
			if p.may(6 * ms(1999)) {
				t.Errorf("two seconds are shorter at 48000 Hz")
			}
		}
	}
}

// TestSpeechIsCorrectedInItsPauses: a delay that has come to be too short, or is far too long,
// stays as it is until the sound pauses.
func TestSpeechIsCorrectedInItsPauses(t *testing.T) {
	loud, soft := make([]int16, 160), make([]int16, 160)
	for i := range loud {
		loud[i] = 301
	}
	for _, off := range []time.Duration{-40 * time.Millisecond, 100 * time.Millisecond} {
		var b jitterBuffer
		const at = 80000
		b.transit.observe(at, at-4000)
		b.transit.observe(at, at)
		for i, c := range []struct {
			chunk  []int16
			change bool
		}{{soft, true}, {loud, false}, {loud, false}, {soft, true}, {loud, false}} {
			b.chunk = append(b.pcm[:0], c.chunk...)
			b.delay = float64(b.transit.target() + samples(off))
			b.next = at - int64(b.delay) + int64(len(b.chunk))
			if b.steer(at); (len(b.chunk) != len(c.chunk)) != c.change {
				t.Errorf("%s off, chunk %d: %d samples of %d", off, i, len(b.chunk), len(c.chunk))
			}
		}
	}
}

// TestNothingIsHeldUpInSpeech: a hole that a late packet leaves in speech lasts as long as the
// packet; in a pause the time waits for the next one.
func TestNothingIsHeldUpInSpeech(t *testing.T) {
	for _, loud := range []bool{true, false} {
		var b jitterBuffer
		b.transit.observe(0, 0)
		b.playing, b.next = true, 0
		b.transit.peak = 320 // 40 ms of jitter have been seen
		b.tempo.plays(0, true)
		b.tempo.plays(0, !loud)
		b.fill(160, make([]int16, 160))
		if (b.next == 160) != loud {
			t.Errorf("in speech: %t; the time goes on by %d samples", loud, b.next)
		}
	}
}

// TestPacketsThatKeepComingLate: whole or in part, they are counted, and those of another time
// line are not.
func TestPacketsThatKeepComingLate(t *testing.T) {
	for what, stamps := range map[string][]uint32{"too late to be heard": {0, 160}, "in part": {300, 560}, "in time": {800, 960}} {
		var b jitterBuffer
		b.transit.observe(0, 0)
		b.playing, b.next = true, 400
		b.tempo.plays(0, true)
		b.tempo.plays(0, false)
		for i, stamp := range stamps {
			b.put(int64(600+400*i), stamp, packet{sequence: uint16(i), samples: 160, codec: codec.PCMU, payload: make([]byte, 160)})
			b.next += 240
		}
		if got := b.tempo.may(1200); got != (what != "in time") {
			t.Errorf("%s: %t", what, got)
		}
	}
}
