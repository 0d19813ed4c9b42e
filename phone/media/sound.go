package media

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Capture sends one frame from the microphone, or in its place a piece of a
// DTMF digit. The frame may have any length; packets have the length that was
// negotiated.
func (s *Session) Capture(now time.Time, frame []int16) []system.Effect {
	if s.closed || len(frame) == 0 {
		return nil
	}
	s.notice(now)
	s.strip.said(frame)
	return s.out.capture(now, frame)
}

// Playout fills frame with the next samples from the peer: its sound, made-up
// sound where a packet is missing, or silence.
func (s *Session) Playout(now time.Time, frame []int16) {
	if s.closed || !s.n.Receive {
		clear(frame)
		return
	}
	s.notice(now)
	s.in.buffer.fill(s.at(now), frame)
	if !s.inward.empty(now) { // what is made up is not heard
		s.strip.heard(frame)
	}
}

// Drain is [Session.Playout] where the sound card that is to play the samples does not: what
// they are of is listened to, and counts as not played.
func (s *Session) Drain(now time.Time, frame []int16) {
	s.in.buffer.drains = true
	s.Playout(now, frame)
	s.in.buffer.drains = false
}

// Missed says that the microphone has given nothing for a gap that ends now: our timestamps
// go on with the time.
func (s *Session) Missed(now time.Time, gap time.Duration) {
	s.notice(now)
	s.out.lapse(gap)
}

// Withholds reports whether audio is not sent only because there are no keys yet, or because
// the address has not shown that it receives; what is spared takes silence.
func (s *Session) Withholds() bool { return s.out.withholds() }

// Empty reports whether what is played is no sound of the peer's: nothing has come for a
// while, and no comfort noise has said that nothing would, as far as that is still known.
func (s *Session) Empty(now time.Time) bool { return s.inward.empty(now) }

// SendDTMF queues digits (0-9 * # A-D, in either case), which Capture sends
// one after another, 160 ms each with 80 ms between them. The error is
// [ErrNoDTMF], [ErrOnHold] or [ErrTooMany], or names a character that is not a
// digit; then none is sent.
func (s *Session) SendDTMF(now time.Time, list string) error {
	s.notice(now)
	return s.out.dial(list)
}
