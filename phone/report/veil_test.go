package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestVeilGrows: a veil hides whom a verb names before anybody else has, what texts say in whatever
// they stand, and gives back what is behind a stand-in.
func TestVeilGrows(t *testing.T) {
	v := NewVeil(new(event.Log))
	for _, e := range []event.Event{
		event.Start{AOR: "sip:Alice@Lab.Example.test", Display: "Alice L"},
		event.Verb{Line: "call dave"},
		event.Error{Op: "call", Err: "dave: not registered"},
		event.Verb{Line: "bob: call sip:Erin@lab.example.test"},
		event.Error{Op: "call", Err: "erin is away"},
		event.Verb{Line: "text frank the code is 4711"},
		event.Error{Op: "text", Err: "the code is 4711: not sent"},
		event.Message{Method: "MESSAGE", Raw: "MESSAGE sip:a@b.c SIP/2.0\r\nContent-Length: 16\r\n\r\nsee you at eight"},
		event.Text{From: "sip:frank@lab.example.test", Name: "Frank N", Body: "see you at eight"},
		event.Data{Raw: "<message><body>meet me there</body></message>"},
		event.Notification{Title: "Frank N", Body: "meet me there"},
		event.Push{Token: "abcdef0123456789"},
	} {
		got := fmt.Sprintf("%+v", v.Record(event.Record{Phone: "alice", Event: e}))
		for _, name := range []string{"alice", "dave", "erin", "frank", "lab.example", "4711", "eight", "meet me", "abcdef"} {
			if strings.Contains(strings.ToLower(got), name) {
				t.Errorf("%q is in %s", name, got)
			}
		}
		if m, is := e.(event.Message); is && m.Method == "MESSAGE" && !strings.Contains(got, "Content-Length: 5") {
			t.Errorf("its length is that of another body: %s", got)
		}
	}
	for line, want := range map[string]string{
		"call user1": "call alice", "call sip:user2@host1.invalid": "call sip:dave@Lab.Example.test", "call user3": "call Erin", "call user99": "call user99", "hang up 2": "hang up 2",
	} {
		if got := v.Clear(line); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	if got := v.Text("Erin is away, the code is 4711"); strings.Contains(got, "Erin") || strings.Contains(got, "4711") {
		t.Error(got)
	}
}
