package pcm

import (
	"math"
	"math/cmplx"
	"time"
)

// Silence gives silence for ever; it is an [Opener].
func Silence(int) Source { return silence{} }

type silence struct{}

func (silence) Read(frame []int16) { clear(frame) }

// Tone gives a sine for ever: hz in Hz, dbfs its level. One that the rate cannot
// carry is silence, as it would be behind the filter of any sound card.
func Tone(rate int, hz, dbfs float64) Source {
	if hz >= float64(rate)/2 {
		return beyond{hz: hz}
	}
	return &tone{phasor: 1, step: cmplx.Rect(1, 2*math.Pi*hz/float64(rate)), peak: amplitude(dbfs)}
}

// beyond is the silence of a tone that a rate cannot carry.
type beyond struct {
	silence
	hz float64
}

// IsTone reports whether a source is a tone of [Tone], which has no time of its own: it may
// be opened anew at another rate.
func IsTone(s Source) bool {
	switch s.(type) {
	case *tone, beyond:
		return true
	}
	return false
}

// Beyond is the frequency of a tone that is not heard, because its rate cannot carry it.
func Beyond(s Source) (hz float64, ok bool) {
	b, ok := s.(beyond)
	return b.hz, ok
}

// A tone is a number that turns around zero, a step for each sample.
type tone struct {
	phasor, step complex128
	peak         float64
}

func (t *tone) Read(frame []int16) {
	for i := range frame {
		frame[i] = round(t.peak * imag(t.phasor))
		t.phasor *= t.step
	}
	// Correct the rounding of its length.
	t.phasor /= complex(cmplx.Abs(t.phasor), 0)
}

// A Sample gives recorded sound.
type Sample struct {
	samples []int16
	at      int
	loop    bool
}

// NewSample gives the samples once, or over and over with loop. It keeps the
// slice and does not change it.
func NewSample(samples []int16, loop bool) *Sample {
	return &Sample{samples: samples, loop: loop}
}

// Read fills the frame.
func (s *Sample) Read(frame []int16) {
	for len(frame) > 0 && !s.Done() {
		n := copy(frame, s.samples[s.at:])
		frame, s.at = frame[n:], s.at+n
		if s.loop && s.at == len(s.samples) {
			s.at = 0
		}
	}
	clear(frame)
}

// Done reports whether all samples have been given. A loop is never done,
// unless it is empty.
func (s *Sample) Done() bool { return s.at == len(s.samples) }

// RingTone is what the called phone plays: two notes in turn, with the cadence
// of the ringing tone so that a listener knows it at once. The notes are our
// own; no recommendation specifies the ringing of a telephone.
func RingTone(rate int) Source {
	return newCadence(rate, -12, 5*time.Second,
		note{660, 0, 250 * time.Millisecond},
		note{880, 250 * time.Millisecond, 500 * time.Millisecond},
		note{660, 500 * time.Millisecond, 750 * time.Millisecond},
		note{880, 750 * time.Millisecond, time.Second})
}

// Ringback is the tone that the caller hears while the phone rings: 425 Hz, 1 s
// on and 4 s off (ITU-T E.180: 425 Hz preferred, 0.67 to 1.5 s on, 3 to 5 s
// off).
func Ringback(rate int) Source {
	return newCadence(rate, -18, 5*time.Second, note{425, 0, time.Second})
}

// Busy is the tone that the caller hears when the called phone is busy: 425 Hz,
// half a second on and off (ITU-T E.180: a period of 300 to 1100 ms, on for
// 0.67 to 1.5 times as long as off).
func Busy(rate int) Source {
	return newCadence(rate, -18, time.Second, note{425, 0, 500 * time.Millisecond})
}

// CallWaiting is the tone that the user hears in a call while another rings: 425
// Hz, as the other tones here, 0.3 s in 10 s. The cadence is our own, such as
// networks have it.
func CallWaiting(rate int) Source {
	return newCadence(rate, -24, 10*time.Second, note{425, 0, 300 * time.Millisecond})
}

// A note is one tone within a cadence.
type note struct {
	hz         float64
	start, end time.Duration
}

// A cadence plays notes over and over.
type cadence struct {
	period, at int // samples
	samples    []int16
}

// newCadence renders one period. Each note starts and ends over 5 ms, so that
// it does not click.
func newCadence(rate int, dbfs float64, period time.Duration, notes ...note) *cadence {
	in := func(d time.Duration) int { return int(Samples(d, rate)) }
	c := &cadence{period: in(period), samples: make([]int16, in(notes[len(notes)-1].end))}
	ramp := float64(rate / 200)
	for _, n := range notes {
		out := c.samples[in(n.start):in(n.end)]
		for i := range out {
			edge := min(1, float64(min(i, len(out)-1-i))/ramp)
			out[i] = round(edge * amplitude(dbfs) * math.Sin(2*math.Pi*n.hz*float64(i)/float64(rate)))
		}
	}
	return c
}

func (c *cadence) Read(frame []int16) {
	for i := range frame {
		frame[i] = 0
		if c.at < len(c.samples) {
			frame[i] = c.samples[c.at]
		}
		c.at = (c.at + 1) % c.period
	}
}
