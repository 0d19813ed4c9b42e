package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// place is where a text stands on the screen.
func place(t *testing.T, m *model, text string) (x, y int) {
	t.Helper()
	for y, line := range strings.Split(ansi.Strip(screen(m)), "\n") {
		if before, _, ok := strings.Cut(line, text); ok {
			return ansi.StringWidth(before), y
		}
	}
	t.Fatalf("%q is not on the screen:\n%s", text, ansi.Strip(screen(m)))
	return 0, 0
}

func clickAt(m *model, x, y int) { m.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}) }

// TestClick: a click selects what is under it, in every size, as the keys would.
func TestClick(t *testing.T) {
	for _, size := range []tea.WindowSizeMsg{{Width: 120, Height: 40}, {Width: 160, Height: 50}, {Width: 80, Height: 40}} {
		m, _ := newTestModel(t, "lost")
		m.Update(size)
		clickAt(m, 1, 1)
		x, y := place(t, m, "316 B in 1 segment")
		clickAt(m, x, y)
		line, _ := m.selections.messages.selected(&m.history.fold)
		if m.desk.focus != sipPanel || line == nil || line.Message.Method != "ACK" {
			t.Errorf("%v: focus %d, message %+v", size, m.desk.focus, line)
		}
		x, y = place(t, m, "not woken")
		clickAt(m, x, y)
		if m.desk.focus != wakesPanel || m.selections.losses.call == "" {
			t.Errorf("%v: focus %d, lost call %q", size, m.desk.focus, m.selections.losses.call)
		}
		clickAt(m, x, y+1)
		if m.selections.wakes.sel != 1 || m.selections.losses.call != "" {
			t.Errorf("%v: wake %d, lost call %q", size, m.selections.wakes.sel, m.selections.losses.call)
		}
	}
}

// TestDrag: the cursor of the timeline goes with the mouse, and away at the right end.
func TestDrag(t *testing.T) {
	m, _ := newTestModel(t, "lost")
	x, y := place(t, m, "socket      ")
	s := m.situation("")
	in := s.layout.inside(timelinePanel)
	w := m.selections.timeline.window(m.situation("").whole, m.situation("").cols)
	at := func(col int) time.Duration { return w.start(col) }
	clickAt(m, x+labelWidth+60, y)
	if c := m.selections.timeline.cursor.at; !m.selections.timeline.held() || c < at(60) || c >= at(61) {
		t.Errorf("the cursor is at %v, want %v to %v", c, at(60), at(61))
	}
	m.Update(tea.MouseMotionMsg{X: x + labelWidth + 64, Y: y, Button: tea.MouseLeft})
	if c := m.selections.timeline.cursor.at; c < at(64) || c >= at(65) {
		t.Errorf("dragged to %v, want %v to %v", c, at(64), at(65))
	}
	m.Update(tea.MouseMotionMsg{X: x + labelWidth + 62, Y: y})
	if c := m.selections.timeline.cursor.at; c < at(64) {
		t.Error("the mouse moves the cursor without its button")
	}
	m.Update(tea.MouseMotionMsg{X: in.x + in.w - 1, Y: y, Button: tea.MouseLeft})
	if m.selections.timeline.held() {
		t.Error("at the right end the timeline does not follow")
	}
}

// TestWheelOnTheTimeline zooms it; elsewhere it scrolls what is under the mouse.
func TestWheelOnTheTimeline(t *testing.T) {
	m, _ := newTestModel(t, "lost")
	x, y := place(t, m, "socket      ")
	before := m.selections.timeline.window(m.situation("").whole, 80).per
	m.Update(tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelUp})
	if per := m.selections.timeline.window(m.situation("").whole, 80).per; per >= before {
		t.Errorf("%v a column, before %v", per, before)
	}
	x, y = place(t, m, "316 B in 1 segment")
	m.Update(tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelUp})
	if m.desk.focus != sipPanel || m.selections.messages.sel == 0 {
		t.Errorf("focus %d, message %d", m.desk.focus, m.selections.messages.sel)
	}
}

// TestProgress: of a run the terminal knows how much is over, if it shows that.
func TestProgress(t *testing.T) {
	for _, c := range []struct {
		state RunState
		want  tea.ProgressBar
	}{
		{RunState{N: 1, Of: 4, Lines: make([]RunLine, 10)}, tea.ProgressBar{State: tea.ProgressBarDefault}},
		{RunState{N: 2, Of: 4, At: 5, Lines: make([]RunLine, 10)}, tea.ProgressBar{State: tea.ProgressBarDefault, Value: 37}},
		{RunState{N: 4, Of: 4, At: 10, Lines: make([]RunLine, 10), Failed: 1}, tea.ProgressBar{State: tea.ProgressBarError, Value: 100}},
		{RunState{N: 1, Of: 1, Held: true}, tea.ProgressBar{State: tea.ProgressBarWarning}},
	} {
		if got := (&runView{state: c.state}).progress(); got == nil || *got != c.want {
			t.Errorf("%+v: %+v", c.state, got)
		}
	}
	if got := (&runView{state: RunState{N: 1, Of: 1, Over: "PASS"}}).progress(); got != nil {
		t.Errorf("at the end: %+v", got)
	}
	for env, want := range map[string]bool{"TERM_PROGRAM=ghostty": true, "TERM_PROGRAM=iTerm.app": false, "WT_SESSION=": false, "WT_SESSION=1": true, "TERM=xterm": false} {
		if got := ShowsProgress([]string{env}); got != want {
			t.Errorf("%s: %t", env, got)
		}
	}
}
