// Package cli is what all commands of sleeptalk share: a run of the program, its
// exit codes, and how events become lines of text.
//
//	main ─▶ Guard ─▶ a command ─▶ config + engine ─▶ error
//	  ▲                                                │
//	  └── exit code ◀── error, hint ◀── classify ◀─────┘
//
// A command returns an error that knows its exit code and what to do about it
// ([Usage], [Cannot], [Invalid], [Fail]); [Program.Guard] writes it, and turns a
// panic into a report.
package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/ui"
)

// A Program is one run of sleeptalk: what it was given, and where it writes.
type Program struct {
	Args []string
	In   io.Reader
	Out  io.Writer
	Err  io.Writer
	Env  config.Env
	// Trust has --trust: all files are trusted.
	Trust bool
	// Streams are those of the process; nil: In, Out and Err are something else.
	Streams *Streams
	// Exit ends the process after a panic in one of its goroutines; nil: it
	// panics.
	Exit func(code int)

	hidden  atomic.Pointer[event.Secrets] // see Hide
	private bool                          // the state directory has been closed to others
}

// Writing is the same run, with other streams to write to.
func (p *Program) Writing(out, err io.Writer) *Program {
	other := &Program{Args: p.Args, In: p.In, Out: out, Err: err, Env: p.Env, Trust: p.Trust, Streams: p.Streams, Exit: p.Exit}
	other.Hide(p.secrets().Words()...)
	return other
}

// exit ends the process.
func (p *Program) exit(code int) {
	if p.Exit == nil {
		panic("a goroutine has panicked")
	}
	p.Exit(code)
}

// abandon ends the process after a crash: at once, where nobody can end it better.
func (p *Program) abandon(code int) {
	if p.Streams == nil || p.Streams.abandon == nil {
		p.exit(code)
		return
	}
	p.Streams.abandon(code)
}

// Paths says where the program's files are.
func (p *Program) Paths() config.Paths { return config.Find(p.Env) }

// Config reads the user's file and the project's.
func (p *Program) Config() (config.File, []config.Warning, error) {
	file, warnings, err := config.Read(p.Paths(), p.Trusted)
	if err == nil {
		err = checkKeys(file)
	}
	return file, warnings, err
}

// checkKeys says where a file gives an action a key that it cannot have.
func checkKeys(file config.File) error {
	err := ui.CheckKeys(file.UI.Keys)
	if wrong, ok := errors.AsType[*ui.KeyError](err); ok {
		return fmt.Errorf("%s: %w", file.KeyPlace(wrong.ID), err)
	}
	return err
}

// TrustFlag declares the flag that trusts all files.
func TrustFlag(p *Program, cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.Trust, "trust", p.Trust, "trust the project's file and the scenarios, in this run: see sleeptalk trust")
}

// Trusted is whose files the user trusts.
func (p *Program) Trusted() (config.Trust, error) { return config.ReadTrust(p.Paths(), p.Trust, p.Env) }

// Terminal reports whether there is one to draw on and to read keys from.
func (p *Program) Terminal() bool {
	return p.Env("TERM") != "dumb" && isTerminal(p.In) && isTerminal(p.Out)
}

func isTerminal(stream any) bool {
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(f.Fd())
}

// Warn writes a warning for a person.
func (p *Program) Warn(text, hint string) {
	fmt.Fprintf(p.Err, "warning: %s\n", p.ErrorText(text))
	if hint != "" {
		fmt.Fprintf(p.Err, "  try: %s\n", p.ErrorText(hint))
	}
}

// Complain writes an error with which the program goes on.
func (p *Program) Complain(format string, args ...any) {
	fmt.Fprintf(p.Err, "error: %s\n", p.ErrorText(fmt.Sprintf(format, args...)))
}

// maxInput bounds a line of input, in bytes. It is more than a statement may
// have: what is cut off is a comment, or an error where the line is read.
const maxInput = 64 << 10

// A Line is one line of the input, or why there is no other.
type Line struct {
	Text string // the first maxInput bytes of it
	Err  error
}

// Lines reads the lines of the input. Its goroutine ends with the input, or with
// the process: a read from a terminal cannot be taken back.
func (p *Program) Lines(ctx context.Context) <-chan Line {
	lines := make(chan Line)
	go func() {
		defer close(lines)
		in := bufio.NewReaderSize(p.In, maxInput)
		for {
			text, err := readLine(in)
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) {
				return
			}
			select {
			case lines <- Line{text, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return lines
}

// readLine reads a line of any length and returns as much of it as the reader
// holds at a time, without its end. The error is io.EOF where there is no more.
func readLine(in *bufio.Reader) (string, error) {
	part, isPrefix, err := in.ReadLine()
	line := string(part)
	for isPrefix && err == nil {
		_, isPrefix, err = in.ReadLine()
	}
	if errors.Is(err, io.EOF) && line != "" {
		err = nil // the next read says it again
	}
	return line, err
}
