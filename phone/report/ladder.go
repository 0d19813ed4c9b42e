package report

import (
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// maxRungs is how many rungs a ladder draws.
const maxRungs = 400

// A ladder is the part of a ladder that is drawn.
type ladder struct {
	*picture.Ladder
	over      int // rungs that were left out
	unwritten int // how many of them are messages
}

// newLadder returns the ladder of a test case; before are the earlier records,
// which give the state at its beginning.
func newLadder(before, records []event.Record, phone string) *ladder {
	l := &ladder{Ladder: picture.LadderOf(before, records, phone)}
	if len(l.Rungs) <= maxRungs {
		return l
	}
	l.over = len(l.Rungs) - maxRungs
	for i := range l.Rungs[maxRungs:] {
		if l.Rungs[maxRungs+i].HasText() {
			l.unwritten++
		}
	}
	l.Rungs = l.Rungs[:maxRungs]
	return l
}

// me returns the name of the phone's lifeline.
func (l *ladder) me() string { return joinWord(l.Phone, l.Local) }

func joinWord(a, b string) string {
	if b == "" {
		return a
	}
	return a + " " + b
}
