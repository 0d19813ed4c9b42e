package config

import (
	"errors"
	"strings"
	"testing"
)

// TestEdited sets a key in files of all kinds: their comments and their order stay.
func TestEdited(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a value": {
			"# mine\naccounts:\n  alice:\n    server: pbx  # ours\n    keepalive: 600s   # the least\n    user: alice\n",
			"# mine\naccounts:\n  alice:\n    server: pbx  # ours\n    keepalive: 240s # the least\n    user: alice\n",
		},
		"a quoted value":      {"accounts:\n  alice:\n    keepalive: \"600s\"\n", "accounts:\n  alice:\n    keepalive: 240s\n"},
		"a key":               {"accounts:\n  alice:\n    # who\n    user: alice\nui:\n  theme: dark\n", "accounts:\n  alice:\n    # who\n    keepalive: 240s\n    user: alice\nui:\n  theme: dark\n"},
		"another indent":      {"accounts:\n    alice:\n        user: alice\n", "accounts:\n    alice:\n        keepalive: 240s\n        user: alice\n"},
		"an account":          {"accounts:\n  bob:\n    user: bob\n", "accounts:\n  alice:\n    keepalive: 240s\n  bob:\n    user: bob\n"},
		"no account":          {"ui:\n  theme: dark\n", "ui:\n  theme: dark\naccounts:\n  alice:\n    keepalive: 240s\n"},
		"no line's end":       {"ui:\n  theme: dark", "ui:\n  theme: dark\naccounts:\n  alice:\n    keepalive: 240s\n"},
		"only comments":       {"# accounts:\n#   alice:\n", "# accounts:\n#   alice:\naccounts:\n  alice:\n    keepalive: 240s\n"},
		"nothing":             {"", "accounts:\n  alice:\n    keepalive: 240s\n"},
		"two of one name":     {"devices:\n  alice:\n    base: desktop\naccounts:\n  alice:\n    user: a\n", "devices:\n  alice:\n    base: desktop\naccounts:\n  alice:\n    keepalive: 240s\n    user: a\n"},
		"what must be quoted": {"accounts:\n  alice:\n    keepalive: 10s # 'x'\n", "accounts:\n  alice:\n    keepalive: 240s # 'x'\n"},
		"a flow of one line":  {"accounts:\n  alice: {user: alice}\n", ""},
		"a value in a flow":   {"accounts:\n  alice: {keepalive: 600s, user: alice}\n", ""},
		"an alias":            {"accounts:\n  bob: &b\n    keepalive: 600s\n  alice: *b\n", ""},
		"an anchor":           {"accounts:\n  alice: &a\n    keepalive: 600s\n  bob: *a\n", ""},
		"a folded value":      {"accounts:\n  alice:\n    keepalive: >-\n      600s\n    user: alice\n", ""},
	} {
		got, err := Edited("c.yaml", []byte(c.text), []Edit{{Accounts, "alice", "keepalive", "240s"}})
		refused := new(EditError)
		switch {
		case c.want == "" && !errors.As(err, &refused):
			t.Errorf("%s: %v\n%s", name, err, got)
		case c.want != "" && (err != nil || string(got) != c.want):
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, c.want)
		}
	}
}

// FuzzEdited: whatever is in a file and whatever is set, the file says the same but for that, or
// it is left alone.
func FuzzEdited(f *testing.F) {
	f.Add("accounts:\n  alice:\n    display: A # b\n", "B: c # d")
	f.Add("accounts: {alice: {display: A}}", "\"")
	f.Add("# only\n", "- x")
	f.Add("accounts:\n  alice: &a\n    display: |\n      A\n  bob: *a\n", " ")
	f.Fuzz(func(t *testing.T, text, value string) {
		before, err := Parse("c.yaml", []byte(text))
		if err != nil {
			return
		}
		got, err := Edited("c.yaml", []byte(text), []Edit{{Accounts, "alice", "display", value}})
		if err != nil {
			return
		}
		after, err := Parse("c.yaml", got)
		if err != nil || after.Accounts["alice"]["display"] != value || len(after.Devices) != len(before.Devices) {
			t.Errorf("%q in\n%s\ngave %v\n%s", value, text, err, got)
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "#") && !strings.Contains(string(got), strings.TrimSpace(line)) {
				t.Errorf("the comment %q is lost", line)
			}
		}
	})
}

// TestEditedIsReadAgain: a text that can be read after the edit, and says something else, is
// refused.
func TestEditedIsReadAgain(t *testing.T) {
	for _, text := range []string{
		"accounts:\n  alice:\n    display: |\n      A\n",
		"accounts:\n  alice:\n    display: A\n      B\n",
		"accounts:\n  alice:\n    display: \"A\n      B\"\n",
	} {
		got, err := Edited("c.yaml", []byte(text), []Edit{{Accounts, "alice", "display", "C"}})
		if refused := new(EditError); !errors.As(err, &refused) {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	}
}
