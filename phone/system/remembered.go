package system

import "time"

// A Remembered is a deadline that is not worked out again before it is forgotten, which it is
// to be whenever something has been done that it may depend on. Where one machine has hundreds
// of calls, each packet of one would have the timers of all looked at.
type Remembered struct {
	at    time.Time
	known bool
}

// Deadline is it; workOut is asked where it is not known.
func (r *Remembered) Deadline(workOut func() time.Time) time.Time {
	if !r.known {
		r.at, r.known = workOut(), true
	}
	return r.at
}

// Forget has it worked out when it is wanted next.
func (r *Remembered) Forget() { r.known = false }
