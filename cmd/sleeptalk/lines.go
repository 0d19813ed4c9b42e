package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// maxInput bounds a line of input.
const maxInput = 64 << 10

// driveHelp describes the automation contract.
func driveHelp() string {
	var b strings.Builder
	b.WriteString(`With --plain or --json, lines are read from standard input, and events are
written to standard output. The lines are those of a scenario (sleeptalk help
scenario), with the same verdicts: a claim that fails ends the phone with exit
code 1. "#" begins a comment; the end of the input means quit.

Verbs:
`)
	for _, v := range verb.Specs(verb.Phone) {
		fmt.Fprintf(&b, "  %-36s %s\n", v.Usage(), v.Help)
	}
	for _, s := range scenario.Statements() {
		if !s.Above && s.Name != "==" && s.Name != "include" {
			fmt.Fprintf(&b, "  %-36s %s\n", s.Usage(), s.Help)
		}
	}
	b.WriteString("\nClauses:\n")
	for _, c := range scenario.Clauses() {
		fmt.Fprintf(&b, "  %-36s %s\n", c.Usage, c.Help)
	}
	b.WriteString("\nA claim first looks back to the last verb, and counts device time. Events, and\nstates (*), which hold already or happen:\n")
	for _, f := range scenario.Forms() {
		usage := f.Usage
		if f.State {
			usage += " *"
		}
		fmt.Fprintf(&b, "  %-36s %s\n", usage, f.Help)
	}
	return b.String()
}

// showLines writes a phone's events as lines and gives it the verbs of the
// input.
func (p *program) showLines(ctx context.Context, ph *live.Phone, name string, o screenOptions) error {
	oneProcessor()
	running := stage.NewRunning(ph.Log(), "input", os.ReadFile)
	running.Phone(name, ph)
	d := newDriver(running, aloneCast(name), p.complain)
	return p.runLines(ctx, ph, d, p.input(ctx), o)
}

// aloneCast is the one who is told something where the server is elsewhere.
func aloneCast(name string) verb.Cast {
	cast := verb.Of(name, verb.Phone)
	cast.Missing = "NAME is told where it runs: robots and the lab on the input of \"sleeptalk lab\", several phones in a scenario (sleeptalk run)"
	return cast
}

// oneProcessor keeps Go's scheduler from waking a second thread for each packet
// and each event, only to find that the first has already dealt with it: one
// loop does all of a phone's work. Measured with "sleeptalk bench", it takes a
// quarter off the time from INVITE to 180 and a third off a call's processor
// time. GOMAXPROCS in the environment overrides it.
func oneProcessor() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
}

func (p *program) complain(format string, args ...any) {
	fmt.Fprintf(p.err, "error: "+format+"\n", args...)
}

// runLines runs the phone beside its driver; the printer has written
// everything when it returns.
func (p *program) runLines(ctx context.Context, ph *live.Phone, d *driver, lines <-chan string, o screenOptions) error {
	printed := make(chan error, 1)
	printing, stopPrinting := context.WithCancel(context.Background())
	go func() { printed <- p.printLog(printing, ph.Log(), o) }()

	running, stop := context.WithCancelCause(ctx)
	off := make(chan error, 1)
	go func() {
		err := ph.Run(running)
		stop(err)
		off <- err
	}()
	go unreachable(running, ph.Log(), d.name, stop)

	driveErr := d.run(running, lines)
	if cause := context.Cause(running); cause != nil && ctx.Err() == nil && driveErr != nil {
		driveErr = cause
	}
	stop(nil)
	runErr := <-off
	stopPrinting()
	return firstError(runErr, driveErr, refused(ph.Log(), d.name), <-printed)
}

// firstError is the first that is one.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// printLog writes the records of the log as lines, until ctx is done and then
// those that are left. What has happened at once is written at once.
func (p *program) printLog(ctx context.Context, log *event.Log, o screenOptions) error {
	out := bufio.NewWriter(p.out)
	buffered := *p
	buffered.out = out
	return follow(ctx, log, buffered.printer(o), out.Flush)
}

// follow gives f every record of the log, and, when ctx is done, those that
// are left. It calls flush after each batch.
func follow(ctx context.Context, log *event.Log, f func(event.Record) error, flush func() error) error {
	var seen uint64
	for {
		records, err := log.Wait(ctx, seen)
		over := err != nil
		if over {
			records = log.After(seen)
		}
		for _, r := range records {
			seen = r.Seq
			if err := f(r); err != nil {
				return err
			}
		}
		if err := flush(); err != nil || over {
			return err
		}
	}
}

// input reads lines of verbs. Its goroutine ends with the input, or with the
// process: a read from a terminal cannot be taken back.
func (p *program) input(ctx context.Context) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scan := bufio.NewScanner(p.in)
		scan.Buffer(nil, maxInput)
		for scan.Scan() {
			select {
			case lines <- scan.Text():
			case <-ctx.Done():
				return
			}
		}
		if err := scan.Err(); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			p.complain("standard input: %v", err)
		}
	}()
	return lines
}

// unreachable ends the run if the first connection to the server fails: a
// script has nothing to gain from a phone that never was on the network.
func unreachable(ctx context.Context, log *event.Log, name string, stop context.CancelCauseFunc) {
	for r := range log.Follow(ctx, 0) {
		s, ok := r.Event.(event.Socket)
		if !ok || r.Phone != name || s.Name != "control" {
			continue
		}
		switch s.Phase {
		case event.SocketOpen:
			return
		case event.SocketFailed:
			stop(cannot(errors.New(s.Error), "is the server up, and does it listen on tcp? sleeptalk doctor"))
			return
		}
	}
}

// refused is the error of a phone that the server never let in.
func refused(log *event.Log, name string) error {
	var failed *event.Registration
	for _, r := range log.After(0) {
		e, ok := r.Event.(event.Registration)
		if !ok || r.Phone != name {
			continue
		}
		switch e.Phase {
		case event.RegistrationActive:
			return nil
		case event.RegistrationFailed:
			failed = &e
		}
	}
	if failed == nil {
		return nil
	}
	return cannot(fmt.Errorf("the server refused to register %s: %d %s", name, failed.Status, failed.Reason), failed.Hint)
}
