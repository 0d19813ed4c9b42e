package run

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/ui"
)

// directed plays a built-in scenario under a director, with somebody at its
// screen who answers to how the run stands.
func directed(t *testing.T, name string, held bool, misbehave []string, at func(*director, ui.RunState)) (played, ui.RunState) {
	t.Helper()
	p := &cli.Program{Out: new(strings.Builder), Err: new(strings.Builder), Env: func(string) string { return "" }}
	o := &options{jobs: 1, seed: 1, trace: "never", misbehave: misbehave}
	files, err := checkScripts(p, []*script.Script{script.OfProgram(name)}, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancelCause(t.Context())
	defer stop(nil)
	d := newDirector(stop, len(files), held)
	ended := make(chan played, 1)
	go func() {
		all := playAll(ctx, p, o, files, d)
		d.concluded(summary(all), folders(all))
		ended <- all[0]
	}()
	var s ui.RunState
	for s.Over == "" {
		if s, err = d.Next(t.Context(), s.Seq); err != nil {
			t.Fatal(err)
		}
		at(d, s)
	}
	return <-ended, s
}

func logged(t *testing.T, log *event.Log) []byte {
	t.Helper()
	var b []byte
	for _, r := range log.After(0) {
		var err error
		if b, err = event.AppendJSON(b, r); err != nil {
			t.Fatal(err)
		}
		b = append(b, '\n')
	}
	return b
}

// TestDirectedRunIsTheSame: to watch a run in virtual time changes nothing in
// it, whatever the pace, and however it is held up.
func TestDirectedRunIsTheSame(t *testing.T) { synctest.Test(t, testDirectedRunIsTheSame) }

func testDirectedRunIsTheSame(t *testing.T) {
	plain, _ := directed(t, "keepalive", true, nil, func(d *director, s ui.RunState) {
		if s.Held {
			for range paces {
				d.Tell(ui.RunOrder{Do: ui.RunFaster})
			}
			d.Tell(ui.RunOrder{Do: ui.RunGo})
		}
	})
	stepped, s := directed(t, "keepalive", true, nil, func(d *director, s ui.RunState) {
		if s.Held {
			d.Tell(ui.RunOrder{Do: ui.RunNext})
		}
	})
	if !bytes.Equal(logged(t, plain.log), logged(t, stepped.log)) {
		t.Error("a run that is stepped through has another log")
	}
	for _, l := range s.Lines {
		if !l.Case && (l.Verdict != ui.Passed || l.First == 0 || l.Last+1 < l.First) {
			t.Errorf("%+v", l)
		}
	}
	if s.Failure != nil || s.Failed != 0 || s.Passed == 0 || !strings.HasPrefix(s.Over, "PASSED") {
		t.Errorf("%+v", s)
	}
}

// TestDirectedFailure wants what a failure says on the screen too.
func TestDirectedFailure(t *testing.T) { synctest.Test(t, testDirectedFailure) }

func testDirectedFailure(t *testing.T) {
	var waited *ui.RunWait
	_, s := directed(t, "reachable-asleep", false, []string{"no-invite"}, func(_ *director, s ui.RunState) {
		if s.Waiting != nil && s.Waiting.What == "wake by INVITE" {
			waited = s.Waiting
		}
	})
	if s.Failure == nil || !strings.Contains(s.Failure.Likely, "did not route the call") || s.Over != "FAILED: 1 of 3" {
		t.Fatalf("%+v", s)
	}
	skipped := 0
	for _, l := range s.Lines {
		if l.Verdict == ui.Skipped {
			skipped++
		}
	}
	if skipped != 11 || s.Failed != 1 {
		t.Errorf("%d skipped, %d failed", skipped, s.Failed)
	}
	if waited == nil || len(waited.Facts) == 0 || waited.Gone < time.Second || waited.Hint != s.Failure.Likely {
		t.Errorf("waited for %+v", waited)
	}
	// Six beats, eight seconds of falling asleep in two of fifteen, and two of
	// waiting in vain.
	if s.Took < 4*time.Second || s.Took > 6*time.Second {
		t.Errorf("it took %s", s.Took)
	}
}

// TestRunToTheCursor holds before a line, and stops there.
func TestRunToTheCursor(t *testing.T) { synctest.Test(t, testRunToTheCursor) }

func testRunToTheCursor(t *testing.T) {
	line := 0
	one, s := directed(t, "reachable-asleep", true, nil, func(d *director, s ui.RunState) {
		switch {
		case !s.Held:
		case line == 0:
			for i, l := range s.Lines {
				if l.Text == "bob: call alice" {
					line = i
				}
			}
			d.Tell(ui.RunOrder{Do: ui.RunTo, Line: line})
		default:
			if s.At != line {
				t.Errorf("held before line %d, not %d", s.At, line)
			}
			d.Tell(ui.RunOrder{Do: ui.RunStop})
		}
	})
	if f := one.result.Cases[2].Failure; f == nil || f.Message != errStopped.Error() {
		t.Errorf("failure %+v", f)
	}
	if s.Over != "COULD NOT TELL" {
		t.Error(s.Over)
	}
}

func TestBrokenScreen(t *testing.T) {
	bug, gone := &ui.PanicError{}, errors.New("input/output error")
	for name, c := range map[string]struct {
		err  error
		told bool
		want error
	}{
		"left by its user":         {},
		"the terminal is gone":     {gone, false, gone},
		"interrupted":              {context.Canceled, true, nil},
		"a panic":                  {bug, false, bug},
		"a panic as it was to end": {bug, true, bug},
	} {
		if got := cli.ScreenError(c.err, c.told); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
