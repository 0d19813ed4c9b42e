package media

// When the delay may be corrected in speech, in times at 8000 Hz.
const (
	// noPause is after how much speech a pause is no longer waited for: twice as long as a talk
	// spurt lasts on average (ITU-T P.59 §4).
	noPause = 2 * 8000
	// lateOften is how often packets come too late until more delay is worth a jump in the
	// sound. What comes within lateApart of each other is late for one reason (our own numbers).
	lateOften = 2
	lateApart = 320
)

// A tempo says when the delay may be corrected. In a pause nobody hears that; in speech it is
// a jump, and what is said on both sides of it no longer fits together. So a correction waits
// for the next pause, unless packets keep coming too late, or there is no pause. Before the
// first one the delay is still looked for, and what is sent may be a tone or music.
type tempo struct {
	scale
	paused bool  // there has been a pause,
	loud   bool  // and what is played is none,
	began  int64 // since when
	late   int   // how often packets have come too late since then,
	missed int64 // and when the last has
}

// plays notes what a packet has.
func (t *tempo) plays(at int64, quiet bool) {
	switch {
	case quiet:
		*t = tempo{scale: t.scale, paused: true}
	case t.paused && !t.loud:
		t.loud, t.began = true, at
	}
}

// misses notes a packet that has come too late, or in part.
func (t *tempo) misses(at int64) {
	if t.late == 0 || at-t.missed > int64(t.of(lateApart)) {
		t.late++
	}
	t.missed = at
}

// may reports whether the delay may be corrected now.
func (t *tempo) may(at int64) bool {
	return !t.loud || t.late >= lateOften || at-t.began > int64(t.of(noPause))
}
