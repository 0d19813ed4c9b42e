package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/ui"
)

// screened reports whether a run is watched on a screen, and not as lines.
func (o *options) screened(p *cli.Program) bool {
	return o.watch && !o.json && o.plain.OnScreen(p)
}

// watchScenarios plays the files on the screen. What is written meanwhile, the
// reports too, is written when the screen has closed; that ends the run.
func watchScenarios(ctx context.Context, p *cli.Program, o *options, files []*piece) error {
	file, _, err := p.Config()
	if err != nil {
		return cli.InvalidConfig(err)
	}
	out, errs := behind(p.Out), behind(p.Err)
	backstage := p.Writing(cli.Stdout(out), cli.Stderr(errs))
	playing, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	d := newDirector(stop, len(files), o.step)
	ended := make(chan error, 1)
	go func() {
		words, report := "BROKEN", "" // unless it comes to its end
		err := live.Guard("the run on the screen", func() error {
			all := playAll(playing, backstage, o, files, d)
			err := conclude(ctx, backstage, o, all)
			words, report = summary(all), folders(all)
			return err
		})
		d.concluded(words, report)
		ended <- err
	}()
	screenErr := ui.Watch(ctx, d, o.look.With(file.UI).Options(p))
	told := ctx.Err() != nil
	stop(errStopped)
	err = <-ended
	lift := errors.Join(errs.lift(cli.Raw(p.Err)), out.lift(cli.Raw(p.Out)))
	return cli.First(cli.ScreenError(screenErr, told), err, lift)
}

// A curtain keeps what is written while a screen is up. It is a terminal if
// what is behind it is one. It belongs to one goroutine.
type curtain struct {
	bytes.Buffer
	fd uintptr
}

func behind(w io.Writer) *curtain {
	c := &curtain{fd: ^uintptr(0)}
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		c.fd = f.Fd()
	}
	return c
}

// Fd is that of what is behind.
func (c *curtain) Fd() uintptr { return c.fd }

func (c *curtain) lift(w io.Writer) error {
	_, err := c.WriteTo(w)
	return err
}

// summary says in a word or two what came of all files.
func summary(all []played) string {
	count := map[play.Verdict]int{}
	for _, one := range all {
		for _, c := range one.result.Cases {
			count[c.Verdict]++
		}
		for _, i := range one.result.Invariants {
			if i.Verdict == play.Failed {
				count[play.Failed]++
			}
		}
	}
	switch {
	case count[play.Failed] > 0:
		return fmt.Sprintf("FAILED: %d of %d", count[play.Failed], count[play.Failed]+count[play.Passed])
	case count[play.Errored] > 0:
		return "COULD NOT TELL"
	case count[play.Passed] == 0:
		return "NOTHING TESTED"
	}
	return fmt.Sprintf("PASSED: %d", count[play.Passed])
}

// folders are where the evidence is.
func folders(all []played) string {
	var list []string
	for _, one := range all {
		if one.folder != "" {
			list = append(list, one.folder)
		}
	}
	return strings.Join(list, " ")
}
