package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A stall is a time in which a microphone that works gives nothing: its sound server is
// busy, or stands still. Silence is sent in its place.
type stall struct {
	since time.Time // zero: it does not stall
	over  time.Time // when it gave something again
}

// stalls reports whether the microphone stalls. What it gives first after that has waited
// meanwhile, so that it goes on for a frame more.
func (c *soundCard) stalls(now time.Time) bool {
	s := &c.stall
	if s.since.IsZero() || s.over.IsZero() || now.Sub(s.over) < frameTime {
		return !s.since.IsZero()
	}
	c.says(event.SoundCard{Phase: event.SoundBack, Why: "it had given nothing for " + event.Round(s.over.Sub(s.since)) + ", which the far end hears as silence"})
	*s, c.last = stall{}, now
	return false
}

// waited reports whether a frame that the microphone gives has waited during a stall.
func (c *soundCard) waited(now time.Time) bool {
	if !c.stall.since.IsZero() && c.stall.over.IsZero() {
		c.stall.over = now
	}
	return c.stalls(now)
}
