package ui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Surveyor does long work on many cases, and says how it stands.
type Surveyor interface {
	// Next returns the work as it stands, as soon as it is another than the one numbered seq,
	// or the context's error.
	Next(ctx context.Context, seq uint64) (Survey, error)
	// Stop asks for the work to be ended. It does not wait for that.
	Stop()
	// Open shows a case by itself, above the table, until it is left. It is called from
	// another goroutine.
	Open(ctx context.Context, i int, above *Screens) error
}

// A Survey is a snapshot of work on many cases. What it points to does not change.
type Survey struct {
	Seq     uint64 // grows with each change
	Name    string // of the command
	About   string // what is examined
	Columns []SurveyColumn
	Cases   []SurveyCase
	// Alike: the cases take about the same time each, so that what is left can be estimated.
	Alike bool
	// Task is what a person is asked to do now, Until when that, or what is waited for, is over.
	Task  string
	Until time.Time
	Limit time.Time // when all of it ends at the latest; zero: nobody says
	Began time.Time
	Took  time.Duration // by the wall; 0 while it goes on
	Over  string        // the outcome, in words; "" while it goes on
	Note  string        // where the files are; "": none was asked for
}

// A SurveyColumn is a column of the table of cases.
type SurveyColumn struct {
	Name  string
	Help  string // what its values are
	Width int    // in a table that has room for no more
	Right bool   // numbers
	Rest  bool   // it takes what room is left
	Spare int    // the higher, the sooner it gives way; 0: it is always shown
}

// A SurveyCase is a row of the table.
type SurveyCase struct {
	Name    string
	Verdict Verdict // Skipped: nobody could tell; "" where there is none
	Playing bool
	Done    bool
	Cells   []SurveyCell // for each column
	Facts   []RunFact    // what else is known of it
	Closed  string       // why it cannot be opened; "": it can
}

// A SurveyCell is a value in the table.
type SurveyCell struct {
	Text string
	Sort float64 // the number that it is sorted by, in a column of numbers
	Mood Verdict // whether it is good: Passed, Failed, Errored in between
}

// unsorted is no column: the cases are in the order of the work.
const unsorted = -1

// survey is work on many cases, and what is selected in it.
type survey struct {
	surveyor Surveyor
	ctx      context.Context // of the screen
	above    *Screens
	state    Survey
	clock    time.Time // by the wall
	order    []int     // the cases, in the order of the table
	cursor   int       // the selected case; noLine: the one that is worked on
	by       int       // the column by which they are sorted
	falling  bool
	opening  bool // a case is being opened
}

func (v *survey) bindings() []binding {
	here := func(id, label, help string, g group, keys ...string) binding {
		return binding{id: id, group: g, modes: surveyMode, Binding: bind(label, keys...), help: help, foot: always}
	}
	of := func(b binding, why func(situation) string, do func(situation) request) binding {
		b.why, b.do = why, do
		return b
	}
	order := of(here("turn order", "order", "the other order, of a sorted column", showGroup, "r"), v.isUnsorted, v.turn)
	order.name = v.orderLabel
	return []binding{
		of(here("open case", "open", "what happened in the case: a recording, with its timeline and its ladder", moveGroup, "enter"), v.shut, v.open),
		of(here("sort", "sort", "sort by the next column; after the last, as they are worked on", showGroup, "O"), v.none, v.sort),
		order,
		of(here("copy case", "copy", "copy the case, with what is known of it", sayGroup, "y"), v.none, v.copyCase),
		of(here("copy table", "copy all", "copy the table, its columns separated by tabs", sayGroup, "Y"), v.none, v.copyTable),
		{id: "first case", group: listGroup, modes: surveyMode, Binding: bind("top", "home", "g"), help: "the first case", why: v.none, do: v.top, idle: first},
		of(here("end survey", "stop", "end the work; what is done stays", runGroup, "x"), v.isOver, v.stop),
		of(here("leave survey", "leave", "leave (asks while the work goes on)", leaveGroup, "q"), nil, v.leave),
	}
}

// surveyMsg reports that the work stands otherwise.
type surveyMsg struct{ state Survey }

// caseLeftMsg reports that a case has been looked at.
type caseLeftMsg struct{ err error }

// next waits for a change of the work, but at least as long as pause.
func (v *survey) next(ctx context.Context, pause time.Duration) tea.Cmd {
	w, seq := v.surveyor, v.state.Seq
	return func() tea.Msg {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
		s, err := w.Next(ctx, seq)
		if err != nil {
			return nil
		}
		return surveyMsg{s}
	}
}

// take takes in how the work stands.
func (v *survey) take(s Survey) {
	v.state = s
	v.arrange()
}

// arrange puts the cases into the order of the table. Those that are not over come last.
func (v *survey) arrange() {
	cases := v.state.Cases
	v.order = v.order[:0]
	for i := range cases {
		v.order = append(v.order, i)
	}
	if v.by == unsorted {
		return
	}
	slices.SortStableFunc(v.order, func(a, b int) int {
		if x, y := cases[a].Done, cases[b].Done; x != y {
			return map[bool]int{true: -1, false: 1}[x]
		}
		n := v.compare(cases[a].Cells[v.by], cases[b].Cells[v.by])
		if v.falling {
			return -n
		}
		return n
	})
}

func (v *survey) compare(a, b SurveyCell) int {
	if v.state.Columns[v.by].Right {
		return cmp.Compare(a.Sort, b.Sort)
	}
	return cmp.Compare(a.Text, b.Text)
}

// now is the case that is worked on: the first of them, or the last that is over; -1: none.
func (v *survey) now() int {
	at := -1
	for i := range v.state.Cases {
		c := &v.state.Cases[i]
		if c.Playing {
			return i
		}
		if c.Done {
			at = i
		}
	}
	return at
}

