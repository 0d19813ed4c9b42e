package cli

import (
	"io"
	"os"
	"sync"

	"github.com/sleeptalk/sleeptalk/phone/clean"
)

// A Console is a stream that people read. What is foreign in it commands no
// terminal, whoever writes it: see [clean.Writer].
type Console struct {
	mu   sync.Mutex
	to   io.Writer
	text *clean.Writer
}

// Stdout is standard output: lines of any length, for programs too.
func Stdout(w io.Writer) *Console { return &Console{to: w, text: clean.NewWriter(w)} }

// Stderr is standard error, with lines of a length that people read.
func Stderr(w io.Writer) *Console {
	c := Stdout(w)
	c.text.Max = clean.MaxLine
	return c
}

// Write writes text.
func (c *Console) Write(text []byte) (int, error) { return c.write(text, false) }

func (c *Console) write(text []byte, colours bool) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text.Colours = colours
	return c.text.Write(text)
}

// Flush writes the beginning of a character whose end never came. It does not
// wait for a write that nobody reads.
func (c *Console) Flush() error {
	if !c.mu.TryLock() {
		return nil
	}
	defer c.mu.Unlock()
	return c.text.Flush()
}

// Fd is the descriptor of the file behind it. Where there is no file, it is one
// that is never open.
func (c *Console) Fd() uintptr {
	if f, ok := c.to.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}

// Raw is the stream behind a console, for who draws the screen and for what is a
// file of the user's own.
func Raw(w io.Writer) io.Writer {
	if c, ok := w.(*Console); ok {
		return c.to
	}
	return w
}

// Coloured is a console that lets colours through, for who writes some.
func Coloured(w io.Writer) io.Writer {
	if c, ok := w.(*Console); ok {
		return coloured{c}
	}
	return w
}

// coloured looks like a file to those who ask whether it is a terminal.
type coloured struct{ *Console }

func (c coloured) Write(text []byte) (int, error) { return c.write(text, true) }

func (c coloured) Read([]byte) (int, error) { return 0, os.ErrInvalid }

func (c coloured) Close() error { return nil }
