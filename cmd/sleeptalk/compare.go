package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/compare"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

type compareOptions struct {
	cfg   compare.Config
	json  bool
	svg   string
	dark  bool
	force bool
	plain bool
	look  cli.Look
}

const compareLong = `Play the same day on one phone after another, in virtual time: every profile with
every strategy and every fault. Bob calls at times that the seed decides, the same
for all; somebody answers as soon as the phone rings. The table says how many calls
rang and how fast, how often and how long the app was awake, what it sent, and why
the others were missed: each reason is a rule that "sleeptalk explain" knows.

In a terminal the table fills while they play: enter opens the day of a phone, which
is played again for that, with its timeline and its ladder; O sorts, y copies. With
--plain, and without a terminal, it is written when all is over, as it is when the
screen is left.

The same seed gives the same table, byte for byte.`

func compareCommand(p *cli.Program) *cobra.Command {
	o := new(compareOptions)
	cmd := &cobra.Command{
		Use: "compare", Short: "Which strategy rings, and which misses: the same day on many phones, as a table", Long: compareLong,
		Args: cobra.NoArgs,
		Example: `  sleeptalk compare
  sleeptalk compare --profiles ios-voip-socket --faults none,'nat carrier' --hours 24 --calls 48
  sleeptalk compare --control sip,xmpp,lines,long-polling --strategies voip-socket
  sleeptalk compare --json | jq '.rows[] | select(.rung < .offered)'`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runCompare(cmd.Context(), p, o) },
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.cfg.Profiles, "profiles", device.Names(), "device profiles")
	f.StringSliceVar(&o.cfg.Strategies, "strategies", app.StrategyNames(), "strategies")
	f.StringSliceVar(&o.cfg.Controls, "control", []string{control.SIP}, "what the phones speak: "+strings.Join(protocolsToCompare(), ", ")+", or a raw protocol: "+raw.List())
	f.StringSliceVar(&o.cfg.Faults, "faults", []string{compare.NoFault}, "what the network is like all day, as the verb \"fault\" says it; none is a good one")
	f.Float64Var(&o.cfg.Hours, "hours", 24, "how long")
	f.IntVar(&o.cfg.Calls, "calls", 48, "how many calls in that time")
	f.Uint64Var(&o.cfg.Seed, "seed", 1, "seed of everything random")
	f.IntVar(&o.cfg.Jobs, "jobs", runtime.NumCPU(), "phones to play at the same time")
	f.BoolVar(&o.json, "json", false, "the table as JSON")
	f.StringVar(&o.svg, "svg", "", "write a chart to this file")
	f.BoolVar(&o.dark, "dark", false, "the chart for a dark ground")
	f.BoolVar(&o.plain, "plain", false, "no screen: the table, when all is over")
	cli.ForceFlag(cmd, &o.force)
	o.look.Flags(cmd)
	cmd.MarkFlagsMutuallyExclusive("plain", "json")
	return cmd
}

// protocolsToCompare are those that need no profile.
func protocolsToCompare() []string {
	var names []string
	for _, p := range setup.Protocols() {
		if p.Name != control.Raw {
			names = append(names, p.Name)
		}
	}
	return names
}

func runCompare(ctx context.Context, p *cli.Program, o *compareOptions) error {
	if err := cli.Writable(o.chart()); err != nil {
		return err
	}
	rows, err := compare.Plan(o.cfg)
	if err != nil {
		return cli.Usage("%v", err)
	}
	if out := (cli.Output{Plain: o.plain, JSON: o.json}); out.OnScreen(p) {
		rows, err = compareOnScreen(ctx, p, o, rows)
	} else {
		gauge := p.Gauge(len(rows))
		defer gauge.Close()
		o.cfg.Ended = func(int, compare.Row) { gauge.Step(1, true) }
		err = compare.Play(ctx, o.cfg, rows)
	}
	if err != nil {
		return err
	}
	if o.svg != "" {
		if err := o.writeChart(rows); err != nil {
			return err
		}
	}
	if !o.json {
		return compare.Table(p.Out, o.cfg, rows)
	}
	return printJSON(p.Out, struct {
		Hours float64       `json:"hours"`
		Calls int           `json:"calls"`
		Seed  uint64        `json:"seed"`
		Rows  []compare.Row `json:"rows"`
	}{o.cfg.Hours, o.cfg.Calls, o.cfg.Seed, rows})
}

func (o *compareOptions) writeChart(rows []compare.Row) error {
	var bars []report.Bar
	for _, r := range rows {
		group := r.Profile
		if r.Control != control.SIP {
			group += ", " + r.Control
		}
		if r.Fault != compare.NoFault {
			group += ", fault " + r.Fault
		}
		bars = append(bars, report.Bar{
			Group: group, Label: r.Way(), Note: fmt.Sprintf("%.1f wakes/h, %.0f s/h awake", r.Wakes, r.Awake),
			Answered: r.Answered, Rung: r.Rung - r.Answered, Missed: r.Offered - r.Rung,
		})
	}
	title := fmt.Sprintf("%d calls in %g hours to a phone in a pocket (emulated, seed %d)", o.cfg.Calls, o.cfg.Hours, o.cfg.Seed)
	svg, err := report.Chart(title, bars, o.dark)
	if err != nil {
		return err
	}
	if err := o.chart().WriteBytes(svg); err != nil {
		return cli.NotWritten(err, "")
	}
	return nil
}

func (o *compareOptions) chart() keep.File {
	return keep.File{Kind: keep.Drawing, Name: o.svg, By: "--svg", Force: o.force}
}
