package main

import (
	"context"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/lines"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/verb"
	"github.com/sleeptalk/sleeptalk/ui"
)

// labOnScreen starts the lab and shows what it believes, until the screen is left.
func labOnScreen(ctx context.Context, p *cli.Program, l *stage.LabHost, o *labOptions) error {
	file, _, err := p.Config()
	if err != nil {
		return cli.InvalidConfig(err)
	}
	at, err := o.open(ctx, l)
	if err != nil {
		return err
	}
	opt := o.look.With(file.UI).Options(p)
	opt.Lab = &ui.LabHelp{Misbehaviours: phone.Misbehaviours(), Doors: o.doors(at)}
	err = ui.Host(ctx, hosted{ctx, l, lines.NewLabPrompt(l, labCast(), p.Go)}, opt)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// hosted is a lab as the screen sees it.
type hosted struct {
	ctx context.Context // of the program: the screen has none to give
	*stage.LabHost
	prompt *lines.Prompt
}

func (h hosted) Do(line string) error { return h.prompt.Do(h.ctx, line) }

// Verbs are those of the lab and of its robots.
func (h hosted) Verbs() (list []ui.VerbHelp) {
	list = phone.VerbsOf(verb.Lab, "")
	for _, robot := range h.Robots() {
		list = append(list, phone.VerbsOf(verb.Robot, robot)...)
	}
	return list
}
