package cli

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
)

// TestErrorText: no error repeats a password, typed with or without a scheme, or
// known to be one.
func TestErrorText(t *testing.T) {
	p := &Program{}
	p.Hide("hunter2hunter2", "short")
	for text, want := range map[string]string{
		"call sip:bob:canary@lab.test":        "call sip:bob:......@lab.test",
		"--server bob:canary@lab.test:5060":   "--server bob:......@lab.test:5060",
		"server: \"bob:can:ary@lab.test\"":    "server: \"bob:.......@lab.test\"",
		"no route to sip:bob@lab.test":        "no route to sip:bob@lab.test",
		"sip:10.0.0.1:5060, sip:bob@lab.test": "sip:10.0.0.1:5060, sip:bob@lab.test",
		"u:canary@lab.test":                   "u:......@lab.test",
		`C:\Users\me\a@b.talk: x`:             `C:\Users\me\a@b.talk: x`,
		"file:C:/Users/me/a@b.talk":           "file:C:/Users/me/a@b.talk",
		"403 no hunter2hunter2, short":        "403 no .............., short",
	} {
		if got := p.ErrorText(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	other := p.Writing(io.Discard, io.Discard)
	if got := other.Masked("hunter2hunter2"); got != ".............." {
		t.Errorf("behind the screen: %q", got)
	}
}

// TestFetch: a secret comes from a variable, a command or a file; that others can
// read the file is said, and that there is none is an error.
func TestFetch(t *testing.T) {
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte("canary\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	p := &Program{Err: &said, Env: func(key string) string { return map[string]string{"PW": "canary"}[key] }}
	for what, kept := range map[string]config.Source{"env": {Env: "PW"}, "command": {Command: "echo canary"}, "file": {File: name}} {
		if got, err := p.Fetch(t.Context(), kept); got != "canary" || err != nil || said.Len() > 0 {
			t.Errorf("%s: %q, %v, %s", what, got, err, &said)
		}
	}
	for what, kept := range map[string]config.Source{"env": {Env: "NONE"}, "command": {Command: "exit 0"}, "file": {File: name + ".none"}, "nothing in it": {File: os.DevNull}} {
		if got, err := p.Fetch(t.Context(), kept); err == nil {
			t.Errorf("%s: %q", what, got)
		}
	}
	if err := os.Chmod(name, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Fetch(t.Context(), config.Source{File: name}); err != nil {
		t.Error(err)
	}
	if want := "warning: others can read " + name; runtime.GOOS != "windows" && !strings.Contains(said.String(), want) {
		t.Errorf("said %q, want %q", &said, want)
	}
}
