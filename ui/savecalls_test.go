package ui

import (
	"errors"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// TestSaveCalls: the calls that are in the ladder are saved, and it is said where, or why not.
func TestSaveCalls(t *testing.T) {
	m, _ := newTestModel(t, "lost")
	press(m, "s", "ctrl+s")
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "nothing can be saved from here") {
		t.Error(got)
	}
	var saved []string
	m.layers.ladder.save = func(ids []string) (string, error) {
		saved = ids
		if len(ids) == 1 {
			return "", errors.New("the disk is full")
		}
		return "saved: calls.pcapng", nil
	}
	for _, c := range []struct{ keys, want, last string }{
		{"ctrl+s", "d40cfef76df01238aabdc5026d7c56ea ba25141823681fc8e97e5f3dbfba6a59 4f7ad6b59475ff023802410a6f097fd3", "saved: calls.pcapng"},
		{"tab down space ctrl+s", "ba25141823681fc8e97e5f3dbfba6a59", "the disk is full"},
	} {
		keys := strings.Fields(c.keys)
		press(m, keys[:len(keys)-1]...)
		_, cmd := m.Update(keyPress("ctrl+s"))
		m.Update(cmd())
		if got := strings.Join(saved, " "); got != c.want {
			t.Errorf("%s: saved %q", c.keys, got)
		}
		if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, c.last) {
			t.Errorf("%s: %q", c.keys, got)
		}
	}
}
