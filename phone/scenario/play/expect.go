package play

import (
	"context"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// A watch looks for what one "expect" line says.
type watch struct {
	r     *runner
	step  scenario.Step
	began Reading
	mark  *mark
	since mark        // as it was when the line began: another may act meanwhile
	fold  *event.Fold // the actor's state, as of the record last seen
	seen  uint64
	err   error // why nothing can be said
	terms []found
	// broke says that terms which are to last did not hold in between, and
	// brokeAt when that was first, since the line began.
	broke   bool
	brokeAt time.Duration
	// grace is how long after its time the line still looks: see unseen.
	grace time.Duration
}

// found is what has been seen of one term.
type found struct {
	term   scenario.Term
	when   occasions // of what is not to be, or is counted
	proofs []proof   // the events that would do
	spent  []event.Record
	seq    uint64 // the record that fulfilled it
	held   bool   // it was a state that held, not an event
	value  string
	done   bool
}

func (r *runner) watch(s scenario.Step, began Reading) *watch {
	m := r.mark(s.Actor)
	w := &watch{r: r, step: s, began: began, mark: m, since: *m}
	for _, t := range s.Expect.Terms {
		w.terms = append(w.terms, found{term: t})
	}
	w.seen = w.since.action
	w.fold, w.err = r.stateAt(s.Actor, w.seen)
	return w
}

// look takes in what is new in the log.
func (w *watch) look() {
	for rec := range w.r.stage.Log().From(w.seen) {
		if err := gap(w.seen, rec); err != nil && w.err == nil {
			w.err = err
		}
		w.seen = rec.Seq
		w.fold.Begin(rec)
		if rec.Phone != w.step.Actor {
			continue
		}
		for i := range w.terms {
			w.consider(&w.terms[i], rec)
		}
		w.fold.Apply(rec)
		if w.lasting() {
			w.considerBreak(rec)
		}
	}
	w.assign()
	w.considerStates()
}

// considerBreak notes the first moment since the last look at which the terms
// did not hold: several records may have come at once.
func (w *watch) considerBreak(rec event.Record) {
	if w.considerStates(); w.broke || w.all() {
		return
	}
	w.broke, w.brokeAt = true, rec.Device-w.began.Device
	if w.step.Expect.Wall {
		w.brokeAt = rec.Wall.Sub(w.began.Wall)
	}
}

// considerStates looks at the state of every term as it is now.
func (w *watch) considerStates() {
	for i := range w.terms {
		w.considerState(&w.terms[i])
	}
}

// from is the record after which a term is looked for.
func (w *watch) from(e scenario.Expectation) uint64 {
	if e.Again() {
		return max(w.since.action, w.since.match)
	}
	return w.since.action
}

// consider looks at one record. One that came after the time is over is too
// late, even if it is seen in time.
func (w *watch) consider(f *found, rec event.Record) {
	e := f.term.Expectation
	if rec.Seq <= w.from(e) || e.Measured() || w.late(rec) || !e.MatchRecord(w.fold, rec) {
		return
	}
	w.was(f, rec.Device, rec.Account)
	switch {
	case w.step.Expect.No:
		f.done = true
	case w.mark.spent[use{e.Head(), rec.Seq}] > 0:
		f.spent = append(f.spent, rec)
	default:
		f.proofs = append(f.proofs, proof{rec.Seq, e.Value(w.fold, rec.Event)})
	}
}

func (w *watch) late(rec event.Record) bool {
	limit := w.step.Expect.Limit() + w.grace
	if w.step.Expect.Wall {
		return rec.Wall.Sub(w.began.Wall) > limit
	}
	return rec.Device-w.began.Device > limit
}

// considerState looks at the state as it is now.
func (w *watch) considerState(f *found) {
	e := f.term.Expectation
	if f.done && !w.lasting() || e.Again() || !e.Condition() && !e.Measured() {
		return
	}
	holds, known := e.Holds(w.fold)
	if w.lasting() {
		f.done = false // whatever was, now counts
	}
	if holds && known {
		if w.step.Expect.No && !f.done {
			w.was(f, w.r.stage.Clock(w.step.Actor).Device, e.Holder(w.fold))
		}
		f.done, f.held, f.seq, f.value = true, true, w.seen, e.Value(w.fold, nil)
	}
}

// lasting reports whether the terms are to hold for a time.
func (w *watch) lasting() bool {
	e := w.step.Expect
	return e.For > 0 && !e.No && !e.Counted
}

func (w *watch) all() bool {
	return !slices.ContainsFunc(w.terms, func(f found) bool { return !f.done })
}

func (w *watch) any() bool {
	return slices.ContainsFunc(w.terms, func(f found) bool { return f.done })
}

// expect plays an "expect" line.
func (r *runner) expect(ctx context.Context, s scenario.Step, began Reading) (*Failure, Verdict) {
	w := r.watch(s, began)
	ok, err := w.wait(ctx)
	if err != nil {
		return r.cannot(s, err), Errored
	}
	byTime := s.Expect.No || s.Expect.Counted || w.lasting()
	if !ok || byTime {
		r.stage.Settle(ctx, s.Actor)
	}
	unseen := ""
	if ok && byTime {
		if unseen, err = w.unseen(ctx); err != nil {
			return r.cannot(s, err), Errored
		}
	}
	if !ok || unseen != "" {
		failure := r.unfulfilled(w)
		if ok {
			failure.Message = unseen
		}
		r.note(s, false, failure.Message, began)
		return failure, blame(failure)
	}
	w.keep()
	r.note(s, true, "", began)
	return nil, Passed
}

// blame is the verdict on a failure: where this process stood still, or its computer
// refused it a socket, it may have come of that, and nobody can tell.
func blame(f *Failure) Verdict {
	if f.Rule == event.RuleStoodStill || f.Rule == event.RuleHostFailed {
		return Errored
	}
	return Failed
}

// keep notes what the line has found, for those that follow.
func (w *watch) keep() {
	for _, f := range w.terms {
		if f.term.As != "" {
			w.r.vars[f.term.As] = f.value
		}
		if !w.step.Expect.No {
			w.mark.match = max(w.mark.match, f.seq)
			w.spend(f)
		}
	}
}

// wait looks until the line is decided.
func (w *watch) wait(ctx context.Context) (ok bool, err error) {
	e := w.step.Expect
	if w.lasting() {
		return w.waitLasting(ctx)
	}
	for {
		if w.look(); w.err != nil {
			return false, w.err
		}
		over := w.gone() >= e.Limit()
		switch {
		case e.No && w.any():
			return false, nil
		case e.Counted && w.terms[0].when.n > e.Exactly:
			return false, nil
		case e.Counted && over:
			return w.terms[0].when.n == e.Exactly, nil
		case !e.No && !e.Counted && w.all():
			return true, nil
		case over:
			return e.No, nil
		}
		if err := w.sleep(ctx, e.Limit()-w.gone()); err != nil {
			return false, err
		}
	}
}

// waitLasting looks until the terms have held for a time without a break. A
// break is no failure while there is time to begin anew.
func (w *watch) waitLasting(ctx context.Context) (ok bool, err error) {
	e := w.step.Expect
	var since time.Duration // when they began to hold
	for held := false; ; {
		if w.look(); w.err != nil {
			return false, w.err
		}
		now := w.gone()
		if w.broke && w.brokeAt < since+e.For {
			held = false
		}
		w.broke = false
		switch all := w.all(); {
		case all && !held:
			since, held = now, true
		case !all:
			held = false
		}
		left := e.Limit() - e.For - now
		if held {
			left = since + e.For - now
		}
		if left <= 0 {
			return held, nil
		}
		if err := w.sleep(ctx, left); err != nil {
			return false, err
		}
	}
}

func (w *watch) sleep(ctx context.Context, left time.Duration) error {
	if w.r.o.Pending != nil {
		w.r.o.Pending(w.pending())
	}
	return w.r.stage.Wait(ctx, w.seen, w.step.Actor, left, w.step.Expect.Wall)
}

func (w *watch) gone() time.Duration {
	return w.r.gone(w.step.Actor, w.began, w.step.Expect.Wall)
}
