package picture_test

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

func TestFilter(t *testing.T) {
	call := picture.Subject{Methods: []string{"INVITE", "BYE"}, Caller: "Bob <sip:bob@lab.test>", Code: 408, State: event.Suspended, Text: "INVITE Bob, the builder"}
	for _, c := range []struct {
		filter string
		lets   bool
	}{
		{"", true},
		{" , ", true},
		{"invite", true},
		{"carol", false},
		{"method invite", true},
		{"method INV", false}, // a method is a word
		{"method bye", true},
		{"METHOD Invite", true},
		{"caller bob", true},
		{"caller carol", false},
		{"code 408", true},
		{"code 4xx", true},
		{"code 4XX", true},
		{"code 5xx", false},
		{"code 40", false},
		{"code none", false},
		{"state suspended", true},
		{"state open", false},
		{"caller Bob, state suspended, code 4xx", true},
		{"caller Bob, state suspended, code 2xx", false},
		{`text "bob, the"`, true},
		{`"bob, the"`, true},
		{"text bob, the builder", true}, // two terms
		{"text method", false},
	} {
		f, err := picture.ParseFilter(c.filter)
		if c.filter == "code 40" {
			if err == nil {
				t.Error("40 is a code")
			}
			continue
		}
		if err != nil || f.Lets(call) != c.lets {
			t.Errorf("%q: lets it through %t, %v", c.filter, f.Lets(call), err)
		}
	}
	if f, _ := picture.ParseFilter("code none"); !f.Lets(picture.Subject{}) || f.Lets(call) {
		t.Error("none is no answer at all")
	}
}

// TestFilterErrors: what is wrong is named, and what would be right.
func TestFilterErrors(t *testing.T) {
	for filter, want := range map[string]string{
		"method":          "method: which? Such as: method INVITE. The word itself is found by: text method",
		"caller bob,code": "code: which? Such as: code 408, 4xx, none. The word itself is found by: text code",
		"code 4y":         "code 4y: a code is a number such as 408, or 4xx, or none",
		"code 7xx":        "code 7xx: a code is a number such as 408, or 4xx, or none",
		"state sleepy":    "state sleepy: the states are open, background, suspended, woken, in-call, dead",
		`text "a, b`:      `a quote is open: text "a, b`,
	} {
		if f, err := picture.ParseFilter(filter); err == nil || err.Error() != want || !f.Everything() {
			t.Errorf("%q: %v", filter, err)
		}
	}
}

// TestFilterStates: every state of an app has a word, and each word is read.
func TestFilterStates(t *testing.T) {
	for _, s := range []event.Lifecycle{event.Dead, event.Foreground, event.Entering, event.Background, event.Task, event.Suspended, event.Awake, event.InCall} {
		f, err := picture.ParseFilter("state " + picture.StateWord(s))
		if err != nil || !f.Lets(picture.Subject{State: s}) || f.Lets(picture.Subject{}) {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// FuzzParseFilter: what is typed is a filter or an error, it is kept as it was typed, and read
// again it is the same.
func FuzzParseFilter(f *testing.F) {
	for _, s := range []string{"", "bob", "caller Bob, state suspended, code 4xx", `text "a, b"`, "method", `"`, ",,\x00,", "code \xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := picture.ParseFilter(s)
		if err != nil {
			if !got.Everything() || strings.TrimSpace(err.Error()) == "" {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		again, err := picture.ParseFilter(got.String())
		subject := picture.Subject{Methods: []string{s}, Caller: s, Code: len(s), Text: s, State: event.Awake}
		if err != nil || again.Everything() != got.Everything() || again.Lets(subject) != got.Lets(subject) {
			t.Fatalf("%q is not read as %q: %v", s, got.String(), err)
		}
	})
}
