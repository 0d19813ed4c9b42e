package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/seeds"
)

// TestInterruptedRun sends a run away in the middle, in virtual time and live, in
// a call: it writes its reports all the same, whole, and its exit code says why.
func TestInterruptedRun(t *testing.T) {
	for _, stage := range []string{"--world", "--live"} {
		for sig, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
			t.Run(fmt.Sprintf("%s %v", stage, sig), func(t *testing.T) {
				dir := t.TempDir()
				file := write(t, dir, "slow.talk", "register\nexpect registered within 5s\n== a\ncall bob\nexpect call up\nwait 1s\n== b\nwait 700h\n== c\nwait 1h\n")
				run := launch(t, dir, "sleeptalk", "run", file, stage, "--junit", "junit.xml", "--html", "html", "--pcap", "wire.pcapng", "--json", "events.jsonl")
				run.dots(2) // the setup and the first case have passed
				if got, out := run.end(sig); got != want || !strings.Contains(out, "2 passed   1 could not tell   1 skipped") || !strings.Contains(out, fmt.Sprintf("exit %d\n", want)) {
					t.Errorf("exit code %d, want %d\n%s", got, want, out)
				}
				wholeXML(t, filepath.Join(dir, "junit.xml"), 4)
				wholeXML(t, filepath.Join(dir, "html/junit.xml"), 4)
				wholePage(t, filepath.Join(dir, "html/index.html"))
				for _, name := range []string{"wire.pcapng", "html/sip.pcapng"} {
					wholeCapture(t, filepath.Join(dir, name))
				}
				for _, name := range []string{"events.jsonl", "html/events.jsonl"} {
					wholeEvents(t, filepath.Join(dir, name))
				}
			})
		}
	}
}

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
	stop(signaled{syscall.SIGTERM})
	late, cancel := context.WithTimeoutCause(t.Context(), 0, errLimit)
	defer cancel()
	<-late.Done()
	for name, c := range map[string]struct {
		ctx  context.Context
		o    runOptions
		all  []played
		want int
	}{
		"all passed":                 {t.Context(), runOptions{}, []played{of(1, play.Passed)}, 0},
		"one failed":                 {t.Context(), runOptions{}, []played{of(1, play.Passed), of(1, play.Failed, play.Skipped)}, exitFailed},
		"one could not be run":       {t.Context(), runOptions{}, []played{of(1, play.Passed), of(1, play.Errored)}, exitCannot},
		"failed and could not":       {t.Context(), runOptions{}, []played{of(1, play.Errored), of(1, play.Failed)}, exitFailed},
		"the limit":                  {late, runOptions{}, []played{outOfTime, of(1, play.Skipped)}, exitLimit},
		"failed before the limit":    {late, runOptions{}, []played{of(1, play.Failed), outOfTime}, exitFailed},
		"could not, then the limit":  {late, runOptions{}, []played{of(1, play.Errored), outOfTime}, exitCannot},
		"interrupted":                {interrupted, runOptions{}, []played{of(1, play.Errored)}, 143},
		"failed, then interrupted":   {interrupted, runOptions{}, []played{of(1, play.Failed), of(1, play.Skipped)}, 143},
		"a bug":                      {t.Context(), runOptions{}, []played{of(1, play.Passed), bug}, exitPanic},
		"a bug, failed, interrupted": {interrupted, runOptions{}, []played{of(1, play.Failed), bug}, exitPanic},
		"all skipped":                {t.Context(), runOptions{}, []played{of(1, play.Skipped)}, exitLimit},
		"all skipped, as allowed":    {t.Context(), runOptions{allowEmpty: true}, []played{of(1, play.Skipped)}, 0},
		"flaky":                      {t.Context(), runOptions{}, []played{of(2, play.Passed)}, 0},
		"flaky, and that is a fail":  {t.Context(), runOptions{failOnFlaky: true}, []played{of(2, play.Passed)}, exitFailed},
		"an invariant": {t.Context(), runOptions{}, []played{{result: &play.Result{
			Cases:      []play.CaseResult{{Verdict: play.Passed}},
			Invariants: []play.InvariantResult{{Verdict: play.Failed}},
		}}}, exitFailed},
	} {
		if got := c.o.exitCode(c.ctx, c.all); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestABugIsReported lets a stage panic: the file is errored, the run goes on,
// and the error is the bug.
func TestABugIsReported(t *testing.T) {
	p := &program{out: new(strings.Builder), err: new(strings.Builder), env: func(string) string { return "" }}
	step := scenario.Step{Kind: scenario.Speaking, Actor: "alice"} // without the sound: no parser makes one
	s := &script{name: "x.talk", base: "x.talk", file: &scenario.File{
		Name: "x.talk", Phone: "alice", Cases: []scenario.Case{{Name: scenario.SetupCase, Steps: []scenario.Step{step}}},
	}}
	o := &runOptions{jobs: 1}
	all := p.playAll(t.Context(), o, []*script{s}, p.newProgress(o, 1))
	bug, ok := all[0].err.(*live.PanicError)
	if !ok || bug.Stack == "" {
		t.Fatalf("%v", all[0].err)
	}
	err := p.conclude(t.Context(), &runOptions{trace: "never"}, all)
	if err != all[0].err {
		t.Errorf("%v", err)
	}
}

// TestMutationsByCommand breaks the built-in server and wants the command to
// notice: exit code 1, and the likely cause in words. Which scenario notices
// what, and by which rule, is tested where the stage is; each plays all the
// scenarios, so that the race detector sees a few.
func TestMutationsByCommand(t *testing.T) {
	all := lab.Misbehaviours()
	for _, m := range all[:seeds.Runs(uint64(len(all)))] {
		var out, errs strings.Builder
		p := &program{
			args: []string{"run", "builtin:", "--misbehave", m.Name, "--trace", "never"}, in: strings.NewReader(""),
			out: &out, err: &errs, env: func(string) string { return "" },
		}
		want := exitFailed
		if m.Borne {
			want = 0
		}
		if code := p.guarded(t.Context(), p.run); code != want {
			t.Errorf("%s: exit code %d\n%s%s", m.Name, code, &out, &errs)
		}
		if want != 0 && !strings.Contains(out.String(), "= likely") {
			t.Errorf("%s: no likely cause\n%s", m.Name, &out)
		}
	}
}

// TestWatch tells the steps and the events between them.
func TestWatch(t *testing.T) {
	var out strings.Builder
	p := &program{
		args: []string{"run", "builtin:reachable-asleep", "--watch"}, in: strings.NewReader(""),
		out: &out, err: &out, env: func(string) string { return "" },
	}
	if code := p.guarded(t.Context(), p.run); code != 0 {
		t.Fatalf("exit code %d\n%s", code, &out)
	}
	last := 0
	for _, line := range []string{
		"builtin:reachable-asleep   == a call wakes it", "  ✓  19  bob: call alice", "alice   woken by socket",
		"  ✓  20  expect wake by INVITE within 2s", "5 tests   5 passed",
	} {
		at := strings.Index(out.String(), line)
		if at < last {
			t.Errorf("%q stands at %d, after %d\n%s", line, at, last, &out)
		}
		last = at
	}
}
