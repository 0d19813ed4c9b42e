package ui

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

var update = flag.Bool("update", false, "write the golden files anew")

// verbs are those of a phone, for the tests.
var verbs = []VerbHelp{
	{"background", "", "send the app to the background"},
	{"foreground", "", "open the app"},
	{"lock", "", "lock the screen"},
	{"unlock", "", "unlock the screen"},
	{"kill", "", "kill the app"},
	{"call", "WHO", "call somebody"},
	{"answer", "[from notification]", "answer the call that rings"},
	{"decline", "", "decline the call that rings"},
	{"hang up", "", "end the call"},
	{"open notification", "", "tap the notification"},
	{"unmute", "", "let the microphone be heard again"},
	{"dtmf", "DIGITS", "send tones"},
	{"mute", "", "mute the microphone, or no longer"},
	{"hold", "", "hold the call"},
	{"resume", "", "resume the call"},
	{"swap", "", "take the held call back"},
	{"transfer", "WHO", "hand the call over"},
	{"attended transfer", "", "hand the held call over"},
	{"set", "KEY=VALUE", "change a setting"},
	{"clock", "x60 | next", "turn the device clock"},
	{"quit", "", "unregister and leave"},
}

func load(t testing.TB, name string) *event.Log {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	log, err := event.ReadJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// moments are when the recordings are looked at.
var moments = map[string]string{
	"registered": "14:09:00", "suspended": "14:12:06", "woken": "14:32:08", "call": "14:32:51",
	"missed": "14:33:30", "killed": "14:35:00", "error": "14:05:32", "faults": "14:20:15",
	"pushed": "14:16:03", "dozing": "14:32:15", "lost": "14:22:50",
}

func moment(t testing.TB, name string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateTime, "2026-08-23 "+moments[name])
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestGoldens(t *testing.T) {
	sizes := []struct {
		name string
		w, h int
	}{{"120x40", 120, 40}, {"80x24", 80, 24}, {"60x20", 60, 20}, {"40x10", 40, 10}}
	for name := range moments {
		for _, s := range sizes {
			frame := Frame{Width: s.w, Height: s.h, Theme: "mono", Wall: moment(t, name), Verbs: verbs}
			golden(t, name+"-"+s.name, ansi.Strip(RenderFrame(load(t, name), frame)))
		}
	}
	for _, s := range []struct {
		name string
		w, h int
	}{{"200x60", 200, 60}, {"160x50", 160, 50}} {
		golden(t, "lost-"+s.name, ansi.Strip(RenderFrame(load(t, "lost"), Frame{Width: s.w, Height: s.h, Theme: "mono", Wall: moment(t, "lost"), Verbs: verbs})))
	}
	for _, s := range []struct {
		name string
		w, h int
	}{{"200x60", 200, 60}, {"80x24", 80, 24}} {
		frame := Frame{Width: s.w, Height: s.h, Wall: moment(t, "lost"), Verbs: verbs}
		golden(t, "lost-dark-"+s.name, RenderFrame(load(t, "lost"), frame))
		frame.Theme = "light"
		golden(t, "lost-light-"+s.name, RenderFrame(load(t, "lost"), frame))
		frame.ASCII = true
		golden(t, "lost-ascii-"+s.name, ansi.Strip(RenderFrame(load(t, "lost"), frame)))
	}
	for _, name := range []string{"woken", "killed", "dozing", "lost"} {
		frame := Frame{Width: 120, Height: 40, Wall: moment(t, name), Verbs: verbs}
		frame.ASCII = true
		golden(t, name+"-ascii", ansi.Strip(RenderFrame(load(t, name), frame)))
		frame.ASCII = false
		for _, theme := range []string{"dark", "light", "mono"} {
			frame.Theme = theme
			golden(t, name+"-"+theme, RenderFrame(load(t, name), frame))
		}
	}
}

func TestGoldenViews(t *testing.T) {
	for _, c := range []struct {
		name, log, keys string
		w, h            int
	}{
		{"ladder-120x36", "call", "s", 120, 36},
		{"ladder-80x24", "call", "s", 80, 24},
		{"ladder-40x10", "call", "s", 40, 10},
		{"message-80x24", "woken", "s k k k enter", 80, 24},
		{"message-beside", "woken", "s k k k", 120, 36},
		{"help-80x24", "registered", "?", 80, 24},
		{"dial-80x24", "registered", "d b o b", 80, 24},
		{"tones-80x24", "call", "t 1 2 #", 80, 24},
		{"prompt-80x24", "registered", ": h", 80, 24},
		{"wakes-80x24", "killed", "4 j j", 80, 24},
		{"wakes-cause-120x40", "woken", "w w", 120, 40},
		{"sip-filter-80x24", "killed", "/ I N V enter 6 z", 80, 24},
		{"quit-80x24", "call", "q", 80, 24},
		{"cursor-120x40", "woken", "left left left left left left left", 120, 40},
		{"disabled-80x24", "registered", "a", 80, 24},
		{"recording-80x24", "call", "", 80, 24},
		{"explain-80x24", "killed", "x", 80, 24},
		{"explain-120x40", "error", "x", 120, 40},
		{"explain-40x10", "killed", "x j j", 40, 10},
		{"settings-120x40", "suspended", ",", 120, 40},
		{"settings-80x24", "suspended", ", k e e p", 80, 24},
		{"settings-edit-80x24", "suspended", ", k e e p enter backspace backspace backspace backspace 2 4 0 s", 80, 24},
		{"settings-later-80x24", "suspended", ", e x p enter backspace enter", 80, 24},
		{"settings-60x20", "suspended", ", k e e p down", 60, 20},
		{"settings-40x10", "suspended", ", down down", 40, 10},
		{"devices-80x24", "suspended", "P down down", 80, 24},
		{"devices-60x20", "suspended", "P", 60, 20},
		{"lost-card-120x40", "lost", "x", 120, 40},
		{"lost-card-80x24", "lost", "x", 80, 24},
		{"lost-card-60x20", "lost", "x", 60, 20},
		{"lost-card-40x10", "lost", "x", 40, 10},
		{"lost-page-80x24", "lost", "x enter", 80, 24},
		{"lost-cause-120x40", "lost", "x c", 120, 40},
		{"lost-message-120x40", "lost", "x s", 120, 40},
		{"lost-next-120x40", "lost", "n", 120, 40},
		{"wake-story-120x40", "woken", "4 z enter", 120, 40},
		{"wake-story-80x24", "call", "4 enter", 80, 24},
		{"wake-story-40x10", "woken", "4 z enter", 40, 10},
		{"break-80x24", "faults", "!", 80, 24},
		{"break-120x40", "faults", "!", 120, 40},
	} {
		frame := Frame{Width: c.w, Height: c.h, Theme: "mono", Wall: moment(t, c.log), Keys: strings.Fields(c.keys), Verbs: verbs, Explain: explained, Find: found, Settings: settable}
		if c.log == "faults" {
			frame.Verbs = append(slices.Clone(verbs), VerbHelp{"fault", "WHAT", "break the network"})
		}
		if c.name == "recording-80x24" {
			frame.Verbs = nil
		}
		golden(t, c.name, ansi.Strip(RenderFrame(load(t, c.log), frame)))
	}
}

// TestGoldenCallScreen: the same call on a device whose calls ring on the
// system's own screen.
func TestGoldenCallScreen(t *testing.T) {
	log := new(event.Log)
	for _, r := range load(t, "pushed").After(0) {
		if n, ok := r.Event.(event.Notification); ok {
			n.Screen, n.Title, n.Body = true, "Bob", "sip:bob@lab.test"
			r.Event = n
		}
		log.Append(r)
	}
	for name, f := range map[string]Frame{
		"callscreen-120x40": {Width: 120, Height: 40, Theme: "mono"}, "callscreen-80x24": {Width: 80, Height: 24, Theme: "mono"},
		"callscreen-ascii": {Width: 120, Height: 40, ASCII: true}, "callscreen-dark": {Width: 80, Height: 24},
		"callscreen-60x20": {Width: 60, Height: 20, Theme: "mono"},
	} {
		f.Wall, f.Verbs = moment(t, "pushed"), verbs
		got := RenderFrame(log, f)
		if f.Theme != "" || f.ASCII {
			got = ansi.Strip(got)
		}
		golden(t, name, got)
	}
}

// TestGoldenElsewhere: a call that another phone has taken is not missed, in the list
// of calls and where one is dialled.
func TestGoldenElsewhere(t *testing.T) {
	for _, c := range []struct{ name, log, keys string }{
		{"elsewhere-80x24", "missed", ""},
		{"elsewhere-dial-80x24", "registered", "d"},
	} {
		log := new(event.Log)
		for _, r := range load(t, c.log).After(0) {
			e, ok := r.Event.(event.Call)
			if ok && c.log == "registered" && e.Phase == event.CallUp {
				continue
			}
			if ok && e.Phase == event.CallEnded {
				e.Elsewhere = "answered elsewhere"
				r.Event = e
			}
			log.Append(r)
		}
		frame := Frame{Width: 80, Height: 24, Theme: "mono", Wall: moment(t, c.log), Keys: strings.Fields(c.keys), Verbs: verbs}
		golden(t, c.name, ansi.Strip(RenderFrame(log, frame)))
	}
}

// TestRefusedUnheardIsMissed: in the list of calls, one that the phone has refused by itself
// is a missed one, and one that the user has refused is not.
func TestRefusedUnheardIsMissed(t *testing.T) {
	for _, missed := range []bool{true, false} {
		log := new(event.Log)
		for _, r := range load(t, "missed").After(0) {
			if e, ok := r.Event.(event.Call); ok && e.Phase == event.CallEnded {
				e.By, e.Missed, e.Status, e.Reason = "us", missed, 486, "the phone has 8 calls"
				r.Event = e
			}
			log.Append(r)
		}
		got := ansi.Strip(RenderFrame(log, Frame{Width: 160, Height: 24, Theme: "mono", Wall: moment(t, "missed"), Verbs: verbs}))
		if strings.Contains(got, "missed 486 the phone") != missed || strings.Contains(got, "not answered 486 the phone") == missed {
			t.Errorf("missed: %t\n%s", missed, got)
		}
	}
}

func TestGoldenCaption(t *testing.T) {
	frame := Frame{
		Width: 80, Height: 24, Theme: "dark", Wall: moment(t, "woken"), Verbs: verbs,
		Caption: func(r event.Record) (string, int) {
			if _, ok := r.Event.(event.Wake); ok {
				return "The system woke the app: a call has come in.", int(timelinePanel)
			}
			return "", 0
		},
	}
	golden(t, "caption-80x24", RenderFrame(load(t, "woken"), frame))
}

func TestNarrate(t *testing.T) {
	for _, c := range []struct {
		e     event.Event
		words string
		panel panel
	}{
		{event.Verb{Line: "background"}, "alice: background", devicePanel},
		{event.Verb{Line: "hang up"}, "alice: hang up", callPanel},
		{event.Check{Name: "woken by INVITE", OK: true, Detail: "in 1 ms"}, "✓ woken by INVITE  in 1 ms", noPanel},
		{event.Check{Name: "heard"}, "✗ heard", noPanel},
		{event.Lock{On: true}, "", noPanel},
	} {
		if words, p := Narrate(event.Record{Phone: "alice", Event: c.e}); words != c.words || p != int(c.panel) {
			t.Errorf("%+v: %q, panel %d", c.e, words, p)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	got += "\n"
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as recorded; go test ./ui -update if it is right now. Got:\n%s", name, got)
	}
}

func TestTooSmall(t *testing.T) {
	got := RenderFrame(load(t, "woken"), Frame{Width: 36, Height: 9, Theme: "mono"})
	want := "the window is 36x9; sleeptalk needs 40x10. Resize, or run sleeptalk --plain"
	if strings.Join(strings.Fields(got), " ") != want {
		t.Errorf("got %q", got)
	}
}

// TestGlyphWidth: no glyph is wider than a cell, or the columns would shift.
func TestGlyphWidth(t *testing.T) {
	for g := range plain {
		if w := ansi.StringWidth(g); w != 1 {
			t.Errorf("%q is %d wide", g, w)
		}
		if a := plain[g]; len(a) != 1 || a[0] < ' ' || a[0] > '~' {
			t.Errorf("%q becomes %q, which is not one ASCII character", g, a)
		}
	}
	for place, keys := range glyphPlaces() {
		name, _, _ := strings.Cut(place, " ")
		for _, size := range [][2]int{{200, 60}, {160, 50}, {120, 40}, {80, 24}, {60, 20}, {40, 10}} {
			oneCellGlyphs(t, name, Frame{Width: size[0], Height: size[1], Theme: "mono", Wall: moment(t, name), Verbs: verbs, Keys: keys})
		}
	}
}

// oneCellGlyphs fails where a screen has a glyph that is wider than its cell, or without an
// ASCII form.
func oneCellGlyphs(t *testing.T, name string, frame Frame) {
	t.Helper()
	for _, r := range ansi.Strip(RenderFrame(load(t, name), frame)) {
		if w := ansi.StringWidth(string(r)); r != '\n' && w != 1 {
			t.Errorf("%s: %q is %d wide", name, r, w)
		}
		if r > '~' && plain[string(r)] == "" {
			t.Errorf("%s: %q has no ASCII form", name, r)
		}
	}
	frame.ASCII = true
	for _, r := range RenderFrame(load(t, name), frame) {
		if r > '~' {
			t.Errorf("%s: %q on an ASCII terminal", name, r)
		}
	}
}

// glyphPlaces are the keys that lead to where all glyphs are seen, by the recordings.
func glyphPlaces() map[string][]string {
	places := map[string][]string{}
	for name := range moments {
		places[name], places[name+" ladder"] = nil, []string{"s", "k", "k"}
	}
	places["lost compared"] = strings.Fields("s up up up up up up up space up up space")
	return places
}

// TestFewColours: a terminal of 16 or 256 colours is asked for no others, and
// one without colours for none.
func TestFewColours(t *testing.T) {
	m, _ := newTestModel(t, "woken")
	m.opt.Theme, m.display.noColor = "dark", false
	for profile, c := range map[colorprofile.Profile]struct{ has, hasNot string }{
		colorprofile.TrueColor: {"\x1b[38;2;240;180;41m", "38;5;"},
		colorprofile.ANSI256:   {"\x1b[38;5;214m", "38;2;"},
		colorprofile.ANSI:      {"\x1b[93m", "38;"},
		colorprofile.ASCII:     {"\x1b[1m", "[9"},
	} {
		m.Update(tea.ColorProfileMsg{Profile: profile})
		if got := screen(m); !strings.Contains(got, c.has) || strings.Contains(got, c.hasNot) {
			t.Errorf("%v: %q is not there, or %q is", profile, c.has, c.hasNot)
		}
	}
}

// TestThemes: without colour nothing is coloured, and dark is not light.
func TestThemes(t *testing.T) {
	frame := func(theme string) string {
		return RenderFrame(load(t, "woken"), Frame{Width: 120, Height: 40, Theme: theme, Wall: moment(t, "woken")})
	}
	if mono := frame("mono"); strings.Contains(mono, "38;") || strings.Contains(mono, "48;") {
		t.Error("mono has colours")
	}
	if frame("dark") == frame("light") {
		t.Error("dark and light are the same")
	}
	if high, dark := frame("contrast"), frame("dark"); strings.Contains(high, "38;2;139;148;158") || !strings.Contains(dark, "38;2;139;148;158") || !strings.Contains(high, "\x1b[1;38;2;240;180;41m") {
		t.Errorf("of high contrast:\n%q\nof dark:\n%q", high[:400], dark[:400])
	}
	for _, c := range []struct {
		option         string
		noColour, dark bool
		want           string
	}{{"", true, true, "mono"}, {"light", true, true, "light"}, {"", false, true, "dark"}, {"", false, false, "light"}, {"mono", false, true, "mono"}, {"contrast", false, true, "contrast"}, {"contrast", false, false, "contrast-light"}} {
		if got := themeOf(c.option, c.noColour, c.dark); got != c.want {
			t.Errorf("theme %q, NO_COLOR %v, dark %v: %s, want %s", c.option, c.noColour, c.dark, got, c.want)
		}
	}
	for env, want := range map[string]bool{"NO_COLOR=": false, "NO_COLOR=yes": true, "NO_COLOR=0": true, "NO_COLORS=1": false} {
		if got := hasNoColor([]string{"TERM=x", env}); got != want {
			t.Errorf("%s: %v", env, got)
		}
	}
}
