package event

import "time"

// stoodFor is how long after a standstill what is seen may still come of it: a far end
// reports every five seconds (RFC 3550 §6.2), and timers of SIP run for 32 (RFC 3261 §17.1.1.2).
const stoodFor = time.Minute

// A Stood is a standstill that is over.
type Stood struct {
	At time.Duration // when it ended; 0: there was none
	Standstill
}

// Began is when it began.
func (s Stood) Began() time.Duration { return s.At - s.For.D() }

// Matters reports whether it has only just been.
func (s Stood) Matters(now time.Duration) bool {
	return s.For > 0 && now >= s.At && now-s.At < stoodFor
}

// standstill keeps the longest of the last minute: a short one does not hide what it was that
// timers have missed.
func (s *Fold) standstill(at time.Duration, e Standstill) {
	if !s.Stood.Matters(at) || e.For >= s.Stood.For {
		s.Stood = Stood{at, e}
	}
}
