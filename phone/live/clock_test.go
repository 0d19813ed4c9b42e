package live

import (
	"math"
	"testing"
	"time"
)

var noon = time.Date(2026, 8, 23, 12, 0, 0, 0, time.UTC)

func TestClockRunsWithTheWall(t *testing.T) {
	c := startClock(noon)
	for _, d := range []time.Duration{0, 1, time.Millisecond, 30 * time.Hour} {
		if got := c.now(noon.Add(d), time.Time{}); !got.Equal(noon.Add(d)) {
			t.Errorf("after %v: %v", d, got.Sub(noon))
		}
	}
}

func TestClockHurried(t *testing.T) {
	c := startClock(noon)
	c.set(noon.Add(10*time.Second), noon.Add(10*time.Second), 60)
	due := noon.Add(10*time.Second + time.Hour)
	if got := c.until(noon.Add(10*time.Second), due); got < time.Minute || got > time.Minute+time.Microsecond {
		t.Errorf("an hour at x60 takes %v", got)
	}
	if got := c.now(noon.Add(40*time.Second), due); !got.Equal(noon.Add(10*time.Second + 30*time.Minute)) {
		t.Errorf("30 s later it shows %v", got.Sub(noon))
	}
	// The loop wakes 5 ms late, which is 300 ms of device time; the timer
	// must not be late by them.
	late := noon.Add(70*time.Second + 5*time.Millisecond)
	if got := c.now(late, due); !got.Equal(due) {
		t.Errorf("it has run %v past the deadline", got.Sub(due))
	}
	if got := c.now(late.Add(time.Second), time.Time{}); !got.Equal(due.Add(time.Minute)) {
		t.Errorf("a second later it shows %v after the deadline", got.Sub(due))
	}
}

func TestClockNeverRunsBack(t *testing.T) {
	c := startClock(noon)
	c.now(noon.Add(time.Minute), time.Time{})
	steps := map[string]func() time.Time{
		"the wall clock is set back": func() time.Time { return c.now(noon, time.Time{}) },
		"set to the past": func() time.Time {
			c.set(noon, noon, 60)
			return c.now(noon, time.Time{})
		},
		"an old deadline": func() time.Time { return c.now(noon.Add(time.Second), noon) },
	}
	for name, step := range steps {
		if got := step(); got.Before(noon.Add(time.Minute)) {
			t.Errorf("%s: back to %v", name, got.Sub(noon))
		}
	}
}

func TestClockUntil(t *testing.T) {
	tests := []struct {
		rate float64
		due  time.Duration
		want time.Duration
	}{
		{1, time.Second, time.Second},
		{1, -time.Second, 0},
		{60, -time.Second, 0},
		{MinRate, time.Second, 10*time.Second + 1},
		{MaxRate, time.Hour, time.Second + 1},
		{MinRate, math.MaxInt64, math.MaxInt64},
	}
	for _, tt := range tests {
		c := startClock(noon)
		c.set(noon, noon, tt.rate)
		if got := c.until(noon, noon.Add(tt.due)); got != tt.want {
			t.Errorf("%v at x%g: %v, want %v", tt.due, tt.rate, got, tt.want)
		}
	}
}

// TestClockAtItsDeadline: a clock that keeps pace with the wall may pass a
// deadline, and a hurried one stops there, and no further back than it was.
func TestClockAtItsDeadline(t *testing.T) {
	for _, tt := range []struct {
		rate      float64
		due, want time.Duration // at 10 s of the wall
	}{
		{1, 9 * time.Second, 10 * time.Second},
		{60, 599 * time.Second, 599 * time.Second},
		{60, 600 * time.Second, 600 * time.Second},
		{60, 601 * time.Second, 600 * time.Second},
		{60, time.Second, 2 * time.Second}, // what it showed last
		{0.5, 4 * time.Second, 4 * time.Second},
	} {
		c := startClock(noon)
		c.set(noon, noon, tt.rate)
		if tt.rate > 1 {
			c.last = noon.Add(2 * time.Second)
		}
		if got := c.now(noon.Add(10*time.Second), noon.Add(tt.due)).Sub(noon); got != tt.want {
			t.Errorf("x%g, due after %s: %s, want %s", tt.rate, tt.due, got, tt.want)
		}
	}
}

// TestClockWaitsToTheEnd: whoever waits as long as is said finds the deadline
// due, however the clock runs.
func TestClockWaitsToTheEnd(t *testing.T) {
	for _, rate := range []float64{MinRate, 0.3, 1, 7, 60, MaxRate} {
		for _, d := range []time.Duration{1, 2, 59, time.Millisecond, time.Second + 1, time.Hour} {
			c := startClock(noon)
			c.set(noon, noon, rate)
			due := noon.Add(d)
			wait := c.until(noon, due)
			if at := c.now(noon.Add(wait), due); at.Before(due) {
				t.Errorf("x%g: after %s the deadline in %s is %s away", rate, wait, d, due.Sub(at))
			}
			if wait > time.Duration(float64(d)/rate)+2 {
				t.Errorf("x%g: %s is too long for %s", rate, wait, d)
			}
		}
	}
}
