package report

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

var someone = regexp.MustCompile(`(?i)\balice\b|\bbob\b|127\.0\.0\.1|lab\.test`)

// TestRedactAll writes a whole report and looks for names in it.
func TestRedactAll(t *testing.T) {
	r, log := broken(t)
	dir := t.TempDir()
	if err := Folder(dir, r, log, FolderOptions{RedactAll: true}); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if at := someone.FindIndex(b); at != nil {
			t.Errorf("%s has %q", e.Name(), b[max(0, at[0]-40):min(len(b), at[1]+40)])
		}
	}
	if log.After(0)[1].Phone != "bob" || r.Phone != "sip:alice@lab.test" {
		t.Error("the originals were changed")
	}
}

// TestRedactedStart masks a phone's display name, even before a message has it,
// and keeps the phone's kind.
func TestRedactedStart(t *testing.T) {
	log := new(event.Log)
	log.Append(event.Record{Phone: "alice", Event: event.Start{Display: "Alice in the office", Auto: "echo", Settings: []string{"grace=3s"}}})
	got := NewRedactor(log).Log(log).After(0)[0].Event.(event.Start)
	if got.Display != "name1" || got.Auto != "echo" || got.Settings[0] != "grace=3s" {
		t.Errorf("got %+v", got)
	}
}

// TestRedactedMessages checks that masked messages can still be parsed.
func TestRedactedMessages(t *testing.T) {
	_, log := passing(t)
	length := regexp.MustCompile(`Content-Length: (\d+)`)
	calls := make(map[string]bool)
	for _, r := range NewRedactor(log).Log(log).After(0) {
		m, ok := r.Event.(event.Message)
		if !ok {
			continue
		}
		_, body, _ := strings.Cut(m.Raw, "\r\n\r\n")
		if got := length.FindStringSubmatch(m.Raw); got == nil || got[1] != strconv.Itoa(len(body)) {
			t.Errorf("Content-Length %v, and %d bytes follow:\n%s", got, len(body), m.Raw)
		}
		calls[r.Phone+" "+m.Method] = true
	}
	if !calls["user1 INVITE"] || !calls["user2 INVITE"] {
		t.Errorf("the two cannot be told apart: %v", calls)
	}
	masked := NewRedactor(log).Log(log)
	dissect(t, captured(t, masked, nil))
	written(t, func(w io.Writer) error { return Events(w, masked) })
}

func TestRedactText(t *testing.T) {
	m := new(Redactor)
	for _, c := range []struct{ text, want string }{
		{"SIP/2.0 100 Trying", "SIP/2.0 100 Trying"},
		{"To: <sip:100@pbx.example.test:5060>", "To: <sip:user1@host1.invalid:5060>"},
		{"SIP/2.0 100 Trying", "SIP/2.0 100 Trying"},
		{`From: "Bob B." <sip:bob@192.0.2.7>;tag=1`, `From: "name1" <sip:user2@198.18.0.1>;tag=1`},
		{"bob: call carol", "user2: call carol"},
		{"o=- 1 1 IN IP6 2001:db8::5", "o=- 1 1 IN IP6 2001:2::2"},
		{"[2001:db8::5]:5060 and 192.0.2.7:9", "[2001:2::2]:5060 and 198.18.0.1:9"},
		{"09:21:37 and 14:32:06.031", "09:21:37 and 14:32:06.031"},
		{"sleeptalk 1.2.3", "sleeptalk 1.2.3"},
		{"pbx.example.test refused bob", "host1.invalid refused user2"},
		{"", ""},
	} {
		if got := m.Text(c.text); got != c.want {
			t.Errorf("%q became %q, want %q", c.text, got, c.want)
		}
	}
}
