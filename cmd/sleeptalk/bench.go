package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/bench"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

type benchOptions struct {
	json   bool
	calls  int
	many   int
	only   []string
	before string
}

func benchCommand(p *cli.Program) *cobra.Command {
	o := new(benchOptions)
	cmd := &cobra.Command{
		Use: "bench", Short: "Measure this phone, beside other phones that are installed", Args: cobra.NoArgs,
		Long: `Runs this program as a phone, on loopback with a SIP server of the bench's own,
and measures it from outside; in the same minutes, in turns, baresip and SIPp
too, where they are installed; and sngrep beside this screen, on the same
packets, where it may capture. A ratio is this phone's figure by the other's. The
sound cards are null sinks of a PulseAudio of its own.
--before names another build of this program: whether a change has made calls
slower is then a ratio of one run, too.

Measurements:
` + bench.Help(),
		Example: "  sleeptalk bench\n  sleeptalk bench --only sound,echo,echo-opus\n  sleeptalk bench --only invite,cpu --calls 200 --json\n  sleeptalk bench --only invite,setup --before ./sleeptalk-of-yesterday",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runBench(cmd.Context(), p, o) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "as JSON")
	f.IntVar(&o.calls, "calls", bench.DefaultCalls, "calls to each phone for the time to ring")
	f.IntVar(&o.many, "messages", bench.DefaultMessages, "messages on the screen for its memory")
	f.StringVar(&o.before, "before", "", "another build of this program, to be called in the same turns")
	f.StringSliceVar(&o.only, "only", nil, "measure only these: "+strings.Join(bench.Names(), ","))
	return cmd
}

func runBench(ctx context.Context, p *cli.Program, o *benchOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return cli.Cannot(err, "")
	}
	if o.before != "" { // each phone has a directory of its own
		if o.before, err = filepath.Abs(o.before); err != nil {
			return cli.Cannot(err, "")
		}
	}
	options := bench.Options{Program: self, Calls: o.calls, Messages: o.many, Only: o.only, Before: o.before, Progress: p.Err}
	if !o.json {
		options.Each = func(all bench.Report, r bench.Result) error { // as it comes: the next may take minutes
			if len(all.Results) == 1 {
				if err := all.Head(p.Out); err != nil {
					return err
				}
			}
			return r.Print(p.Out)
		}
	}
	report, err := bench.Run(ctx, options)
	if err == nil && o.json {
		return printJSON(p.Out, report)
	}
	return err
}

func (o *benchOptions) check() error {
	if o.calls < 1 {
		return cli.Usage("--calls %d: at least 1", o.calls)
	}
	if o.many < 4 {
		return cli.Usage("--messages %d: at least 4", o.many)
	}
	for _, name := range o.only {
		if !slices.Contains(bench.Names(), name) {
			return cli.Usage("--only %s: there is no such measurement%s", name, words.DidYouMean(name, bench.Names()))
		}
	}
	return nil
}
