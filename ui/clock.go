package ui

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// deviceClock is the time on the screen.
type deviceClock struct {
	real time.Time     // of the last tick
	wall time.Time     // the same, or when the display was paused
	now  time.Duration // device time then
}

// set computes device time from the log and the wall clock. A run in virtual
// time knows it.
func (c *deviceClock) set(f *event.Fold, r *runView) {
	c.now = f.Now(c.wall)
	if r.state.Virtual {
		c.now = max(r.state.Now, f.Device)
	}
}
