package media

import (
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A transmission is what a session sends of audio and digits.
type transmission struct {
	*basis
	sender
	route   *route
	keys    *protection
	outward *outward
	tone    toneSender
	hush    hush
	unsent  unsent
}

// capture sends one frame from the microphone, or in its place a piece of a digit.
func (t *transmission) capture(now time.Time, frame []int16) []system.Effect {
	length := durationOf(int64(len(frame)), t.Rate())
	t.tick(now, length)
	if !t.sending() || !t.route.reach.may(t.route.remote, t.packetLen()) {
		t.skip(len(frame))
		return nil
	}
	if p, ok := t.tone.next(t.stamp, int(pcm.Samples(length, t.digitClock())), scaleOf(t.digitClock())); ok {
		t.skip(len(frame))
		return t.sendTone(now, p)
	}
	if t.n.NoiseType != 0 {
		if payload, paused := t.hush.hear(frame, length); paused {
			return t.sendNoise(now, payload, len(frame))
		}
	}
	var effects []system.Effect
	size := int(pcm.Samples(t.n.PTime, t.Rate()))
	for len(frame) > 0 {
		var data []byte
		data, frame = t.add(frame, t.n.PayloadType, size)
		if data != nil {
			effects = t.transmit(effects, now, data)
		}
	}
	return effects
}

// transmit appends a packet that counts as sent.
func (t *transmission) transmit(effects []system.Effect, now time.Time, data []byte) []system.Effect {
	if back := t.unsent.sends(now, t.cfg.Call); back != nil {
		effects = append(effects, back...)
		t.outward.leapt(now)
	}
	t.outward.speaks(now, t.packets)
	data = t.keys.protect(data)
	t.route.reach.spend(t.route.remote, len(data))
	return append(effects, system.Send{Socket: t.cfg.RTP, To: t.route.remote, Data: data})
}

// sending reports whether the session may send, and has a key if there is to be one.
func (t *transmission) sending() bool { return t.keys.seal.keyed() && t.route.wanted() }

// withholds reports whether audio is not sent only because there are no keys yet, or because
// the address has not shown that it receives.
func (t *transmission) withholds() bool { return t.n.Send && !t.keys.seal.keyed() || t.distrusts() }

// distrusts reports whether the address has not shown that it receives.
func (t *transmission) distrusts() bool {
	return t.sending() && !t.route.reach.trusts(t.route.remote, t.packetLen())
}

// packetLen returns the length of a packet in octets.
func (t *transmission) packetLen() int {
	return headerLen + t.n.Codec.Octets(int(pcm.Samples(t.n.PTime, t.Rate()))) + t.keys.seal.longer()
}

// sendTone sends one packet of a digit, and logs a digit that is complete.
func (t *transmission) sendTone(now time.Time, p tonePacket) []system.Effect {
	data := make([]byte, headerLen, headerLen+eventLen)
	data = t.finish(append(data, p.payload[:]...), t.n.DTMFType, p.stamp, p.first)
	effects := t.transmit(nil, now, data)
	if p.over {
		effects = append(effects, system.Log{Event: t.tone.digit(t.digitClock())})
	}
	return effects
}

// sendNoise passes over samples of a pause, with a packet of comfort noise if there is one.
func (t *transmission) sendNoise(now time.Time, payload []byte, samples int) []system.Effect {
	stamp := t.stamp
	t.skip(samples)
	if payload == nil {
		return nil
	}
	data := t.finish(append(make([]byte, headerLen, headerLen+len(payload)), payload...), t.n.NoiseType, stamp, false)
	return t.transmit(nil, now, data)
}

// dial queues digits: see [Session.SendDTMF].
func (t *transmission) dial(list string) error {
	switch {
	case t.n.DTMFType == 0:
		return ErrNoDTMF
	case !t.sending():
		return ErrOnHold
	}
	return t.tone.queue(list)
}

// follow takes what was agreed on anew, before it counts.
func (t *transmission) follow(n sdp.Negotiated) {
	t.speak(n.Codec, t.cfg.Rand)
	if n.Send != t.n.Send || n.Codec != t.n.Codec || n.PTime != t.n.PTime {
		t.pause()
	}
	if n.Send != t.n.Send || n.Remote != t.n.Remote || n.Codec != t.n.Codec || n.NoiseType != t.n.NoiseType {
		t.hush = hush{} // who hears it from now on has not been told of the pause
	}
	if !n.Send || n.DTMFType == 0 {
		t.tone = toneSender{}
	}
}

func logDigits(effects []system.Effect, list []event.DTMF) []system.Effect {
	for _, d := range list {
		effects = append(effects, system.Log{Event: d})
	}
	return effects
}
