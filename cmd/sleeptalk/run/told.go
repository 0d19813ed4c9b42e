package run

import (
	"context"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/ui"
)

// What a director is told by the run. These are called in the run's goroutine.

// tell lets a run of a file report to the director.
func (d *director) tell(s *piece, o *play.Options) {
	d.update(func() {
		if !slices.Contains(d.scripts, s) {
			d.scripts = append(d.scripts, s)
			d.passed, d.failed = d.state.Passed, d.state.Failed
		}
		d.state.Passed, d.state.Failed = d.passed, d.failed // a new try counts anew
		d.lines, d.next = linesOf(s.file), 0
		d.state.File, d.state.N, d.state.Phone = s.Name, len(d.scripts), s.file.Phone
		d.state.Virtual, d.state.Log, d.state.Failure, d.state.At = !s.live, new(event.Log), nil, 0
		d.state.Now, d.last = 0, nil
		d.until = noLine // it was one of another file
	})
	o.Before, o.Stepped, o.Pending, o.Ended = d.before, d.stepped, d.pending, d.ended
}

// linesOf is a scenario as the screen lists it.
func linesOf(f *scenario.File) []ui.RunLine {
	var list []ui.RunLine
	for _, c := range f.Cases {
		if c.Name != scenario.SetupCase { // which has no heading
			list = append(list, ui.RunLine{File: c.File, Line: c.Line, Text: c.Name, Case: true})
		}
		for _, s := range c.Steps {
			list = append(list, ui.RunLine{File: s.File, Line: s.Line, Text: s.Text})
		}
	}
	return list
}

// watch lets the director see what happens on a stage.
func (d *director) watch(s play.Stage) play.Stage {
	d.update(func() { d.state.Log = s.Log() })
	if d.state.Virtual {
		return &pacedStage{Stage: s, d: d}
	}
	return &seenStage{Stage: s, d: d}
}

// find is where in the list a step is, the one played last or after that.
func (d *director) find(file string, line int, text string) int {
	for i := d.next; i < len(d.lines); i++ {
		if l := &d.lines[i]; !l.Case && l.Line == line && (l.File == file || file == "") && (l.Text == text || text == "") {
			return i
		}
	}
	return min(d.next, max(0, len(d.lines)-1))
}

// before holds the run up until the step may begin.
func (d *director) before(ctx context.Context, s scenario.Step) {
	d.beat(ctx)
	d.update(func() {
		d.state.At = d.find(s.File, s.Line, "")
		d.next = d.state.At
		if d.state.At == d.until {
			d.free, d.until = 0, noLine
		}
		d.gate, d.state.Waiting, d.last = true, nil, nil
	})
	d.waitWhile(ctx, func() bool { return d.free == 0 })
	d.update(func() {
		if d.gate = false; d.free > 0 {
			d.free--
		}
		d.lines[d.state.At].First = d.state.Log.Len() + 1
	})
}

func (d *director) stepped(_ *scenario.Case, r play.StepResult) {
	d.update(func() {
		l := &d.lines[d.state.At]
		l.Verdict, l.Took, l.Last = ui.Verdict(r.Verdict), r.Waited, d.state.Log.Len()
		switch r.Verdict {
		case play.Passed:
			d.state.Passed++
		case play.Failed:
			d.state.Failed++
		}
		d.next = d.state.At + 1
		d.state.Waiting, d.last = nil, nil
	})
}

// ended takes in what became of a test case: the steps that it skipped, and
// why it failed.
func (d *director) ended(c *play.CaseResult) {
	d.update(func() {
		for _, r := range c.Steps {
			if r.Verdict == play.Skipped {
				i := d.find("", r.Line, r.Text)
				d.lines[i].Verdict, d.next = ui.Skipped, i+1
			}
		}
		if f := c.Failure; f != nil {
			d.state.Failure = &ui.RunFailure{Message: f.Message, Facts: factsOf(f.Facts), Likely: f.Likely}
		}
	})
}

func factsOf(list []diagnose.Fact) []ui.RunFact {
	facts := make([]ui.RunFact, len(list))
	for i, f := range list {
		facts[i] = ui.RunFact(f)
	}
	return facts
}

// looks is how often is looked what is known of a step that waits: the whole
// log is read for that.
const looks = 250 * time.Millisecond

// pending takes in what a step waits for.
func (d *director) pending(p play.Pending) {
	again := d.last != nil && time.Since(d.known) < looks
	var facts []diagnose.Fact
	var hint string
	if !again {
		facts, hint = p.Known()
		d.known = time.Now()
	}
	d.update(func() {
		w := &ui.RunWait{What: p.What(), Limit: p.Limit, Gone: p.Gone, Wall: p.Wall, Facts: factsOf(facts), Hint: hint}
		if again {
			w.Facts, w.Hint = d.state.Waiting.Facts, d.state.Waiting.Hint
		}
		d.state.Waiting, d.last = w, &p
	})
}

// again says that a file is played once more: the next tell does.
func (d *director) again(*piece, int) {}

// over says that all files have been played, and what came of it.
func (d *director) over() {
	d.update(func() { d.state.Waiting, d.free = nil, -1 })
}

// concluded says that the reports are written.
func (d *director) concluded(words, report string) {
	d.update(func() {
		d.state.Over, d.state.Report, d.state.Took = words, report, time.Since(d.state.Began)
	})
}
