package link

import "time"

// The sizes of the headers on the wire: IPv4 with TCP, and with UDP, without
// options (RFC 791, RFC 9293, RFC 768).
const (
	tcpHeaders = 20 + 20
	udpHeaders = 20 + 8
)

// reorderDelay is by how much a reordered datagram is late: two RTP packets of
// 20 ms overtake it. Like netem(8), the link reorders by a delay, not by a
// count.
const reorderDelay = 50 * time.Millisecond

// maxWaiting is how long a datagram may wait for its turn on a narrow link; one
// that would wait longer is dropped at the queue's tail. Queues of about a
// second are typical of mobile networks.
const maxWaiting = time.Second

// A shape is one direction of the handset's link: a [Path] that can also limit
// the bandwidth, and duplicate and reorder datagrams. The zero shape is a
// straight wire.
type shape struct {
	Path
	duplicate, reorder float64
	rate               int       // bits per second; 0: without limit
	free               time.Time // when what was sent before has left
}

// straight reports whether the shape is a straight wire.
func (s *shape) straight() bool {
	return s.Latency == 0 && s.Jitter == 0 && s.Loss == 0 && s.duplicate == 0 && s.reorder == 0 && s.rate == 0
}

// turn returns when the next packet can leave.
func (s *shape) turn(now time.Time) time.Time {
	if s.rate > 0 && s.free.After(now) {
		return s.free
	}
	return now
}

// leave returns when a packet of that size has left a narrow link.
func (s *shape) leave(now time.Time, size int) time.Time {
	if s.rate == 0 {
		return now
	}
	if s.free.Before(now) {
		s.free = now
	}
	s.free = s.free.Add(time.Duration(float64(size) * 8 / float64(s.rate) * float64(time.Second)))
	return s.free
}

// segment sends a piece of a stream.
func (s *shape) segment(now time.Time, size int) (arrives time.Time, ok bool) {
	return s.Send(s.leave(now, size+tcpHeaders))
}

// datagram sends a datagram, and returns when it arrives: never, once or twice.
func (s *shape) datagram(now time.Time, size int) (at [2]time.Time, n int) {
	if s.rate > 0 && s.free.Sub(now) > maxWaiting {
		return at, 0
	}
	arrives, ok := s.Send(s.leave(now, size+udpHeaders))
	if !ok {
		return at, 0
	}
	if s.happens(s.reorder) {
		arrives = arrives.Add(reorderDelay)
	}
	at[0], n = arrives, 1
	if s.happens(s.duplicate) {
		at[1], n = arrives, 2
	}
	return at, n
}

func (s *shape) happens(share float64) bool { return share > 0 && s.rng.Float64() < share }
