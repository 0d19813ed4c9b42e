package ui

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestTitleAndClipboard: what a peer or a file says reaches neither the title of
// the window nor the clipboard (OSC 52) with anything that is obeyed there. A line
// that is pasted into a shell must not be run.
func TestTitleAndClipboard(t *testing.T) {
	foreign := "sip:x\x1b]0;owned\a\r\nreboot\n\u009b\u202e\u2028@" + strings.Repeat("long", 1000)
	m, _ := newTestModel(t, "call")
	m.history.fold.Start.AOR = foreign
	title := m.View().WindowTitle
	if strings.ContainsFunc(title, clean.Forbidden) || !strings.HasPrefix(title, `sleeptalk sip:x\x1b]0;owned\a\r\nreboot\n`) || utf8.RuneCountInString(title) > maxTitle+len("sleeptalk ") {
		t.Errorf("the title is %q", title)
	}
	m.history.commands.take(event.Record{Phone: "alice", Event: event.Verb{Line: foreign}})
	_, cmd := m.Update(keyPress("y"))
	if cmd == nil {
		t.Fatal("nothing was copied")
	}
	copied := fmt.Sprint(cmd())
	if strings.ContainsFunc(copied, clean.Forbidden) || !strings.Contains(copied, `\r\nreboot\n`) {
		t.Errorf("copied %.200q", copied)
	}
}
