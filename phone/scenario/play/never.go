package play

import (
	"fmt"
	"iter"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/verb"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// checkInvariants looks at the whole log for what must never be. end is the
// device time at which the run was over.
func checkInvariants(f *scenario.File, log *event.Log, end time.Duration) []InvariantResult {
	var list []InvariantResult
	for _, n := range f.Invariants {
		res := check(n, f.Phone, log.From(0), end)
		if lost := log.Lost(); lost > 0 && res.Verdict == Passed {
			res.Verdict, res.Detail = Errored, fmt.Sprintf("the event log has let go of records, the last of them number %d, and what happened in them is not known (sleeptalk explain %s)", lost, event.RuleLogCut)
		}
		res.Line, res.Text = n.Line, n.Text
		list = append(list, res)
	}
	return list
}

func check(n scenario.Never, phone string, log iter.Seq[event.Record], end time.Duration) InvariantResult {
	switch n.Rule {
	case scenario.WithoutCause:
		return neverWithoutCause(wakesOf(phone, log, end))
	case scenario.StayAwake:
		return neverAwake(wakesOf(phone, log, end), n.Limit)
	}
	if n.Expectation.OfTheLab() {
		phone = verb.LabName
	}
	return neverHappens(phone, log, n.Expectation)
}

// An awakening is one wake of the app, as far as the invariants look at it.
type awakening struct {
	n      int
	cause  event.WakeCause
	at     time.Duration
	lasted time.Duration
	read   bool // something was there to be read
	open   bool // it is not over
	stood  bool // this process stood still in it
}

// wakesOf goes through the wakes of a phone. One that is not over lasts until end.
func wakesOf(phone string, log iter.Seq[event.Record], end time.Duration) iter.Seq[awakening] {
	return func(yield func(awakening) bool) {
		var w awakening
		any := false
		for r := range log {
			if r.Phone != phone {
				continue
			}
			switch e := r.Event.(type) {
			case event.Wake:
				if any && !yield(w) {
					return
				}
				w, any = awakening{n: e.N, cause: e.Cause, at: r.Device, open: true}, true
			case event.Frame:
				w.read = w.read || w.open
			case event.Standstill:
				w.stood = w.stood || w.open && e.Long()
			case event.WakeEnd, event.Killed:
				w.end(r.Device)
			}
		}
		if w.end(end); any {
			yield(w)
		}
	}
}

// end ends the wake, if it is not over.
func (w *awakening) end(at time.Duration) {
	if w.open {
		w.lasted, w.open = at-w.at, false
	}
}

func neverWithoutCause(wakes iter.Seq[awakening]) InvariantResult {
	n := 0
	for w := range wakes {
		if n++; w.cause == event.BySocket && !w.read {
			return InvariantResult{Verdict: Failed, At: w.at, Detail: fmt.Sprintf("wake %d at %s: the socket was readable and there was nothing to read", w.n, event.Stamp(w.at))}
		}
	}
	return InvariantResult{Verdict: Passed, Detail: words.Count(n, "wake")}
}

// neverAwake looks at the wakes that nobody asked for: a user who opens the
// app may have it open. Of a wake in which this process stood still, nobody can
// tell how long it would have been.
func neverAwake(wakes iter.Seq[awakening], limit time.Duration) InvariantResult {
	longest, unknown := awakening{}, awakening{}
	for w := range wakes {
		switch {
		case w.cause == event.ByUser, w.cause == event.ByQuit:
		case w.stood && w.lasted > limit:
			unknown = w
		case w.lasted > longest.lasted:
			longest = w
		}
	}
	detail := "longest " + against(limit, longest.lasted)
	if longest.lasted > limit {
		return InvariantResult{Verdict: Failed, At: longest.at, Detail: fmt.Sprintf("%s, wake %d by %s at %s", detail, longest.n, longest.cause, event.Stamp(longest.at))}
	}
	if unknown.stood {
		return InvariantResult{Verdict: Errored, At: unknown.at, Detail: fmt.Sprintf("wake %d at %s: this process stood still in it", unknown.n, event.Stamp(unknown.at))}
	}
	return InvariantResult{Verdict: Passed, Detail: detail}
}

func neverHappens(phone string, log iter.Seq[event.Record], e scenario.Expectation) InvariantResult {
	fold := event.NewFold(phone)
	for r := range log {
		if r.Phone != phone {
			continue
		}
		fold.Begin(r)
		if e.MatchRecord(fold, r) {
			what, more := r.Event.Text()
			return InvariantResult{Verdict: Failed, At: r.Device, Detail: event.Printable(fmt.Sprintf("%s: %s %s", occasion{r.Device, r.Account}, what, more))}
		}
		fold.Apply(r)
	}
	return InvariantResult{Verdict: Passed}
}
