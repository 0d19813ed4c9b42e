package ui

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestScales: a column is from 50 ms to an hour.
func TestScales(t *testing.T) {
	m, _ := newTestModel(t, "killed")
	for key, want := range map[string]string{"+": "50 ms per column", "-": "01:00:00 per column"} {
		for range scales {
			press(m, key)
		}
		if got := ansi.Strip(screen(m)); !strings.Contains(got, want) {
			t.Errorf("%s leads to another than %s\n%s", key, want, got)
		}
	}
}

// TestAllLanesOfALostCall: a window of 80x24 has every lane that is not empty, with the pin
// through all of them and the measure below.
func TestAllLanesOfALostCall(t *testing.T) {
	for _, keys := range []string{"", "x", "left"} {
		m := lostModel(t, 80, 24)
		press(m, strings.Fields(keys)...)
		got := ansi.Strip(screen(m))
		for _, name := range []string{"app", "wake", "notify", "socket", "reg", "call", "Bob", "network"} {
			if !regexp.MustCompile(`(?m)^│ ` + name + ` .*[┊╳│].* │$`).MatchString(got) {
				t.Errorf("%q: no lane %s with the pin\n%s", keys, name, got)
			}
		}
		if !strings.Contains(got, "240 s silent") || !strings.Contains(got, "LOST HERE") {
			t.Errorf("%q: no measure, or no flag\n%s", keys, got)
		}
	}
}

// TestEmptyLanesGiveWay: where there is little room, a lane with something in it comes before one
// without.
func TestEmptyLanesGiveWay(t *testing.T) {
	m := lostModel(t, 80, 24)
	m.history.line.Wakes, m.history.line.Hands = nil, nil
	m.history.fold.Losses[0].From = "wake" // a caller of that name has a lane of his own
	v := m.selections.timelineView(m.situation(""), &m.history)
	for n := range 9 {
		var names []string
		for _, l := range v.lanesFor(n) {
			names = append(names, l.name)
		}
		ours := slices.Contains(names[:min(len(names), 2)], "wake") // the caller's comes after the others
		if len(names) != min(n, 8) || ours != (n == 8) {
			t.Errorf("%d rows: %q", n, names)
		}
	}
	v.line.Wakes = append(v.line.Wakes, m.history.line.Wakes...)
	if n := v.rows(); n != 1+7+1 {
		t.Errorf("it wants %d rows", n)
	}
}

// TestZoomedTimeline lists what happened until the cursor, where a panel would have blank rows.
func TestZoomedTimeline(t *testing.T) {
	m := recorded(load(t, "killed"))
	press(m, "3", "z")
	for _, at := range []time.Duration{m.clock.now, m.clock.now / 2} {
		m.selections.timeline.show(at, m.situation(""))
		var want []string
		for r := range m.phone.Log().From(0) {
			if r.Phone == "alice" && r.Device <= at && !periodic(r.Event) {
				what, _ := r.Event.Text()
				want = append(want, m.scene().stamp(r.Device)+"  "+strings.TrimSpace(event.Printable(what)))
			}
		}
		got := ansi.Strip(screen(m))
		_, list, found := strings.Cut(got, "what happened until then")
		if !found {
			t.Fatalf("no list\n%s", got)
		}
		for _, line := range want[len(want)-8:] {
			if !strings.Contains(list, line) {
				t.Errorf("at %v: no %q\n%s", at, line, got)
			}
		}
		if m.resize(120, 24); strings.Count(ansi.Strip(screen(m)), "\n") != 23 {
			t.Error("it does not fit")
		}
		m.resize(120, 40)
	}
}
