package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/verb"
	"github.com/sleeptalk/sleeptalk/ui"
)

// screenOptions say how a phone is shown.
type screenOptions struct {
	plain, json, verbose bool
	ascii, noMouse       bool
	theme                string
	record               string // the file to write a scenario to; "": none
	tapes                *tapes // of the phone that is shown; nil: nobody keeps them
	// tell picks the events that a story is told with; nil tells all.
	tell    func(event.Record) bool
	caption func(event.Record) (words string, panel int)
}

func (o *screenOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.plain, "plain", false, "a line of text for each event; verbs on standard input")
	f.BoolVar(&o.json, "json", false, "a JSON line for each event; verbs on standard input")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "with --plain: SIP messages in full, and the audio every second")
	o.lookFlags(cmd)
	cmd.MarkFlagsMutuallyExclusive("plain", "json")
}

// lookFlags declares the flags that say how the screen looks.
func (o *screenOptions) lookFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.ascii, "ascii", false, "draw with ASCII only")
	f.StringVar(&o.theme, "theme", "", "auto, dark, light, mono")
	f.BoolVar(&o.noMouse, "no-mouse", false, "leave the mouse to the terminal")
}

// recordFlag declares the flag of what plays a phone.
func (o *screenOptions) recordFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.record, "record", "", "write what is done as a scenario to this file, at the end or when R ends it")
}

// recorded writes what was done as a scenario, if it was asked for. A screen
// records from its beginning instead: see [session].
func (o *screenOptions) recorded(log *event.Log) error {
	if o.record == "" {
		return nil
	}
	if err := writeScenario(o.record, log, 0, time.Time{}); err != nil {
		return cannot(err, "")
	}
	return nil
}

// headless reports whether lines are written instead of a screen: on request,
// for a screen reader, or because there is no terminal.
func (o *screenOptions) headless(p *program) bool {
	return o.plain || o.json || (p.env("ACCESSIBLE") != "" && p.env("ACCESSIBLE") != "0")
}

// with fills from the config what the flags leave open.
func (o *screenOptions) with(file config.UI, p *program) screenOptions {
	filled := *o
	if filled.theme == "" {
		filled.theme = file.Theme
	}
	if filled.theme == "auto" {
		filled.theme = ""
	}
	filled.ascii = o.ascii || file.ASCII == "on" || file.ASCII == "true"
	return filled
}

// show runs a phone until somebody is done with it: on the screen, or with
// lines of text.
func (p *program) show(ctx context.Context, ph *live.Phone, name string, o screenOptions) error {
	if o.headless(p) || !p.terminal() {
		return firstError(p.showLines(ctx, ph, name, o), o.recorded(ph.Log()))
	}
	return p.showScreen(ctx, ph, name, o, func(context.Context) {})
}

// showScreen ends with the screen; the phone then signs off. beside runs at
// the same time, and must end with its context.
func (p *program) showScreen(ctx context.Context, ph *live.Phone, name string, o screenOptions, beside func(context.Context)) error {
	if o.tapes != nil {
		ph.Tap(o.tapes.packet)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	off := make(chan error, 1)
	go func() {
		defer cancel() // a phone that is off, for whatever reason, closes the screen
		off <- ph.Run(ctx)
	}()
	go beside(ctx)
	kept := &session{log: ph.Log(), name: name, runs: filepath.Join(p.paths().State, "runs"), file: o.record, on: o.record != "", tapes: o.tapes}
	screenErr := ui.Run(ctx, screenPhone{ctx, ph, newPrompt(ph, name)}, ui.Options{
		Theme: o.theme, ASCII: o.ascii, NoMouse: o.noMouse, Caption: o.caption, Recording: kept.on, Record: kept.record, Save: kept.save, Explain: explanation, Input: p.in, Output: p.out,
	})
	over := ctx.Err() != nil
	keptErr := kept.end(p.out)
	cancel()
	if err := <-off; err != nil {
		return err
	}
	if over {
		return keptErr
	}
	return firstError(screenErr, keptErr)
}

// screenPhone is a phone as the screen sees it.
type screenPhone struct {
	ctx context.Context // of the program: the screen has none to give
	*live.Phone
	prompt *prompt
}

func (s screenPhone) Do(line string) error { return s.prompt.do(s.ctx, line) }

func (s screenPhone) Verbs() []ui.VerbHelp {
	var list []ui.VerbHelp
	for _, v := range verb.Specs(verb.Phone) {
		list = append(list, ui.VerbHelp{Name: v.Name, Args: v.Args, Help: v.Help})
	}
	for _, s := range scenario.Statements() {
		if !s.Above && s.Name != "==" && s.Name != "include" {
			list = append(list, ui.VerbHelp{Name: s.Name, Args: s.Args, Help: s.Help})
		}
	}
	return list
}

// warn writes a warning for a person.
func (p *program) warn(text, hint string) {
	fmt.Fprintf(p.err, "warning: %s\n", text)
	if hint != "" {
		fmt.Fprintf(p.err, "  try: %s\n", hint)
	}
}

// printer writes records as lines.
func (p *program) printer(o screenOptions) func(event.Record) error {
	if o.tell != nil && !o.json && !o.verbose {
		return p.narrator(o.tell)
	}
	if o.json {
		var line []byte
		return func(r event.Record) (err error) {
			if line, err = event.AppendJSON(line[:0], r); err != nil {
				return err
			}
			_, err = p.out.Write(append(line, '\n'))
			return err
		}
	}
	return func(r event.Record) error {
		if !o.verbose && periodic(r.Event) {
			return nil
		}
		_, err := fmt.Fprintln(p.out, event.Line(r))
		if m, ok := r.Event.(event.Message); ok && o.verbose && err == nil {
			err = p.raw(m)
		}
		return err
	}
}

// narrator writes the events that a story is told with, all of them in the time
// of the phone that it is about: the first that was heard of.
func (p *program) narrator(tell func(event.Record) bool) func(event.Record) error {
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
		_, err := fmt.Fprintln(p.out, event.Line(r))
		return err
	}
}

// raw writes a SIP message as it was on the wire, indented.
func (p *program) raw(m event.Message) error {
	for line := range strings.Lines(m.Raw) {
		if _, err := fmt.Fprintln(p.out, strings.TrimRight("          "+event.Printable(strings.TrimRight(line, "\r\n")), " ")); err != nil {
			return err
		}
	}
	return nil
}

// periodic reports whether an event is a snapshot that comes every second.
func periodic(e event.Event) bool {
	switch e.(type) {
	case event.Levels, event.RTP:
		return true
	}
	return false
}
