// Package lines plays the lines that somebody types or pipes, as if they were a
// scenario's: those of standard input one after the other, those of a screen as they
// come.
package lines

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// inputName is what messages call the lines of standard input.
const inputName = "stdin"

// A Driver plays lines, one after the other, as if they were a scenario's: see [Help]. It belongs to one goroutine.
type Driver struct {
	stage  play.Stage
	Name   string // who is told where a line names nobody
	script *scenario.Script
	player *play.Player
	// complain tells a person about a line that is wrong.
	complain func(format string, args ...any)
	// goesOn: neither a claim that fails nor the end of the lines ends the run.
	goesOn bool

	invalid bool // a line could not be read
	failed  bool // a verb was refused, or a claim has failed
	unable  bool // a line could not be played, which is nobody's fault
}

// NewDriver drives what is on a stage: the cast.
func NewDriver(stage play.Stage, cast verb.Cast, complain func(string, ...any)) *Driver {
	return &Driver{
		stage: stage, Name: cast.Default, script: scenario.NewScript(inputName, cast), player: play.NewPlayer(stage),
		complain: complain,
	}
}

// errDone ends a driver: somebody said "quit".
var errDone = errors.New("done")

// Run carries out lines until they end, the context ends, or a claim fails. Its
// error is the outcome.
func (d *Driver) Run(ctx context.Context, lines <-chan cli.Line) error {
	if err := d.launched(ctx); err != nil {
		return err
	}
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case line, ok := <-lines:
			if !ok && d.goesOn {
				lines = nil // blocks for ever
				continue
			}
			if !ok {
				if err := d.known(ctx); err != nil {
					return err
				}
				return d.outcome()
			}
			if line.Err != nil {
				d.wrong(n, "standard input", line.Err)
				continue
			}
			if err := d.line(ctx, n, line.Text); errors.Is(err, errDone) {
				return d.outcome()
			} else if err != nil {
				return err
			}
		}
	}
}

// Serve carries out lines as Run does, but ends with the context or with "quit":
// a line that fails does not end it, for others may be using what is driven, and
// the end of the lines does not either, for it may well run without any.
func (d *Driver) Serve(ctx context.Context, lines <-chan cli.Line) error {
	d.goesOn = true
	return d.Run(ctx, lines)
}

// launched waits until the app of the phone runs, so that the first line finds
// it: in a file, too, the phones are on before the first step. Its error is the
// context's.
func (d *Driver) launched(ctx context.Context) error {
	if d.goesOn {
		return nil // nobody waits for anybody at a lab
	}
	limited, cancel := context.WithTimeout(ctx, scenario.DefaultWithin)
	defer cancel()
	for r := range d.stage.Log().Follow(limited, 0) {
		if _, ok := r.Event.(event.Launch); ok && r.Phone == d.Name {
			return nil
		}
	}
	return ctx.Err()
}

// known waits until the phone knows whether the server lets it in, or all servers that
// it has accounts at: input that ends at once must not end the phone before that. Its
// error is the context's.
func (d *Driver) known(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, scenario.DefaultWithin)
	defer cancel()
	told := answers{name: d.Name}
	for r := range d.stage.Log().Follow(limited, 0) {
		if told.add(r); told.all() {
			return nil
		}
	}
	return ctx.Err()
}

// outcome is the worst that happened: input that nobody could mean outranks
// what the phone did.
func (d *Driver) outcome() error {
	for _, i := range d.player.Invariants(d.script.File()) {
		switch i.Verdict {
		case play.Failed:
			d.failed = true
			d.complain("line %d: %s: violated at %s: %s", i.Line, i.Text, event.Stamp(i.At), i.Detail)
		case play.Errored:
			d.unable = true
			d.complain("line %d: %s: could not tell: %s", i.Line, i.Text, i.Detail)
		}
	}
	switch {
	case d.invalid:
		return cli.Fail(cli.ExitInvalid, errors.New("the input has lines that cannot be read"), "sleeptalk help scenario has the language")
	case d.failed:
		return cli.Fail(cli.ExitFailed, errors.New("a line could not be carried out"), "")
	case d.unable:
		return cli.Cannot(errors.New("a line could not be played"), "")
	}
	return nil
}

// line plays one line. A verb that is refused is noted, and the driver goes on:
// what follows may still make sense.
func (d *Driver) line(ctx context.Context, n int, line string) error {
	if d.quits(line) {
		return errDone
	}
	step, ok, err := d.script.Read(line)
	switch {
	case err != nil:
		d.wrong(n, strings.TrimSpace(line), err)
		return nil
	case !ok:
		return nil
	}
	done, why := d.player.Play(ctx, d.script.File(), step)
	switch {
	case why == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case done.Verdict == play.Failed && step.Kind == scenario.Expecting && !d.goesOn && !d.invalid:
		return cli.Fail(cli.ExitFailed, fmt.Errorf("line %d: %s", n, happened(why)), "")
	}
	if done.Verdict == play.Errored {
		d.unable = true
	} else {
		d.failed = true
	}
	d.complain("line %d: %s", n, happened(why))
	if step.Kind == scenario.Expecting && !d.goesOn {
		return d.outcome() // which says that lines could not be read before
	}
	return nil
}

// quits reports whether a line says "quit", which a file has no use for.
func (d *Driver) quits(line string) bool {
	words, _, _ := strings.Cut(line, "#")
	words = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(words), d.Name+":"))
	return strings.EqualFold(words, "quit")
}

// wrong notes a line that cannot be read.
func (d *Driver) wrong(n int, line string, err error) {
	d.invalid = true
	e := noteWrong(d.stage, d.Name, line, err)
	d.complain("line %d: %s: %s", n, e.Op, e.Err)
}

// noteWrong notes in the log that a line for an actor cannot be read.
func noteWrong(on play.Stage, actor, line string, err error) event.Error {
	e := event.Error{Op: shortened(line), Err: err.Error(), Rule: event.RuleUnreadable}
	if syntax, ok := errors.AsType[*scenario.SyntaxError](err); ok {
		e.Err = syntax.Short()
	}
	now := on.Clock(actor)
	on.Log().Append(event.Record{Wall: now.Wall, Device: now.Device, Phone: actor, Event: e})
	return e
}

// maxShown bounds how much of a line an error repeats, in bytes.
const maxShown = 200

// shortened is the beginning of a line that may be long.
func shortened(line string) string {
	if len(line) <= maxShown {
		return line
	}
	return strings.ToValidUTF8(line[:maxShown], "") + "..."
}

// happened says what was expected, and below it what happened instead.
func happened(f *play.Failure) string {
	var b strings.Builder
	b.WriteString(f.Message)
	for _, fact := range f.Facts {
		fmt.Fprintf(&b, "\n  %-8s %s", fact.Subject, fact.Text)
	}
	if f.Likely != "" {
		fmt.Fprintf(&b, "\n  %-8s %s", "likely", f.Likely)
	}
	return b.String()
}
