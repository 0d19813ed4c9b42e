package play

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// checkInvariants looks at the whole log for what must never be. end is the
// device time at which the run was over.
func checkInvariants(f *scenario.File, log *event.Log, end time.Duration) []InvariantResult {
	var list []InvariantResult
	for _, n := range f.Invariants {
		res := check(n, f.Phone, log.After(0), end)
		res.Line, res.Text = n.Line, n.Text
		list = append(list, res)
	}
	return list
}

func check(n scenario.Never, phone string, log []event.Record, end time.Duration) InvariantResult {
	switch n.Rule {
	case scenario.WithoutCause:
		return neverWithoutCause(wakesOf(phone, log, end))
	case scenario.StayAwake:
		return neverAwake(wakesOf(phone, log, end), n.Limit)
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
}

// wakesOf lists the wakes of a phone. One that is not over lasts until end.
func wakesOf(phone string, log []event.Record, end time.Duration) []awakening {
	var list []awakening
	open := false
	over := func(at time.Duration) {
		if open {
			list[len(list)-1].lasted, open = at-list[len(list)-1].at, false
		}
	}
	for _, r := range log {
		if r.Phone != phone {
			continue
		}
		switch e := r.Event.(type) {
		case event.Wake:
			list, open = append(list, awakening{n: e.N, cause: e.Cause, at: r.Device}), true
		case event.Frame:
			if open {
				list[len(list)-1].read = true
			}
		case event.WakeEnd, event.Killed:
			over(r.Device)
		}
	}
	over(end)
	return list
}

func neverWithoutCause(wakes []awakening) InvariantResult {
	for _, w := range wakes {
		if w.cause == event.BySocket && !w.read {
			return InvariantResult{Verdict: Failed, At: w.at, Detail: fmt.Sprintf("wake %d at %s: the socket was readable and there was nothing to read", w.n, event.Stamp(w.at))}
		}
	}
	return InvariantResult{Verdict: Passed, Detail: plural(len(wakes), "wake")}
}

// neverAwake looks at the wakes that nobody asked for: a user who opens the
// app may have it open.
func neverAwake(wakes []awakening, limit time.Duration) InvariantResult {
	longest := awakening{}
	for _, w := range wakes {
		if w.cause != event.ByUser && w.lasted > longest.lasted {
			longest = w
		}
	}
	detail := "longest " + against(limit, longest.lasted)
	if longest.lasted > limit {
		return InvariantResult{Verdict: Failed, At: longest.at, Detail: fmt.Sprintf("%s, wake %d by %s at %s", detail, longest.n, longest.cause, event.Stamp(longest.at))}
	}
	return InvariantResult{Verdict: Passed, Detail: detail}
}

func neverHappens(phone string, log []event.Record, e scenario.Expectation) InvariantResult {
	fold := event.NewFold(log, phone)
	for _, r := range log {
		if r.Phone != phone {
			continue
		}
		if e.MatchAfter(fold, r.Event) {
			what, more := r.Event.Text()
			return InvariantResult{Verdict: Failed, At: r.Device, Detail: event.Printable(fmt.Sprintf("at %s: %s %s", event.Stamp(r.Device), what, more))}
		}
		fold.Apply(r)
	}
	return InvariantResult{Verdict: Passed}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
