package media

import (
	"fmt"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// deadAfter is how long no packet gets through until the direction is said to
	// be dead (our own number: a hundred packets of 20 ms; reports of RTCP come
	// every five seconds, RFC 3550 §6.2).
	deadAfter = 2 * time.Second
	// emptyAfter is how long no packet comes until what is played is no longer the
	// peer's sound (our own number: longer than the jitter buffer and concealment).
	emptyAfter = 500 * time.Millisecond
)

// A passage is one direction of the audio, and whether it gets through.
type passage struct {
	due  bool      // something has to get through
	last time.Time // when something did, or when it came to be due
	dead bool      // as the log says
}

// deadline is when the passage is dead, if nothing gets through.
func (p *passage) deadline() time.Time {
	if !p.due || p.dead {
		return time.Time{}
	}
	return p.last.Add(deadAfter)
}

// dies reports whether the passage is dead from now on.
func (p *passage) dies(now time.Time) bool {
	dies := system.Due(p.deadline(), now)
	p.dead = p.dead || dies
	return dies
}

// deadFor is how long the passage has been dead; 0: it is not.
func (p *passage) deadFor(now time.Time) time.Duration {
	if !p.dead {
		return 0
	}
	return now.Sub(p.last)
}

// missing is how many packets of a length have not got through since the passage died.
func (p *passage) missing(now time.Time, length time.Duration) uint64 {
	return uint64(p.deadFor(now) / length)
}

// leapt begins anew after a time in which nobody looked.
func (p *passage) leapt(now time.Time) { *p = passage{due: p.due, last: now} }

// pass notes that something got through. It returns what there is to say if the
// passage was dead.
func (p *passage) pass(now time.Time, call int, way string) []system.Effect {
	gap, was := now.Sub(p.last), p.dead
	p.last, p.dead = now, false
	if !was {
		return nil
	}
	return []system.Effect{system.Log{Event: event.Media{
		Call: call, Phase: event.MediaBack, Detail: fmt.Sprintf("%s, after %s of nothing", way, event.Round(gap)),
	}}}
}

// Answered says that both ends have answered: audio has to come from now on. Before,
// in early media, nothing has to.
func (s *Session) Answered(now time.Time) {
	s.answered = true
	s.expect(now)
}

// expect says of both directions whether something has to get through. What was missing
// when nothing has to any more stays missing.
func (s *Session) expect(now time.Time) {
	if due := s.answered && s.n.Receive && !s.pauses; due != s.inward.due {
		s.gap += s.inward.missing(now, s.n.PTime)
		s.inward = passage{due: due, last: now}
	}
	if due := s.answered && s.sending(); due != s.outward.due {
		s.outward = passage{due: due, last: now}
	}
}

// Empty reports whether what is played is no sound of the peer's, for nothing comes
// though it has to.
func (s *Session) Empty(now time.Time) bool {
	return s.inward.due && now.Sub(s.inward.last) >= emptyAfter
}

// arrives notes a packet of the peer's stream. Its sequence number will tell what was
// lost before it.
func (s *Session) arrives(now time.Time) []system.Effect {
	s.gap += s.inward.missing(now, s.n.PTime)
	return s.inward.pass(now, s.cfg.Call, "in")
}

// pausing notes whether the newest packet is one of comfort noise: then no more
// come until there is sound again (RFC 3389 §4).
func (s *Session) pausing(now time.Time, sequence uint16, kind payloadKind) {
	if sequence == uint16(s.source.highest) {
		s.pauses = kind == noisePayload
		s.expect(now)
	}
}

// falls logs that nothing arrives, when it is time.
func (s *Session) falls(now time.Time) []system.Effect {
	if !s.inward.dies(now) {
		return nil
	}
	note := fmt.Sprintf("nothing has come from %s for %s", s.remote, event.Round(now.Sub(s.inward.last)))
	if n := s.received(); n > 0 {
		note += fmt.Sprintf(", after %d packets", n)
	}
	return warn(event.RuleNoAudioIn, note+"; "+s.far.says(now), s.whyNothing())
}

