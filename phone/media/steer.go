package media

// cut brings the delay back to the target at once if it is far above: the
// sound card stood still, or a lump of old packets came in.
func (b *jitterBuffer) cut(at int64) {
	if !b.playing {
		return
	}
	over := b.transit.delay(at, b.next-int64(len(b.chunk))) - b.transit.target()
	if over <= int64(b.of(excess)) {
		return
	}
	b.chunk = nil
	b.next += over
	b.discardStale()
	b.delay = float64(b.transit.target())
}

// steer measures the delay at which the chunk begins and corrects it by a
// part of the chunk.
func (b *jitterBuffer) steer(at int64) {
	now := float64(b.transit.delay(at, b.next-int64(len(b.chunk))))
	b.delay += (now - b.delay) / trackingRate
	over, pause := int(b.delay)-int(b.transit.target()), quiet(b.chunk)
	b.tempo.plays(at, pause)
	switch {
	case over > b.of(slack) && pause:
		b.shorten(min(over, len(b.chunk)/2))
	case over > b.of(urgent) && b.tempo.may(at):
		b.shorten(b.pitch())
	case over < -b.leeway() && pause:
		b.lengthen(min(-over, len(b.chunk)/2, b.of(pitchMax)))
	case over < -b.leeway() && b.tempo.may(at):
		// Too little is worse than too much: the next packet may be late.
		b.lengthen(b.pitch())
	}
}

// leeway is how far below the target the delay may be without being corrected: never so far
// that nothing waits.
func (b *jitterBuffer) leeway() int { return min(b.of(slack), int(3*b.transit.target()/4)) }

// pitch is the period of the sound being played, which can be left out or
// repeated without being heard much; 0 if the chunk is too short for it.
func (b *jitterBuffer) pitch() int {
	if len(b.chunk) < b.of(pitchMax) {
		return 0
	}
	return b.findPitch(b.plc.history())
}

// shorten leaves out n samples at the start of the chunk.
func (b *jitterBuffer) shorten(n int) {
	if n == 0 {
		return
	}
	rest := b.chunk[n:]
	m := min(b.of(crossfadeLen), n, len(rest))
	crossfade(rest[:m], b.chunk[:m], rest[:m])
	b.chunk = rest
	b.delay -= float64(n)
}

// lengthen plays the first n samples of the chunk twice.
func (b *jitterBuffer) lengthen(n int) {
	if n == 0 || len(b.chunk) < n {
		return
	}
	long := b.pcm[:len(b.chunk)+n]
	copy(long[n:], b.chunk)
	copy(long[:n], long[n:2*n])
	if m := min(b.of(crossfadeLen), n, len(b.chunk)-n); m > 0 {
		// What follows the first n samples leads into their repetition.
		crossfade(long[n:n+m], long[2*n:2*n+m], long[n:n+m])
	}
	b.chunk = long
	b.delay += float64(n)
}

// quiet reports whether the samples are silence, which can be left out
// unnoticed.
func quiet(samples []int16) bool {
	for _, s := range samples {
		if s > quietSample || s < -quietSample {
			return false
		}
	}
	return true
}
