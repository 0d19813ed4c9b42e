package media

import (
	"cmp"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A basis is what every part of a session goes by: how it was begun, and what has been
// agreed on.
type basis struct {
	cfg      Config
	n        sdp.Negotiated
	start    time.Time
	answered bool // both ends have: see Answered

	asked   time.Time // what since was asked last,
	elapsed time.Duration
}

// since is how long a session lasts at now. It is asked again and again at one time.
func (b *basis) since(now time.Time) time.Duration {
	if now != b.asked {
		b.asked, b.elapsed = now, now.Sub(b.start)
	}
	return b.elapsed
}

// Rate is the rate of the samples that Capture takes and Playout gives, in Hz: that of
// the codec. It changes with what is negotiated.
func (b *basis) Rate() int { return b.n.Codec.SampleRate }

// at is now in samples since the start, on the clock of the jitter buffer.
func (b *basis) at(now time.Time) int64 { return pcm.Samples(b.since(now), b.Rate()) }

// ticks is now in units of the RTP clock since the start.
func (b *basis) ticks(now time.Time) int64 {
	return pcm.Samples(b.since(now), b.n.Codec.ClockRate)
}

// digitClock is the rate in which digits count their length.
func (b *basis) digitClock() int { return cmp.Or(b.n.DTMFClock, b.n.Codec.ClockRate) }

// warn logs a warning about one direction of the call's audio.
func (b *basis) warn(rule event.Rule, way event.Way, note, hint string) []system.Effect {
	return []system.Effect{system.Log{Event: event.Warning{Rule: rule, Call: b.cfg.Call, Way: way, Note: note, Hint: hint}}}
}
