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

// newLadder returns the ladder of a test case; before are the earlier records,
// which give the state at its beginning.
func newLadder(before, records iter.Seq[event.Record], phone string) *ladder {
	return &ladder{picture.LadderOf(before, records, phone, maxRungs)}
}

// me returns the name of the phone's lifeline.
func (l *ladder) me() string { return joinWord(l.Phone, l.Local) }

func joinWord(a, b string) string {
	if b == "" {
		return a
	}
	return a + " " + b
}
