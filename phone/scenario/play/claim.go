package play

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// An event that has proved a claim is used up: the next claim of the same form
// needs another, so that one wake cannot prove that there were two. A state that
// holds is enough for any number of claims, and is none of its events. "no" uses
// nothing up; a count looks at all that has happened since the last action, and
// uses all of that up.

// A use is an event that has proved a claim of a form.
type use struct {
	form string
	seq  uint64
}

// A proof is an event that would prove a claim.
type proof struct {
	seq   uint64
	value string
}

// assign gives each term an event of its own, where there is one. An event that would
// prove two terms of the line proves one of them.
func (w *watch) assign() {
	if w.step.Expect.No {
		return
	}
	taken := map[use]int{}
	for i := range w.terms {
		if f := &w.terms[i]; len(f.proofs) > 0 {
			f.done = w.claim(i, taken, map[use]bool{})
		}
	}
}

// claim takes an event for a term, and has a term that holds it take another
// if it can: an augmenting path of a bipartite matching.
func (w *watch) claim(i int, taken map[use]int, tried map[use]bool) bool {
	f := &w.terms[i]
	for _, p := range f.proofs {
		u := use{f.term.Expectation.Head(), p.seq}
		if tried[u] {
			continue
		}
		tried[u] = true
		if other, held := taken[u]; held && !w.claim(other, taken, tried) {
			continue
		}
		taken[u] = i
		f.seq, f.value = p.seq, p.value
		return true
	}
	return false
}

// spend uses up what has proved a term.
func (w *watch) spend(f found) {
	switch {
	case f.held:
	case w.step.Expect.Counted:
		for _, p := range f.proofs {
			w.mark.spend(f.term.Expectation.Head(), p.seq, w.step.Line)
		}
	default:
		w.mark.spend(f.term.Expectation.Head(), f.seq, w.step.Line)
	}
}

// spend notes the line that an event has proved.
func (m *mark) spend(form string, seq uint64, line int) {
	if m.spent == nil {
		m.spent = map[use]int{}
	}
	m.spent[use{form, seq}] = max(1, line)
}

// maxClaimed keeps the facts short.
const maxClaimed = 2

// spentFacts says what would have proved the term, had it not proved another.
func (w *watch) spentFacts(f found) (list []diagnose.Fact) {
	for _, rec := range f.spent[max(0, len(f.spent)-maxClaimed):] {
		what, _ := rec.Event.Text()
		line := w.mark.spent[use{f.term.Expectation.Head(), rec.Seq}]
		list = append(list, diagnose.Fact{Subject: "claimed", Text: event.Printable(fmt.Sprintf("%s at %s has proved line %d already; an event proves one claim", what, event.Stamp(rec.Device), line))})
	}
	return list
}
