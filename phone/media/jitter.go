package media

import (
	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/media/xr"
)

// Limits of the jitter buffer, with samples at 8000 Hz.
const (
	queueCap     = 64       // packets: 1.28 s of 20 ms packets
	maxPacket    = 1600     // samples in one packet: 200 ms at 8000 Hz, which all have to take (RFC 3551 §4.2)
	farAway      = 2 * 8000 // samples; a packet 2 s off its time belongs to another time line
	resyncAfter  = 4        // packets in a row that cannot be played move the time line
	slack        = 120      // samples (15 ms) off the target that are not corrected
	urgent       = 480      // samples (60 ms) above it are corrected even in speech
	excess       = 1600     // samples (200 ms) above it are cut at once
	cardPause    = 1600     // samples (200 ms) in which the card asks for nothing: it stands still
	quietSample  = 300      // -41 dBFS: a packet whose samples stay below is silence
	trackingRate = 16       // packets over which the measured delay is smoothed
)

// A packet is one RTP packet that waits to be played, or with pause set the
// mark that the peer stopped sending sound on purpose (comfort noise, DTMF).
type packet struct {
	stamp    int64 // extended timestamp of the first sample
	sequence uint16
	samples  int // 0 in a pause
	codec    codec.Codec
	payload  []byte
	recovers int  // samples before it that it has once more
	quiet    bool // there is only silence from here on: the peer pauses, and may send nothing
	pause    bool
	noise    int  // in a pause: the peak of the comfort noise, 0 for silence
	marker   bool // the first of a talkspurt (RFC 3551 §4.1)
}

func (p packet) end() int64 { return p.stamp + int64(p.samples) }

// A jitterBuffer gives packets back in the order and at the pace in which
// they were spoken.
//
// It is ordered by timestamp, not by sequence number, because silence and
// DTMF leave holes in one and not in the other. Once a stream has begun, it
// plays on at the card's pace; what is missing when its time comes is
// concealed. The delay is steered to the target of [transit]:
//
//   - at the start of a stream, by waiting for it;
//   - with an empty buffer, by not counting time on while the delay is short;
//   - too long, by leaving out a part of a packet that is silence; far too
//     long, by leaving out a pitch period of speech;
//   - too short, by repeating a part of a packet: up to 15 ms of silence or a
//     pitch period of speech;
//   - far above the target (the card stalled), by cutting at once.
//
// In speech the steering waits for the next pause, as far as it can: see [tempo]. It
// also takes up the drift between the clocks of the two sides.
type jitterBuffer struct {
	scale            // of all that is counted in samples
	clock   int      // rate of the timestamps; 0: that of the samples
	queue   []packet // by stamp; capacity queueCap
	transit transit
	decoder codec.Decoder // of the last packet played,
	speaks  codec.Codec   // which had this codec

	playing bool
	next    int64 // stamp after the packet being played
	chunk   []int16
	pcm     [widest * (maxPacket + pitchMax)]int16 // what chunk is a part of
	plc     concealer
	remedy  remedy
	tempo   tempo
	level   volume

	lastStamp int64 // newest extended timestamp, in units of the clock, for extending the next
	stamped   bool
	unplaced  int    // packets in a row that could not be played
	paused    bool   // the peer stopped on purpose,
	noise     noise  // and this is heard meanwhile
	sequence  uint16 // of the last packet played
	missing   int    // samples made up since then
	delay     float64

	packetSize int // samples in the last packet

	runs *xr.Reception // is told of what is discarded; nil: nobody is

	asking    asking
	asked     int64  // when the card last asked for sound
	idle      bool   // it did not ask for a while before it did now
	drains    bool   // it does not ask: what it is to play is only listened to
	unplayed  uint64 // packets that the card did not ask for, or not in time
	late      uint64 // packets that came too late, or too many at once
	concealed uint64 // samples made up in place of packets
}

// reset forgets everything that waits and starts a new time line.
func (b *jitterBuffer) reset() {
	b.queue = b.queue[:0]
	b.transit.reset()
	b.playing, b.stamped, b.paused = false, false, false
	b.lastStamp, b.chunk, b.missing, b.unplaced = 0, nil, 0, 0
	b.decoder, b.noise.peak = nil, 0
	b.remedy.made, b.remedy.rests, b.tempo = nil, false, tempo{scale: b.scale}
}

