package media

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxDatagram is the longest datagram to read, in octets: 120 ms of L16 at 16000 Hz, the most
// that is played, with a header of RTP and what may be in it besides. No RTCP of two parties
// is longer.
const maxDatagram = 4096

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

// Playout fills frame with the next samples from the peer: its sound, made-up
// sound where a packet is missing, or silence.
func (s *Session) Playout(now time.Time, frame []int16) {
	if s.closed || !s.n.Receive {
		clear(frame)
		return
	}
	s.notice(now)
	s.buffer.fill(s.at(now), frame)
}

// Receive handles one datagram of either socket. It counts what is neither RTP nor
// RTCP, and refuses what comes from elsewhere than the peer: see origin.
func (s *Session) Receive(now time.Time, sig system.Received) []system.Effect {
	if s.closed {
		return nil
	}
	from := netip.AddrPortFrom(sig.From.Addr().Unmap(), sig.From.Port())
	taken := s.route.origin.takes(from.Addr())
	switch shakes := s.keys.shakes(sig); {
	case shakes && !taken:
		return s.route.refuse("DTLS", from)
	case shakes:
		s.notice(now)
		effects := s.keys.receive(now, from, sig)
		s.takeKeys(now)
		return effects
	}
	if len(sig.Data) < 8 || len(sig.Data) > maxDatagram || sig.Data[0]>>6 != 2 {
		if sig.Socket == s.cfg.RTP && taken {
			s.inward.foreign.take(notRTP(sig.Data))
		}
		return nil
	}
	s.notice(now)
	switch control := sig.Socket == s.cfg.RTCP || isRTCP(sig.Data); {
	case !taken && control:
		return s.route.refuse("RTCP", from)
	case !taken:
		return s.route.refuse("RTP", from)
	case control && s.settles(now): // nobody knows how long it has been there
		return nil
	case control:
		if data, err := s.keys.sealOfControl().openControl(sig.Data); err == nil {
			return s.receiveReport(now, from, data)
		}
		s.unopened.take(cmp.Or(s.keys.sealOfControl().lacks(), errControl))
		return nil
	}
	data, effects := s.unopened.open(now, from, sig.Data)
	if data == nil {
		return effects
	}
	return s.receiveRTP(now, from, data)
}

// isRTCP tells RTCP from RTP on one port by the packet type (RFC 5761 §4).
func isRTCP(data []byte) bool { return data[1] >= 192 && data[1] <= 223 }

func (s *Session) receiveRTP(now time.Time, from netip.AddrPort, data []byte) []system.Effect {
	p := &s.packet
	if p.Unmarshal(data) != nil {
		s.inward.foreign.take("no RTP")
		return nil
	}
	c, holds, kind := s.read(p)
	if tooLong(len(p.Payload), holds, c, kind) {
		s.inward.foreign.take("packets that are too long")
		return nil
	}
	if !s.in.settled && kind == unknownPayload {
		return nil // a first packet must have a negotiated payload type (A.1)
	}
	ok, changed := s.in.admit(from, s.route.named(), &p.Header)
	if !ok {
		return nil
	}
	if changed {
		s.adopt()
	}
	var effects []system.Effect
	if kind != unknownPayload && len(p.Payload) > 0 {
		effects = s.inward.arrives(now)
	}
	s.route.reach.hears(from.Addr(), len(data))
	lump := s.settles(now)
	if lump {
		s.inward.settle(absent{})
		s.inward.source.excuse(p.SequenceNumber)
		s.inward.hole.forget()
	}
	before, newest := s.inward.source.expected(), uint16(s.inward.source.highest)
	switch s.inward.source.update(p.SequenceNumber) {
	case duplicate, misfit:
		return effects
	case accepted:
		s.inward.settleUntil(newest, uint16(s.inward.source.highest), s.inward.source.expected()-before-1)
	case restarted: // its numbers do not say what was lost meanwhile
		s.inward.settle(absent{})
		s.restart()
	}
	s.inward.pausing(now, p, holds, c, kind)
	switch {
	case lump && kind == tonePayload:
		return logDigits(effects, s.digits.receive(now, p.Timestamp, p.Payload))
	case lump:
		return effects // too old to be played, and its arrival says nothing
	}
	if kind != tonePayload || s.digitClock() == s.n.Codec.ClockRate {
		s.inward.source.observe(s.ticks(now), p.Timestamp)
	}
	if s.n.Receive {
		effects = s.take(effects, now, holds, c, kind)
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
func (s *Session) read(p *rtp.Packet) (c codec.Codec, holds codec.Contents, kind payloadKind) {
	c, kind = meaning(&s.n, p.PayloadType)
	if kind == unknownPayload {
		s.inward.foreign.take(fmt.Sprintf("payload type %d", p.PayloadType))
	}
	if kind != audioPayload || len(p.Payload) == 0 {
		return c, holds, kind
	}
	holds, ok := c.Contents(p.Payload)
	switch {
	case !ok:
		s.inward.foreign.take(c.Name + " that breaks its own rules, or is encrypted")
	case s.inward.foreign.sealed(p, c):
		s.inward.foreign.take(s.inward.foreign.tagged())
	default:
		return c, holds, kind
	}
	return codec.Codec{}, codec.Contents{}, unknownPayload
}

// take puts the packet in hand into the buffer.
func (s *Session) take(effects []system.Effect, now time.Time, holds codec.Contents, c codec.Codec, kind payloadKind) []system.Effect {
	p, at := &s.packet, s.at(now)
	queued := packet{sequence: p.SequenceNumber, marker: p.Marker, pause: true}
	switch {
	case kind == audioPayload && len(p.Payload) > 0:
		queued.pause, queued.codec, queued.payload = false, c, p.Payload
		queued.samples, queued.recovers, queued.quiet = holds.Samples*s.Rate()/c.SampleRate, holds.Recovers, holds.Quiet
		if holds.Quiet {
			s.noises++
		}
		s.buffer.put(at, p.Timestamp, queued)
	case kind == tonePayload:
		if s.digitClock() == s.n.Codec.ClockRate { // by another clock, nobody knows what time it is of
			s.buffer.put(at, p.Timestamp, queued)
		}
		return logDigits(effects, s.digits.receive(now, p.Timestamp, p.Payload))
	case kind == noisePayload:
		s.noises++
		queued.noise = loudness(p.Payload)
		s.buffer.put(at, p.Timestamp, queued)
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
func (s *Session) adopt() {
	s.route.leads(s.in.from)
	h := &s.packet.Header
	if h.SSRC == s.out.ssrc && !s.collided {
		// A collision (RFC 3550 §8.2). It is resolved only once: a test
		// rig that reflects our packets would collide for ever.
		s.collided = true
		s.out.rename(s.cfg.Rand)
	}
	if s.inward.heard() && s.inward.source.ssrc == h.SSRC {
		return
	}
	if s.inward.heard() {
		s.inward.past.expected += s.inward.source.expected()
		s.inward.past.received += s.inward.source.unique
		s.inward.past.jitterMax = max(s.inward.past.jitterMax, s.inward.source.jitterDuration(s.inward.source.jitterMax))
	}
	s.inward.settle(absent{})
	s.inward.source = newSource(h.SSRC, h.SequenceNumber, s.n.Codec.ClockRate)
	s.control.newStream()
	s.restart()
}

// restart resets the state that depends on the time line of the peer's
// timestamps.
func (s *Session) restart() {
	s.buffer.reset()
	s.inward.hole.forget()
	s.digits = toneReceiver{clock: s.digitClock()}
	s.inward.source.forgetTiming()
}
