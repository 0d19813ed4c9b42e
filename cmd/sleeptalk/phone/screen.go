package phone

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/lines"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/sound"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/record"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/verb"
	"github.com/sleeptalk/sleeptalk/ui"
)

// A Screen says how a phone is shown: on the screen, or as lines.
type Screen struct {
	cli.Output
	cli.Look
	record  string       // the file to write a scenario to; "": none
	force   bool         // overwrite what is not ours
	tapes   *sound.Tapes // of the phone that is shown; nil: nobody keeps them
	caption func(event.Record) (words string, panel int)
	lab     *stage.LabHost // of this process; nil: there is none
	// settings are those of the phone that is shown.
	settings cli.Settings
}

// Flags declares the flags.
func (o *Screen) Flags(cmd *cobra.Command) {
	o.Output.Flags(cmd)
	o.Look.Flags(cmd)
	cli.ForceFlag(cmd, &o.force)
	cmd.Flags().StringVar(&o.record, "record", "", "write what is done as a scenario to this file, as it grows; R ends it")
}

// with takes from the config what the flags leave open.
func (o Screen) with(file config.UI) Screen {
	o.Look = o.Look.With(file)
	return o
}

// lines reports whether a phone is shown as lines instead of on the screen.
func (o *Screen) lines(p *cli.Program) bool { return !o.OnScreen(p) }

// recorded writes what was done as a scenario at the end of a phone that is shown
// as lines, if that was asked for; a screen has a [session] for it. A phone that
// never reached its server leaves the file as it is.
func (o *Screen) recorded(log *event.Log, name string) error {
	if o.record == "" || !lines.Reached(log, name) {
		return nil
	}
	if err := o.scenario().WriteBytes(record.Record(log)); err != nil {
		return cli.NotWritten(err, "")
	}
	return nil
}

// grow writes --record as it grows, for lines, until stop is called.
func (o *Screen) grow(p *cli.Program, log *event.Log, name string) (stop func()) {
	if o.record == "" {
		return func() {}
	}
	return grow(p, log, func() error { return growing(o.scenario(), log, name, 0, time.Time{}) })
}

// show runs a phone until somebody is done with it: on the screen, or with
// lines of text.
func show(ctx context.Context, p *cli.Program, ph *live.Phone, name string, o Screen) error {
	if o.lines(p) {
		stop := o.grow(p, ph.Log(), name)
		err := showLines(ctx, p, ph, name, o)
		stop()
		return cli.First(err, o.recorded(ph.Log(), name))
	}
	return showScreen(ctx, p, ph, name, o, func(context.Context) {})
}

// scenario is the file of --record.
func (o *Screen) scenario() keep.File { return scenarioFile(o.record, o.force) }

// showScreen ends with the screen; the phone then signs off. beside runs at
// the same time, and must end with its context.
func showScreen(ctx context.Context, p *cli.Program, ph *live.Phone, name string, o Screen, beside func(context.Context)) error {
	if o.tapes != nil {
		ph.Tap(o.tapes.Packet)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	off := make(chan error, 1)
	p.Go(func() {
		defer cancel() // a phone that is off, for whatever reason, closes the screen
		off <- ph.Run(ctx)
	})
	p.Go(func() { beside(ctx) })
	kept := &session{log: ph.Log(), name: name, runs: p.Runs(), force: o.force, file: o.record, on: o.record != "", tapes: o.tapes}
	defer grow(p, ph.Log(), kept.soFar)()
	options := o.Options(p)
	options.Settings = o.settings.Table()
	if o.lab != nil {
		options.Lab = &ui.LabHelp{User: name, Misbehaviours: Misbehaviours()}
	}
	options.Caption, options.Recording, options.Record, options.Save = o.caption, kept.on, kept.record, kept.save
	options.SaveCalls = kept.saveCalls
	screenErr := ui.Run(ctx, screenPhone{ctx, ph, lines.NewPrompt(ph, name, o.lab), o.lab != nil}, options)
	over := ctx.Err() != nil
	keptErr := kept.end(p.Out)
	cancel()
	if err := <-off; err != nil {
		return err
	}
	if over {
		return keptErr
	}
	return cli.First(screenErr, keptErr)
}

// screenPhone is a phone as the screen sees it.
type screenPhone struct {
	ctx context.Context // of the program: the screen has none to give
	*live.Phone
	prompt *lines.Prompt
	lab    bool // one can be told something, too
}

func (s screenPhone) Do(line string) error { return s.prompt.Do(s.ctx, line) }

func (s screenPhone) Verbs() []ui.VerbHelp { return Verbs(s.lab) }

// Verbs are those that the screen of a phone offers; lab: a lab's too.
func Verbs(lab bool) []ui.VerbHelp {
	var list []ui.VerbHelp
	for _, v := range verb.Specs(verb.Phone) {
		list = append(list, ui.VerbHelp{Name: v.Name, Args: v.Args, Help: v.Help})
	}
	for _, s := range scenario.Statements() {
		if !s.Above && s.Name != "==" && s.Name != "include" {
			list = append(list, ui.VerbHelp{Name: s.Name, Args: s.Args, Help: s.Help})
		}
	}
	if lab {
		list = append(list, VerbsOf(verb.Lab, verb.LabName)...)
	}
	return list
}

// VerbsOf are those that a lab or a robot of that name is told on a screen; "": without it.
func VerbsOf(who verb.Who, name string) (list []ui.VerbHelp) {
	if name != "" {
		name += ": "
	}
	for _, v := range verb.Specs(who) {
		if who != verb.Lab || v.Name != "quit" { // it ends the lab
			list = append(list, ui.VerbHelp{Name: name + v.Name, Args: v.Args, Help: v.Help})
		}
	}
	return list
}

// Misbehaviours are what a lab can do wrong on request.
func Misbehaviours() (list []ui.VerbHelp) {
	for _, m := range verb.Misbehaviours() {
		list = append(list, ui.VerbHelp{Name: m.Name, Help: m.Help})
	}
	return list
}