// tune begins anew at the rates of a codec.
func (b *jitterBuffer) tune(c codec.Codec) {
	b.reset()
	old := b.of(1)
	b.scale, b.clock = scaleOf(c.SampleRate), c.ClockRate
	b.transit, b.plc, b.asking, b.tempo = transit{scale: b.scale}, concealer{scale: b.scale}, asking{scale: b.scale}, tempo{scale: b.scale}
	b.concealed, b.packetSize, b.delay = b.concealed*uint64(b.of(1))/uint64(old), b.packetSize*b.of(1)/old, 0
}

// extend makes a timestamp one of 64 bits that never wraps.
func (b *jitterBuffer) extend(timestamp uint32) int64 {
	if !b.stamped {
		return int64(timestamp)
	}
	return b.lastStamp + int64(int32(timestamp-uint32(b.lastStamp)))
}

// samples is a time in units of the clock, in samples.
func (b *jitterBuffer) samples(ticks int64) int64 {
	if b.clock == 0 {
		return ticks
	}
	return ticks * int64(b.of(clockRate)) / int64(b.clock)
}

// put takes in a packet that arrives at the time at, in samples.
func (b *jitterBuffer) put(at int64, timestamp uint32, p packet) {
	ticks := b.extend(timestamp)
	p.stamp = b.samples(ticks)
	foreign := b.foreign(at, p)
	if !foreign && b.playing && !p.pause && p.stamp < b.next {
		b.tempo.misses(at)
	}
	late := !foreign && b.playing && !p.pause && p.end() <= b.next
	if foreign || late {
		if late {
			b.transit.observe(at, p.stamp)
		}
		if b.unplaced++; b.unplaced < resyncAfter && !p.marker {
			b.catchUp(p)
			b.discard(p)
			return
		}
		b.reset()
		ticks = int64(timestamp)
		p.stamp = b.samples(ticks)
	}
	b.unplaced = 0
	b.stamped, b.lastStamp = true, max(b.lastStamp, ticks)
	if !p.pause {
		b.transit.observe(at, p.stamp)
	}
	b.insert(at, p)
}

// foreign reports whether p is not on the time line of the packets before it:
// it came seconds earlier or later than its timestamp says.
func (b *jitterBuffer) foreign(at int64, p packet) bool {
	if !b.transit.valid {
		return false
	}
	off := b.transit.delay(at, p.stamp)
	return max(off, -off) > int64(b.of(farAway))
}

// insert puts p into its place. Of two packets with the same timestamp the
// first stays: the other is a copy, or a further update of one DTMF event.
func (b *jitterBuffer) insert(at int64, p packet) {
	i := len(b.queue)
	for i > 0 && b.queue[i-1].stamp > p.stamp {
		i--
	}
	if i > 0 && b.queue[i-1].stamp == p.stamp {
		b.queue[i-1].sequence = p.sequence
		return
	}
	if len(b.queue) == queueCap {
		b.idle = at-b.asked > int64(b.of(cardPause))
		b.drop()
		if i--; i < 0 {
			return // p itself was the oldest
		}
	}
	if b.queue == nil {
		b.queue = make([]packet, 0, queueCap)
	}
	b.queue = append(b.queue, packet{})
	copy(b.queue[i+1:], b.queue[i:])
	b.queue[i] = p
}

// pop takes the oldest packet out of the queue.
func (b *jitterBuffer) pop() packet {
	p := b.queue[0]
	n := copy(b.queue, b.queue[1:])
	b.queue[n] = packet{} // release the payload
	b.queue = b.queue[:n]
	return p
}

// drop throws the oldest packet away unplayed. Where the card has not asked, for it
// was not open yet or stood still, the packet was not late.
func (b *jitterBuffer) drop() {
	switch p := b.pop(); {
	case p.pause:
	case b.idle:
		b.unplayed++
	default:
		b.discard(p)
	}
}

// discard counts a packet that came too late, or too many at once.
func (b *jitterBuffer) discard(p packet) {
	b.late++
	if b.runs != nil {
		b.runs.Discard(p.sequence)
	}
}

// fill writes the next samples into frame, which starts to sound at the time
// at, in samples.
func (b *jitterBuffer) fill(at int64, frame []int16) {
	b.idle = at-b.asked > int64(b.of(cardPause))
	b.asked = at
	b.transit.margin = b.asking.ask(at, len(frame))
	b.cut(at)
	for len(frame) > 0 {
		n := b.step(at, frame)
		frame, at = frame[n:], at+int64(n)
	}
}