// selected is the case under the cursor; -1: there is none.
func (v *survey) selected() int {
	if v.cursor != noLine && v.cursor < len(v.state.Cases) {
		return v.cursor
	}
	return max(min(0, len(v.state.Cases)-1), v.now())
}

// row is where the selected case is in the table.
func (v *survey) row() int { return max(0, slices.Index(v.order, v.selected())) }

// move moves the cursor over the rows; from the first move on it stays on its case.
func (v *survey) move(_ situation, step int) {
	if len(v.order) > 0 {
		v.cursor = v.order[max(0, min(len(v.order)-1, v.row()+step))]
	}
}

func (v *survey) follow() { v.cursor = noLine }

func (v *survey) top(s situation) request {
	v.move(s, -len(v.order))
	return nil
}

// none is why there is nothing to sort or to copy.
func (v *survey) none(situation) string { return when(len(v.state.Cases) == 0, "there is no case yet") }

func (v *survey) isOver(situation) string { return when(v.state.Over != "", "it is over") }

func (v *survey) isUnsorted(s situation) string {
	return when(v.by == unsorted, "they are as they are worked on: "+s.keyOf("sort")+" sorts them")
}

// shut is why the case cannot be opened.
func (v *survey) shut(s situation) string {
	switch i := v.selected(); {
	case i < 0:
		return v.none(s)
	case v.opening:
		return "one is being opened"
	case !v.state.Cases[i].Done:
		return v.state.Cases[i].Name + " is not over"
	default:
		return v.state.Cases[i].Closed
	}
}

// open shows the case by itself, above the table.
func (v *survey) open(situation) request {
	w, i, ctx, above := v.surveyor, v.selected(), v.ctx, v.above
	v.cursor, v.opening = i, true
	return workReq{meanwhile: "opening " + v.state.Cases[i].Name, Cmd: func() tea.Msg {
		err := func() (err error) {
			defer caught(&err)
			return w.Open(ctx, i, above)
		}()
		return caseLeftMsg{err}
	}}
}

func (v *survey) sort(situation) request {
	if v.by++; v.by == len(v.state.Columns) {
		v.by = unsorted
	}
	v.falling = false
	v.arrange()
	return nil
}

func (v *survey) turn(situation) request {
	v.falling = !v.falling
	v.arrange()
	return nil
}

func (v *survey) orderLabel(situation) string {
	if v.falling {
		return "rising"
	}
	return "falling"
}

// copyCase copies a case with what is known of it.
func (v *survey) copyCase(situation) request {
	c := &v.state.Cases[v.selected()]
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", strings.TrimSpace(strings.Join(append([]string{string(c.Verdict)}, texts(c)...), "  ")))
	for _, f := range c.Facts {
		fmt.Fprintf(&b, "  %s: %s\n", f.Subject, f.Text)
	}
	return copyReq(b.String(), c.Name)
}

// copyTable copies all rows, in the order of the table.
func (v *survey) copyTable(situation) request {
	var b strings.Builder
	var names []string
	for _, col := range v.state.Columns {
		names = append(names, col.Name)
	}
	fmt.Fprintf(&b, "%s\tverdict\n", strings.Join(names, "\t"))
	for _, i := range v.order {
		if c := &v.state.Cases[i]; c.Done {
			fmt.Fprintf(&b, "%s\t%s\n", strings.Join(texts(c), "\t"), c.Verdict)
		}
	}
	return copyReq(b.String(), "the table")
}

// texts are the cells of a case.
func texts(c *SurveyCase) (list []string) {
	for _, cell := range c.Cells {
		list = append(list, event.Printable(cell.Text))
	}
	return list
}

func (v *survey) stop(situation) request {
	w := v.surveyor
	return workReq{meanwhile: "it is being ended", Cmd: func() tea.Msg {
		w.Stop()
		return nil
	}}
}

// leave asks first while the work goes on, which it ends.
func (v *survey) leave(situation) request {
	if v.state.Over == "" {
		return askReq{"End the work and leave?", "quit", v.leave}
	}
	return sayReq("quit")
}

func (v *survey) back(s situation) request { return v.leave(s) }

// done counts the cases that are over.
func (v *survey) done() (n int) {
	for i := range v.state.Cases {
		if v.state.Cases[i].Done {
			n++
		}
	}
	return n
}

// failed reports whether one of them did not pass.
func (v *survey) failed() bool {
	return slices.ContainsFunc(v.state.Cases, func(c SurveyCase) bool { return c.Verdict == Failed })
}

// took is how long the work has taken, by the wall.
func (v *survey) took() time.Duration {
	if v.state.Took > 0 || v.clock.IsZero() || v.state.Began.IsZero() {
		return v.state.Took
	}
	return max(0, v.clock.Sub(v.state.Began))
}

// remaining estimates how long the rest will take; ok is false where nobody can say.
func (v *survey) remaining() (d time.Duration, ok bool) {
	done, all := v.done(), len(v.state.Cases)
	if !v.state.Alike || done == 0 || v.state.Over != "" {
		return 0, false
	}
	return v.took() / time.Duration(done) * time.Duration(all-done), true
}

// progress is how much of it is over, for the terminal's tab or the task bar.
func (v *survey) progress() *tea.ProgressBar {
	if v.state.Over != "" || len(v.state.Cases) == 0 {
		return nil
	}
	state := tea.ProgressBarDefault
	if v.failed() {
		state = tea.ProgressBarError
	}
	return tea.NewProgressBar(state, 100*v.done()/len(v.state.Cases))
}
