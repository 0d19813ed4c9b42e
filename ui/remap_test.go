package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// TestKeysCanBeOthers: an action has the key that the user wants; the help and the last line name
// that, and the old one does nothing any more.
func TestKeysCanBeOthers(t *testing.T) {
	keys := map[string]string{"background": "B", "settings": "ctrl+k f5", "hold call": "H", "open": "b"}
	if err := CheckKeys(keys); err != nil {
		t.Fatal(err)
	}
	p := &puppet{log: load(t, "registered")}
	m := newModel(context.Background(), p, Options{Theme: "mono", Location: time.UTC, Environ: []string{}, Settings: settable, Keys: keys})
	m.resize(120, 40)
	m.take()
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "B background") {
		t.Error(got)
	}
	press(m, "B")
	if got := strings.Join(p.said, "|"); got != "background" {
		t.Errorf("said %q", got)
	}
	press(m, "b")
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "open: the app is open already") {
		t.Error(got)
	}
	press(m, ",")
	if m.modes.top() != mainMode {
		t.Error("the old key still opens the settings")
	}
	for _, k := range []string{"ctrl+k", "f5"} {
		if press(m, k); m.modes.top() != settingsMode {
			t.Errorf("%s does not open the settings", k)
		}
		press(m, "esc")
	}
	press(m, "?")
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "B          send the app to the background") {
		t.Error(got)
	}
}

// TestWrongKeys: what cannot be says why, and which word was meant.
func TestWrongKeys(t *testing.T) {
	for _, c := range []struct{ id, key, want string }{
		{"anser", "h", "there is no such action; did you mean answer?"},
		{"focus", "h", "there is no such action"}, // its keys are the numbers
		{"edit", "h", "there is no such action"},  // it is listed nowhere
		{"answer", "", "a key, such as h"},
		{"answer", "control-h", `"control-h" is no key`},
		{"answer", "hh", `"hh" is no key`},
		{"answer", "é", ""},
		{"answer", "ctrl+c", "ctrl+c leaves, and nothing else"},
		{"answer", "b", `b is the key of "background" there: on the main screen`},
		{"background", "h H", ""},
		{"background", "q", `q is the key of`},
		{"lab", "e", `e is the key of "end" there`},
		{"help", "f1", ""},
		{"help", "f2", ""},
	} {
		err := CheckKeys(map[string]string{c.id: c.key})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %s: %v, want %q", c.id, c.key, err, c.want)
		}
	}
	if err := CheckKeys(map[string]string{"mute": "o", "hold call": "m"}); err != nil {
		t.Errorf("two keys that change places: %v", err)
	}
}

// TestKeyTable: each line of it can be said, and changes nothing.
func TestKeyTable(t *testing.T) {
	keys := map[string]string{}
	for _, k := range KeyTable() {
		if k.ID == "" || k.Keys == "" || k.Help == "" {
			t.Errorf("%+v", k)
		}
		keys[k.ID] = k.Keys
	}
	if err := CheckKeys(keys); err != nil || len(keys) < 30 {
		t.Error(len(keys), err)
	}
}
