package event

import "time"

// Later is an event whose record is that much later than the machine has measured, as what it
// did before in the same step has taken so long: what the event counts from the wake to its
// record counts that too.
func Later(e Event, by time.Duration) Event {
	switch e := e.(type) {
	case Frame:
		e.Latency += Millis(by)
		return e
	case Notification:
		if e.AfterWake > 0 {
			e.AfterWake += Millis(by)
		}
		return e
	}
	return e
}
