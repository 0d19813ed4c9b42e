package media

import (
	"cmp"
	"math"
)

// Constants of the delay estimate, in samples at 8000 Hz.
const (
	delayMax     = 1600     // 200 ms: with the network's own delay more breaks the talk (G.114: 400 ms)
	delayMargin  = 160      // 20 ms: a frame is filled when it begins, so its last sample is needed that early; see asking
	floorWindow  = 4 * 8000 // 4 s: how long a fastest packet counts at least
	releaseTime  = 4 * 8000 // 4 s: time constant with which the target falls
	maxVariation = 1 * 8000 // 1 s: more is a clock that leapt
)

// A transit watches how long packets travel and says how long the jitter
// buffer should wait for them.
//
// The clocks of the two sides have nothing in common, so only differences
// count: the fastest packet of the last 4 to 8 s is the floor (a moving one,
// because clocks drift), and the variation of a packet is how much longer it
// took. The target follows the largest variation at once and falls slowly.
//
// Times and timestamps are in samples; timestamps are extended to 64 bits.
type transit struct {
	scale
	valid       bool
	floorNow    int64 // lowest transit in this window
	floorBefore int64 // and in the one before
	windowEnd   int64
	last        int64   // arrival of the last packet
	peak        float64 // envelope of the variation

	margin     int64 // how early samples are asked for, as the buffer says before it looks; 0: a frame
	patience   int64 // how much more is waited for a packet that recovers another,
	patientTil int64 // and until when
}

// observe takes in a packet that arrives at `at`.
func (t *transit) observe(at, stamp int64) {
	trip := at - stamp
	if !t.valid {
		*t = transit{scale: t.scale, valid: true, floorNow: trip, floorBefore: math.MaxInt64, windowEnd: at + int64(t.of(floorWindow)), last: at, peak: t.peak, patience: t.patience, patientTil: t.patientTil}
	}
	if at >= t.windowEnd {
		t.floorBefore, t.floorNow, t.windowEnd = t.floorNow, trip, at+int64(t.of(floorWindow))
	}
	t.floorNow = min(t.floorNow, trip)
	t.peak -= t.peak * min(1, max(0, float64(at-t.last))/float64(t.of(releaseTime)))
	t.peak = max(t.peak, float64(min(trip-t.floor(), int64(t.of(maxVariation)))))
	t.last = at
}

// floor is the transit of the fastest packet.
func (t *transit) floor() int64 { return min(t.floorNow, t.floorBefore) }

// delay returns how long a sample that is played at `at` would have waited in
// the buffer if its packet had been a fastest one.
func (t *transit) delay(at, stamp int64) int64 { return at - stamp - t.floor() }

// wait has the buffer wait for a while for packets that recover n samples before them.
func (t *transit) wait(at, n int64) {
	if n > 0 {
		t.patience, t.patientTil = n, at+int64(t.of(patientFor))
	}
}

// early is how early samples are asked for.
func (t *transit) early() int64 { return cmp.Or(t.margin, int64(t.of(delayMargin))) }

// target is the delay to aim at.
func (t *transit) target() int64 {
	delay := int64(t.peak) + t.early()
	if t.last < t.patientTil {
		delay += t.patience
	}
	return min(delay, int64(t.of(delayMax)))
}

// reset forgets the clocks and keeps the measured variation.
func (t *transit) reset() { t.valid = false }
