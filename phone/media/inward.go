package media

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/media/xr"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// An inward is the peer's audio on its way to us: what of it has come, what was due and has
// not, and what came in its place.
type inward struct {
	*basis
	route  *route
	keys   *protection
	buffer *jitterBuffer
	passage
	source  source
	lastSR  senderReport
	past    counts    // of streams before this one
	pause   pause     // the peer said so
	foreign foreign   // what else comes from it
	sounded time.Time // when the last packet that can be played has come
	gap     absent    // what did not come while nothing did, until the next packet tells
	hole    hole
	runs    xr.Reception // which packets were lost, in a row or alone

	unplayed uint64 // packets of its stream with no audio of this call in them
}

// A senderReport is what our reports say of the last one of the peer's stream, and of what
// has come of it by our last one.
type senderReport struct {
	ntp      uint32    // its short NTP time,
	at       time.Time // and when it came; zero: none
	reported uint64    // packets received when our last report was sent
}

// counts are the totals of streams that are over.
type counts struct {
	expected, received uint64
	closed             uint64 // of those expected: they came, and did not open
	jitterMax          time.Duration
}

// received is how many packets of the peer have come.
func (i *inward) received() uint64 { return i.past.received + i.source.unique }

// heard reports whether there is a stream of the peer: an initialised source
// has a clock rate.
func (i *inward) heard() bool { return i.source.clockRate != 0 }

// follow goes on with another stream of the peer.
func (i *inward) follow(next source) {
	if i.heard() {
		i.past.expected += i.source.expected()
		i.past.received += i.source.unique
		i.past.jitterMax = max(i.past.jitterMax, i.source.jitterDuration(i.source.jitterMax))
	}
	i.settle(absent{})
	i.runs.Lose(0)
	i.source, i.lastSR = next, senderReport{}
}

// tune measures by the clock of another codec.
func (i *inward) tune(c codec.Codec) {
	if i.heard() {
		i.past.jitterMax = max(i.past.jitterMax, i.source.jitterDuration(i.source.jitterMax))
		i.source.clock(c.ClockRate)
	}
}

// leap drops the measurements from before a gap that ends now.
func (i *inward) leap(now time.Time, gap time.Duration) {
	i.source.forgetTiming()
	i.lastSR.at = time.Time{}
	i.gap = i.gap.and(i.missing(now.Add(-gap)))
	i.leapt(now)
	i.pause.vouch(now)
}

// expect says whether something has to get through. What was missing when nothing has to any
// more stays missing. A peer that holds the call may send music, and has to send nothing.
func (i *inward) expect(now time.Time) {
	if due := i.mayDoubt() && !i.pause.on; due != i.due {
		i.gap = i.gap.and(i.missing(now))
		i.passage = passage{due: due, last: now}
	}
}

// empty reports whether nothing of the peer's has come for a while: see [Session.Empty].
func (i *inward) empty(now time.Time) bool {
	return (!i.pause.on || i.pause.unknown) && (i.sounded.IsZero() || now.Sub(i.sounded) >= emptyAfter)
}

// packetTime is the length of the peer's packets, as far as it is known.
func (i *inward) packetTime() time.Duration {
	if size := i.buffer.packetSize; size > 0 {
		return durationOf(int64(size), i.Rate())
	}
	return i.n.PTime
}

// arrives notes a packet of the peer's that can be played.
func (i *inward) arrives(now time.Time) []system.Effect {
	if now.After(i.last.Add(emptyAfter)) { // else it is one of those that must come for life
		i.gap = i.gap.and(i.missing(now.Add(-i.packetTime()))) // without the one in hand
	}
	i.sounded = now
	i.foreign.settle()
	return i.pass(now, backAfter, i.cfg.Call, "in")
}

// whatCame is what has come in place of audio.
func (i *inward) whatCame(now time.Time) string {
	silent := fmt.Sprintf("from %s for %s", i.route.remote, event.Round(now.Sub(i.last)))
	if other := i.foreign.says(); other != "" {
		return fmt.Sprintf("no audio has come %s; %s; agreed are %s", silent, other, agreedTypes(&i.n))
	}
	if n := i.received(); n > 0 {
		silent += fmt.Sprintf(", after %d packets", n)
	}
	return "nothing has come " + silent
}

// totals are the packets of all streams of a call. Absent are those of them that have not
// come, and no sequence number tells so yet.
type totals struct {
	expected, received, closed uint64
	absent                     absent
}

// totals are those until now.
func (i *inward) totals(now time.Time) totals {
	t := totals{received: i.received(), absent: i.gap.and(i.missing(now))}
	t.expected, t.closed = i.past.expected+t.absent.due, i.past.closed+t.absent.closed()
	if i.heard() {
		t.expected += i.source.expected()
	}
	return t
}

// lost is how many never came.
func (t totals) lost() uint64 { return t.expected - min(t.expected, t.received+t.closed) }

// unheard is which share of the packets was not heard, because they did not come, came too
// late, or have nothing in them that can be played; ok is false where nothing comes that
// could be judged: what does not come has no quality.
func (i *inward) unheard(t totals) (share float64, ok bool) {
	if t.expected <= t.closed || i.dead || i.pause.unknown {
		return 0, false
	}
	n := t.lost() + i.buffer.late + i.unplayed
	n -= min(n, i.buffer.remedy.recovered)
	return min(1, float64(n)/float64(t.expected-t.closed)), true
}
