package stage

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A reading is what an actor's device clock shows, and how fast it runs.
type reading struct {
	wall   time.Time
	device time.Duration
	rate   float64
}

// at is the reading a while later.
func (r reading) at(wall time.Time) reading {
	r.device += time.Duration(float64(max(0, wall.Sub(r.wall))) * r.rate)
	r.wall = wall
	return r
}

// clocks reads the device clocks off the log: an actor's last record says what
// the clock showed then, and the last change of its rate how fast it has run
// since. Of those who have said nothing, it is zero when the run begins.
type clocks struct {
	log   *event.Log
	began time.Time
	seen  uint64
	last  map[string]reading
}

func newClocks(log *event.Log) *clocks {
	return &clocks{log: log, began: time.Now(), last: map[string]reading{}}
}

func (c *clocks) read(actor string) reading {
	for r := range c.log.From(c.seen) {
		c.seen = r.Seq
		now, ok := c.last[r.Phone]
		if !ok {
			now.rate = 1
		}
		now.wall, now.device = r.Wall, r.Device
		if e, ok := r.Event.(event.ClockRate); ok && e.Rate > 0 {
			now.rate = e.Rate
		}
		c.last[r.Phone] = now
	}
	now, ok := c.last[actor]
	if !ok {
		now = reading{wall: c.began, rate: 1}
	}
	return now.at(time.Now())
}
