package ui

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestSettingsNote: the border names what is set, or how much, and how much
// the emulator has chosen.
func TestSettingsNote(t *testing.T) {
	m, _ := newTestModel(t, "registered")
	set, chosen := []string{"grace=3s", "rearm=off"}, []event.Choice{{Key: "rearm", Value: "off", Yours: true}, {Key: "fin-counts", Value: "on"}}
	for _, c := range []struct {
		w       int
		set     []string
		choices []event.Choice
		want    string
	}{
		{60, nil, nil, "emulated"},
		{60, set, nil, "emulated, grace=3s rearm=off"},
		{18, set, nil, "emulated, 2 set"},
		{60, nil, chosen, "emulated, 2 own choices"},
		{60, nil, chosen[:1], "emulated, 1 own choice"},
		{60, set, chosen, "emulated, grace=3s rearm=off, 2 own choices"},
		{18, set, chosen, "emulated, 2 set"},
		{14, nil, chosen, "emulated"},
	} {
		m.history.fold.Start.Settings, m.history.fold.Start.Choices = c.set, c.choices
		if got := (deviceView{scene: m.scene()}).note(c.w); got != c.want {
			t.Errorf("%d wide, %v, %v: %q", c.w, c.set, c.choices, got)
		}
	}
}
