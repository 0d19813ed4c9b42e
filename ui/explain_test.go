package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// explained stands in for whoever knows the rules.
func explained(e event.Event, width int) string {
	var name string
	switch e := e.(type) {
	case event.Killed:
		name = "wake-budget " + e.Code
	case event.Registration:
		if e.Phase != "failed" {
			return ""
		}
		name = fmt.Sprintf("not-registered %d", e.Status)
	case event.Warning:
		if e.Rule == "audio" { // nobody wrote down a rule for that
			return ""
		}
		name = string(e.Rule)
	default:
		return ""
	}
	lines := []string{name + ": the rule behind it", "", "What happened"}
	for range 9 {
		for _, line := range wrap("The system counts wakes, and ends an app that has been woken more often than it allows.", width-2) {
			lines = append(lines, "  "+line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestExplain(t *testing.T) {
	for _, c := range []struct{ recording, keys, want string }{
		{"killed", "x", "wake-budget 0xbad22222"},
		{"killed", "4 j j x", "in this wake: nothing went wrong"},
		{"killed", "left left left left left left left left left left x", "at the cursor: nothing went wrong"},
		{"error", "x", "not-registered 403"},
		{"error", "6 up up up x", "not-registered 403"},
		{"error", "s up up up x", "not-registered 403"},
		{"error", "6 up x", "here: nothing went wrong"},
		{"error", "6 up up up enter x", "not-registered 403"},
		{"error", "s up up up enter enter", "not-registered 403"},
		{"killed", "enter enter", "wake-budget 0xbad22222"},
		{"killed", "4 enter enter enter", "wake-budget 0xbad22222"},
		{"killed", "4 j j enter enter x", "in what is listed: nothing went wrong"},
		{"registered", "x", "why: nothing has gone wrong yet"},
	} {
		m, _ := newTestModel(t, c.recording)
		press(m, strings.Fields(c.keys)...)
		if got := ansi.Strip(screen(m)); !strings.Contains(got, c.want) {
			t.Errorf("%s, keys %s: no %q in\n%s", c.recording, c.keys, c.want, got)
		}
	}
}

// TestExplainScrollsAndCloses: it goes through the anomalies, and away.
func TestExplainScrollsAndCloses(t *testing.T) {
	m, p := newTestModel(t, "killed")
	for _, rule := range []string{"wake-race", "doze-offline"} {
		p.log.Append(event.Record{Phone: "alice", Device: m.history.fold.Device, Wall: m.history.fold.Wall, Event: event.Warning{Rule: event.Rule(rule)}})
	}
	m.Update(logGrewMsg{log: p.log})
	m.display.h = 16
	press(m, "x")
	for _, c := range []struct{ key, want string }{{"left", "wake-race"}, {"left", "wake-budget"}, {"left", "wake-budget"}, {"right", "wake-race"}} {
		press(m, c.key)
		if got := ansi.Strip(screen(m)); !strings.Contains(got, c.want) || !strings.Contains(got, "of 3") {
			t.Errorf("after %s: no %s in\n%s", c.key, c.want, got)
		}
	}
	press(m, "end", "down")
	if at, limit := m.layers.explain.position(m.situation("")); limit == 0 || *at != limit {
		t.Errorf("scrolled to %d of %d", *at, limit)
	}
	press(m, "esc")
	if m.modes.top() != mainMode {
		t.Error("it is still open")
	}
}

// TestEnterExplains: enter on a problem among the messages, or at the cursor,
// says what happened and why, and closes it again.
func TestEnterExplains(t *testing.T) {
	for _, keys := range []string{"6 up enter", "s up enter", "3 left enter"} {
		m, p := newTestModel(t, "registered")
		p.log.Append(event.Record{Phone: "alice", Device: m.clock.now, Wall: m.clock.wall, Event: event.Warning{Rule: "wake-race", Note: "out of step"}})
		m.Update(logGrewMsg{log: p.log})
		m.selections.timeline.cursor.at = noCursor
		for _, k := range strings.Fields(keys) {
			press(m, k)
			if k == "left" { // to the column of the warning
				m.selections.timeline.cursor.at = m.clock.now
			}
		}
		got := ansi.Strip(screen(m))
		for _, want := range []string{"warning: wake-race: out of step", "wake-race: the rule behind it", "What happened"} {
			if !strings.Contains(got, want) {
				t.Errorf("keys %s: no %q in\n%s", keys, want, got)
			}
		}
		if press(m, "enter"); m.modes.has(explainMode) {
			t.Errorf("keys %s: enter does not close it", keys)
		}
	}
}

// TestExplainFromAStep explains what a step of a run has done, and a run that
// goes on to another file leaves nothing to explain.
func TestExplainFromAStep(t *testing.T) {
	s := failedRun(t)
	s.Log = load(t, "error")
	last := &s.Lines[s.At]
	last.First, last.Last = 1, uint64(len(s.Log.After(0)))
	m, _ := newTestRun(t, s)
	m.layers.explain.rule = explained
	m.layers.explain.list, m.history.seen = nil, 0
	m.take()
	for _, keys := range []string{"w", "enter x", "enter enter"} {
		press(m, strings.Fields(keys)...)
		if got := ansi.Strip(screen(m)); !strings.Contains(got, "not-registered 403") {
			t.Errorf("keys %s:\n%s", keys, got)
		}
		press(m, "esc", "esc", "n")
	}
	press(m, "w")
	next := runOf(t)
	next.Seq, next.Log = 9, new(event.Log)
	m.Update(runChangedMsg{next})
	press(m, "left", "end")
	screen(m)
}

// TestTheFooterNamesTheKey as soon as there is something to explain.
func TestTheFooterNamesTheKey(t *testing.T) {
	for recording, want := range map[string]bool{"killed": true, "error": true, "registered": false} {
		m, _ := newTestModel(t, recording)
		m.display.w, m.display.h = 80, 24
		if got := strings.Contains(lastLine(ansi.Strip(screen(m))), "x why"); got != want {
			t.Errorf("%s: %v", recording, got)
		}
	}
}
