package media

import (
	"math"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// A noise is the comfort noise of a pause (RFC 3389), white: what its sender says of the
// spectrum is left out. Its zero value is silence.
type noise struct {
	peak  int // of the samples
	state uint32
}

// fullScale is 0 dBov as RFC 3389 §3.1 has it: the root mean square of a square wave that
// overloads.
const fullScale = 32768

// loudness is the peak of noise with the level in a payload, in -dBov; a payload without one
// is silence. Noise that is spread evenly has a root mean square of its peak by the root of 3.
func loudness(payload []byte) int {
	if len(payload) == 0 {
		return 0
	}
	level := float64(payload[0] & 0x7F)
	return int(min(math.MaxInt16, math.Sqrt(3)*fullScale*math.Pow(10, -level/20)))
}

// fill writes noise to frame. The numbers need not be random, only without a pattern that is
// heard: those of Numerical Recipes §7.1.
func (n *noise) fill(frame []int16) {
	for i := range frame {
		n.state = n.state*1664525 + 1013904223
		frame[i] = int16(int(int16(n.state>>16)) * n.peak >> 15)
	}
}

const (
	// hushAfter is how long it lasts until comfort noise takes its place (our own number:
	// longer than the pauses between words).
	hushAfter = 200 * time.Millisecond
	// hushEvery is how often it is said again: often enough to keep a NAT open (RFC 6263
	// §4.6 has comfort noise for that), and a packet that was lost is soon made up for.
	hushEvery = time.Second
)

// A hush decides when the microphone is silent, so that comfort noise is sent instead.
type hush struct {
	quiet time.Duration // for how long it has been
	said  time.Duration // how much of that when a packet last went
}

// hear takes in a frame, and reports whether it is part of a pause; if payload is not nil, it
// is to be sent.
func (h *hush) hear(frame []int16, length time.Duration) (payload []byte, paused bool) {
	level := pcm.Level(frame)
	if level >= pcm.SilenceLevel {
		*h = hush{}
		return nil, false
	}
	h.quiet += length
	if h.quiet <= hushAfter {
		return nil, false
	}
	if h.said > 0 && h.quiet-h.said < hushEvery {
		return nil, true
	}
	h.said = h.quiet
	// A sine that overloads is 3 dB below a square wave.
	return []byte{byte(min(127, math.Round(10*math.Log10(2)-level)))}, true
}
