package media

import (
	"github.com/sleeptalk/sleeptalk/audio/codec"
)

const (
	healPiece = 80  // samples at 8000 Hz: 10 ms are made up at once, which Opus has (RFC 6716 table 2)
	healHold  = 480 // what a decoder makes up is as loud as it has it for 60 ms,
	healEnd   = 960 // and gone at 120 ms: what goes on for longer is a stream that has died
	// patientFor is how long more is waited for packets that may recover what is lost before
	// them, after the last that has been missed so (our own number: what loses one packet loses
	// more in ten seconds).
	patientFor = 10 * 8000
)

// A remedy is what the decoder of a codec makes up itself, where it can: see [codec.Healer].
type remedy struct {
	made      []int16 // made up, and not played yet
	room      [widest * healPiece]int16
	rests     bool   // the peer pauses, as its last packet says: what is made up is its noise
	recovered uint64 // packets that the next one has held once more
	decoded   uint16 // sequence of the packet that was decoded last
}

// healer is the decoder, if it makes up for what is missing; else nil.
func (b *jitterBuffer) healer() codec.Healer {
	h, _ := b.decoder.(codec.Healer)
	return h
}

// makeUp fills a hole in the sound: b.missing samples of it are filled already.
func (b *jitterBuffer) makeUp(frame []int16) {
	h := b.healer()
	if h == nil {
		b.plc.conceal(frame)
		return
	}
	r := &b.remedy
	for at := 0; at < len(frame); {
		if len(r.made) == 0 {
			r.made = h.Conceal(r.room[:0], b.of(healPiece))
		}
		n := copy(frame[at:], r.made)
		r.made, at = r.made[n:], at+n
	}
	if !r.rests {
		b.fadeOut(frame)
	}
	b.plc.heard(frame)
}

// fadeOut lets what is made up end: a decoder may go on for ever.
func (b *jitterBuffer) fadeOut(frame []int16) {
	hold, end := b.of(healHold), b.of(healEnd)
	for i := range frame {
		if n := b.missing + i; n > hold {
			frame[i] = int16(int(frame[i]) * max(end-n, 0) / (end - hold))
		}
	}
}

// joinMade leads from what was made up into real samples, in place.
func (b *jitterBuffer) joinMade(x []int16) {
	if n := min(len(b.remedy.made), len(x), b.of(crossfadeLen)); n > 0 {
		crossfade(x[:n], b.remedy.made[:n], x[:n])
	}
	b.remedy.made = nil
}

// coming is how many samples before the next packet it can recover, of those that are missing.
func (b *jitterBuffer) coming() int64 {
	if len(b.queue) == 0 || b.paused || b.queue[0].pause || b.queue[0].sequence == b.sequence+1 {
		return 0
	}
	return int64(b.queue[0].recovers)
}

// recover fills the end of a hole with what the packet after it holds of that, and reports
// whether it does.
func (b *jitterBuffer) recover(at int64) bool {
	n := b.coming()
	if n == 0 || b.queue[0].stamp-b.next > n {
		return false
	}
	head := b.queue[0]
	h, ok := b.decoderOf(head.codec).(codec.Healer)
	if !ok {
		return false
	}
	if b.remedy.decoded+2 == head.sequence { // the only one that is missing: nothing was made up for another
		h.Rewind()
	}
	b.remedy.decoded = head.sequence - 1
	x := h.Recover(b.pcm[:0], head.payload, int(n))
	x = x[n-(head.stamp-b.next):] // the first part has been made up already
	b.joinMade(x)
	b.next, b.chunk = head.stamp, x
	b.remedy.recovered++
	b.transit.wait(at, n)
	return true
}

// decode appends the sound of a packet. Where it is the one that was missing, what was made up
// for it is taken back: it goes on from the packet before.
func (b *jitterBuffer) decode(dst []int16, p packet) []int16 {
	d := b.decoderOf(p.codec)
	if h := b.healer(); h != nil && !b.remedy.rests && b.follows(p) {
		h.Rewind()
	}
	b.remedy.decoded = p.sequence
	return d.Decode(dst, p.payload)
}

// follows reports whether a packet comes right after the one that was decoded last.
func (b *jitterBuffer) follows(p packet) bool { return p.sequence == b.remedy.decoded+1 }

// catchUp decodes a packet that comes too late to be heard, if it was its turn: those that
// follow build on it, and so does what is made up meanwhile.
func (b *jitterBuffer) catchUp(p packet) {
	if b.decoder == nil || b.speaks != p.codec || b.remedy.rests || !b.follows(p) {
		return
	}
	b.decode(nil, p)
	if gone := b.next - p.end(); gone < int64(b.of(healEnd)) {
		b.remakeUp(int(gone))
	}
}

// remakeUp makes up anew what is missing after the packet that was decoded last, of which so
// many samples have been played.
func (b *jitterBuffer) remakeUp(played int) {
	h := b.healer()
	if h == nil {
		return
	}
	r := &b.remedy
	var was [widest * crossfadeLen]int16
	n := min(copy(was[:], r.made), b.of(crossfadeLen))
	for r.made = nil; len(r.made) == 0; {
		r.made = h.Conceal(r.room[:0], b.of(healPiece))
		skipped := min(played, len(r.made))
		r.made, played = r.made[skipped:], played-skipped
	}
	n = min(n, len(r.made))
	crossfade(r.made[:n], was[:n], r.made[:n])
}
