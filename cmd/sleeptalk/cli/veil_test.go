package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/ui"
)

// recordings are logs with calls, losses, texts, pushes and a lab, of known people.
func recordings(t *testing.T) map[string]*event.Log {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "ui", "testdata", "*.jsonl"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	logs := map[string]*event.Log{}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		log, err := event.ReadJSON(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		logs[strings.TrimSuffix(filepath.Base(name), ".jsonl")] = log
	}
	last := logs["call"]
	var at event.Record
	for r := range last.From(0) {
		at = r
	}
	for _, e := range []event.Event{
		event.Verb{Line: "text carol the door code is 4711"},
		event.Message{Out: true, Method: "MESSAGE", Raw: "MESSAGE sip:carol@pbx.example.test SIP/2.0\r\nContent-Length: 21\r\n\r\nthe door code is 4711"},
		event.Text{From: "sip:carol@pbx.example.test", Name: "Carol Danvers", Body: "meet me at Alcázar"},
		event.Verb{Line: "call dave"},
		event.Error{Op: "call", Err: "dave is nobody here"},
	} {
		at.Event = e
		last.Append(at)
	}
	return logs
}

// people are those of the recordings, and where they are.
var people = regexp.MustCompile(`(?i)alice|\bbob\b|carol|danvers|dave|lab\.test|example\.test|192\.0\.2\.|198\.51\.100\.|door code|4711|Alcázar`)

// views are keys that lead to every view.
var views = []string{
	"", "s", "s enter", "s v v", "s tab", "1 z", "2 z", "3 z", "4 z", "4 j enter", "5 z", "6 z", "6 z k enter", "x", "x enter", "i", "d", "d up", "L", "Y", ", ", "P", "?", "t", "T", "q", "left left", "[ [", "S", ":",
}

// TestNobodyIsSeen: with --private no name, number, address, token or text of the case is in any
// view, nor where keys ask for something; without it they are.
func TestNobodyIsSeen(t *testing.T) {
	seen := 0
	logs, settings := recordings(t), Settings{}.Table()
	for _, name := range []string{"accounts", "call", "lost", "pushed", "replay"} {
		log := logs[name]
		known := veil(log)
		for i, keys := range views {
			for _, size := range [][2]int{{160, 50}, {80, 24}}[:1+i%4/3] {
				f := ui.Frame{Width: size[0], Height: size[1], Theme: "mono", Keys: strings.Fields(keys), Explain: explanation, Find: finding, Verbs: []ui.VerbHelp{{Name: "call"}}, Lab: &ui.LabHelp{User: "alice"}, Settings: settings, Veil: func(*event.Log) ui.Veil { return known }}
				if i%8 == 0 {
					seen += len(people.FindAllString(ansi.Strip(ui.RenderFrame(log, f)), -1))
				}
				f.Private = true
				if got := ansi.Strip(ui.RenderFrame(log, f)); people.MatchString(got) {
					t.Errorf("%s %q %v: %q is seen\n%s", name, keys, size, people.FindAllString(got, -1), got)
				}
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d are seen without it", seen)
	}
}
