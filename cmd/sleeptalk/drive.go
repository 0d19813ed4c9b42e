package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// inputName is what messages call the lines of standard input.
const inputName = "stdin"

// A driver plays lines, one after the other, as if they were a scenario's: see
// [driveHelp]. It belongs to one goroutine.
type driver struct {
	stage  play.Stage
	name   string // who is told where a line names nobody
	script *scenario.Script
	player *play.Player
	// complain tells a person about a line that is wrong.
	complain func(format string, args ...any)
	// goesOn: a claim that fails does not end the run.
	goesOn bool

	invalid bool // a line could not be read
	failed  bool // a verb was refused, or a claim has failed
}

// newDriver drives what is on a stage: the cast.
func newDriver(stage play.Stage, cast verb.Cast, complain func(string, ...any)) *driver {
	return &driver{
		stage: stage, name: cast.Default, script: scenario.NewScript(inputName, cast), player: play.NewPlayer(stage),
		complain: complain,
	}
}

// errDone ends a driver: somebody said "quit".
var errDone = errors.New("done")

// run carries out lines until they end, the context ends, or a claim fails. Its
// error is the outcome.
func (d *driver) run(ctx context.Context, lines <-chan string) error {
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case line, ok := <-lines:
			if !ok {
				if err := d.known(ctx); err != nil {
					return err
				}
				return d.outcome()
			}
			if err := d.line(ctx, n, line); errors.Is(err, errDone) {
				return d.outcome()
			} else if err != nil {
				return err
			}
		}
	}
}

// known waits until the phone knows whether the server lets it in: input that
// ends at once must not end the phone before that. Its error is the context's.
func (d *driver) known(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, scenario.DefaultWithin)
	defer cancel()
	for r := range d.stage.Log().Follow(limited, 0) {
		e, ok := r.Event.(event.Registration)
		if ok && r.Phone == d.name && (e.Phase == event.RegistrationActive || e.Phase == event.RegistrationFailed) {
			return nil
		}
	}
	return ctx.Err()
}

// outcome is the worst that happened: input that nobody could mean outranks
// what the phone did.
func (d *driver) outcome() error {
	for _, i := range d.player.Invariants(d.script.File()) {
		if i.Verdict == play.Failed {
			d.failed = true
			d.complain("line %d: %s: violated at %s: %s", i.Line, i.Text, event.Stamp(i.At), i.Detail)
		}
	}
	switch {
	case d.invalid:
		return &failure{exitInvalid, errors.New("the input has lines that cannot be read"), "sleeptalk help scenario has the language"}
	case d.failed:
		return &failure{exitFailed, errors.New("a line could not be carried out"), ""}
	}
	return nil
}

// line plays one line. A verb that is refused is noted, and the driver goes on:
// what follows may still make sense.
func (d *driver) line(ctx context.Context, n int, line string) error {
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
	case done.Verdict == play.Failed && step.Kind == scenario.Expecting && !d.goesOn:
		return &failure{exitFailed, fmt.Errorf("line %d: %s", n, happened(why)), ""}
	}
	d.failed = true
	d.complain("line %d: %s", n, happened(why))
	return nil
}

// quits reports whether a line says "quit", which a file has no use for.
func (d *driver) quits(line string) bool {
	words, _, _ := strings.Cut(line, "#")
	words = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(words), d.name+":"))
	return strings.EqualFold(words, "quit")
}

// wrong notes a line that cannot be read.
func (d *driver) wrong(n int, line string, err error) {
	d.invalid = true
	text := err.Error()
	if e, ok := errors.AsType[*scenario.SyntaxError](err); ok {
		text = e.Short()
	}
	now := d.stage.Clock(d.name)
	d.stage.Log().Append(event.Record{Wall: now.Wall, Device: now.Device, Phone: d.name, Event: event.Error{Op: line, Err: text, Rule: event.RuleNotPossible}})
	d.complain("line %d: %s: %s", n, line, text)
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
