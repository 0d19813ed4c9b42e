package media

import (
	"math/rand/v2"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// clockRate is the rate of samples and of RTP timestamps, in Hz: that of
// G.711 (RFC 3551).
const clockRate = 8000

// headerLen is the length of an RTP header without extras (RFC 3550 §5.1).
const headerLen = 12

// samplesIn returns how many samples d holds. It does not overflow even for
// years.
func samplesIn(d time.Duration) int64 { return int64(d / (time.Second / clockRate)) }

// durationOf is how long n samples last.
func durationOf(n int64) time.Duration { return time.Duration(n) * (time.Second / clockRate) }

// A sender makes RTP packets out of frames.
type sender struct {
	ssrc     uint32
	sequence uint16
	stamp    uint32    // of the next sample
	last     time.Time // when the last frame was captured
	marker   bool      // the next packet is the first after a pause

	packet      []byte // being filled: room for the header, then payload
	packetStamp uint32

	packets, octets uint64 // sent; octets of payload
	reported        [2]uint64
}

// newSender begins with random numbers (RFC 3550 §5.1).
func newSender(rng *rand.Rand) sender {
	return sender{ssrc: rng.Uint32(), sequence: uint16(rng.Uint32()), stamp: rng.Uint32(), marker: true}
}

// tick notes that a frame is captured at now. If the microphone stood still
// (the app was frozen), the timestamp skips the gap: it counts time, not
// samples (RFC 3550 §5.1).
func (o *sender) tick(now time.Time) {
	if gap := now.Sub(o.last); !o.last.IsZero() && gap > leap {
		o.pause()
		o.stamp += uint32(samplesIn(gap))
	}
	o.last = now
}

// pause drops a packet that is not full, and marks the next one.
func (o *sender) pause() { o.packet, o.marker = nil, true }

// add encodes samples from the start of frame, as many as go into the current
// packet of size samples. If it is full, it is returned.
func (o *sender) add(frame []int16, c codec.Codec, payloadType uint8, size int) (data []byte, rest []int16) {
	if o.packet == nil {
		o.packet, o.packetStamp = make([]byte, headerLen, headerLen+size), o.stamp
	}
	n := min(len(frame), headerLen+size-len(o.packet))
	o.packet = c.Encode(o.packet, frame[:n])
	o.stamp += uint32(n)
	if len(o.packet) < headerLen+size {
		return nil, frame[n:]
	}
	data = o.finish(o.packet, payloadType, o.packetStamp, o.marker)
	o.packet, o.marker = nil, false
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

// stampAt is the timestamp of the moment now, for a sender report.
func (o *sender) stampAt(now time.Time) uint32 {
	if o.last.IsZero() {
		return o.stamp
	}
	return o.stamp + uint32(samplesIn(now.Sub(o.last)))
}

// active reports whether anything was sent since the second last report, which
// §6.4 requires for an SR; it is called once for each report.
func (o *sender) active() bool {
	sent := o.packets > o.reported[0]
	o.reported = [2]uint64{o.reported[1], o.packets}
	return sent
}
