package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestWakeGoesOn: the list of what happens in a wake grows while the wake goes on.
func TestWakeGoesOn(t *testing.T) {
	m, p := newTestModel(t, "woken")
	press(m, "4", "z", "enter")
	before := len(m.layers.events.records)
	p.log.Append(event.Record{Phone: "alice", Device: m.history.fold.Device, Wall: m.history.fold.Wall, Event: event.Warning{Note: "a late fact"}})
	m.Update(logGrewMsg{p.log, p.log.Len()})
	if got := ansi.Strip(screen(m)); len(m.layers.events.records) != before+1 || !strings.Contains(got, "a late fact") {
		t.Errorf("%d events, %d before:\n%s", len(m.layers.events.records), before, got)
	}
}
