package play

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A follower is the state of an actor as of a record, so that no expectation
// has to begin with the first record of a long log.
type follower struct {
	fold *event.Fold
	seen uint64
	err  error // why the state is not known
}

// stateAt is the state of an actor after the record numbered seq. It is the
// caller's to change. The error says that it is not known. The times that are
// asked for follow each other.
func (r *runner) stateAt(actor string, seq uint64) (*event.Fold, error) {
	f := r.states[actor]
	if f == nil {
		f = &follower{fold: event.NewFold(actor)}
		r.states[actor] = f
	}
	for rec := range r.stage.Log().Span(f.seen, seq) {
		if err := gap(f.seen, rec); err != nil && f.err == nil {
			f.err = err
		}
		f.seen = rec.Seq
		if rec.Phone == actor {
			f.fold.Begin(rec)
			f.fold.Apply(rec)
		}
	}
	return f.fold.Clone(), f.err
}

// gap is the error of a log that has let go of records between the one numbered
// seen and the next that can be read. No verdict can rest on it.
func gap(seen uint64, next event.Record) error {
	if next.Seq == seen+1 {
		return nil
	}
	return fmt.Errorf("the event log has let go of the records %d to %d before they were looked at, and what happened in them is not known (sleeptalk explain %s)",
		seen+1, next.Seq-1, event.RuleLogCut)
}
