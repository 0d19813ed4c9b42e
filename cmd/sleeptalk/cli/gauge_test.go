package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// TestGauge: a terminal that shows progress is told of it, in red from the first failure on;
// another one, and a file, are told nothing.
func TestGauge(t *testing.T) {
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	defer theirs.Close()
	env := func(values map[string]string) func(string) string {
		return func(key string) string { return values[key] }
	}
	p := &Program{Err: theirs, Env: env(map[string]string{"TERM_PROGRAM": "ghostty"})}
	var b strings.Builder
	g := p.Gauge(4)
	if g.out != theirs {
		t.Fatal("the terminal is told nothing")
	}
	g.out = &b
	g.Step(1, true)
	g.Step(2, false)
	g.Step(3, true)
	g.Close()
	if got, want := b.String(), "\x1b]9;4;1;25\x07\x1b]9;4;2;75\x07\x1b]9;4;2;100\x07\x1b]9;4;0\x07"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for name, p := range map[string]*Program{
		"a pipe":           {Err: w, Env: p.Env},
		"another terminal": {Err: theirs, Env: env(map[string]string{"TERM": "xterm"})},
	} {
		if g := p.Gauge(4); g.out != nil {
			t.Errorf("%s is told", name)
		}
	}
	if g := p.Gauge(0); g.out != nil {
		t.Error("work of no parts is shown")
	}
	p.Gauge(0).Step(1, true) // divides by nothing
}
