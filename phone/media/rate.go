package media

import (
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// clockRate is the rate of samples and of RTP timestamps in G.711, in Hz (RFC 3551).
// Numbers of samples in this package are written for it; see scale.
const clockRate = pcm.Rate

// A scale is how many samples last as long as one at 8000 Hz. Its zero value is 1.
type scale int

// scaleOf is the scale of a rate, which is a multiple of 8000 Hz.
func scaleOf(rate int) scale { return scale(rate / clockRate) }

// of is as much time as n samples at 8000 Hz, in samples.
func (k scale) of(n int) int { return n * int(max(k, 1)) }

// durationOf is how long n units of a rate last.
func durationOf(n int64, rate int) time.Duration {
	return time.Duration(n) * time.Second / time.Duration(rate)
}

// A converted decoder gives the samples of a codec at another rate than its own: a peer
// may switch to any codec that it has accepted.
type converted struct {
	codec.Decoder
	to *pcm.Converter
}

// Decode implements [codec.Decoder].
func (c converted) Decode(dst []int16, payload []byte) []int16 {
	return append(dst, c.to.Convert(c.Decoder.Decode(nil, payload))...)
}

// decoderAt begins to decode a stream at the rate of the session.
func decoderAt(c codec.Codec, rate int) codec.Decoder {
	if c.SampleRate == rate {
		return c.NewDecoder()
	}
	return converted{c.NewDecoder(), pcm.NewConverter(c.SampleRate, rate)}
}
