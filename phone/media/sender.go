package media

import (
	"math/rand/v2"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// headerLen is the length of an RTP header without extras (RFC 3550 §5.1).
const headerLen = 12

// pauseAfter is how long nothing is captured in a pause (our own number: longer than any
// sound card takes to deliver what it has).
const pauseAfter = 200 * time.Millisecond

// A sender makes RTP packets out of frames.
type sender struct {
	ssrc     uint32
	sequence uint16
	stamp    uint32 // of the next sample, by the clock of the codec
	codec    codec.Codec
	encoder  codec.Encoder
	last     time.Time     // when the last frame was captured
	length   time.Duration // of that frame
	marker   bool          // the next packet is the first after a pause

	losses      int     // of a hundred packets, as the far end reports
	samples     []int16 // of the packet being filled
	packetStamp uint32

	packets, octets uint64                           // sent; octets of payload
	before          struct{ packets, octets uint64 } // under other SSRCs
	reported        [2]uint64
}

// newSender begins with random numbers (RFC 3550 §5.1).
func newSender(rng *rand.Rand, c codec.Codec) sender {
	return sender{ssrc: rng.Uint32(), sequence: uint16(rng.Uint32()), stamp: rng.Uint32(), marker: true, codec: c, encoder: c.NewEncoder()}
}

// beginLow has the sequence numbers begin in the lower half of their range: if they wrapped
// with the first packets, of which some may be lost, the peer would not know (RFC 4568 §6.4).
func (o *sender) beginLow() { o.sequence &= 1<<15 - 1 }

// speak changes the codec. Where that changes the clock, the stream is another one (RFC
// 7160 §4.1).
func (o *sender) speak(c codec.Codec, rng *rand.Rand) {
	if c == o.codec {
		return
	}
	if c.ClockRate != o.codec.ClockRate {
		o.rename(rng)
	}
	o.codec, o.encoder = c, c.NewEncoder()
	o.pause()
}

// rename goes on as another source, whose counts begin at nothing (RFC 3550 §6.4.1).
func (o *sender) rename(rng *rand.Rand) {
	o.ssrc, o.marker = rng.Uint32(), true
	o.before.packets, o.before.octets = o.packets, o.octets
}

// skip passes over samples that are not sent.
func (o *sender) skip(samples int) {
	o.pause()
	o.stamp += o.ticks(samples)
}

// ticks is how far the clock goes in some samples.
func (o *sender) ticks(samples int) uint32 { return uint32(o.codec.Ticks(samples)) }

// tick notes that a frame of that length is captured at now. If nothing was captured for a
// while (the microphone stood still, the call was on hold), the timestamp skips the gap. A
// sound card may be late by less than a leap, and catch up; after a pause nothing does.
func (o *sender) tick(now time.Time, length time.Duration) {
	gap := now.Sub(o.last)
	if !o.last.IsZero() && (gap > leapAfter || o.marker && gap > pauseAfter) {
		o.lapse(gap - o.length)
	}
	o.last, o.length = now, length
}

// lapse has the timestamps go on after a gap in which nothing was captured: they count
// time, not samples (RFC 3550 §5.1).
func (o *sender) lapse(gap time.Duration) {
	if o.last.IsZero() {
		return
	}
	o.pause()
	o.stamp += uint32(pcm.Samples(gap, o.codec.ClockRate))
	o.last = o.last.Add(gap)
}

// pause drops a packet that is not full, and marks the next one.
func (o *sender) pause() { o.samples, o.marker = o.samples[:0], true }

// add takes samples from the start of frame, as many as go into the current
// packet of size samples. If it is full, it is returned, unless the encoder has it as
// silence that is not sent.
func (o *sender) add(frame []int16, payloadType uint8, size int) (data []byte, rest []int16) {
	if len(o.samples) == 0 {
		o.packetStamp = o.stamp
	}
	n := min(len(frame), size-len(o.samples))
	o.samples = append(o.samples, frame[:n]...)
	o.stamp += o.ticks(n)
	if len(o.samples) < size {
		return nil, frame[n:]
	}
	packet := make([]byte, headerLen, headerLen+o.codec.Octets(size))
	o.stamp = o.packetStamp + o.ticks(size) // an odd number of samples may be no tick of its own
	if packet = o.encoder.Encode(packet, o.samples); len(packet) == headerLen {
		o.pause()
		return nil, frame[n:]
	}
	data = o.finish(packet, payloadType, o.packetStamp, o.marker)
	o.samples, o.marker = o.samples[:0], false
	return data, frame[n:]
}

// finish writes the header into packet, whose payload is in place, and counts
// it as sent.
func (o *sender) finish(packet []byte, payloadType uint8, stamp uint32, marker bool) []byte {
	h := rtp.Header{
		Version: 2, Marker: marker, PayloadType: payloadType,
		SequenceNumber: o.sequence, Timestamp: stamp, SSRC: o.ssrc,
	}
	if _, err := h.MarshalTo(packet); err != nil {
		panic("media: a header of 12 octets does not fit: " + err.Error())
	}
	o.sequence++
	o.packets++
	o.octets += uint64(len(packet) - headerLen)
	return packet
}

// expect has the encoder protect what it sends from the losses that the far end reports. It
// goes by the worst of late, and forgets half of that with each report.
func (o *sender) expect(blocks []rtcp.ReceptionReport) {
	for _, b := range blocks {
		o.losses = max(100*int(b.FractionLost)/256, o.losses/2)
	}
	if w, ok := o.encoder.(codec.Wary); ok && len(blocks) > 0 {
		w.Expect(o.losses)
	}
}

// takeBack no longer counts a packet as sent, which the kernel has refused.
func (o *sender) takeBack(payload int) {
	o.packets -= min(o.packets, 1)
	o.octets -= min(o.octets, uint64(payload))
}

// stampAt is the timestamp of the moment now, for a sender report.
func (o *sender) stampAt(now time.Time) uint32 {
	if o.last.IsZero() {
		return o.stamp
	}
	return o.stamp + uint32(pcm.Samples(now.Sub(o.last), o.codec.ClockRate))
}

// active reports whether anything was sent since the second last report, which
// §6.4 requires for an SR; it is called once for each report.
func (o *sender) active() bool {
	sent := o.packets > o.reported[0]
	o.reported = [2]uint64{o.reported[1], o.packets}
	return sent
}
