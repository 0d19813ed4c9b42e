package control

import "time"

const (
	// lateness is how far beyond a deadline Advance may come before the
	// program must have been stopped meanwhile (our own number: a live shell
	// is late by milliseconds).
	lateness = time.Second
	// ThawGrace is how long a program that was stopped waits for what its
	// kernel has kept before it gives anything up (our own number).
	ThawGrace = 500 * time.Millisecond
)

// Thawed reports whether a program whose deadline was at was stopped
// meanwhile.
func Thawed(at, now time.Time) bool { return !at.IsZero() && now.Sub(at) > lateness }

// Delay moves deadlines that come before until to it; the zero time stays as it is.
func Delay(until time.Time, deadlines ...*time.Time) {
	for _, t := range deadlines {
		if !t.IsZero() && t.Before(until) {
			*t = until
		}
	}
}
