package play

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// What the runner writes into the log of what it plays, so that the recording of a run knows
// its steps: at the time of the phone under test, and in its name.

func (r *runner) write(e event.Event) {
	now := r.stage.Clock(r.file.Phone)
	r.stage.Log().Append(event.Record{Wall: now.Wall, Device: now.Device, Phone: r.file.Phone, Event: e})
}

// opened says that the scenario is played.
func (r *runner) opened() {
	e := event.Scenario{Phase: event.ScenarioBegun, File: event.Printable(r.file.Name), Virtual: r.o.World}
	if r.o.World {
		e.Seed = r.o.Seed
	}
	r.write(e)
}

// closed says what became of it, and of its invariants.
func (r *runner) closed() {
	now := r.device()
	for _, one := range r.result.Invariants {
		r.write(event.Step{
			Phase: event.StepPhase(one.Verdict), File: event.Printable(r.file.Name), Line: one.Line, Name: event.Printable(one.Text),
			Detail: detailOf(one), Ago: agoOf(one, now),
		})
	}
	r.write(event.Scenario{Phase: event.ScenarioEnded, File: event.Printable(r.file.Name), Verdict: event.StepPhase(r.result.Verdict())})
}

// detailOf says where an invariant was broken; agoOf how long ago that was.
func detailOf(i InvariantResult) string {
	if i.Verdict == Passed {
		return ""
	}
	return i.Detail
}

func agoOf(i InvariantResult, now time.Duration) event.Seconds {
	if i.Verdict == Passed {
		return 0
	}
	return event.Seconds(max(0, now-i.At))
}

// stepBegun says that a line is played.
func (r *runner) stepBegun(c *scenario.Case, s scenario.Step) {
	r.write(stepOf(c, s, event.StepBegun))
}

// stepOver says what became of it.
func (r *runner) stepOver(c *scenario.Case, s scenario.Step, done StepResult, f *Failure) {
	e := stepOf(c, s, event.StepPhase(done.Verdict))
	if e.Waited = event.Seconds(done.Waited); f != nil {
		e.Detail, e.Likely, e.Rule = f.Message, f.Likely, f.Rule
	}
	r.write(e)
}

// stepsSkipped says that lines are not played.
func (r *runner) stepsSkipped(c *scenario.Case, steps []scenario.Step) {
	for _, s := range steps {
		r.write(stepOf(c, s, event.StepSkipped))
	}
}

// stepOf is a line of a scenario, and how long it may take.
func stepOf(c *scenario.Case, s scenario.Step, p event.StepPhase) event.Step {
	e := event.Step{Phase: p, File: event.Printable(s.File), Line: s.Line, Name: event.Printable(s.Text)}
	if c.Name != scenario.SetupCase {
		e.Case = c.Name
	}
	switch {
	case p == event.StepSkipped:
	case s.Kind == scenario.Expecting:
		e.Limit, e.Wall = event.Seconds(s.Expect.Limit()), s.Expect.Wall
	case s.Kind == scenario.Waiting:
		e.Limit, e.Wall = event.Seconds(s.Wait), s.Wall
	}
	return e
}
