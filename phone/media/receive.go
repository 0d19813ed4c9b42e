package media

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// comfortNoise is the static payload type of RFC 3389; the other is that of the drafts
// before it (RFC 3551 §6 reserves it), which some still send.
const comfortNoise, oldComfortNoise = 13, 19

// payloadKind is the meaning of a payload type in this session.
type payloadKind int

const (
	unknownPayload payloadKind = iota
	audioPayload
	tonePayload
	noisePayload
)

// A reception is what a session plays of what has come: audio, digits and comfort noise.
type reception struct {
	*basis
	admission
	route    *route
	inward   *inward
	sender   *sender    // whose name may be that of the peer, too
	packet   rtp.Packet // being read; kept for its slices
	buffer   jitterBuffer
	digits   toneReceiver
	noises   uint64 // packets of comfort noise that have come
	collided bool   // our SSRC was changed once already
}

// tune has everything that counts in samples or in units of the clock begin anew, at the
// rates of the codec.
func (r *reception) tune() {
	r.buffer.tune(r.n.Codec)
	r.digits = toneReceiver{clock: r.digitClock()}
	r.inward.tune(r.n.Codec)
}

// receive takes in a packet of RTP that has been opened. A lump says that it comes right after
// a leap of the time.
func (r *reception) receive(now time.Time, from netip.AddrPort, data []byte, lump bool) []system.Effect {
	p := &r.packet
	if p.Unmarshal(data) != nil {
		r.inward.foreign.take("no RTP")
		return nil
	}
	c, holds, kind := r.read(p)
	if tooLong(len(p.Payload), holds, c, kind) {
		r.inward.foreign.take("packets that are too long")
		return nil
	}
	if !r.settled && kind == unknownPayload {
		return nil // a first packet must have a negotiated payload type (A.1)
	}
	ok, changed := r.admit(from, r.route.named(), &p.Header)
	if !ok {
		return nil
	}
	if changed {
		r.adopt()
	}
	var effects []system.Effect
	if kind != unknownPayload && len(p.Payload) > 0 {
		effects = r.inward.arrives(now)
	}
	r.route.reach.hears(from.Addr(), len(data))
	if lump {
		r.inward.settle(absent{})
		r.inward.source.excuse(p.SequenceNumber)
		r.inward.runs.Skip(p.SequenceNumber)
		r.inward.hole.forget()
	}
	before, newest := r.inward.source.expected(), uint16(r.inward.source.highest)
	switch r.inward.source.update(p.SequenceNumber) {
	case duplicate, misfit:
		return effects
	case accepted:
		r.inward.settleUntil(newest, uint16(r.inward.source.highest), r.inward.source.expected()-before-1)
	case restarted: // its numbers do not say what was lost meanwhile
		r.inward.settle(absent{})
		r.inward.runs.Lose(0)
		r.restart()
	}
	if kind == unknownPayload || kind == audioPayload && len(p.Payload) == 0 {
		r.inward.unplayed++
	}
	r.inward.runs.Receive(p.SequenceNumber)
	r.inward.pausing(now, p, holds, c, kind)
	switch {
	case lump && kind == tonePayload:
		return logDigits(effects, r.digits.receive(now, p.Timestamp, p.Payload))
	case lump:
		return effects // too old to be played, and its arrival says nothing
	}
	if kind != tonePayload || r.digitClock() == r.n.Codec.ClockRate {
		r.inward.source.observe(r.ticks(now), p.Timestamp)
	}
	if r.n.Receive {
		effects = r.take(effects, now, holds, c, kind)
	}
	return effects
}

// tooLong reports whether a payload is longer than any that is taken.
func tooLong(octets int, holds codec.Contents, c codec.Codec, kind payloadKind) bool {
	if kind == audioPayload {
		return holds.Samples > scaleOf(c.SampleRate).of(maxPacket)
	}
	return octets > maxPacket
}

