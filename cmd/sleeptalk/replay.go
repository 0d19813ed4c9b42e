package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/record"
	"github.com/sleeptalk/sleeptalk/ui"
)

// recordingFile is what the log of a run is called in its folder.
const recordingFile = "events.jsonl"

func (p *program) replayCommand() *cobra.Command {
	var screen screenOptions
	var talk bool
	cmd := &cobra.Command{
		Use: "replay DIR|FILE.jsonl|NAME", Short: "Look at a recording again, on the same screen", Args: cobra.ExactArgs(1),
		Long: `Opens what happened in an earlier run: the folder that it was saved in, its
events.jsonl, or the name of a run in the state directory (sleeptalk locate).
The arrows move a cursor over time; nothing can be told to a recording.
With --scenario it becomes a scenario that does the same again.`,
		Example: "  sleeptalk replay demo-0823-143206\n  sleeptalk replay report/events.jsonl --plain\n  sleeptalk replay demo-0823-143206 --scenario > demo.talk",
		RunE: func(cmd *cobra.Command, args []string) error {
			log, err := p.openRecording(args[0])
			if err != nil {
				return err
			}
			if talk {
				_, err := p.out.Write(record.Record(log))
				return err
			}
			return p.replay(cmd.Context(), log, screen)
		},
	}
	screen.flags(cmd)
	cmd.Flags().BoolVar(&talk, "scenario", false, "write what was done as a scenario, to play it again")
	cmd.MarkFlagsMutuallyExclusive("scenario", "plain", "json")
	return cmd
}

// openRecording finds and reads a recording. One that was cut off is shown as
// far as it goes.
func (p *program) openRecording(name string) (*event.Log, error) {
	path, err := p.findRecording(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, cannot(err, "")
	}
	defer f.Close()
	log, err := event.ReadJSON(f)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
		if len(log.After(0)) == 0 {
			return nil, invalid(err, "a recording is what --json writes: a JSON line for each event")
		}
		p.warn(err.Error(), "what comes before it is shown")
	}
	return log, nil
}

func (p *program) findRecording(name string) (string, error) {
	for _, path := range []string{name, filepath.Join(p.paths().State, "runs", name)} {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return "", cannot(err, "")
		case info.IsDir():
			return filepath.Join(path, recordingFile), nil
		}
		return path, nil
	}
	return "", cannot(fmt.Errorf("no recording %q, neither here nor in %s", name, filepath.Join(p.paths().State, "runs")),
		"a folder with "+recordingFile+" in it, or the file itself")
}

// replay shows a recording on the screen, or writes it as lines.
func (p *program) replay(ctx context.Context, log *event.Log, o screenOptions) error {
	if o.headless(p) || !p.terminal() {
		done, cancel := context.WithCancel(ctx)
		cancel() // nothing more will come
		return p.printLog(done, log, o)
	}
	return ui.Run(ctx, recording{log}, ui.Options{Theme: o.theme, ASCII: o.ascii, NoMouse: o.noMouse, Explain: explanation, Input: p.in, Output: p.out})
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
