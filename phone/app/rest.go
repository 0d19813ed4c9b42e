package app

import (
	"cmp"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// rest notes that the calls go on unheard, on hold or without the system's audio session, or
// that they do no longer. Then the recordings get silence for that time, so that they are as
// long as the calls: nothing has to run meanwhile, and the app may be suspended.
func (s *sound) rest(now time.Time, on bool) {
	switch {
	case on && !s.next.IsZero():
		s.rested = s.next.Add(-frameTime)
	case !on && !s.rested.IsZero():
		s.fillRest(now.Sub(s.rested).Truncate(frameTime))
		s.rested = time.Time{}
	}
}

func (s *sound) fillRest(gap time.Duration) {
	if s.cfg.Speaker == nil && s.cfg.Sent == nil {
		return
	}
	if gap > longestGap {
		s.out.problem("", "record the call", "the hold of "+event.Round(gap)+" is cut to "+event.Round(longestGap), "record each call into a file of its own")
	}
	s.tapeSilence(gap, s.rate)
}

// tapeSilence writes silence to the recordings, no more than the longest gap, at the rate that
// they have, or else at one.
func (s *sound) tapeSilence(gap time.Duration, rate int) {
	for gap = min(gap, longestGap); gap > 0; gap -= longestPiece {
		piece := min(gap, longestPiece)
		s.keepHeard(quiet(s.cfg.Speaker, rate, piece))
		s.keepSent(quiet(s.cfg.Sent, rate, piece))
	}
}

// quiet is silence for a recording.
func quiet(sink pcm.Sink, rate int, d time.Duration) (int, []int16) {
	if sink == nil {
		return rate, nil
	}
	rate = cmp.Or(sink.Rate(), rate)
	return rate, make([]int16, pcm.Samples(d, rate))
}
