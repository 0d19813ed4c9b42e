package live

import (
	"math"
	"time"
)

// A clock maps wall time to device time. Between two settings the mapping is
// linear; device time never runs backwards. Wall time is the runtime's
// monotonic clock: setting the computer's clock changes nothing, and where that
// clock stops while the computer sleeps (as on Linux), device time stops too.
type clock struct {
	wall   time.Time // when it was last set
	device time.Time // what it showed then
	rate   float64   // how fast it has run since
	last   time.Time // the latest device time that was handed out
}

// startClock returns a clock that shows the time on the wall.
func startClock(wall time.Time) clock {
	// Without the monotonic reading, device time is a plain value: it
	// compares the same wherever it has been.
	device := wall.Round(0)
	return clock{wall: wall, device: device, rate: 1, last: device}
}

// now returns the device time at wall time wall.
//
// A hurried clock does not step over the deadline due: at x60 a timer that the
// runtime fires 1 ms late would otherwise be 60 ms late in device time. The
// clock stops at the deadline and continues from there.
func (c *clock) now(wall, due time.Time) time.Time {
	t := c.at(wall)
	if c.rate != 1 && !due.IsZero() && t.After(due) {
		t = due
		c.set(wall, t, c.rate)
	}
	if t.Before(c.last) {
		t = c.last
	}
	c.last = t
	return t
}

// at returns the device time on the current line at wall.
func (c *clock) at(wall time.Time) time.Time {
	return c.device.Add(scale(wall.Sub(c.wall), c.rate))
}

// set makes the clock show device at wall and run at rate from there.
func (c *clock) set(wall, device time.Time, rate float64) {
	if device.Before(c.last) {
		device = c.last
	}
	c.wall, c.device, c.rate, c.last = wall, device, rate, device
}

// until returns how much wall time passes from wall until the clock shows due.
// It rounds up.
func (c *clock) until(wall, due time.Time) time.Duration {
	d := due.Sub(c.at(wall))
	if d <= 0 {
		return 0
	}
	wait := scale(d, 1/c.rate)
	if c.rate != 1 && wait < math.MaxInt64 {
		wait++
	}
	return wait
}

// scale returns d times x, capped at the longest duration.
func scale(d time.Duration, x float64) time.Duration {
	if x == 1 {
		return d
	}
	if f := math.Round(float64(d) * x); f < math.MaxInt64 {
		return time.Duration(f)
	}
	return math.MaxInt64
}
