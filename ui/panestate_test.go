package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestSelections: what the keys select, and how it goes away again.
func TestSelections(t *testing.T) {
	for _, c := range []struct {
		keys string
		is   func(m *model) bool
		want bool
	}{
		{"/ I N V enter", func(m *model) bool { return m.selections.messages.filter.String() == "INV" }, true},
		{"/ I N V enter / esc", func(m *model) bool { return m.selections.messages.filter.Everything() }, true},
		{"/ I N V enter / enter", func(m *model) bool { return m.selections.messages.filter.String() == "INV" }, true},
		{"/ I N V enter esc", func(m *model) bool { return m.selections.messages.filter.Everything() }, true},
		{"4 j", func(m *model) bool { return m.selections.wakes.sel != 0 }, true},
		{"4 j k", func(m *model) bool { return m.selections.wakes.sel != 0 }, false},
		{"4 j w", func(m *model) bool { return m.selections.wakes.sel != 0 }, false},
		{"4 j esc", func(m *model) bool { return m.selections.wakes.sel != 0 }, false},
		{"left", func(m *model) bool { return !m.selections.timeline.held() }, false},
		{"left right right", func(m *model) bool { return !m.selections.timeline.held() }, true},
		{"left end", func(m *model) bool { return !m.selections.timeline.held() }, true},
		{"6 k", func(m *model) bool { return m.selections.messages.sel == 0 }, false},
		{"6 k j", func(m *model) bool { return m.selections.messages.sel == 0 }, true},
		{"s i", func(m *model) bool { return m.selections.messages.pings }, true},
		{"s i i", func(m *model) bool { return m.selections.messages.pings }, false},
		{"1 z", func(m *model) bool { return m.desk.zoom == devicePanel }, true},
		{"1 z tab", func(m *model) bool { return m.desk.zoom == timersPanel }, true},
		{"1 z z", func(m *model) bool { return m.desk.zoom == noPanel }, true},
	} {
		m, _ := newTestModel(t, "killed")
		press(m, strings.Fields(c.keys)...)
		if got := c.is(m); got != c.want {
			t.Errorf("keys %s: %v, want %v", c.keys, got, c.want)
		}
	}
}

// TestLayersBeginAnew: a view or an overlay is at its top whenever it is opened.
func TestLayersBeginAnew(t *testing.T) {
	m, _ := newTestModel(t, "killed")
	for md := mainMode; md&everyMode != 0; md <<= 1 {
		l, ok := m.layers.of(md).(scroller)
		if !ok || md == eventsMode {
			continue
		}
		at, _ := l.position(m.situation(""))
		*at = 3
		m.open(md)
		if *at != 0 {
			t.Errorf("mode %#x begins at line %d", int(md), *at)
		}
		m.back()
	}
	m, _ = newTestModel(t, "call")
	press(m, "t", "1", "esc", "t")
	if got := m.layers.tones.sent; got != "" {
		t.Errorf("the tones %q of the time before are still there", got)
	}
	run, _ := newTestRun(t, runOf(t))
	press(run, "enter")
	run.layers.events.at = 3
	press(run, "esc", "enter")
	if run.layers.events.at != 0 {
		t.Error("the events of a step do not begin at the top")
	}
}

// TestScrollStaysInBounds: a window that grows leaves no overlay scrolled past
// its end.
func TestScrollStaysInBounds(t *testing.T) {
	m, _ := newTestModel(t, "registered")
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 16})
	press(m, "?", "end")
	if m.layers.help.at == 0 {
		t.Fatal("the help is short")
	}
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 100})
	if m.layers.help.at != 0 {
		t.Errorf("scrolled to %d in a window that shows all", m.layers.help.at)
	}
	press(m, "esc", ":")
	m.Update(tea.WindowSizeMsg{Width: 50, Height: 24})
	if got, want := m.layers.prompt.input.Width(), wholeLine(m.scene()); got != want {
		t.Errorf("the line is %d wide, want %d", got, want)
	}
}

// TestOnlyTheFocusedPanelIsPointedAt: a wake that was selected is not what one
// points at once another panel has the focus.
func TestOnlyTheFocusedPanelIsPointedAt(t *testing.T) {
	m, _ := newTestModel(t, "killed")
	press(m, "4", "j", "j", "3", "x")
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "wake-budget 0xbad22222") {
		t.Errorf("the newest anomaly is not explained:\n%s", got)
	}
}

// TestInterruptIsForgotten with the remark that announces it.
func TestInterruptIsForgotten(t *testing.T) {
	m, _ := newTestModel(t, "call")
	m.Update(keyPress("ctrl+c"))
	now := moment(t, "call")
	m.Update(tickMsg{now})
	m.Update(tickMsg{now.Add(remarkFor + time.Second)})
	if _, cmd := m.Update(keyPress("ctrl+c")); cmd != nil {
		t.Error("a ctrl+c long after the first leaves")
	}
}

// TestWheel: the wheel moves what the keys would, three lines at a time.
func TestWheel(t *testing.T) {
	m, _ := newTestModel(t, "killed")
	press(m, "4")
	newest := m.history.fold.LastWake().N
	m.Update(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
	if m.selections.wakes.sel != 0 {
		t.Error("there is nothing above the newest wake")
	}
	m.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if got := m.selections.wakes.sel; got != newest-3 {
		t.Errorf("wake %d of %d is selected", got, newest)
	}
	m.open(confirmMode)
	m.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if got := m.selections.wakes.sel; got != newest-3 {
		t.Error("the wheel moves what is under an overlay")
	}
}

// TestTheLastPeerComesFirst when one goes back in the dialler.
func TestTheLastPeerComesFirst(t *testing.T) {
	m, _ := newTestModel(t, "missed")
	m.history.fold.Recent = []event.CallRow{{Call: event.Call{Peer: "sip:older"}}, {Call: event.Call{Peer: "sip:newer"}}}
	m.open(dialMode)
	press(m, "up")
	if got := m.layers.dial.input.Value(); got != "sip:newer" {
		t.Errorf("%q comes first", got)
	}
	press(m, "up", "up")
	if got := m.layers.dial.input.Value(); got != "sip:older" {
		t.Errorf("%q comes last", got)
	}
}
