package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/matrix"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

type matrixOptions struct {
	cfg                   matrix.Config
	account               string
	scenarios             string
	junit, html, markdown string
	force                 bool
}

const matrixLong = `Play the list that is ticked by hand before a release, in virtual time: the app on
the screen, in the background, suspended or ended by the system; the screen on, locked,
or long asleep; on Wi-Fi, on a mobile network, or handed over between them; the call
answered, declined, cancelled early or late; and a second call, or none.

All combinations are hundreds. Those that are played are so few that every two levels
of two of these still meet. A row that fails says why, as "sleeptalk explain" knows it,
and its scenario is written, to be played again and looked at.`

func matrixCommand(p *cli.Program) *cobra.Command {
	o := new(matrixOptions)
	cmd := &cobra.Command{
		Use: "matrix", Short: "The checklist before a release: states, screens, networks and calls, pairwise", Long: matrixLong,
		Args: cobra.NoArgs,
		Example: `  sleeptalk matrix --device ios-pushkit --strategy push
  sleeptalk matrix --device android-doze --strategy push --set push-provider=webpush --markdown release.md
  sleeptalk matrix --account work --junit junit.xml --html matrix.html`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runMatrix(cmd.Context(), p, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.cfg.Phone.Device, "device", "", "emulated device; ios-voip-socket by default")
	f.StringVar(&o.cfg.Phone.Strategy, "strategy", "", "how the app stays reachable asleep; voip-socket by default")
	f.StringArrayVar(&o.cfg.Phone.Settings, "set", nil, "another setting of the phone, KEY=VALUE, as \"use phone\" has it in a scenario; repeated")
	f.StringVar(&o.account, "account", "", "take device, strategy and how it is pushed to from this account of the config; the server is the lab all the same")
	f.StringVar(&o.scenarios, "scenarios", "matrix", "folder for the scenarios of the rows that fail")
	f.StringVar(&o.junit, "junit", "", "write the result as JUnit XML to this file")
	f.StringVar(&o.html, "html", "", "write the checklist as a page to this file")
	f.StringVar(&o.markdown, "markdown", "", "write it as a list of tasks to this file")
	f.Uint64Var(&o.cfg.Seed, "seed", 1, "seed of everything random")
	f.IntVar(&o.cfg.Jobs, "jobs", runtime.NumCPU(), "rows to play at the same time")
	cli.ForceFlag(cmd, &o.force)
	return cmd
}

func runMatrix(ctx context.Context, p *cli.Program, o *matrixOptions) error {
	if err := cli.Writable(o.files()...); err != nil {
		return err
	}
	if err := o.fromAccount(p); err != nil {
		return err
	}
	o.cfg.Phone = o.cfg.Phone.WithDefaults()
	gauge := p.Gauge(len(matrix.Rows()))
	defer gauge.Close()
	o.cfg.Ended = func() { gauge.Step(1, true) }
	rows, err := matrix.Run(ctx, o.cfg)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return cli.Usage("%v", err)
	}
	list := &matrix.Checklist{Phone: o.cfg.Phone, Seed: o.cfg.Seed, Rows: rows, Again: o.again}
	if err := o.write(list); err != nil {
		return cli.NotWritten(err, "")
	}
	if err := list.Text(p.Out); err != nil {
		return err
	}
	if n := list.Failed(); n > 0 {
		return cli.Fail(cli.ExitFailed, fmt.Errorf("%d of %d rows failed", n, len(rows)), "sleeptalk explain RULE")
	}
	return nil
}

// fromAccount takes over what an account of the config says of the phone itself.
func (o *matrixOptions) fromAccount(p *cli.Program) error {
	if o.account == "" {
		return nil
	}
	file, _, err := p.Config()
	if err != nil {
		return cli.InvalidConfig(err)
	}
	_, values, err := file.Choose(o.account, "")
	if err != nil {
		return cli.InvalidConfig(err)
	}
	o.cfg.Phone = o.cfg.Phone.Over(values)
	return nil
}

func (o *matrixOptions) scenario(r matrix.Row) string {
	return filepath.Join(o.scenarios, r.Name()+".talk")
}

// again is the command that plays a row again.
func (o *matrixOptions) again(r matrix.Row) string {
	return fmt.Sprintf("sleeptalk run %s --seed %d", o.scenario(r), o.cfg.Seed)
}

// A written is a file with what goes into it.
type written struct {
	keep.File
	write func(io.Writer) error
}

// files are those that the flags name.
func (o *matrixOptions) files() []keep.File {
	return []keep.File{
		{Kind: keep.JUnit, Name: o.junit, By: "--junit", Force: o.force},
		{Kind: keep.Page, Name: o.html, By: "--html", Force: o.force},
		{Kind: keep.Plain, Name: o.markdown, By: "--markdown", Force: o.force},
	}
}

// write writes the files, and a scenario for each row that has failed.
func (o *matrixOptions) write(list *matrix.Checklist) error {
	named := o.files()
	all := []written{
		{named[0], func(w io.Writer) error {
			return report.JUnit(w, list.Results(), func(*play.Result) string { return "" })
		}},
		{named[1], list.HTML},
		{named[2], list.Markdown},
	}
	for _, r := range list.Rows {
		if !r.Passed() {
			all = append(all, written{keep.File{Kind: keep.Row, Name: o.scenario(r), By: "--scenarios", Force: o.force}, func(w io.Writer) error {
				_, err := io.WriteString(w, r.Script)
				return err
			}})
		}
	}
	var errs []error
	if list.Failed() > 0 {
		errs = append(errs, os.MkdirAll(o.scenarios, 0o777))
	}
	for _, f := range all {
		if f.Name != "" {
			errs = append(errs, f.Write(f.write))
		}
	}
	return errors.Join(errs...)
}
