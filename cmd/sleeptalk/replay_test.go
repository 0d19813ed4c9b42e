package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/scenario/record"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/ui"
)

// saved is a log as the command that replays it reads it.
func saved(t *testing.T, log *event.Log) *event.Log {
	t.Helper()
	dir := t.TempDir()
	err := (report.Dir{Path: dir}).File(keep.Events, phone.RecordingFile).Write(func(w io.Writer) error { return report.Events(w, log) })
	if err != nil {
		t.Fatal(err)
	}
	again, err := openRecording(&cli.Program{Env: os.Getenv}, dir)
	if err != nil {
		t.Fatal(err)
	}
	again.readOn(t.Context())
	return again.log
}

// playBuiltin plays a scenario that the program has in itself, in virtual time.
func playBuiltin(t *testing.T, f *scenario.File) (*play.Result, *event.Log) {
	t.Helper()
	w, err := stage.New(stage.Config{Casting: stage.Casting{File: f}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return play.Run(t.Context(), f, w, play.Options{World: true, Seed: 1}), w.Log()
}

// sessions are logs of all sorts: those of the scenarios that the program has
// in itself, and one of a demo over real sockets.
func sessions(t *testing.T) map[string]*event.Log {
	t.Helper()
	logs := map[string]*event.Log{}
	names, err := script.Names()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		_, f, err := script.OfProgram(name).Parse()
		if err != nil {
			t.Fatal(err)
		}
		_, logs[name] = playBuiltin(t, f)
	}
	demo, err := os.Open("../../phone/stage/testdata/demo.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer demo.Close()
	if logs["demo"], err = event.ReadJSON(demo); err != nil {
		t.Fatal(err)
	}
	return logs
}

// TestReplayShowsTheSame compares the last screen of a session with that of
// its recording, in each view, and plays the scenario that the recording
// becomes.
func TestReplayShowsTheSame(t *testing.T) {
	for name, log := range sessions(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			again := saved(t, log)
			for _, size := range [][2]int{{120, 40}, {80, 24}} {
				for _, keys := range [][]string{nil, {"s"}, {"4", "z"}, {"6", "z"}} {
					f := ui.Frame{Width: size[0], Height: size[1], Keys: keys}
					if got, want := ui.RenderFrame(again, f), ui.RenderFrame(log, f); got != want {
						t.Errorf("%dx%d %v:\n%s\nwas\n%s", size[0], size[1], keys, got, want)
					}
				}
			}
			src := record.Record(again)
			if live := record.Record(log); string(src) != string(live) {
				t.Errorf("the scenario is\n%s\nand was\n%s", src, live)
			}
			f, err := scenario.ParseFile("recorded.talk", src, nil)
			if err != nil {
				t.Fatalf("%v\n%s", err, src)
			}
			if r, _ := playBuiltin(t, f); r.Verdict() != play.Passed {
				for _, c := range r.Cases {
					if c.Failure != nil {
						t.Errorf("%s:%d: %s", c.Failure.File, c.Failure.Line, c.Failure.Message)
					}
				}
			}
		})
	}
}

// TestReplayPanics: a bug that a foreign file meets becomes a crash report, also
// where the file is read beside what shows it.
func TestReplayPanics(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var code int
	p := &cli.Program{
		Out: io.Discard, Err: io.Discard,
		Env: func(name string) string { return map[string]string{"XDG_STATE_HOME": dir}[name] },
		Exit: func(c int) {
			code = c
			cancel()
		},
	}
	broken := &recording{log: new(event.Log)} // it has no reader
	if err := runReplay(ctx, p, broken, cli.Output{Plain: true}, cli.Look{}); err != nil {
		t.Fatal(err)
	}
	if reports, _ := filepath.Glob(filepath.Join(dir, "sleeptalk", "crash-*.txt")); code != cli.ExitPanic || len(reports) != 1 {
		t.Errorf("exit code %d, reports %q", code, reports)
	}
}
