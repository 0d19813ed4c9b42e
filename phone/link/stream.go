package link

import "time"

const (
	// firstRTO is the retransmission timeout: one second for a connection
	// that has measured nothing yet, and the lower bound for one that has
	// (RFC 6298 §2.1, §2.4).
	firstRTO = time.Second
	// maxRTO bounds the doubling (RFC 6298 §2.5).
	maxRTO = 60 * time.Second

	// ConnectTimeout is how long TCP tries to connect: TCPTV_KEEP_INIT of
	// BSD, and so of iOS.
	ConnectTimeout = 75 * time.Second
	// DataTimeout is how long TCP retransmits unacknowledged data: Linux
	// with tcp_retries2 = 15 ("a hypothetical timeout of 924.6 seconds",
	// Documentation/networking/ip-sysctl).
	DataTimeout = 924600 * time.Millisecond
)

// A Stream is one direction of a TCP connection over a lossy path: it keeps the
// order, and says when to retransmit a lost segment. The zero Stream is ready
// for use.
type Stream struct {
	last  time.Time // when the last segment arrives
	tries int       // how often the segment in hand has been lost
	since time.Time // when it was lost first
}

// Deliver takes the time at which the path delivers a segment, and returns when
// the reader gets it: not before earlier segments.
func (s *Stream) Deliver(arrives time.Time) time.Time {
	s.tries = 0
	if arrives.Before(s.last) {
		arrives = s.last
	}
	s.last = arrives
	return arrives
}

// Lost returns when to retransmit a segment that the path lost at now, or false
// if it has been tried for longer than limit.
func (s *Stream) Lost(now time.Time, limit time.Duration) (again time.Time, ok bool) {
	if s.tries == 0 {
		s.since = now
	}
	if now.Sub(s.since) >= limit {
		return time.Time{}, false
	}
	rto := maxRTO
	if s.tries < 6 { // 1, 2, 4 … 32 s; 64 s is above the bound
		rto = firstRTO << s.tries
	}
	s.tries++
	// The last wait ends with the limit, so that giving up is on time.
	return now.Add(min(rto, s.since.Add(limit).Sub(now))), true
}
