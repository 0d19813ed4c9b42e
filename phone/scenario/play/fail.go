package play

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// unfulfilled is the failure of an expectation.
func (r *runner) unfulfilled(w *watch) *Failure {
	f := r.failure(w.step, w.culprit().term.Place, w.message())
	ev := w.evidence()
	f.Facts = append(w.spentFacts(w.culprit()), ev.Facts()...)
	f.Rule, f.Likely = ev.Cause()
	f.Passed, f.Wall = w.gone(), w.step.Expect.Wall
	return f
}

func (w *watch) evidence() *diagnose.Evidence {
	return w.r.evidence(w.step, w.culprit().term.Expectation.Head(), w.r.last)
}

// culprit is the term that decided, or that is still open.
func (w *watch) culprit() found {
	for _, f := range w.terms {
		if f.done == w.step.Expect.No {
			return f
		}
	}
	return w.terms[0]
}

// message says in words what is wrong.
func (w *watch) message() string {
	e, f := w.step.Expect, w.culprit()
	limit := seconds(e.Limit())
	if e.Wall {
		limit += " wall time"
	}
	text := f.term.Expectation.String()
	switch {
	case e.No:
		return fmt.Sprintf("%s %s, and there was to be none for %s", text, f.when, limit)
	case e.Counted && f.when.n > 0:
		return fmt.Sprintf("%s: %s instead of %d within %s: %s", text, words.Count(f.when.n, "time"), e.Exactly, limit, f.when)
	case e.Counted:
		return fmt.Sprintf("%s: %s instead of %d within %s", text, words.Count(0, "time"), e.Exactly, limit)
	case w.lasting():
		return fmt.Sprintf("%s did not hold for %s within %s", text, seconds(e.For), limit)
	case f.term.Expectation.Measured():
		return fmt.Sprintf("not %s within %s", text, limit)
	}
	return fmt.Sprintf("no %s within %s", text, limit)
}

// refused is the failure of a verb that the phone would not carry out.
func (r *runner) refused(s scenario.Step, why *Refusal) *Failure {
	f := r.failure(s, s.Place, why.Error())
	ev := r.evidence(s, "", r.prior) // what led to it is what came of the action before
	f.Facts = ev.Facts()
	f.Rule, f.Likely = ev.Cause()
	r.note(s, false, why.Error(), r.stage.Clock(s.Actor))
	return f
}

// cannot is what the runner or the stage could not do: nobody's failure.
func (r *runner) cannot(s scenario.Step, err error) *Failure {
	if cause := err; cause == context.Canceled || cause == context.DeadlineExceeded {
		err = fmt.Errorf("the run was interrupted")
	}
	return r.failure(s, s.Place, err.Error())
}

func (r *runner) failure(s scenario.Step, at scenario.Place, message string) *Failure {
	f := &Failure{File: at.File, Line: at.Line, Col: at.Col, Width: at.Width, Message: event.Printable(message), Kind: string(s.Kind)}
	if s.Expect != nil && len(s.Expect.Terms) > 0 {
		f.Kind += "." + s.Expect.Terms[0].Expectation.Head()
	}
	if before := r.before(s); before > 0 {
		f.Source = append(f.Source, SourceLine{before, r.file.Source(at.File, before)})
	}
	f.Source = append(f.Source, SourceLine{at.Line, r.file.Source(at.File, at.Line)})
	return f
}

// before is the line of the step before this one in the same text, if it is
// near; else 0.
func (r *runner) before(s scenario.Step) int {
	line := 0
	for _, c := range r.file.Cases {
		for _, o := range c.Steps {
			if o.File == s.File && o.Line < s.Line {
				line = max(line, o.Line)
			}
		}
	}
	if s.Line-line > nearby {
		return 0
	}
	return line
}

// nearby is how far up the line before may stand to be of help.
const nearby = 4

// seconds writes a duration as scenarios do: "500 ms", "2 s", "600 s".
func seconds(d time.Duration) string { return exactly(rounded(d)) }

// rounded is a duration to as many digits as a reader needs.
func rounded(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(10 * time.Millisecond)
}

// against writes a duration that was held against a limit. Where the rounding
// would put it on the other side of the limit, every digit is there.
func against(limit, d time.Duration) string {
	if (rounded(d) > limit) != (d > limit) {
		return exactly(d)
	}
	return seconds(d)
}

func exactly(d time.Duration) string {
	if d != 0 && d < time.Second {
		return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', -1, 64) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
}
