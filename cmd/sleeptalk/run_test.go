package main

import (
	"bufio"
	"context"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sleeptalk/phone/event"
	"sleeptalk/phone/lab"
	"sleeptalk/phone/live"
	"sleeptalk/phone/scenario"
)

// TestInterruptedRun sends a run away in the middle: it writes its reports all
// the same, whole, and its exit code says why.
func TestInterruptedRun(t *testing.T) {
	for sig, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		dir := t.TempDir()
		file := filepath.Join(dir, "slow.talk")
		text := "register\nexpect registered within 5s\n== a\nwait 1ms\n== b\nwait 1h\n== c\nwait 1h\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		junit, html := filepath.Join(dir, "junit.xml"), filepath.Join(dir, "html")
		cmd := exec.Command("sleeptalk", "run", file, "--live", "--junit", junit, "--html", html)
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+dir, "XDG_CONFIG_HOME="+dir)
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		out := bufio.NewReader(stdout)
		for range ".." { // the setup and the first case have passed
			if _, err := out.ReadByte(); err != nil {
				t.Fatal(err)
			}
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		rest := new(strings.Builder)
		if _, err := out.WriteTo(rest); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Errorf("%v: exit code %d, want %d\n%s", sig, got, want, rest)
		}
		if !strings.Contains(rest.String(), "2 passed   1 could not tell   1 skipped") {
			t.Errorf("%v:\n%s", sig, rest)
		}
		wholeXML(t, junit)
		if _, err := os.Stat(filepath.Join(html, "index.html")); err != nil {
			t.Error(err)
		}
	}
}

// wholeXML wants a file to be XML to its end.
func wholeXML(t *testing.T, name string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Tests int `xml:"tests,attr"`
	}
	if err := xml.Unmarshal(b, &suites); err != nil || suites.Tests != 4 {
		t.Errorf("%d tests, %v", suites.Tests, err)
	}
}

// TestExitCodes looks at which of several outcomes decides.
func TestExitCodes(t *testing.T) {
	of := func(tries int, verdicts ...scenario.Verdict) played {
		r := new(scenario.Result)
		for _, v := range verdicts {
			r.Cases = append(r.Cases, scenario.CaseResult{Verdict: v, Tries: tries})
		}
		return played{result: r}
	}
	late, cancel := context.WithTimeoutCause(t.Context(), 0, errLimit)
	defer cancel()
	<-late.Done()
	for name, c := range map[string]struct {
		ctx  context.Context
		o    runOptions
		all  []played
		want int
	}{
		"all passed":                {t.Context(), runOptions{}, []played{of(1, scenario.Passed)}, 0},
		"one failed":                {t.Context(), runOptions{}, []played{of(1, scenario.Passed), of(1, scenario.Failed, scenario.Skipped)}, exitFailed},
		"one could not be run":      {t.Context(), runOptions{}, []played{of(1, scenario.Passed), of(1, scenario.Errored)}, exitCannot},
		"failed and could not":      {t.Context(), runOptions{}, []played{of(1, scenario.Errored), of(1, scenario.Failed)}, exitFailed},
		"the limit":                 {late, runOptions{}, []played{of(1, scenario.Errored), of(1, scenario.Skipped)}, exitLimit},
		"failed before the limit":   {late, runOptions{}, []played{of(1, scenario.Failed), of(1, scenario.Errored)}, exitFailed},
		"all skipped":               {t.Context(), runOptions{}, []played{of(1, scenario.Skipped)}, exitLimit},
		"all skipped, as allowed":   {t.Context(), runOptions{allowEmpty: true}, []played{of(1, scenario.Skipped)}, 0},
		"flaky":                     {t.Context(), runOptions{}, []played{of(2, scenario.Passed)}, 0},
		"flaky, and that is a fail": {t.Context(), runOptions{failOnFlaky: true}, []played{of(2, scenario.Passed)}, exitFailed},
		"an invariant": {t.Context(), runOptions{}, []played{{result: &scenario.Result{
			Cases:      []scenario.CaseResult{{Verdict: scenario.Passed}},
			Invariants: []scenario.InvariantResult{{Verdict: scenario.Failed}},
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
	step := scenario.Step{Kind: scenario.Faulting, Actor: "alice"} // without the fault: no parser makes one
	s := &script{name: "x.talk", base: "x.talk", file: &scenario.File{
		Name: "x.talk", Phone: "alice", Cases: []scenario.Case{{Name: scenario.SetupCase, Steps: []scenario.Step{step}}},
	}}
	all := p.playAll(t.Context(), &runOptions{jobs: 1}, []*script{s})
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
// what, and by which rule, is tested where the stage is.
func TestMutationsByCommand(t *testing.T) {
	for _, m := range lab.Misbehaviours() {
		var out, errs strings.Builder
		p := &program{
			args: []string{"run", "builtin:", "--misbehave", m.Name, "--trace", "never"}, in: strings.NewReader(""),
			out: &out, err: &errs, env: func(string) string { return "" },
		}
		if code := p.guarded(t.Context(), p.run); code != exitFailed {
			t.Errorf("%s: exit code %d\n%s%s", m.Name, code, &out, &errs)
		}
		if !strings.Contains(out.String(), "= likely") {
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

// TestClocks reads device clocks off a log, whose pace changes.
func TestClocks(t *testing.T) {
	log := new(event.Log)
	began := time.Now().Add(-time.Hour)
	c := &clocks{log: log, began: began, last: map[string]reading{}}
	if got := c.read("alice").device; got < time.Hour || got > time.Hour+time.Minute {
		t.Errorf("of nobody: %s", got)
	}
	log.Append(event.Record{Wall: time.Now().Add(-time.Second), Device: time.Minute, Phone: "alice", Event: event.ClockRate{Rate: 60}})
	if got := c.read("alice").device; got < 2*time.Minute || got > 3*time.Minute {
		t.Errorf("a second at x60: %s", got)
	}
}
