package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/scenario/record"
	"github.com/sleeptalk/sleeptalk/ui"
)

func replayCommand(p *cli.Program) *cobra.Command {
	var out cli.Output
	var look cli.Look
	var talk bool
	cmd := &cobra.Command{
		Use: "replay DIR|FILE.jsonl|NAME", Short: "Look at a recording again, on the same screen", Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			kept, _ := os.ReadDir(p.Runs()) // without them there are still the files here
			var names []string
			for _, e := range kept {
				names = append(names, e.Name())
			}
			return names, cobra.ShellCompDirectiveDefault
		},
		Long: `Opens what happened in an earlier run: the folder that it was saved in, its
events.jsonl, or the name of a run in the state directory (sleeptalk locate).
The arrows move a cursor over time, [ and ] go from event to event, and space
lets the past go on: every panel shows what was then; o says where its report is. The replay of a run opens
where its first line failed, with the verdict, the steps and, by tab, what the
others did; without a run, where the first call was lost. Nothing can be told to
a recording.
With --scenario it becomes a scenario that does the same again.`,
		Example: "  sleeptalk replay demo-0823-143206\n  sleeptalk replay report/events.jsonl --plain\n  sleeptalk replay demo-0823-143206 --scenario > demo.talk",
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := openRecording(p, args[0])
			if err != nil {
				return err
			}
			if talk {
				r.readOn(cmd.Context())
				r.warn(p)
				_, err := p.Out.Write(record.Record(r.log))
				return err
			}
			return runReplay(cmd.Context(), p, r, out, look)
		},
	}
	out.Flags(cmd)
	look.Flags(cmd)
	cmd.Flags().BoolVar(&talk, "scenario", false, "write what was done as a scenario, to play it again")
	cmd.MarkFlagsMutuallyExclusive("scenario", "plain", "json")
	return cmd
}

func findRecording(p *cli.Program, name string) (string, error) {
	for _, path := range []string{name, filepath.Join(p.Runs(), name)} {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return "", cli.Cannot(err, "")
		case info.IsDir():
			return filepath.Join(path, phone.RecordingFile), nil
		}
		return path, nil
	}
	return "", cli.Cannot(fmt.Errorf("no recording %q, neither here nor in %s", name, p.Runs()),
		"a folder with "+phone.RecordingFile+" in it, or the file itself")
}

// runReplay shows a recording on the screen, or writes it as lines.
func runReplay(ctx context.Context, p *cli.Program, r *recording, out cli.Output, look cli.Look) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if !out.OnScreen(p) {
		p.Go(func() {
			r.readOn(ctx)
			cancel() // nothing more will come
		})
		err := out.Print(ctx, p.Out, r.log)
		r.warn(p)
		return err
	}
	file, _, err := p.Config()
	if err != nil {
		return cli.InvalidConfig(err)
	}
	opt := look.With(file.UI).Options(p)
	opt.Loading = r.loading
	opt.Replay, opt.Report = r.name(), r.report
	opt.SaveCalls = phone.SavesCalls(r.log, p.Runs(), r.name())
	p.Go(func() { r.readOn(ctx) })
	err = ui.Run(ctx, r, opt)
	r.warn(p)
	return err
}
