package media

import (
	"math"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// What is heard, as RFC 3611 §4.7.4 wants it in dBm0.
const (
	// overload is the level of the loudest sine that G.711 carries, in dBm0: 3.17 in the law of
	// PCMU and 3.14 in that of PCMA (ITU-T G.711 §2), which a whole number does not tell apart.
	overload = 3.17
	// leastHeard is how many packets of speech, or of silence, have a level (our own number: a
	// second of 20 ms packets).
	leastHeard = 50
	// faintest is the lowest level that eight bits have (RFC 3611 §4.7.4).
	faintest = -127
)

// A volume is how loud the peer's speech is, and the noise in its pauses. A packet is of a
// pause if it would be left out as one (see quiet); of noise that is louder, nobody knows that
// it is none.
type volume struct{ speech, pauses power }

// A power is the mean of some packets.
type power struct {
	sum     float64 // of their mean squares
	packets int
}

// hear takes in the samples of a packet.
func (l *volume) hear(samples []int16) {
	if len(samples) == 0 {
		return
	}
	var sum float64
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	of := &l.speech
	if quiet(samples) {
		of = &l.pauses
	}
	of.sum += sum / float64(len(samples))
	of.packets++
}

// level is the power of G.711 in dBm0.
func (p power) level() event.Reading {
	if p.packets < leastHeard {
		return event.Reading{}
	}
	const loudest = fullScale * fullScale / 2 // the mean square of that sine
	level := 10*math.Log10(p.sum/float64(p.packets)/loudest) + overload
	return event.Reading{Value: int(math.Round(max(level, faintest))), Known: true}
}
