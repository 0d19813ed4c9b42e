//go:build unix

package ui

import (
	"io"
	"os"
	"testing"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// TestEscapeAlone: an escape with nothing after it is the key, and one with more is not.
func TestEscapeAlone(t *testing.T) {
	for typed, want := range map[string]string{
		"\x1b": escapeKey, "x\x1b": "x" + escapeKey, "\x1b\x1b": "\x1b" + escapeKey,
		"\x1b[A": "\x1b[A", "x": "x", "\x1bx": "\x1bx",
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, typed); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 64)
		n, err := keyboard{r}.Read(b)
		if got := string(b[:n]); got != want || err != nil {
			t.Errorf("%q is read as %q, %v", typed, got, err)
		}
		w.Close()
		r.Close()
	}
}

// TestEscapeBegins: what has been typed after an escape that was read alone belongs to it.
func TestEscapeBegins(t *testing.T) {
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	defer theirs.Close()
	if _, err := term.MakeRaw(theirs.Fd()); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"\x1b", "[", "A"} {
		if _, err := io.WriteString(ours, part); err != nil {
			t.Fatal(err)
		}
	}
	var got string // a terminal hands over what it has: that may take a second read
	for b := make([]byte, 64); len(got) < len("\x1b[A") && err == nil; {
		var n int
		n, err = keyboard{theirs}.Read(b)
		got += string(b[:n])
	}
	if got != "\x1b[A" || err != nil {
		t.Errorf("read as %q, %v", got, err)
	}
}

// TestKeyboardIsATerminal: only a terminal has keys.
func TestKeyboardIsATerminal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	defer theirs.Close()
	if isTerminal(r) || !isTerminal(theirs) {
		t.Errorf("a pipe %t, a terminal %t", isTerminal(r), isTerminal(theirs))
	}
}
