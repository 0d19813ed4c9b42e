package media

import (
	"time"
)

// leapAfter is the longest step of time between two calls of a session while the app
// runs: it is called at least once a second, for the statistics. Of a shorter standstill
// only the app can tell: see [Session.Stood].
const leapAfter = 2 * time.Second

// settling is how long after a leap of the time packets are not played, and count
// neither as lost nor for jitter: what waited in the kernel meanwhile comes in a
// lump, and what found no room there was not lost by the network. It is time
// enough to read a full socket.
const settling = 200 * time.Millisecond

// A lapse says when a session was last called, and when the time has leapt meanwhile.
type lapse struct {
	seen  time.Duration // since the start
	leapt time.Time
}

// steps takes in a call at a time since the start, and returns that since the last one.
func (l *lapse) steps(at time.Duration) time.Duration {
	step := at - l.seen
	l.seen = at
	return step
}

// settles reports whether the time has leapt just now.
func (l *lapse) settles(now time.Time) bool {
	return !l.leapt.IsZero() && now.Sub(l.leapt) < settling
}

// notice checks whether the time has leapt since the last call, and if so drops
// the measurements from before. Whatever the call is about, the deadline may change by it.
func (s *Session) notice(now time.Time) {
	s.due.Forget()
	if step := s.lapse.steps(s.since(now)); step > leapAfter {
		s.leap(now, step)
	}
	s.look(now)
}

// Stood says that nothing moved the frames for a gap that ends now, though it is shorter
// than a leap: what came meanwhile says nothing of the network, and our timestamps go on
// with the time.
func (s *Session) Stood(now time.Time, gap time.Duration) {
	if s.closed {
		return
	}
	if s.notice(now); s.lapse.leapt != now {
		s.leap(now, gap)
	}
	s.out.lapse(gap)
}

// leap drops the measurements from before a gap that ends now.
func (s *Session) leap(now time.Time, gap time.Duration) {
	s.lapse.leapt = now
	s.in.buffer.reset()
	s.inward.leap(now, gap)
	s.unopened.leap()
	s.control.forgetTiming(now)
	s.strip.leapt(now, s.tallies())
	s.outward.leapt(now)
	s.out.unsent.rest()
	s.out.hush = hush{}
	s.control.schedule(now)
}
