package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// settable are the settings of a phone in the tests: what its log says was set counts.
var settable = SettingsTable{
	Devices: []Device{
		{"android-doze", "", "Doze and App Standby"},
		{"ios-voip-socket", "", "the marked socket"},
		{"ios-voip-socket", "ios4", "task-budget 600s"},
		{"ios-voip-socket", "ios7", "task-budget 180s"},
	},
	Rows: func(began, now event.Start) []Setting {
		rows := []Setting{
			{Key: "keepalive", OfDevice: true, Value: "on", Takes: "on|off", Sure: "A", Source: "Apple, setKeepAliveTimeout:handler:", Live: true, From: "device", Judge: judged},
			{Key: "keepalive-min", OfDevice: true, Value: "600s", Takes: "DURATION", Sure: "A", Source: "Apple, setKeepAliveTimeout:handler:", Limit: "no less than 600s", Live: true, From: "device", Judge: judged},
			{Key: "rearm", OfDevice: true, Value: "on", Takes: "on|off", Sure: "D", Help: "data during a wake gives a whole window again; the keepalive trick needs it", Live: true, From: "device", Judge: judged},
			{Key: "keepalive", Value: "600s", Takes: "DURATION", Help: "keepalive timeout that the app asks of the device", Live: true, From: "config.yaml:14", Judge: judged},
			{Key: "expires", Value: "1h", Takes: "DURATION", Help: "for how long to register", From: "app", Judge: judged},
			{Key: "device", Value: now.Profile, Takes: "NAME", From: "app", Judge: judged},
			{Key: "auto", Takes: "answer|echo|busy|ring", Help: "what it does by itself when called; nothing by default", Live: true, Judge: judged},
		}
		for i := range rows {
			r := &rows[i]
			for j, pair := range append(slices.Clone(now.App), now.Settings...) {
				key, value, _ := strings.Cut(pair, "=")
				if key == r.Key && r.OfDevice == (j >= len(now.App)) && !slices.Contains(slices.Concat(began.App, began.Settings), pair) {
					r.Usual, r.Value, r.Yours = r.Value, value, true
				}
			}
		}
		return rows
	},
}

func judged(value string) (string, error) {
	switch value {
	case "240s":
		return "240s: the device says no (the minimum is 600 s)", nil
	case "nonsense":
		return "", errors.New(`"nonsense" cannot be`)
	}
	return "", nil
}

// setBy is the phone's log after somebody has set something.
func setBy(p *puppet, m *model, app, device []string) {
	s := m.history.fold.Start
	s.App, s.Settings = app, device
	p.log.Append(event.Record{Phone: "alice", Device: m.history.fold.Device, Wall: m.history.fold.Wall, Event: s})
	m.Update(logGrewMsg{log: p.log})
}

// TestSettingsAreVerbs: what is set is a line that the phone is told; what counts at the next
// start is kept for the config.
func TestSettingsAreVerbs(t *testing.T) {
	for _, c := range []struct{ keys, said, shown string }{
		{", r e a enter tab enter", "set rearm=off", ""},
		{", k e e p down down enter ctrl+u 2 4 0 s", "", "the device says no (the minimum is 600 s); enter sets it"},
		{", k e e p down down enter ctrl+u 2 4 0 s enter", "set keepalive=240s", ""},
		{", k e e p down down enter ctrl+u n o n s e n s e enter", "", `"nonsense" cannot be`},
		{", k e e p enter esc", "", "/ keep"},
		{", k e e p enter enter", "", "/ keep"}, // it is the same
		{", e x p enter ctrl+u 5 m enter", "", "expires counts at the next start"},
		{", e x p enter ctrl+u 5 m enter delete", "", "1 of 7 · esc"},
		{", d e v i c e tab up up up enter", "", "needs a new start: --device android-doze"},
		{"P enter", "", "the phone is on ios-voip-socket already"},
		{", z z enter", "", "no setting fits what is typed"},
		{", k e e p delete", "", "undo: keepalive is as it was when the phone was started"},
		{", a u t o enter tab tab enter", "set auto=echo", ""},
		{", e x p enter tab", "", "next value: expires is typed: duration"},
		{", ctrl+s", "", "into the config: there is no config here to write to"},
	} {
		m, p := newTestModel(t, "registered")
		press(m, strings.Fields(c.keys)...)
		if got := strings.Join(p.said, "|"); got != c.said {
			t.Errorf("%s: said %q, want %q", c.keys, got, c.said)
		}
		if got := ansi.Strip(screen(m)); !strings.Contains(got, c.shown) {
			t.Errorf("%s: no %q in\n%s", c.keys, c.shown, got)
		}
	}
}

// TestSettingsFollowTheLog: what the log says was set is shown as such, and can be taken back
// and kept.
func TestSettingsFollowTheLog(t *testing.T) {
	m, p := newTestModel(t, "registered")
	press(m, ",")
	setBy(p, m, []string{"keepalive=240s"}, []string{"rearm=off"})
	got := ansi.Strip(screen(m))
	for _, want := range []string{"2 changed", "240s was 600s", "off was on"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	press(m, "r", "e", "a", "delete")
	if got := strings.Join(p.said, "|"); got != "set rearm=" {
		t.Errorf("said %q", got)
	}
	var kept []string
	m.layers.settings.table.Keep = func(list []Setting) (string, error) {
		for _, s := range list {
			kept = append(kept, fmt.Sprintf("%s %v %s", s.Key, s.OfDevice, s.Value))
		}
		return "wrote it", nil
	}
	_, cmd := m.Update(keyPress("ctrl+s"))
	m.Update(cmd())
	if got := strings.Join(kept, ", "); got != "rearm true off, keepalive false 240s" {
		t.Errorf("kept %s", got)
	}
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "wrote it") {
		t.Error(got)
	}
	setBy(p, m, nil, nil)
	if got := ansi.Strip(screen(m)); strings.Contains(got, "changed") {
		t.Errorf("still changed\n%s", got)
	}
}

// TestSettingsOfARecording: they can be looked at, and not set.
func TestSettingsOfARecording(t *testing.T) {
	m, _ := newTestModel(t, "registered")
	m.verbs = nil
	press(m, strings.Fields(", r e a enter tab enter")...)
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "this is a recording") {
		t.Error(got)
	}
	m.layers.settings.table.Rows = nil
	press(m, "esc", "esc", ",")
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "nothing is known here of the settings") {
		t.Error(got)
	}
}
