package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// saidAtLab is what was said to a phone, a robot and the lab, one line of it in vain.
func saidAtLab() []event.Record {
	return []event.Record{
		{Phone: "alice", Event: event.Verb{Line: "background", By: "key"}},
		{Phone: "bob", Event: event.Verb{Line: "bob hangs up", By: "key"}},
		{Phone: "bob", Event: event.Error{Op: "bob hangs up", Err: "bob: there is no call"}},
		{Phone: "lab", Event: event.Error{Op: "listen", Err: "of something else"}},
		{Phone: "alice", Event: event.Verb{Line: "set wake-window=5s", By: "key"}},
	}
}

// TestWhatWasSaid: the list has each line as a scenario would, with what came of it, and is
// copied as one.
func TestWhatWasSaid(t *testing.T) {
	m, _ := labModel(t, "registered", saidAtLab()...)
	m.resize(80, 24)
	press(m, "Y")
	got := ansi.Strip(screen(m))
	for _, want := range []string{"  lab: misbehave late-cancel", "  bob calls alice", "╳ bob hangs up  bob: there is no call", "  set wake-window=5s"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Count(got, "╳ ") != 1 {
		t.Errorf("one line was refused\n%s", got)
	}
	_, cmd := m.Update(keyPress("y"))
	if cmd == nil {
		t.Fatal("nothing is copied")
	}
	want := "lab: misbehave late-cancel\nbob calls alice\nbackground\n# refused: bob hangs up\nset wake-window=5s\n"
	if got := fmt.Sprint(cmd()); !strings.HasSuffix(got, want) {
		t.Errorf("copied %q", got)
	}
	m, _ = newTestModel(t, "suspended")
	m.history.commands.list = nil
	press(m, "Y")
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, nobodySpoke) {
		t.Error(got)
	}
}
