// Package opus encodes and decodes Opus (RFC 6716) with libopus, and reads what a payload
// says of itself.
//
// libopus is loaded when it is first asked for, by a few lines of cgo that need no header:
// so every machine with Go and a C compiler builds the program, and the system's package
// has the library. What is linked statically would tie us to somebody's binaries, and
// loading it without cgo would make the static binary a dynamic one. Built without cgo, or
// where there is no library, [Missing] says so and how to get it.
//
// The state of an [Encoder] or a [Decoder] is memory of Go's, which libopus keeps no
// pointer to: nothing has to be closed. Both go by their input alone, and belong to one
// goroutine.
package opus

import "fmt"

// Clock is the rate of RTP timestamps, whatever the rate of the samples (RFC 7587 section
// 4.1), and the widest rate of those, in Hz.
const Clock = 48000

// Rates are the rates that samples may have, in Hz, the widest first: those of RFC 6716
// section 2.1.1 that are whole multiples of a telephone's.
func Rates() []int { return []int{48000, 24000, 16000, 8000} }

// A MissingError says that there is no Opus in this program, or on this machine.
type MissingError struct {
	Why string
	// Hint is how to get it.
	Hint string
}

func (e *MissingError) Error() string { return "no Opus: " + e.Why }

// Settings are what an encoder is told.
type Settings struct {
	Rate     int // of the samples, in Hz: one of [Rates]
	Playback int // the widest rate that the receiver plays, in Hz (maxplaybackrate)
	Bitrate  int // on average, in bit/s
	Constant bool
	FEC      bool // what was said before is said again, coarsely, once losses are expected
	DTX      bool // silence is not sent
}

// bandwidth is the constant of libopus (opus_defines.h) for what a rate carries.
func bandwidth(rate int) int {
	const narrow, medium, wide, superwide, full = 1101, 1102, 1103, 1104, 1105
	switch {
	case rate <= 8000:
		return narrow
	case rate <= 12000:
		return medium
	case rate <= 16000:
		return wide
	case rate <= 24000:
		return superwide
	}
	return full
}

// complexity is how much libopus computes, from 0 to 10: as much as on phones (WebRTC's
// kDefaultComplexity there), at a quarter of what its own default takes at [Clock]. From 7 on
// it looks at each frame for music, and for silence that is no digital one, which a pause
// needs (opus_encoder.c, decide_dtx_mode).
func (s Settings) complexity() int {
	if s.DTX {
		return 9
	}
	return 5
}

// most is the longest payload that an encoder makes of samples, in octets: four times what
// its bit rate gives them on average, and never so few that silence were all they could say.
func (s Settings) most(samples int) int { return max(32, 4*s.Octets(samples)) }

// Octets is how long the payload of samples is on average.
func (s Settings) Octets(samples int) int { return samples * s.Bitrate / 8 / s.Rate }

// wrong is a failure that only a mistake of ours can cause.
func wrong(what string, code int) string {
	return fmt.Sprintf("opus: %s: error %d of libopus", what, code)
}
