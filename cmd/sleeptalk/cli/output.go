package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// An Output says how events are written: as lines of text or of JSON.
type Output struct {
	Plain, JSON, Verbose bool
	// Tell picks the events that a story is told with; nil tells all.
	Tell func(event.Record) bool
}

// Flags declares the flags of a command that reads verbs meanwhile.
func (o *Output) Flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.Plain, "plain", false, "a line of text for each event; verbs on standard input")
	f.BoolVar(&o.JSON, "json", false, "a JSON line for each event; verbs on standard input")
	f.BoolVarP(&o.Verbose, "verbose", "v", false, "with --plain: SIP messages in full, and the audio every second")
	cmd.MarkFlagsMutuallyExclusive("plain", "json")
}

// Headless reports whether lines are written although there may be a terminal:
// on request, or for a screen reader.
func (o *Output) Headless(p *Program) bool {
	return o.Plain || o.JSON || (p.Env("ACCESSIBLE") != "" && p.Env("ACCESSIBLE") != "0")
}

// OnScreen reports whether there is a terminal, and nobody wants lines instead.
func (o *Output) OnScreen(p *Program) bool { return !o.Headless(p) && p.Terminal() }

// Print writes the records of the log as lines, until ctx is done and then those
// that are left. What has happened at once is written at once.
func (o *Output) Print(ctx context.Context, to io.Writer, log *event.Log) error {
	out := bufio.NewWriter(to)
	return follow(ctx, log, o.Printer(out), out.Flush)
}

// A Printing writes the records of a log beside what makes them.
type Printing struct {
	stop context.CancelFunc
	done chan error
}

// Start begins to print. A reader that stands still holds nobody else up.
func (o *Output) Start(p *Program, log *event.Log) *Printing {
	ctx, stop := context.WithCancel(context.Background())
	printing := &Printing{stop, make(chan error, 1)}
	p.Go(func() { printing.done <- o.Print(ctx, p.Out, log) })
	return printing
}

// patience is how long a program that was told to leave waits for a reader that
// stands still. The number is ours: a shell's user who has pressed ctrl+c waits
// no longer.
const patience = 2 * time.Second

// End waits until all is written. Of a program that was told to leave, by ctx, it
// is an error if nobody reads for longer than patience.
func (p *Printing) End(ctx context.Context) error {
	p.stop()
	var late <-chan time.Time
	if _, leaving := Interrupted(ctx); leaving {
		late = time.After(patience)
	}
	select {
	case err := <-p.done:
		return err
	case <-late:
		return fmt.Errorf("standard output is not being read: after %s, its last lines are given up", patience)
	}
}

// follow gives f every record of the log, and, when ctx is done, those that
// are left. It calls flush after each batch.
func follow(ctx context.Context, log *event.Log, f func(event.Record) error, flush func() error) error {
	var seen uint64
	for {
		_, err := log.Wait(ctx, seen)
		over := err != nil
		for r := range log.From(seen) {
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

// Printer writes records as lines.
func (o *Output) Printer(to io.Writer) func(event.Record) error {
	switch {
	case o.JSON:
		return jsonLines(to)
	case o.Verbose:
		return func(r event.Record) error { return writeInFull(to, r) }
	case o.Tell != nil:
		return narrator(to, o.Tell)
	}
	return func(r event.Record) error {
		if Periodic(r.Event) {
			return nil
		}
		_, err := fmt.Fprintln(to, event.Line(r))
		return err
	}
}

func jsonLines(to io.Writer) func(event.Record) error {
	var line []byte
	return func(r event.Record) (err error) {
		if line, err = event.AppendJSON(line[:0], r); err != nil {
			return err
		}
		_, err = to.Write(append(line, '\n'))
		return err
	}
}

// writeInFull writes a record, and of a SIP message how it was on the wire,
// indented.
func writeInFull(to io.Writer, r event.Record) error {
	if _, err := fmt.Fprintln(to, event.Line(r)); err != nil {
		return err
	}
	m, ok := r.Event.(event.Message)
	if !ok {
		return nil
	}
	for line := range strings.Lines(m.Raw) {
		if _, err := fmt.Fprintln(to, strings.TrimRight("          "+event.Printable(strings.TrimRight(line, "\r\n")), " ")); err != nil {
			return err
		}
	}
	return nil
}

// narrator writes the events that a story is told with, all of them in the time
// of the phone that it is about: the first that was heard of.
func narrator(to io.Writer, tell func(event.Record) bool) func(event.Record) error {
	var hero event.Fold
	return func(r event.Record) error {
		if _, ok := r.Event.(event.Start); ok && hero.Phone == "" {
			hero.Phone = r.Phone
		}
		hero.Apply(r)
		if !tell(r) {
			return nil
		}
		if r.Phone != hero.Phone {
			r.Device = hero.Now(r.Wall)
		}
		_, err := fmt.Fprintln(to, event.Line(r))
		return err
	}
}

// Periodic reports whether an event is a snapshot that comes every second.
func Periodic(e event.Event) bool {
	switch e.(type) {
	case event.Audio, event.RTP:
		return true
	}
	return false
}
