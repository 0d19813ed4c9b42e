// Package play plays a scenario on a stage and says what became of it: a
// verdict for each line, and for a failure what happened instead and why that
// may be.
//
// [Run] plays a whole file, a [Player] one step after the other. Both look at
// nothing but the event log, so a verdict can be given again from a recording.
package play

import (
	"context"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// Options say how a scenario is run.
type Options struct {
	// To is the last line to play; 0: all. Steps of included files count
	// with the line of their own file, so it means the scenario's own lines.
	To int
	// Tags pick cases: those that have one of them, and the setup. The tags
	// of a file are those of all its cases. Empty: all cases.
	Tags []string
	// World and Seed are for the result.
	World bool
	Seed  uint64
	// Now is the clock on the wall; nil: that of the log, which a stage in
	// virtual time sets as it likes.
	Now func() time.Time
	// Began, Stepped and Ended are told as the run goes; nil: nobody is.
	Began   func(*scenario.Case)
	Stepped func(*scenario.Case, StepResult)
	Ended   func(*CaseResult)
	// Before is asked before each step, and may take its time; nil: nobody is.
	// It need not look at ctx's end: the step does.
	Before func(ctx context.Context, s scenario.Step)
	// Pending is told of a step that waits: when it begins to, and whenever
	// the stage has let time pass; nil: nobody is.
	Pending func(Pending)
}

// Run plays a scenario on a stage and says what became of it. It always has a
// result: where ctx ends, the step that was waiting is errored, and what
// would have followed is skipped.
func Run(ctx context.Context, f *scenario.File, stage Stage, o Options) *Result {
	r := newRunner(stage)
	r.file, r.o, r.result = f, o, &Result{File: f.Name, World: o.World, Seed: o.Seed}
	r.result.Started = r.wall()
	began := r.device()
	r.opened()
	for i := range f.Cases {
		r.play(ctx, &f.Cases[i])
	}
	r.result.Wall, r.result.Device = r.wall().Sub(r.result.Started), r.device()-began
	main, _ := r.stateAt(f.Phone, r.end()) // who it is, is known for all that
	r.result.Phone, r.result.Warped = main.Start.AOR, main.Warped
	r.result.Invariants = checkInvariants(f, stage.Log(), r.device())
	r.closed()
	return r.result
}

// A runner plays one scenario.
type runner struct {
	file   *scenario.File
	stage  Stage
	o      Options
	result *Result

	marks map[string]*mark
	vars  map[string]string
	// states are the actors' as of the last action, at most.
	states map[string]*follower

	last  *act // the last action of anybody
	prior *act // the one before it
	lost  bool // a case has failed: what it was to bring about is missing
}

func newRunner(stage Stage) *runner {
	return &runner{stage: stage, marks: map[string]*mark{}, vars: map[string]string{}, states: map[string]*follower{}}
}

// A mark says from where on an actor's expectations look into the log: from
// its last action; or, where somebody else has acted since, from what was last
// seen of it before that, so that what one call brought about is not taken for
// the effect of the next.
type mark struct {
	action uint64 // the record after which they look
	match  uint64 // the record that fulfilled the last of them
	// spent are the events that have proved a claim since the action, and the
	// line of the claim.
	spent map[use]int
}

// An act is an action, for the facts of a failure.
type act struct {
	step scenario.Step
	seq  uint64
	at   time.Duration
}

func (r *runner) wall() time.Time {
	if r.o.Now != nil {
		return r.o.Now()
	}
	return r.stage.Clock(r.file.Phone).Wall
}

// device is device time of the phone under test.
func (r *runner) device() time.Duration { return r.stage.Clock(r.file.Phone).Device }

func (r *runner) mark(actor string) *mark {
	if r.marks[actor] == nil {
		r.marks[actor] = new(mark)
	}
	return r.marks[actor]
}

// end is the number of the log's last record.
func (r *runner) end() uint64 { return r.stage.Log().Len() }

// play plays one case, or skips it.
func (r *runner) play(ctx context.Context, c *scenario.Case) {
	steps := r.upTo(c)
	switch {
	case len(steps) == 0 && (c.Name == scenario.SetupCase || r.beyond(c)):
		return
	case !r.picked(c):
		r.ended(CaseResult{Name: c.Name, Line: c.Line, Verdict: Skipped})
		return
	case r.lost && !startsAfresh(steps):
		r.stepsSkipped(c, steps)
		r.ended(CaseResult{Name: c.Name, Line: c.Line, Verdict: Skipped, Steps: skipped(steps)})
		return
	}
	r.lost = false
	if r.o.Began != nil {
		r.o.Began(c)
	}
	r.ended(r.steps(ctx, c, steps))
}

func (r *runner) ended(res CaseResult) {
	r.lost = r.lost || res.Verdict == Failed || res.Verdict == Errored
	r.result.Cases = append(r.result.Cases, res)
	if r.o.Ended != nil {
		r.o.Ended(&res)
	}
}

// steps plays the steps of a case up to the first that fails.
func (r *runner) steps(ctx context.Context, c *scenario.Case, steps []scenario.Step) CaseResult {
	wall, from := r.wall(), r.device()
	res := CaseResult{Name: c.Name, Line: c.Line, Verdict: Passed, Tries: 1, From: from, FirstSeq: r.end() + 1}
	for i, s := range steps {
		if r.o.Before != nil {
			r.o.Before(ctx, s)
		}
		r.stepBegun(c, s)
		done, failure := r.step(ctx, s)
		r.stepOver(c, s, done, failure)
		res.Steps = append(res.Steps, done)
		if r.o.Stepped != nil {
			r.o.Stepped(c, done)
		}
		if failure != nil {
			res.Verdict, res.Failure = done.Verdict, failure
			res.Steps = append(res.Steps, skipped(steps[i+1:])...)
			r.stepsSkipped(c, steps[i+1:])
			break
		}
	}
	res.To, res.LastSeq = r.device(), r.end()
	res.Wall, res.Device = r.wall().Sub(wall), res.To-from
	return res
}

func skipped(steps []scenario.Step) []StepResult {
	list := make([]StepResult, len(steps))
	for i, s := range steps {
		list[i] = StepResult{Line: s.Line, Text: s.Text, Verdict: Skipped}
	}
	return list
}

// beyond reports whether a case begins after the last line to play.
func (r *runner) beyond(c *scenario.Case) bool { return r.o.To > 0 && c.Line > r.o.To }

// upTo is the steps of a case up to the last line to play.
func (r *runner) upTo(c *scenario.Case) []scenario.Step {
	if r.o.To == 0 {
		return c.Steps
	}
	n := slices.IndexFunc(c.Steps, func(s scenario.Step) bool { return s.File == r.file.Name && s.Line > r.o.To })
	switch {
	case r.beyond(c):
		return nil
	case n < 0:
		return c.Steps
	}
	return c.Steps[:n]
}

// picked reports whether a case has one of the tags that were asked for.
func (r *runner) picked(c *scenario.Case) bool {
	if len(r.o.Tags) == 0 || c.Name == scenario.SetupCase {
		return true
	}
	return slices.ContainsFunc(r.o.Tags, func(t string) bool {
		return slices.Contains(r.file.Tags, t) || slices.Contains(c.Tags, t)
	})
}

// startsAfresh reports whether a case needs nothing that came before it: it
// begins with a reboot, after which nothing is left of what was.
func startsAfresh(steps []scenario.Step) bool {
	return len(steps) > 0 && steps[0].Kind == scenario.Do && steps[0].Verb == "reboot"
}
