package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestOneWayIsFound: the panel of a call that is one-way says why, with what the far end has
// counted, and x opens what the log says of that, though something else has gone wrong since.
func TestOneWayIsFound(t *testing.T) {
	m, p := newTestModel(t, "call")
	m.Update(tea.WindowSizeMsg{Width: 160, Height: 50})
	c := m.history.fold.Call()
	of := func(e event.Event) {
		p.log.Append(event.Record{Device: m.clock.now, Wall: m.clock.wall, Phone: "bob", Event: e})
	}
	of(event.Call{ID: 7, Phase: event.CallUp, CallID: c.CallID})
	of(event.RTP{Call: 7, Sent: 990, Received: 985})
	dead := event.RTP{Call: c.ID, Sent: 1000, Received: 700, DeadIn: event.Seconds(5 * time.Second)}
	other := event.Warning{Rule: event.RuleNoAudioIn, Note: "of another call", Call: c.ID + 1}
	sees(m, p, event.Warning{Rule: event.RuleNoAudioIn, Note: "this is it", Call: c.ID}, dead, event.Warning{Rule: event.RuleWakeRace, Note: "newer"}, other)
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "Bob hears us, and none of its packets reach us: Bob has sent 990 packets, and 700 have come") {
		t.Errorf("why does nobody say:\n%s", got)
	}
	opens := func(want string) {
		t.Helper()
		press(m, "x")
		x := &m.layers.explain
		if w, _ := x.list[x.index()].event.(event.Warning); w.Note != want {
			t.Errorf("x opens %q, want %q\n%s", w.Note, want, ansi.Strip(screen(m)))
		}
		press(m, "esc")
	}
	opens("this is it")
	sees(m, p, event.RTP{Call: c.ID, Sent: 1050, Received: 750})
	opens("of another call")
}
