package report

import (
	"iter"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// maxRungs is how many rungs a ladder draws.
const maxRungs = 400

// A ladder is the part of a ladder that is drawn.
type ladder struct{ *picture.Ladder }

// newLadder returns the ladder of a test case, before which the phone is as f says.
func newLadder(f *event.Fold, records iter.Seq[event.Record]) *ladder {
	return &ladder{picture.LadderOf(f, records, maxRungs)}
}

// me returns the name of the phone's lifeline.
func (l *ladder) me() string { return joinWord(l.Phone, l.Local) }

func joinWord(a, b string) string {
	if b == "" {
		return a
	}
	return a + " " + b
}
