package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/lab"
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

// TestMutationsByCommand breaks the built-in server and wants the command to
// notice: exit code 1, and the likely cause in words. Which scenario notices
// what, and by which rule, is tested where the stage is; each plays all the
// scenarios, so that the race detector sees a few.
func TestMutationsByCommand(t *testing.T) {
	all := lab.Misbehaviours()
	for _, m := range all[:seeds.Runs(uint64(len(all)))] {
		var out, errs strings.Builder
		p := &cli.Program{
			Args: []string{"run", "builtin:", "--misbehave", m.Name, "--trace", "never"}, In: strings.NewReader(""),
			Out: &out, Err: &errs, Env: func(string) string { return "" },
		}
		want := cli.ExitFailed
		if m.Borne {
			want = 0
		}
		if code := p.Guard(t.Context(), func(ctx context.Context) error { return execute(ctx, p) }); code != want {
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
	p := &cli.Program{
		Args: []string{"run", "builtin:reachable-asleep", "--watch"}, In: strings.NewReader(""),
		Out: &out, Err: &out, Env: func(string) string { return "" },
	}
	if code := p.Guard(t.Context(), func(ctx context.Context) error { return execute(ctx, p) }); code != 0 {
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
