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

// leapt begins anew after a time in which nobody looked, or nothing could get through.
func (p *passage) leapt(now time.Time) { *p = passage{due: p.due, last: now} }

// pass notes that something got through. A passage that was dead is alive when enough has,
// one after the other: it returns what there is to say then.
func (p *passage) pass(now time.Time, enough, call int, way string) []system.Effect {
	if p.few == 0 || now.After(p.last.Add(emptyAfter)) {
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
