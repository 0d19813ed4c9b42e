package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"sleeptalk/phone/event"
	"sleeptalk/phone/lab"
	"sleeptalk/phone/live"
	"sleeptalk/phone/scenario"
)

// TestInterruptedRun sends a run away in the middle, in virtual time and live, in
// a call: it writes its reports all the same, whole, and its exit code says why.
func TestInterruptedRun(t *testing.T) {
	for _, stage := range []string{"--world", "--live"} {
		for sig, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
			t.Run(fmt.Sprintf("%s %v", stage, sig), func(t *testing.T) {
				dir := t.TempDir()
				file := write(t, dir, "slow.talk", "register\nexpect registered within 5s\n== a\ncall bob\nexpect call up\nwait 1s\n== b\nwait 700h\n== c\nwait 1h\n")
				run := start(t, dir, "sleeptalk", "run", file, stage, "--junit", "junit.xml", "--html", "html", "--pcap", "wire.pcapng", "--json", "events.jsonl")
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

// write makes a file, and returns its whole name.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// A running program is the real binary at work.
type running struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout *bufio.Reader
	stderr strings.Builder // to be read after its end
}

// start runs the program in a folder, which is its home, too.
func start(t *testing.T, dir, name string, args ...string) *running {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+dir, "XDG_CONFIG_HOME="+dir, "PW=secret")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, cmd: cmd, stdout: bufio.NewReader(stdout)}
	cmd.Stderr = &r.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// dots waits until so many test cases have ended.
func (r *running) dots(n int) {
	r.t.Helper()
	for range n {
		if _, err := r.stdout.ReadByte(); err != nil {
			r.t.Fatal(err)
		}
	}
}

// end waits for the exit code, and for what else is on standard output; after a
// signal, unless that is 0.
func (r *running) end(sig syscall.Signal) (code int, out string) {
	r.t.Helper()
	if sig != 0 {
		if err := r.cmd.Process.Signal(sig); err != nil {
			r.t.Fatal(err)
		}
	}
	rest := new(strings.Builder)
	if _, err := r.stdout.WriteTo(rest); err != nil {
		r.t.Fatal(err)
	}
	r.cmd.Wait()
	return r.cmd.ProcessState.ExitCode(), rest.String()
}

// wholeXML wants a file to be XML to its end, with so many tests.
func wholeXML(t *testing.T, name string, tests int) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Tests int `xml:"tests,attr"`
	}
	if err := xml.Unmarshal(b, &suites); err != nil || suites.Tests != tests {
		t.Errorf("%s: %d tests, %v", name, suites.Tests, err)
	}
}

// wholePage wants a page with its end, and all that it refers to beside it.
func wholePage(t *testing.T, name string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(string(b), "</html>\n") {
		t.Errorf("%s has no end", name)
	}
	for _, m := range regexp.MustCompile(`(?:href|src|srcset)="([^"#]+)"`).FindAllStringSubmatch(string(b), -1) {
		if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
			t.Errorf("%s refers to %v", name, err)
		}
	}
}

// wholeCapture wants blocks to the end, and among them RTP.
func wholeCapture(t *testing.T, name string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for rest := b; len(rest) > 0; {
		size := 0
		if len(rest) >= 12 {
			size = int(binary.LittleEndian.Uint32(rest[4:]))
		}
		if size < 12 || size > len(rest) {
			t.Fatalf("%s ends in the middle of a block", name)
		}
		rest = rest[size:]
	}
	if !bytes.Contains(b, []byte("the RTP and RTCP of the phone under test")) {
		t.Errorf("%s has no RTP", name)
	}
}

// wholeEvents wants a log that can be read to its end.
func wholeEvents(t *testing.T, name string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	log, err := event.ReadJSON(f)
	if err != nil || len(log.After(0)) < 20 {
		t.Errorf("%s: %d records, %v", name, len(log.After(0)), err)
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
	outOfTime := of(1, scenario.Errored)
	outOfTime.result.Cases[0].Failure = &scenario.Failure{Message: "wait 1h: " + errLimit.Error()}
	bug := of(1, scenario.Errored)
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
		"all passed":                 {t.Context(), runOptions{}, []played{of(1, scenario.Passed)}, 0},
		"one failed":                 {t.Context(), runOptions{}, []played{of(1, scenario.Passed), of(1, scenario.Failed, scenario.Skipped)}, exitFailed},
		"one could not be run":       {t.Context(), runOptions{}, []played{of(1, scenario.Passed), of(1, scenario.Errored)}, exitCannot},
		"failed and could not":       {t.Context(), runOptions{}, []played{of(1, scenario.Errored), of(1, scenario.Failed)}, exitFailed},
		"the limit":                  {late, runOptions{}, []played{outOfTime, of(1, scenario.Skipped)}, exitLimit},
		"failed before the limit":    {late, runOptions{}, []played{of(1, scenario.Failed), outOfTime}, exitFailed},
		"could not, then the limit":  {late, runOptions{}, []played{of(1, scenario.Errored), outOfTime}, exitCannot},
		"interrupted":                {interrupted, runOptions{}, []played{of(1, scenario.Errored)}, 143},
		"failed, then interrupted":   {interrupted, runOptions{}, []played{of(1, scenario.Failed), of(1, scenario.Skipped)}, 143},
		"a bug":                      {t.Context(), runOptions{}, []played{of(1, scenario.Passed), bug}, exitPanic},
		"a bug, failed, interrupted": {interrupted, runOptions{}, []played{of(1, scenario.Failed), bug}, exitPanic},
		"all skipped":                {t.Context(), runOptions{}, []played{of(1, scenario.Skipped)}, exitLimit},
		"all skipped, as allowed":    {t.Context(), runOptions{allowEmpty: true}, []played{of(1, scenario.Skipped)}, 0},
		"flaky":                      {t.Context(), runOptions{}, []played{of(2, scenario.Passed)}, 0},
		"flaky, and that is a fail":  {t.Context(), runOptions{failOnFlaky: true}, []played{of(2, scenario.Passed)}, exitFailed},
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
