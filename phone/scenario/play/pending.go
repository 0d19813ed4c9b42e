package play

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"

	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A Pending is a step that waits: for an event, or for time to pass.
type Pending struct {
	Step  scenario.Step
	Limit time.Duration // how long it may take, or is to
	Gone  time.Duration // how much of that has passed
	Wall  bool          // wall time, not device time
	watch *watch        // nil: nothing is expected
}

func (w *watch) pending() Pending {
	return Pending{Step: w.step, Limit: w.step.Expect.Limit(), Gone: w.gone(), Wall: w.step.Expect.Wall, watch: w}
}

// What says in words what is awaited: "wake by INVITE".
func (p Pending) What() string {
	if p.watch == nil {
		return "time to pass"
	}
	e, text := p.Step.Expect, p.watch.culprit().term.Expectation.String()
	switch {
	case e.No:
		return "no " + text
	case e.Counted:
		return fmt.Sprintf("%s, so far %s of %d", text, words.Count(p.watch.terms[0].when.n, "time"), e.Exactly)
	case p.watch.lasting():
		return text + " for " + seconds(e.For)
	}
	return text
}

// roundTrip is how long a hint holds back: T1 of RFC 3261 §17.1.1.1, an
// estimate of a round trip. What came sooner cannot be late.
const roundTrip = 500 * time.Millisecond

// maxKnown is how long a log may be, in records, to be gone through again and
// again while a step waits.
const maxKnown = 20_000

// Known says what has happened so far, and the likely cause if the step fails
// for that; "" before anything can be called late, and where the log is too long
// to be looked through meanwhile. It is what a failure would say now, and holds
// only until the step goes on.
func (p Pending) Known() (facts []diagnose.Fact, hint string) {
	if p.watch == nil || p.watch.r.end() > maxKnown {
		return nil, ""
	}
	ev := p.watch.evidence()
	if !p.Step.Expect.No && p.Gone >= roundTrip {
		_, hint = ev.Cause()
	}
	return ev.Facts(), hint
}