// read returns what a packet has. What is no audio of this call is counted.
func (r *reception) read(p *rtp.Packet) (c codec.Codec, holds codec.Contents, kind payloadKind) {
	c, kind = meaning(&r.n, p.PayloadType)
	if kind == unknownPayload {
		r.inward.foreign.take(fmt.Sprintf("payload type %d", p.PayloadType))
	}
	if kind != audioPayload || len(p.Payload) == 0 {
		return c, holds, kind
	}
	holds, ok := c.Contents(p.Payload)
	switch {
	case !ok:
		r.inward.foreign.take(c.Name + " that breaks its own rules, or is encrypted")
	case r.inward.foreign.sealed(p, c):
		r.inward.foreign.take(r.inward.foreign.tagged())
	default:
		return c, holds, kind
	}
	return codec.Codec{}, codec.Contents{}, unknownPayload
}

// take puts the packet in hand into the buffer.
func (r *reception) take(effects []system.Effect, now time.Time, holds codec.Contents, c codec.Codec, kind payloadKind) []system.Effect {
	p, at := &r.packet, r.at(now)
	queued := packet{sequence: p.SequenceNumber, marker: p.Marker, pause: true}
	switch {
	case kind == audioPayload && len(p.Payload) > 0:
		queued.pause, queued.codec, queued.payload = false, c, p.Payload
		queued.samples, queued.recovers, queued.quiet = holds.Samples*r.Rate()/c.SampleRate, holds.Recovers, holds.Quiet
		if holds.Quiet {
			r.noises++
		}
		r.buffer.put(at, p.Timestamp, queued)
	case kind == tonePayload:
		if r.digitClock() == r.n.Codec.ClockRate { // by another clock, nobody knows what time it is of
			r.buffer.put(at, p.Timestamp, queued)
		}
		return logDigits(effects, r.digits.receive(now, p.Timestamp, p.Payload))
	case kind == noisePayload:
		r.noises++
		queued.noise = loudness(p.Payload)
		r.buffer.put(at, p.Timestamp, queued)
	}
	return effects
}

// meaning returns what a payload type means in a session. Besides the negotiated types it
// accepts those of our offer, both laws of G.711 under their static numbers, since a peer
// may use any codec that both have named, if the clock goes on (RFC 7160), and
// telephone-event under the number of our offers.
func meaning(n *sdp.Negotiated, number uint8) (codec.Codec, payloadKind) {
	offered := &n.Offered
	is := func(agreed uint8) bool { return agreed != 0 && number == agreed }
	switch {
	case number == n.PayloadType:
		return n.Codec, audioPayload
	case is(n.DTMFType):
		return codec.Codec{}, tonePayload
	case is(n.NoiseType):
		return codec.Codec{}, noisePayload
	case is(offered.Codec):
		return n.Codec, audioPayload
	case is(offered.DTMF), n.DTMFType != 0 && number == sdp.DTMFType && n.Codec.ClockRate == clockRate:
		return codec.Codec{}, tonePayload
	case is(offered.Noise), number == comfortNoise, number == oldComfortNoise:
		return codec.Codec{}, noisePayload
	}
	if c, ok := codec.ByPayloadType(number); ok && slices.Contains(codec.Usual(), c) && c.ClockRate == n.Codec.ClockRate {
		return c, audioPayload
	}
	return codec.Codec{}, unknownPayload
}

// adopt begins to receive the stream of the packet just admitted, and to send
// to its source address. A stream that only changed its address continues.
func (r *reception) adopt() {
	r.route.leads(r.from)
	h := &r.packet.Header
	if h.SSRC == r.sender.ssrc && !r.collided {
		// A collision (RFC 3550 §8.2). It is resolved only once: a test
		// rig that reflects our packets would collide for ever.
		r.collided = true
		r.sender.rename(r.cfg.Rand)
	}
	if r.inward.heard() && r.inward.source.ssrc == h.SSRC {
		return
	}
	r.inward.follow(newSource(h.SSRC, h.SequenceNumber, r.n.Codec.ClockRate))
	r.restart()
}

// restart resets the state that depends on the time line of the peer's
// timestamps.
func (r *reception) restart() {
	r.buffer.reset()
	r.inward.hole.forget()
	r.digits = toneReceiver{clock: r.digitClock()}
	r.inward.source.forgetTiming()
}
