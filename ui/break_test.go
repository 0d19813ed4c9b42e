package ui

import (
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestBreakGivesVerbs: each letter closes the overlay and gives a line, and
// what is broken is mended by the same letter.
func TestBreakGivesVerbs(t *testing.T) {
	m, p := newTestModel(t, "registered")
	m.verbs = append(slices.Clone(m.verbs), VerbHelp{Name: "fault"})
	said := func(keys, want string) {
		t.Helper()
		p.said = nil
		press(m, strings.Fields(keys)...)
		if got := strings.Join(p.said, "|"); got != want || m.modes.top() != mainMode {
			t.Errorf("%s gave %q in mode %#x, want %q", keys, got, int(m.modes.top()), want)
		}
	}
	happened := func(events ...event.Event) {
		for _, e := range events {
			p.log.Append(event.Record{Device: m.clock.now, Wall: m.clock.wall, Phone: m.history.fold.Phone, Event: e})
		}
		m.Update(logGrewMsg{log: p.log})
	}
	said("! esc", "")
	said("! n", "fault nat drop")
	said("! c", "fault server close")
	said("! h", "fault network cell")
	said("! o", "fault network offline")
	said("! l", "fault loss 5%")
	said("! s", "fault server stall")
	said("! x", "fault clear")
	happened(event.Network{Name: "cell"}, event.Fault{Name: "loss", On: true}, event.Fault{Name: "server stall", On: true})
	said("! h", "fault network wifi")
	said("! l", "fault loss off")
	said("! s", "fault server unstall")
	happened(event.Network{Name: "offline"})
	said("! o", "fault network cell")
}

func TestBreakNeedsAPhone(t *testing.T) {
	m, p := newTestModel(t, "registered") // its phone has no such verb
	press(m, "!")
	if len(p.said) != 0 || !strings.Contains(m.remark.words, "does not know the verb fault") {
		t.Errorf("gave %q, said %q", p.said, m.remark.words)
	}
}
