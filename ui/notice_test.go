package ui

import (
	"context"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestNotices: a notification of the phone is one of the desktop, in the terminal's own
// words, if nobody looks at the terminal; and what a peer has chosen breaks out of none.
func TestNotices(t *testing.T) {
	evil := event.Notification{Phase: event.NotificationPosted, Shown: true, Title: "Incoming call", Body: "Bob;x\x07\x1b[2J"}
	const bob = `Bob,x\a\x1b[2J`
	for _, c := range []struct {
		name    string
		environ []string
		e       event.Event
		blurred bool
		off     bool
		want    string
	}{
		{"777", []string{"TERM_PROGRAM=ghostty"}, evil, true, false, "\x1b]777;notify;alice: Incoming call;" + bob + "\x07"},
		{"99", []string{"TERM=xterm-kitty"}, evil, true, false, "\x1b]99;i=sleeptalk;alice: Incoming call: " + bob + "\x07"},
		{"9", []string{"TERM_PROGRAM=iTerm.app"}, evil, true, false, "\x1b]9;alice: Incoming call: " + bob + "\x07"},
		{"looked at", []string{"TERM_PROGRAM=ghostty"}, evil, false, false, ""},
		{"off", []string{"TERM_PROGRAM=ghostty"}, evil, true, true, ""},
		{"unknown terminal", []string{"TERM=xterm"}, evil, true, false, ""},
		{"gone", []string{"TERM_PROGRAM=ghostty"}, event.Notification{Phase: event.NotificationMissed, Shown: true}, true, false, ""},
		{"in the foreground", []string{"TERM_PROGRAM=ghostty"}, event.Notification{Phase: event.NotificationPosted}, true, false, ""},
	} {
		p := &puppet{log: load(t, "registered")}
		m := newModel(context.Background(), p, Options{Theme: "mono", Location: time.UTC, Environ: c.environ, NoNotices: c.off})
		m.take()
		if c.blurred {
			m.Update(tea.BlurMsg{})
		}
		p.log.Append(event.Record{Phone: "alice", Event: c.e})
		m.take()
		if m.notices.due != c.want {
			t.Errorf("%s: %q, want %q", c.name, m.notices.due, c.want)
		}
		if ask := m.notices.ask(); (ask != nil) != (c.want != "") || m.notices.ask() != nil {
			t.Errorf("%s: it is asked for more or less than once", c.name)
		}
		m.Update(tea.FocusMsg{})
		if m.notices.blurred {
			t.Errorf("%s: not looked at", c.name)
		}
	}
	if newNotices(Options{Environ: []string{"TERM_PROGRAM=ghostty"}}, false).form != nil {
		t.Error("a recording posts notices")
	}
}
