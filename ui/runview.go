package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// noLine is a list whose cursor follows the step that is played.
const noLine = -1

// runView is how a run is looked at.
type runView struct {
	runner Runner
	state  RunState
	clock  time.Time // by the wall
	cursor int       // the selected line; noLine: the one that is played
	focus  runPanel
	zoom   bool
}

// took is how long the run has taken, by the wall.
func (v *runView) took() time.Duration {
	if v.state.Took > 0 || v.clock.IsZero() || v.state.Began.IsZero() {
		return v.state.Took
	}
	return max(0, v.clock.Sub(v.state.Began))
}

// selected is the line under the cursor.
func (v *runView) selected() int {
	at := v.state.At
	if v.cursor != noLine {
		at = v.cursor
	}
	return max(0, min(len(v.state.Lines)-1, at))
}

// move moves the cursor over the steps; on the one that is played it follows
// again.
func (v *runView) move(step int) {
	v.cursor = max(0, min(len(v.state.Lines)-1, v.selected()+step))
	if v.cursor == v.state.At {
		v.cursor = noLine
	}
}

// order is the action that asks something of the run.
func order(do RunAction) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd { return m.run.tell(RunOrder{Do: do}) }
}

func (v *runView) tell(o RunOrder) tea.Cmd {
	return func() tea.Msg {
		v.runner.Tell(o)
		return nil
	}
}

// holdRun is what the space bar does: hold, and go on.
func holdRun(m *model) tea.Cmd {
	if s := &m.run.state; s.Held || s.Holding {
		return m.run.tell(RunOrder{Do: RunGo})
	}
	return m.run.tell(RunOrder{Do: RunHold})
}

func holdLabelRun(m *model) string {
	if m.run != nil && (m.run.state.Held || m.run.state.Holding) {
		return "go on"
	}
	return "pause"
}

func runToCursor(m *model) tea.Cmd {
	return m.run.tell(RunOrder{Do: RunTo, Line: m.run.selected()})
}

// goesOn is why a key that directs a run is of no use.
func goesOn(m *model) string {
	return when(m.run == nil || m.run.state.Over != "", "the run is over")
}

func isAhead(m *model) string {
	if why := goesOn(m); why != "" {
		return why
	}
	return when(m.run.selected() <= m.run.state.At, "the cursor is not below the step that is played")
}

func isVirtual(m *model) string {
	if why := goesOn(m); why != "" {
		return why
	}
	return when(!m.run.state.Virtual, "these are real sockets: their time cannot be hurried")
}

// tellReport says where the evidence is.
func tellReport(m *model) tea.Cmd {
	switch s := &m.run.state; {
	case s.Report != "":
		m.tell(text, "report: "+s.Report)
	case s.Over != "":
		m.tell(dim, "no evidence was kept: --trace always, or --html DIR")
	default:
		m.tell(dim, "there is no report yet: it is written when the run is over")
	}
	return nil
}

// leaveRun asks first while the run goes on, which it ends.
func leaveRun(m *model) tea.Cmd {
	if m.run.state.Over == "" {
		return m.ask("Stop the run and leave?", "quit")
	}
	return m.say("quit")
}

// whatHappened opens the events of the selected step.
func whatHappened(m *model) tea.Cmd {
	v := m.run
	if len(v.state.Lines) == 0 || v.state.Lines[v.selected()].First == 0 {
		m.tell(dim, "this line has not been played")
		return nil
	}
	v.cursor = v.selected()
	return enter(eventsMode)(m)
}

// stepRecords are the records of the selected step, without the snapshots that
// come every second.
func (m *model) stepRecords() []event.Record {
	line := &m.run.state.Lines[m.run.selected()]
	records := m.phone.Log().After(line.First - 1)
	if line.Last > 0 {
		records = records[:min(len(records), int(line.Last-line.First)+1)]
	}
	return slices.DeleteFunc(slices.Clone(records), func(r event.Record) bool {
		switch r.Event.(type) {
		case event.Levels, event.RTP:
			return true
		}
		return false
	})
}

// eventsRect is where the events of a step are shown.
func (m *model) eventsRect() rect { return rect{0, 1, m.w, m.h - 2} }

// drawStepEvents is what happened in a step, a line to each event.
func (m *model) drawStepEvents(c *canvas) {
	line, r := &m.run.state.Lines[m.run.selected()], m.eventsRect()
	c.clear(r, text)
	box(c, r, fmt.Sprintf("%d %s", line.Line, event.Printable(line.Text)), "what happened · esc", keycap, open)
	p, records := pane{c, r.inset()}, m.stepRecords()
	if len(records) == 0 {
		p.line(0).put(dim, "nothing was logged in this step")
	}
	for i := 0; i < p.h && m.scroll+i < len(records); i++ {
		at, rest, _ := strings.Cut(event.Line(records[m.scroll+i]), " ")
		p.line(i).put(dim, at).put(text, " "+rest)
	}
}