// step writes at least one sample and says how many.
func (b *jitterBuffer) step(at int64, frame []int16) int {
	if !b.playing {
		if n := b.wait(at, len(frame)); n > 0 {
			b.noise.fill(frame[:n])
			return n
		}
	}
	for len(b.chunk) == 0 {
		b.discardStale()
		switch {
		case len(b.queue) > 0 && b.queue[0].stamp <= b.next:
			b.take(at)
		case !b.recover(at):
			return b.gap(at, frame)
		}
	}
	n := copy(frame, b.chunk)
	b.plc.heard(b.chunk[:n])
	b.chunk = b.chunk[n:]
	return n
}

// wait says how many samples (at most n) remain until the stream may begin,
// and begins it if none do.
func (b *jitterBuffer) wait(at int64, n int) int {
	for len(b.queue) > 0 && b.queue[0].pause {
		b.noise.peak = b.pop().noise // a stream does not begin with a pause
	}
	for len(b.queue) > 1 && b.transit.delay(at, b.queue[0].stamp)-b.transit.target() > int64(b.of(excess)) {
		b.drop() // it has waited for the card, or came in a lump: as in cut
	}
	if len(b.queue) == 0 {
		return n
	}
	head := b.queue[0]
	if short := b.transit.target() - b.transit.delay(at, head.stamp); short > 0 {
		return int(min(short, int64(n)))
	}
	b.playing, b.next, b.sequence = true, head.stamp, head.sequence-1
	b.remedy.decoded = b.sequence
	b.delay = float64(b.transit.delay(at, head.stamp))
	return 0
}

// discardStale drops what the play position has passed.
func (b *jitterBuffer) discardStale() {
	for len(b.queue) > 0 {
		head := b.queue[0]
		switch {
		case head.pause && head.stamp <= b.next:
			b.pop()
			b.paused, b.noise.peak, b.sequence = true, head.noise, head.sequence
		case !head.pause && head.end() <= b.next:
			b.drop()
		default:
			return
		}
	}
}

// take decodes the packet at the head of the queue.
func (b *jitterBuffer) take(at int64) {
	p := b.pop()
	if b.drains {
		b.unplayed++
	}
	b.settle(at, p)
	b.packetSize = p.samples
	x := b.decode(b.pcm[:0], p)
	x = x[min(b.next-p.stamp, int64(len(x))):] // a part may have been concealed already
	b.next = p.end()
	b.level.hear(x)
	b.plc.join(x)
	b.joinMade(x)
	b.chunk, b.remedy.rests = x, p.quiet
	b.steer(at)
}

// decoderOf is the decoder of the stream, which a change of the codec begins anew.
func (b *jitterBuffer) decoderOf(c codec.Codec) codec.Decoder {
	if b.decoder == nil || b.speaks != c {
		b.decoder, b.speaks = decoderAt(c, b.of(clockRate)), c
	}
	return b.decoder
}

// settle counts the samples made up before p: for packets that are missing or
// late, or for a hole in the stream; not for a pause of the peer, which lacks
// no packets.
func (b *jitterBuffer) settle(at int64, p packet) {
	complete := p.sequence == b.sequence+1
	if !complete && b.missing > 0 {
		b.transit.wait(at, int64(p.recovers))
	}
	if !complete || b.missing <= b.of(fadeEnd) {
		b.concealed += uint64(b.missing)
	}
	b.missing, b.paused, b.sequence = 0, false, p.sequence
}

// concealedPackets returns how many packets' worth of sound was made up.
func (b *jitterBuffer) concealedPackets() uint64 {
	size := uint64(max(b.packetSize, 1))
	return (b.concealed + size/2) / size
}

// gap fills the hole up to the next packet.
func (b *jitterBuffer) gap(at int64, frame []int16) int {
	n := int64(len(frame))
	empty := len(b.queue) == 0
	if !empty {
		n = min(n, b.queue[0].stamp-b.coming()-b.next)
	}
	short := b.transit.target() - b.transit.delay(at, b.next)
	hold := empty && short > 0 && b.tempo.may(at)
	if hold {
		n = min(n, short)
	}
	switch {
	case b.paused:
		b.plc.pause(frame[:n], &b.noise)
	case b.remedy.rests && b.healer() != nil: // the peer has said so: nothing is missing
		b.makeUp(frame[:n])
	default:
		b.makeUp(frame[:n])
		b.missing += int(n)
	}
	if !hold {
		b.next += n
	}
	return int(n)
}
