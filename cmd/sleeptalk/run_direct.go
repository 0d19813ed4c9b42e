package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"sleeptalk/phone/event"
	"sleeptalk/phone/scenario"
	"sleeptalk/ui"
)

// errStopped is why a run ended that somebody at its screen ended.
var errStopped = errors.New("stopped from the screen")

// A director stands between a run and the person at its screen: it says how
// the run stands, and holds it up before a step when it is asked to. It is a
// [ui.Runner].
//
// The run tells it in the run's goroutine, the screen asks in its own.
type director struct {
	stop context.CancelCauseFunc // of the run

	mu      sync.Mutex
	state   ui.RunState
	changed chan struct{} // closed when state is another; nil: nobody waits
	// free is how many steps may begin before the run holds; negative: all.
	free  int
	until int  // the line before which to hold; none if negative
	still bool // virtual time stands
	pace  int  // an index in paces

	scripts []*script // those that have begun
	lines   []ui.RunLine
	next    int               // where in lines the next step is looked for
	last    *scenario.Pending // the step that waits
	known   time.Time         // when was last looked what is known of it
}

// newDirector directs a run of so many files. Held, it does not begin by
// itself.
func newDirector(stop context.CancelCauseFunc, files int, held bool) *director {
	d := &director{stop: stop, free: -1, until: noLine, pace: usualPace}
	if held {
		d.free = 0
	}
	d.state.Of, d.state.Began = files, time.Now()
	return d
}

// noLine is no line to hold before.
const noLine = -1

// Next waits for the run to be another than it was.
func (d *director) Next(ctx context.Context, seq uint64) (ui.RunState, error) {
	for {
		d.mu.Lock()
		if d.state.Seq > seq {
			s := d.state
			s.Lines = slices.Clone(d.lines)
			d.mu.Unlock()
			return s, nil
		}
		changed := d.change()
		d.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ui.RunState{}, ctx.Err()
		}
	}
}

// change is closed at the next change. The lock is held.
func (d *director) change() <-chan struct{} {
	if d.changed == nil {
		d.changed = make(chan struct{})
	}
	return d.changed
}

// update changes how the run stands.
func (d *director) update(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
	d.state.Seq++
	d.state.Rate = d.rate()
	if d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
}

// Tell does what the person at the screen asks for.
func (d *director) Tell(o ui.RunOrder) {
	d.update(func() {
		switch o.Do {
		case ui.RunHold:
			d.free, d.still = 0, true
		case ui.RunNext:
			if d.free < 0 || d.still && !d.state.Held { // this step to its end is the next
				d.free = 0
			} else {
				d.free++
			}
			d.still = false
		case ui.RunGo:
			d.free, d.until, d.still = -1, noLine, false
		case ui.RunTo:
			d.free, d.until, d.still = -1, o.Line, false
		case ui.RunFaster:
			d.pace = min(len(paces)-1, d.pace+1)
		case ui.RunSlower:
			d.pace = max(0, d.pace-1)
		}
		d.state.Held = d.state.Held && d.free == 0
		d.state.Holding = d.free == 0 && !d.state.Held
	})
	if o.Do == ui.RunStop {
		d.stop(errStopped)
	}
}

// tell lets a run of a file report to the director.
func (d *director) tell(s *script, o *scenario.Options) {
	d.update(func() {
		if !slices.Contains(d.scripts, s) {
			d.scripts = append(d.scripts, s)
		}
		d.lines, d.next = linesOf(s.file), 0
		d.state.File, d.state.N, d.state.Phone = s.name, len(d.scripts), s.file.Phone
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
func (d *director) watch(s scenario.Stage) scenario.Stage {
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
		d.state.Waiting, d.last, d.state.Holding = nil, nil, false
	})
	for d.held() && ctx.Err() == nil {
		d.sleep(ctx, 0)
	}
	d.update(func() {
		if d.free > 0 {
			d.free--
		}
		d.state.Held, d.state.Holding = false, d.free == 0
		d.lines[d.state.At].First = uint64(len(d.state.Log.After(0))) + 1
	})
}

// held reports whether no step may begin, and says so.
func (d *director) held() bool {
	d.mu.Lock()
	held, told := d.free == 0, d.state.Held
	d.mu.Unlock()
	if held && !told {
		d.update(func() { d.state.Held = true })
	}
	return held
}

// sleep waits for the next change, or, if it is not zero, for a time.
func (d *director) sleep(ctx context.Context, limit time.Duration) {
	d.mu.Lock()
	changed := d.change()
	d.mu.Unlock()
	var late <-chan time.Time
	if limit > 0 {
		t := time.NewTimer(limit)
		defer t.Stop()
		late = t.C
	}
	select {
	case <-changed:
	case <-late:
	case <-ctx.Done():
	}
}

func (d *director) stepped(_ *scenario.Case, r scenario.StepResult) {
	d.update(func() {
		l := &d.lines[d.state.At]
		l.Verdict, l.Took, l.Last = ui.Verdict(r.Verdict), r.Waited, uint64(len(d.state.Log.After(0)))
		switch r.Verdict {
		case scenario.Passed:
			d.state.Passed++
		case scenario.Failed, scenario.Errored:
			d.state.Failed++
		}
		d.next = d.state.At + 1
		d.state.Waiting, d.last = nil, nil
	})
}

// ended takes in what became of a test case: the steps that it skipped, and
// why it failed.
func (d *director) ended(c *scenario.CaseResult) {
	d.update(func() {
		for _, r := range c.Steps {
			if r.Verdict == scenario.Skipped {
				i := d.find("", r.Line, r.Text)
				d.lines[i].Verdict, d.next = ui.Skipped, i+1
			}
		}
		if f := c.Failure; f != nil {
			d.state.Failure = &ui.RunFailure{Message: f.Message, Facts: factsOf(f.Facts), Likely: f.Likely}
		}
	})
}

func factsOf(list []scenario.Fact) []ui.RunFact {
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
func (d *director) pending(p scenario.Pending) {
	again := d.last != nil && time.Since(d.known) < looks
	var facts []scenario.Fact
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
func (d *director) again(*script, int) {}

// over says that all files have been played, and what came of it.
func (d *director) over() {
	d.update(func() { d.state.Waiting, d.state.Held, d.state.Holding = nil, false, false })
}

// concluded says that the reports are written.
func (d *director) concluded(words, report string) {
	d.update(func() {
		d.state.Over, d.state.Report, d.state.Took = words, report, time.Since(d.state.Began)
	})
}
