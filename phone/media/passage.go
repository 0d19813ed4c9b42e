package media

import (
	"fmt"
	"time"

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
	// backAfter is how many packets must come until a direction is said to be alive again
	// (our own number): a keepalive now and then (RFC 6263) is no audio.
	backAfter = 5
)

// A passage is one direction of the audio, and whether it gets through.
type passage struct {
	due    bool      // something has to get through
	last   time.Time // when something did, or when it came to be due
	dead   bool      // as the log says
	since  time.Time // when it died
	few    int       // what has got through lately, too little to be alive
	closed uint64    // what came since then and did not open
	first  time.Time // and when that began
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
	if !system.Due(p.deadline(), now) {
		return false
	}
	p.dead, p.since, p.few = true, p.last, 0
	return true
}

// deadFor is how long the passage has been dead; 0: it is not.
func (p *passage) deadFor(now time.Time) time.Duration {
	if !p.dead {
		return 0
	}
	return now.Sub(p.since)
}

// missing is how many packets of a length have not got through since the last one, if
// the passage is dead.
func (p *passage) missing(now time.Time, length time.Duration) uint64 {
	if !p.dead {
		return 0
	}
	return uint64(now.Sub(p.last) / length)
}

// leapt begins anew after a time in which nobody looked.
func (p *passage) leapt(now time.Time) { *p = passage{due: p.due, last: now} }

// pass notes that something got through. A passage that was dead is alive when enough has,
// one after the other: it returns what there is to say then.
func (p *passage) pass(now time.Time, enough, call int, way string) []system.Effect {
	if p.few == 0 || now.Sub(p.last) > emptyAfter {
		p.few, p.first = 0, now
	}
	p.last, p.closed = now, 0
	if p.few++; !p.dead || p.few < enough {
		return nil
	}
	p.dead = false
	return []system.Effect{system.Log{Event: event.Media{
		Call: call, Phase: event.MediaBack, Detail: fmt.Sprintf("%s, after %s of nothing", way, event.Round(p.first.Sub(p.since))),
	}}}
}

// Answered says that both ends have answered: audio has to come from now on. Before,
// in early media, nothing has to.
func (s *Session) Answered(now time.Time) {
	s.answered = true
	s.expect(now)
}

// expect says of both directions whether something has to get through. What was missing
// when nothing has to any more stays missing. A peer that holds the call may send music,
// and has to send nothing.
func (s *Session) expect(now time.Time) {
	if due := s.mayDoubt() && !s.pause.on; due != s.inward.due {
		s.gap = s.gap.and(s.missing(now))
		s.inward = passage{due: due, last: now}
	}
	s.outward.expect(now, s.out.sending())
}

// Empty reports whether what is played is no sound of the peer's: nothing has come for a
// while, and no comfort noise has said that nothing would, as far as that is still known.
func (s *Session) Empty(now time.Time) bool {
	return (!s.pause.on || s.pause.unknown) && (s.sounded.IsZero() || now.Sub(s.sounded) >= emptyAfter)
}

// packetTime is the length of the peer's packets, as far as it is known.
func (s *Session) packetTime() time.Duration {
	if size := s.buffer.packetSize; size > 0 {
		return durationOf(int64(size), s.Rate())
	}
	return s.n.PTime
}

// arrives notes a packet of the peer's that can be played.
func (s *Session) arrives(now time.Time) []system.Effect {
	if now.Sub(s.inward.last) > emptyAfter { // else it is one of those that must come for life
		s.gap = s.gap.and(s.missing(now.Add(-s.packetTime()))) // without the one in hand
	}
	s.sounded = now
	s.foreign.settle()
	return s.inward.pass(now, backAfter, s.cfg.Call, "in")
}

// falls logs that nothing arrives, when it is time; the numbers follow at once.
func (s *Session) falls(now time.Time) []system.Effect {
	if !s.inward.dies(now) {
		return nil
	}
	s.nextStats = now
	return s.warn(event.RuleNoAudioIn, event.Inward, s.whatCame(now)+"; "+s.outward.far.says(now), s.whyNothing())
}

// whatCame is what has come in place of audio.
func (s *Session) whatCame(now time.Time) string {
	silent := fmt.Sprintf("from %s for %s", s.route.remote, event.Round(now.Sub(s.inward.last)))
	if other := s.foreign.says(); other != "" {
		return fmt.Sprintf("no audio has come %s; %s; agreed are %s", silent, other, agreedTypes(&s.n))
	}
	if n := s.received(); n > 0 {
		silent += fmt.Sprintf(", after %d packets", n)
	}
	return "nothing has come " + silent
}

func (s *Session) whyNothing() string {
	switch refused, keyless := s.route.origin.refused.Total(), s.keys.why(); {
	case keyless != "":
		return keyless
	case refused > 0:
		return fmt.Sprintf("%d packets from elsewhere were refused: let the server relay the audio, or --accept-from any", refused)
	case s.unopened.row > 0:
		return "audio that is not protected as agreed, see srtp-auth-failed"
	case len(s.foreign.lately) > 0:
		return "a far end that sends another codec than it has agreed on, or encrypts what is to be plain; or somebody else who sends to our port"
	case s.out.packets == 0 && s.out.unsent.total > 0:
		return "this computer has not sent what we say (send-refused), and a NAT lets in only what answers"
	case s.out.packets == 0:
		return "we have sent nothing either, and a NAT lets in only what answers: give the phone a microphone, or --mic silence"
	}
	return "a firewall or NAT on the way, a far end without microphone, a relay that has lost the call"
}
