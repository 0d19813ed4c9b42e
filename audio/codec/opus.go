package codec

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec/opus"
)

// Terms are what the receiver of a stream asks of whoever encodes it, as far as the codec
// has a choice: the parameters of Opus (RFC 7587 section 6.1). The zero value is none.
type Terms struct {
	Playback int  // the widest rate that it plays, in Hz (maxplaybackrate); 0: any
	Bitrate  int  // the highest on average, in bit/s (maxaveragebitrate); 0: any
	Constant bool // a constant bit rate (cbr)
	FEC      bool // what was lost said once more (useinbandfec)
	DTX      bool // silence is not sent (usedtx)
}

// Under is the codec as it is spoken to somebody who asks for terms; most have no choice.
func (c Codec) Under(t Terms) Codec {
	if s, ok := c.scheme.(opusScheme); ok {
		s.Terms = t
		c.scheme = s
	}
	return c
}

// Asked are the terms under which the codec is spoken.
func (c Codec) Asked() Terms {
	s, _ := c.scheme.(opusScheme)
	return s.Terms
}

// Rates are the sample rates that a codec can have, in Hz, the widest first.
func (c Codec) Rates() []int {
	if _, ok := c.scheme.(opusScheme); ok {
		return opus.Rates()
	}
	return []int{c.SampleRate}
}

// At is the codec with another sample rate, of its [Codec.Rates]; most have one alone.
func (c Codec) At(rate int) Codec {
	if s, ok := c.scheme.(opusScheme); ok && slices.Contains(opus.Rates(), rate) {
		s.rate = rate
		c.SampleRate, c.scheme = rate, s
	}
	return c
}

// Free reports whether the codec has terms, and payloads as long as they need to be.
func (c Codec) Free() bool {
	_, ok := c.scheme.(opusScheme)
	return ok
}

// Missing says why the codec cannot be spoken here; nil: it can.
func (c Codec) Missing() error {
	if c.Free() {
		return opus.Missing()
	}
	return nil
}

// Here returns those of [All] that can be spoken on this machine.
func Here() []Codec {
	return slices.DeleteFunc(All(), func(c Codec) bool { return c.Missing() != nil })
}

// opusScheme is Opus at a sample rate, under terms.
type opusScheme struct {
	rate int
	Terms
}

// leastFEC is the bit rate from which on libopus says again what was said, at all the losses
// that it knows of: of narrowband it wants about 18300 bit/s for that in packets of 20 ms, and
// 21400 in those of 10 ms (opus_encoder.c: decide_fec, compute_equiv_rate).
const leastFEC = 22000

// settings are those of an encoder. The bit rates are a little above those that RFC 7587
// section 3.1.1 recommends for speech, so that tones stay pure; those of a=fmtp go from 6000
// (section 6.1).
func (s opusScheme) settings() opus.Settings {
	bitrate := map[int]int{8000: 16000, 16000: 28000, 24000: 32000, 48000: 40000}[s.rate]
	if s.FEC {
		bitrate = max(bitrate, leastFEC)
	}
	if s.Bitrate > 0 {
		bitrate = min(bitrate, max(s.Bitrate, 6000))
	}
	playback := s.rate
	if s.Playback > 0 {
		playback = min(playback, s.Playback)
	}
	return opus.Settings{Rate: s.rate, Playback: playback, Bitrate: bitrate, Constant: s.Constant, FEC: s.FEC, DTX: s.DTX}
}

func (s opusScheme) encoder() Encoder { return opus.NewEncoder(s.settings()) }
func (s opusScheme) decoder() Decoder { return opus.NewDecoder(s.rate) }

// octets is what samples take on average.
func (s opusScheme) octets(samples int) int { return s.settings().Octets(samples) }

// samples is 0: the length says nothing.
func (s opusScheme) samples(int) int { return 0 }

// contents reads the header of the payload.
func (s opusScheme) contents(payload []byte) (Contents, bool) {
	p, ok := opus.Parse(payload)
	c := Contents{Samples: p.Samples * s.rate / opus.Clock, Quiet: p.Quiet}
	if p.Recovers {
		c.Recovers = p.Frame * s.rate / opus.Clock
	}
	return c, ok
}

// PacketTime is how much sound a packet of the codec has: what is asked for, or, in Opus, the
// longest single frame that is no longer, nor shorter than the least (RFC 6716 table 2).
func (c Codec) PacketTime(asked, least time.Duration) time.Duration {
	if !c.Free() {
		return asked
	}
	best := 10 * time.Millisecond
	for _, ms := range [...]time.Duration{20, 40, 60} {
		if t := ms * time.Millisecond; t <= asked || best < least {
			best = t
		}
	}
	return best
}
