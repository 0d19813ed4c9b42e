package ui

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// deviceClock is the time on the screen.
type deviceClock struct {
	wall time.Time     // of the last tick
	now  time.Duration // device time then
}

// set brings device time to what the log and the clock on the wall say; of a
// run in virtual time, to what that says.
func (c *deviceClock) set(f *event.Fold, r *runView) {
	c.now = f.Now(c.wall)
	if r.state.Virtual {
		c.now = max(r.state.Now, f.Device)
	}
}