// says is what the far end's reports say of its sending.
func (f *far) says(now time.Time) string {
	switch {
	case f.at.IsZero() || now.Sub(f.at) > farSilent:
		return "nor does it report"
	case f.sends:
		return fmt.Sprintf("it reports that it has sent %d packets", f.sent)
	}
	return "it reports that it sends nothing"
}

func warn(rule event.Rule, note, hint string) []system.Effect {
	return []system.Effect{system.Log{Event: event.Warning{Rule: rule, Note: note, Hint: hint}}}
}

func (s *Session) whyNothing() string {
	switch refused := s.origin.refused.Total(); {
	case refused > 0:
		return fmt.Sprintf("%d packets from elsewhere were refused: let the server relay the audio, or --accept-from any", refused)
	case s.out.packets == 0:
		return "we have sent nothing either, and a NAT lets in only what answers: give the phone a microphone, or --mic silence"
	}
	return "a firewall or NAT on the way, a far end without microphone, a relay that has lost the call"
}

// farSilent is how old the far end's last report may be: three intervals of the five
// seconds that two parties have (RFC 3550 §6.2, §6.3.5 has five for a timeout).
const farSilent = 15 * time.Second

// A far is what the other end reports.
type far struct {
	at      time.Time // of its last report; zero: none
	sends   bool      // the report was one of a sender
	sent    uint32    // packets, as it says
	told    bool      // it has reported on our audio
	lost    uint64    // of our packets, in all
	of      uint64    // packets that we had sent then
	known   uint64    // and when it last named one that was new
	jitter  uint32    // timestamp units
	highest uint32    // the last of our sequence numbers that it has received
}

// lossPct is the share of our packets that the far end reports as lost.
func (f *far) lossPct() float64 {
	if f.of == 0 {
		return 0
	}
	return min(100, 100*float64(f.lost)/float64(f.of))
}

func (f *far) jitterDuration() time.Duration {
	return time.Duration(f.jitter) * time.Second / clockRate
}

// reportedOn takes in one report of the far end: about itself, and about us. A report
// that names none of our packets that are new is one of a far end that receives
// nothing.
func (s *Session) reportedOn(now time.Time, blocks []rtcp.ReceptionReport) []system.Effect {
	f := &s.far
	f.at = now
	for _, b := range blocks {
		if b.SSRC != s.out.ssrc {
			continue
		}
		news := !f.told || b.LastSequenceNumber != f.highest
		f.told, f.lost, f.jitter, f.highest, f.of = true, lostOf(b), b.Jitter, b.LastSequenceNumber, s.out.packets
		if news {
			f.known = s.out.packets
			return s.outward.pass(now, s.cfg.Call, "out")
		}
	}
	return s.unheard(now)
}

// lostOf is how many packets a report has as lost; fewer than none, where duplicates
// came, are none (24 bits with a sign, RFC 3550 §6.4.1).
func lostOf(b rtcp.ReceptionReport) uint64 {
	if b.TotalLost >= 1<<23 {
		return 0
	}
	return uint64(b.TotalLost)
}

// speaks notes that a packet was sent: before the first since the far end has named one,
// nothing could have got through.
func (s *Session) speaks(now time.Time) {
	if s.out.packets == s.far.known+1 {
		s.outward.last = now
	}
}

// unheard logs that the far end receives nothing, by its report, if it could have.
func (s *Session) unheard(now time.Time) []system.Effect {
	since := now.Sub(s.outward.last)
	if s.out.packets == s.far.known || !s.outward.dies(now) {
		return nil
	}
	return warn(event.RuleNoAudioOut,
		fmt.Sprintf("the far end reports nothing of what we sent to %s in the last %s: %d packets in all", s.remote, event.Round(since), s.out.packets),
		"a firewall or NAT on the way, a relay that has lost the call, an address in its session description that is not its own")
}
