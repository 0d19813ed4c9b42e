package run

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// TestExitCodes looks at which of several outcomes decides.
func TestExitCodes(t *testing.T) {
	of := func(tries int, verdicts ...play.Verdict) played {
		r := new(play.Result)
		for _, v := range verdicts {
			r.Cases = append(r.Cases, play.CaseResult{Verdict: v, Tries: tries})
		}
		return played{result: r}
	}
	outOfTime := of(1, play.Errored)
	outOfTime.result.Cases[0].Failure = &play.Failure{Message: "wait 1h: " + errLimit.Error()}
	bug := of(1, play.Errored)
	bug.err = errors.Join(errors.New("something else"), &live.PanicError{})
	interrupted, stop := context.WithCancelCause(t.Context())
	stop(cli.Signal{Signal: syscall.SIGTERM})
	late, cancel := context.WithTimeoutCause(t.Context(), 0, errLimit)
	defer cancel()
	<-late.Done()
	for name, c := range map[string]struct {
		ctx  context.Context
		o    options
		all  []played
		want int
	}{
		"all passed":                 {t.Context(), options{}, []played{of(1, play.Passed)}, 0},
		"one failed":                 {t.Context(), options{}, []played{of(1, play.Passed), of(1, play.Failed, play.Skipped)}, cli.ExitFailed},
		"one could not be run":       {t.Context(), options{}, []played{of(1, play.Passed), of(1, play.Errored)}, cli.ExitCannot},
		"failed and could not":       {t.Context(), options{}, []played{of(1, play.Errored), of(1, play.Failed)}, cli.ExitFailed},
		"the limit":                  {late, options{}, []played{outOfTime, of(1, play.Skipped)}, cli.ExitLimit},
		"failed before the limit":    {late, options{}, []played{of(1, play.Failed), outOfTime}, cli.ExitFailed},
		"could not, then the limit":  {late, options{}, []played{of(1, play.Errored), outOfTime}, cli.ExitCannot},
		"interrupted":                {interrupted, options{}, []played{of(1, play.Errored)}, 143},
		"failed, then interrupted":   {interrupted, options{}, []played{of(1, play.Failed), of(1, play.Skipped)}, 143},
		"a bug":                      {t.Context(), options{}, []played{of(1, play.Passed), bug}, cli.ExitPanic},
		"a bug, failed, interrupted": {interrupted, options{}, []played{of(1, play.Failed), bug}, cli.ExitPanic},
		"all skipped":                {t.Context(), options{}, []played{of(1, play.Skipped)}, cli.ExitLimit},
		"all skipped, as allowed":    {t.Context(), options{allowEmpty: true}, []played{of(1, play.Skipped)}, 0},
		"flaky":                      {t.Context(), options{}, []played{of(2, play.Passed)}, 0},
		"flaky, and that is a fail":  {t.Context(), options{failOnFlaky: true}, []played{of(2, play.Passed)}, cli.ExitFailed},
		"an invariant": {t.Context(), options{}, []played{{result: &play.Result{
			Cases:      []play.CaseResult{{Verdict: play.Passed}},
			Invariants: []play.InvariantResult{{Verdict: play.Failed}},
		}}}, cli.ExitFailed},
	} {
		if got := c.o.exitCode(c.ctx, c.all); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestABugIsReported lets a stage panic: the file is errored, the run goes on,
// and the error is the bug.
func TestABugIsReported(t *testing.T) {
	p := &cli.Program{Out: new(strings.Builder), Err: new(strings.Builder), Env: func(string) string { return "" }}
	step := scenario.Step{Kind: scenario.Speaking, Actor: "alice"} // without the sound: no parser makes one
	s := &piece{Script: &script.Script{Name: "x.talk", Base: "x.talk"}, file: &scenario.File{
		Name: "x.talk", Phone: "alice", Cases: []scenario.Case{{Name: scenario.SetupCase, Steps: []scenario.Step{step}}},
	}}
	o := &options{jobs: 1}
	all := playAll(t.Context(), p, o, []*piece{s}, newProgress(p, o, 1))
	bug, ok := all[0].err.(*live.PanicError)
	if !ok || bug.Stack == "" {
		t.Fatalf("%v", all[0].err)
	}
	err := conclude(t.Context(), p, &options{trace: "never"}, all)
	if err != all[0].err {
		t.Errorf("%v", err)
	}
}
