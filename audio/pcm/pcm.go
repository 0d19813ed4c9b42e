// Package pcm handles sound as samples: frames, tones, WAV files, levels,
// resampling, and an ear that recognises what it hears.
//
// Sound inside the program has one channel, signed 16 bit, in frames of 20 ms
// ([Frame]), at the rate of the call that it is for: 8000 Hz ([Rate]), 16000 Hz
// ([WideRate]), 24000 Hz ([SuperwideRate]), or 48000 Hz ([FullRate]). Sound from
// outside is converted ([ReadWAV], [Audio]).
//
//	Source ──frame──▶ call ──frame──▶ Sink
//	tone, WAV, silence                WAV, Ear, level meter
//
// Levels are in dBFS with the reference of AES17: a sine that just reaches
// full scale is 0 dBFS.
//
// Nothing here reads a clock, starts a goroutine or opens a file. No value is
// safe for concurrent use: one goroutine owns each.
package pcm

import (
	"math"
	"time"
)

// The sample rates of calls, in Hz: of a telephone channel, of wideband, of superwideband,
// and the widest.
const (
	Rate          = 8000
	WideRate      = 16000
	SuperwideRate = 24000
	FullRate      = 48000
)

// Rates lists them, the narrowest first.
func Rates() []int { return []int{Rate, WideRate, SuperwideRate, FullRate} }

// FrameSamples is the number of samples in one frame of 20 ms at [Rate].
const FrameSamples = Rate / 50

// Frame is the number of samples in one frame of 20 ms.
func Frame(rate int) int { return rate / 50 }

// Samples is how many samples, or ticks of another clock, d has at a rate in Hz. It does
// not overflow even for years.
func Samples(d time.Duration, rate int) int64 {
	return int64(d/time.Second)*int64(rate) + int64(d%time.Second)*int64(rate)/int64(time.Second)
}

// A Source gives sound. Read always fills the frame, with silence after the end
// of the sound.
type Source interface{ Read(frame []int16) }

// An Opener opens a source at its beginning, at a rate in Hz.
type Opener func(rate int) Source

// A Sink takes sound, each piece with its rate in Hz.
type Sink interface {
	Write(rate int, frame []int16) error
	// Rate is the rate at which it keeps the sound, in Hz: that of the first piece. 0:
	// there was none yet.
	Rate() int
}

// Floor is the level of digital silence, in dBFS: the resolution of 16 bits.
const Floor = -96.0

// Level is the root mean square of a frame in dBFS, not below [Floor]. A sine
// at full scale is 0 dBFS; a square wave is 3 dB above.
func Level(frame []int16) float64 {
	if len(frame) == 0 {
		return Floor
	}
	var sum float64
	for _, s := range frame {
		sum += float64(s) * float64(s)
	}
	return decibels(sum / float64(len(frame)))
}

// fullSine is the mean square of a sine at full scale.
const fullSine = 32767.0 * 32767.0 / 2

// decibels is a mean square in dBFS.
func decibels(meanSquare float64) float64 {
	if meanSquare <= 0 {
		return Floor
	}
	return max(Floor, 10*math.Log10(meanSquare/fullSine))
}

// amplitude is the peak of a sine of the given level.
func amplitude(dbfs float64) float64 { return 32767 * math.Pow(10, dbfs/20) }

// Mix adds src to dst, up to the end of the shorter one. Overflow is clipped to
// full scale.
func Mix(dst, src []int16) {
	for i := range min(len(dst), len(src)) {
		dst[i] = clip(int(dst[i]) + int(src[i]))
	}
}

func clip(v int) int16 {
	return int16(min(max(v, math.MinInt16), math.MaxInt16))
}

// round rounds a number to a sample, clipped to full scale.
func round(v float64) int16 {
	return int16(math.Round(min(max(v, math.MinInt16), math.MaxInt16)))
}
