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
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/record"
	"github.com/sleeptalk/sleeptalk/ui"
)

func replayCommand(p *cli.Program) *cobra.Command {
	var out cli.Output
	var look cli.Look
	var talk bool
	cmd := &cobra.Command{
		Use: "replay DIR|FILE.jsonl|NAME", Short: "Look at a recording again, on the same screen", Args: cobra.ExactArgs(1),
		Long: `Opens what happened in an earlier run: the folder that it was saved in, its
events.jsonl, or the name of a run in the state directory (sleeptalk locate).
The arrows move a cursor over time; nothing can be told to a recording.
With --scenario it becomes a scenario that does the same again.`,
		Example: "  sleeptalk replay demo-0823-143206\n  sleeptalk replay report/events.jsonl --plain\n  sleeptalk replay demo-0823-143206 --scenario > demo.talk",
		RunE: func(cmd *cobra.Command, args []string) error {
			log, err := openRecording(p, args[0])
			if err != nil {
				return err
			}
			if talk {
				_, err := p.Out.Write(record.Record(log))
				return err
			}
			return runReplay(cmd.Context(), p, log, out, look)
		},
	}
	out.Flags(cmd)
	look.Flags(cmd)
	cmd.Flags().BoolVar(&talk, "scenario", false, "write what was done as a scenario, to play it again")
	cmd.MarkFlagsMutuallyExclusive("scenario", "plain", "json")
	return cmd
}

// openRecording finds and reads a recording. One that was cut off is shown as
// far as it goes.
func openRecording(p *cli.Program, name string) (*event.Log, error) {
	path, err := findRecording(p, name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, cli.Cannot(err, "")
	}
	defer f.Close()
	log, err := event.ReadJSON(f)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
		if log.Len() == 0 {
			return nil, cli.Invalid(err, "a recording is what --json writes: a JSON line for each event")
		}
		p.Warn(err.Error(), "what comes before it is shown")
	}
	return log, nil
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
func runReplay(ctx context.Context, p *cli.Program, log *event.Log, out cli.Output, look cli.Look) error {
	if out.Headless(p) || !p.Terminal() {
		done, cancel := context.WithCancel(ctx)
		cancel() // nothing more will come
		return out.Print(done, p.Out, log)
	}
	return ui.Run(ctx, recording{log}, look.Options(p))
}

// A recording is a phone that can only be looked at.
type recording struct{ log *event.Log }

func (r recording) Log() *event.Log      { return r.log }
func (r recording) Verbs() []ui.VerbHelp { return nil }
func (r recording) Do(line string) error {
	if line == "quit" {
		return nil
	}
	return errors.New("this is a recording: nothing can be told to it")
}
