package cli

import (
	"context"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
)

// Streams are the standard streams of the process, and the terminal behind
// them as it was found.
type Streams struct {
	In       *os.File
	Out, Err *Outlet
	found    *term.State    // nil: standard input is no terminal
	shown    atomic.Bool    // a screen is up
	abandon  func(code int) // ends the program after a crash; nil: nobody waits for it
}

// OpenStreams remembers how the terminal is set.
func OpenStreams(in, out, err *os.File) *Streams {
	s := &Streams{In: in, Out: &Outlet{file: out}, Err: &Outlet{file: err}}
	if found, err := term.GetState(in.Fd()); err == nil {
		s.found = found
	}
	return s
}

// leave has cancel called when nobody reads any more.
func (s *Streams) leave(cancel context.CancelCauseFunc) {
	for _, o := range []*Outlet{s.Out, s.Err} {
		o.unread = sync.OnceFunc(func() { cancel(Signal{syscall.SIGPIPE}) })
	}
}

// Shown is told when a screen takes the terminal, and when it has given it back.
func (s *Streams) Shown(up bool) {
	if s != nil {
		s.shown.Store(up)
	}
}

// leaveScreen leaves every mode that a screen may have set: the keyboard's
// reports, bracketed paste, focus and mouse reports, synchronised output; then it
// shows the cursor, leaves the alternate screen and sets the colours back.
const leaveScreen = "\x1b[<u\x1b[>4m\x1b[?2004l\x1b[?1004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l" +
	"\x1b[?2026l\x1b[?25h\x1b[?1049l\x1b[m\r"

// lastWords is how long a process that ends at once waits for a reader of what it
// still writes. A terminal takes it in a millisecond.
const lastWords = 200 * time.Millisecond

// Restore gives the terminal back, if a screen has it, without waiting for the
// screen: what it still draws is dropped. It is for a process that ends at once.
func (s *Streams) Restore() {
	if s == nil || !s.shown.Swap(false) {
		return
	}
	s.Out.dropped.Store(true)
	if s.found != nil {
		_ = term.Restore(s.In.Fd(), s.found) // nothing can be done about a terminal that is gone
	}
	s.Out.last(leaveScreen)
}

// dump writes the stacks of all goroutines, as Go does for a signal that asks for
// them.
func (s *Streams) dump(sig syscall.Signal) {
	stacks := make([]byte, 1<<20) // there are no more
	stacks = stacks[:runtime.Stack(stacks, true)]
	s.Err.last(sig.String() + "\n\n" + string(stacks) + "\n")
}

// An Outlet is standard output or standard error. A write that finds nobody at
// the other end asks the program to leave, as a signal does.
type Outlet struct {
	file    *os.File
	unread  func()       // is called when nobody reads any more; nil: nobody wants to know
	dropped atomic.Bool  // what is written goes nowhere
	began   atomic.Int64 // when the write that is under way began, in ns since 1970; 0: there is none
}

// stuck reports whether a write has taken longer than patience.
func (o *Outlet) stuck() bool {
	began := o.began.Load()
	return began != 0 && time.Since(time.Unix(0, began)) > patience
}

// Write writes to the stream.
func (o *Outlet) Write(b []byte) (int, error) {
	if o.dropped.Load() {
		return len(b), nil
	}
	o.began.Store(time.Now().UnixNano())
	n, err := o.file.Write(b)
	o.began.Store(0)
	if nobodyReads(err) && o.unread != nil {
		o.unread()
	}
	return n, err
}

// last writes the last words of the process. It waits for no reader that stands
// still, nor for a write that does.
func (o *Outlet) last(words string) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = o.file.WriteString(words) // there is nobody left to tell
	}()
	select {
	case <-written:
	case <-time.After(lastWords):
	}
}

// Read, Close and Fd make a terminal of it for those who draw on one.
func (o *Outlet) Read(b []byte) (int, error) { return o.file.Read(b) }

// Close does nothing: the stream is the process's.
func (o *Outlet) Close() error { return nil }

// Fd is the descriptor of the stream.
func (o *Outlet) Fd() uintptr { return o.file.Fd() }

var _ io.ReadWriteCloser = (*Outlet)(nil)
