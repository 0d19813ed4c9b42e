package media

import (
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
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
	length := durationOf(int64(len(frame)), s.Rate())
	s.out.tick(now, length)
	if !s.sending() || !s.route.reach.may(s.route.remote, s.packetLen()) {
		s.out.skip(len(frame))
		return nil
	}
	if p, ok := s.tone.next(s.out.stamp, int(pcm.Samples(length, s.digitClock())), scaleOf(s.digitClock())); ok {
		s.out.skip(len(frame))
		return s.sendTone(now, p)
	}
	if s.n.NoiseType != 0 {
		if payload, paused := s.hush.hear(frame, length); paused {
			return s.sendNoise(now, payload, len(frame))
		}
	}
	var effects []system.Effect
	size := int(pcm.Samples(s.n.PTime, s.Rate()))
	for len(frame) > 0 {
		var data []byte
		data, frame = s.out.add(frame, s.n.PayloadType, size)
		if data != nil {
			effects = s.transmit(effects, now, data)
		}
	}
	return effects
}

// transmit appends a packet that counts as sent.
func (s *Session) transmit(effects []system.Effect, now time.Time, data []byte) []system.Effect {
	effects = append(effects, s.unsent.sends(now, s.cfg.Call)...)
	s.speaks(now)
	data = s.keys.seal.protect(data)
	s.route.reach.spend(s.route.remote, len(data))
	return append(effects, system.Send{Socket: s.cfg.RTP, To: s.route.remote, Data: data})
}

// sending reports whether the session may send, and has a key if there is to be one.
func (s *Session) sending() bool { return s.keys.seal.keyed() && s.route.wanted() }

// Withholds reports whether audio is not sent only because there are no keys yet, or because
// the address has not shown that it receives; what is spared takes silence.
func (s *Session) Withholds() bool { return s.n.Send && !s.keys.seal.keyed() || s.distrusts() }

// distrusts reports whether the address has not shown that it receives.
func (s *Session) distrusts() bool {
	return s.sending() && !s.route.reach.trusts(s.route.remote, s.packetLen())
}

// packetLen returns the length of a packet in octets.
func (s *Session) packetLen() int {
	return headerLen + s.n.Codec.Octets(int(pcm.Samples(s.n.PTime, s.Rate()))) + s.keys.seal.longer()
}

// sendTone sends one packet of a digit, and logs a digit that is complete.
func (s *Session) sendTone(now time.Time, p tonePacket) []system.Effect {
	data := make([]byte, headerLen, headerLen+eventLen)
	data = s.out.finish(append(data, p.payload[:]...), s.n.DTMFType, p.stamp, p.first)
	effects := s.transmit(nil, now, data)
	if p.over {
		effects = append(effects, system.Log{Event: s.tone.digit(s.digitClock())})
	}
	return effects
}

// sendNoise passes over samples of a pause, with a packet of comfort noise if there is one.
func (s *Session) sendNoise(now time.Time, payload []byte, samples int) []system.Effect {
	stamp := s.out.stamp
	s.out.skip(samples)
	if payload == nil {
		return nil
	}
	data := s.out.finish(append(make([]byte, headerLen, headerLen+len(payload)), payload...), s.n.NoiseType, stamp, false)
	return s.transmit(nil, now, data)
}

// SendDTMF queues digits (0-9 * # A-D, in either case), which Capture sends
// one after another, 160 ms each with 80 ms between them. The error is
// [ErrNoDTMF], [ErrOnHold] or [ErrTooMany], or names a character that is not a
// digit; then none is sent.
func (s *Session) SendDTMF(now time.Time, list string) error {
	s.notice(now)
	switch {
	case s.n.DTMFType == 0:
		return ErrNoDTMF
	case !s.sending():
		return ErrOnHold
	}
	return s.tone.queue(list)
}

func logDigits(effects []system.Effect, list []event.DTMF) []system.Effect {
	for _, d := range list {
		effects = append(effects, system.Log{Event: d})
	}
	return effects
}
