package media

import (
	"fmt"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A pause is a time in which the peer sends nothing on purpose, as it has said by comfort
// noise (RFC 3389 §4) or, in Opus, by a packet with nothing in it (RFC 6716 §2.1.9). It looks
// like a stream that has died. What tells them apart is the peer's RTCP: reports that it
// sends nothing vouch for the silence, one that counts packets which have not come
// contradicts it.
type pause struct {
	on      bool
	since   time.Time // when it began, or the peer last vouched for it
	unknown bool      // nobody does any more, as the log says
	quiet   bool      // the last packet had nothing in it

	// The last report on the peer's sending in the pause, and what had come by then.
	at   time.Time // zero: none
	sent uint32
	got  uint64
}

// deadline is when nobody has vouched for the pause for too long.
func (p *pause) deadline() time.Time {
	if !p.on || p.unknown {
		return time.Time{}
	}
	return p.since.Add(farSilent)
}

// vouch notes that the peer says that it is silent.
func (p *pause) vouch(now time.Time) { p.since, p.unknown = now, false }

// unknownFor is for how long nobody knows whether audio would get through; 0: it is known.
func (p *pause) unknownFor(now time.Time) time.Duration {
	if !p.unknown {
		return 0
	}
	return now.Sub(p.since)
}

// denied takes in a report of the peer in a pause, when so many packets of it had come, and
// reports whether it contradicts the pause: the peer sends, and nothing has come of that
// since its report before.
func (p *pause) denied(now time.Time, f *far, got uint64) bool {
	if f.sends && !p.at.IsZero() && uint64(f.sent-p.sent) >= got-p.got+backAfter {
		return true
	}
	p.vouch(now)
	if f.sends {
		p.at, p.sent, p.got = now, f.sent, got
	}
	return false
}

// by is how the peer has said that it pauses.
func (p *pause) by() string {
	if p.quiet {
		return "an empty packet (DTX)"
	}
	return "comfort noise"
}

// pausing notes whether the newest packet, which is in hand, says that no more come until
// there is sound again, though digits may: it is one of comfort noise, or has nothing in it.
// A peer that sends those one after the other goes on.
func (i *inward) pausing(now time.Time, p *rtp.Packet, holds codec.Contents, c codec.Codec, kind payloadKind) {
	last := &i.source
	if p.SequenceNumber != uint16(last.highest) || kind == tonePayload {
		return
	}
	on := kind == noisePayload || holds.Quiet
	if holds.Quiet && i.pause.quiet && last.timed && int64(p.Timestamp-last.lastStamp) == c.Ticks(holds.Samples) {
		on = false
	}
	i.pause = pause{on: on, quiet: holds.Quiet, since: now}
	i.expect(now)
}

// reportedPause takes in a report of the peer in a pause.
func (i *inward) reportedPause(now time.Time, f *far) {
	if !i.pause.on || !i.pause.denied(now, f, i.received()) {
		return
	}
	since := i.pause.at
	i.pause = pause{}
	i.expect(now)
	i.last = since
}

// doubts logs that nobody knows any more whether the peer is silent, or dead.
func (i *inward) doubts(now time.Time) []system.Effect {
	p := &i.pause
	if !system.Due(i.doubtful(), now) {
		return nil
	}
	p.unknown = true
	return i.warn(event.RuleSilenceUnproven, event.Inward,
		fmt.Sprintf("the peer said by %s that it is silent, and nothing at all has come from %s for %s: nobody knows whether audio would get through",
			p.by(), i.route.remote, event.Round(now.Sub(p.since))),
		"RTCP at the far end, whose reports tell silence from death; or its comfort noise or DTX off")
}

// doubtful is when there is reason to doubt the silence.
func (i *inward) doubtful() time.Time {
	if !i.mayDoubt() {
		return time.Time{}
	}
	return i.pause.deadline()
}

// mayDoubt reports whether audio would have to come, if the peer had not said otherwise.
func (i *inward) mayDoubt() bool { return i.answered && i.n.Receive && i.route.wanted() }
