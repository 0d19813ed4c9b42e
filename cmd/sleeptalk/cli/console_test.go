package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/clean"
)

// TestConsole: whoever writes, nothing but text comes out, and colours of those
// who say that they write some.
func TestConsole(t *testing.T) {
	var out bytes.Buffer
	c := Stdout(&out)
	for _, text := range []string{"a\x1b]0;owned\a\n", "\x1b[31m\u202e\n"} {
		if n, err := c.Write([]byte(text)); n != len(text) || err != nil {
			t.Error(n, err)
		}
	}
	if _, err := Coloured(c).Write([]byte("\x1b[32mgreen\x1b[0m\x1b[2J\n")); err != nil {
		t.Error(err)
	}
	if _, err := Raw(c).Write([]byte("\x1b[H")); err != nil {
		t.Error(err)
	}
	want := `a\x1b]0;owned\a` + "\n" + `\x1b[31m\u202e` + "\n\x1b[32mgreen\x1b[0m" + `\x1b[2J` + "\n\x1b[H"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if c.Fd() != ^uintptr(0) || Stdout(os.Stdin).Fd() != os.Stdin.Fd() {
		t.Error("a console has another file than what is behind it")
	}
	if Raw(&out) != &out || Coloured(&out) != &out {
		t.Error("what is no console became another writer")
	}
}

// TestErrorsAreHarmless reports an error and a panic with a foreign text.
func TestErrorsAreHarmless(t *testing.T) {
	foreign := "\x1b]0;owned\a\u009b\u202e\xff" + strings.Repeat("long ", 10000)
	state := t.TempDir()
	var out bytes.Buffer
	p := &Program{Err: Stderr(&out), Env: func(key string) string {
		return map[string]string{"XDG_STATE_HOME": state, "HOME": state}[key]
	}}
	code := p.Guard(t.Context(), func(context.Context) error { return Invalid(errors.New("two\nlines of "+foreign), foreign) })
	p.Warn(foreign, foreign)
	p.Complain("%s", foreign)
	if code != ExitInvalid || !strings.HasPrefix(out.String(), "error: two\nlines of "+`\x1b]0;owned\a\u009b\u202e\xfflong `) || out.Len() > 6*(clean.MaxLine+9) {
		t.Errorf("exit code %d, %d bytes: %.200q", code, out.Len(), out.String())
	}
	code = p.Guard(t.Context(), func(context.Context) error { panic(foreign) })
	files, _ := filepath.Glob(filepath.Join(p.Paths().State, "crash-*.txt"))
	if code != ExitPanic || len(files) != 1 {
		t.Fatalf("exit code %d, reports %q", code, files)
	}
	report, err := os.ReadFile(files[0])
	if err != nil || !strings.Contains(string(report), `panic: \x1b]0;owned\a\u009b\u202e\xfflong`) {
		t.Errorf("%.300q, %v", report, err)
	}
	for _, text := range []string{out.String(), string(report)} {
		if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && clean.Forbidden(r) }) {
			t.Errorf("%.300q", text)
		}
	}
}
