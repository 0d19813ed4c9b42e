package media

import (
	"math"
	"time"
)

// Limits of RFC 3550 appendix A.1.
const (
	maxDropout    = 3000 // packets; a larger step forward is a restart of the peer
	maxMisorder   = 100  // packets; a larger step back is one too
	minSequential = 2    // packets in sequence prove a new source
	sequenceSpan  = 1 << 16
)

// maxTransitStep is the largest change of transit time between two packets that
// counts as jitter. A larger one is a clock that leapt (an app that was frozen,
// a peer that restarted), not jitter.
const maxTransitStep = time.Second

// A source is what RFC 3550 keeps about one synchronisation source: sequence
// numbers (A.1), loss (A.3) and interarrival jitter (A.8).
type source struct {
	ssrc     uint32
	base     uint32 // extended sequence number of the first packet
	highest  uint32 // extended, of the newest packet
	restart  uint32 // the sequence number that would confirm a restart; beyond the range: none
	received uint64 // packets, duplicates included, as A.3 counts them
	unique   uint64 // packets without duplicates
	seen     uint64 // bit i: highest-i has arrived

	clockRate   int     // Hz
	timed       bool    // lastArrival and lastStamp are set
	lastArrival int64   // of the last packet, in timestamp units of our clock
	lastStamp   uint32  // its timestamp
	jitter      float64 // timestamp units
	jitterMax   float64
	priorExpect uint64 // at the last report
	priorRecv   uint64
}

// noRestart is no sequence number (RS in A.1 plays it with RTP_SEQ_MOD+1).
const noRestart = sequenceSpan + 1

func newSource(ssrc uint32, sequence uint16, clockRate int) source {
	return source{ssrc: ssrc, base: uint32(sequence), highest: uint32(sequence) - 1, restart: noRestart, clockRate: clockRate}
}

// verdict classifies a packet of a source.
type verdict int

const (
	accepted  verdict = iota
	duplicate         // it has been here before
	misfit            // far out of sequence: not counted, not played
	restarted         // the peer began a new sequence; the packet counts
)

// update handles a sequence number as A.1 does.
func (s *source) update(sequence uint16) verdict {
	step := sequence - uint16(s.highest)
	switch {
	case step == 0:
		s.received++
		return duplicate
	case step < maxDropout:
		s.advance(uint32(step))
		return accepted
	case step <= sequenceSpan-maxMisorder:
		return s.leap(sequence)
	default:
		return s.reordered(sequence)
	}
}

// advance takes in a packet that is newer than all before it.
func (s *source) advance(step uint32) {
	s.highest += step
	s.seen = s.seen<<step | 1 // a shift of 64 or more leaves nothing, as it should
	s.received++
	s.unique++
	s.restart = noRestart
}

// reordered takes in a packet that is a little older than the newest.
func (s *source) reordered(sequence uint16) verdict {
	back := uint16(s.highest) - sequence
	s.received++
	if back < 64 {
		bit := uint64(1) << back
		if s.seen&bit != 0 {
			return duplicate
		}
		s.seen |= bit
	}
	if first := s.highest - uint32(back); int32(first-s.base) < 0 {
		s.base = first // older than the first to arrive: it was expected after all
	}
	s.unique++
	return accepted
}

// leap handles a packet far out of sequence: two in a row mean that the peer
// has restarted without notice.
func (s *source) leap(sequence uint16) verdict {
	if uint32(sequence) != s.restart {
		s.restart = uint32(sequence + 1)
		return misfit
	}
	lost := s.lost()
	received, unique, rate := s.received, s.unique, s.clockRate
	jitter, most := s.jitter, s.jitterMax
	*s = newSource(s.ssrc, sequence, rate)
	// The new sequence continues the old counts: base is set so far back
	// that what was lost stays lost.
	s.base -= uint32(unique + lost)
	s.received, s.unique, s.jitter, s.jitterMax = received, unique, jitter, most
	s.advance(1)
	return restarted
}

// observe updates the jitter with a packet that arrived at the time `at` (in
// timestamp units of our clock), as A.8 does. Packets of one sampling instant
// (RFC 4733 updates) carry no information and are left out.
func (s *source) observe(at int64, timestamp uint32) {
	first := !s.timed
	if !first && timestamp == s.lastStamp {
		return
	}
	// The difference of timestamps is taken modulo 2^32, so that a wrap is
	// no jump.
	d := math.Abs(float64(at - s.lastArrival - int64(int32(timestamp-s.lastStamp))))
	s.timed, s.lastArrival, s.lastStamp = true, at, timestamp
	if first || d > float64(s.clockRate)*maxTransitStep.Seconds() {
		return
	}
	s.jitter += (d - s.jitter) / 16
	s.jitterMax = max(s.jitterMax, s.jitter)
}

// clock goes on with another clock of timestamps.
func (s *source) clock(rate int) {
	s.clockRate, s.timed, s.jitter, s.jitterMax = rate, false, 0, 0
}

// forgetTiming makes the next packet the first of a new measurement.
func (s *source) forgetTiming() { s.timed = false }

// excuse has the packets between the newest and one that has just come not
// expected any more.
func (s *source) excuse(sequence uint16) {
	if step := sequence - uint16(s.highest); step > 1 && step < maxDropout {
		s.base += uint32(step) - 1
	}
}

// expected is how many packets the sequence numbers say were sent.
func (s *source) expected() uint64 { return uint64(s.highest - s.base + 1) }

// lost is how many of them never came.
func (s *source) lost() uint64 {
	if e := s.expected(); e > s.unique {
		return e - s.unique
	}
	return 0
}

// cumulativeLost is the loss as a report states it (A.3): duplicates make it
// smaller, and it is clamped to 24 bits.
func (s *source) cumulativeLost() uint32 {
	lost := int64(s.expected()) - int64(s.received)
	return uint32(min(max(lost, -0x800000), 0x7FFFFF)) & 0xFFFFFF
}

// fractionLost is the loss since the last call in 1/256 (A.3).
func (s *source) fractionLost() uint8 {
	expected := int64(s.expected() - s.priorExpect)
	lost := expected - int64(s.received-s.priorRecv)
	s.priorExpect, s.priorRecv = s.expected(), s.received
	if expected <= 0 || lost <= 0 {
		return 0
	}
	return uint8(min(lost<<8/expected, 255))
}

// jitterDuration turns timestamp units into a duration.
func (s *source) jitterDuration(units float64) time.Duration {
	return time.Duration(units / float64(s.clockRate) * float64(time.Second))
}
