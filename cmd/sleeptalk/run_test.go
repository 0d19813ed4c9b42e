package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sleeptalk/sleeptalk/assets"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/lab"
)

// TestInterruptedRun sends a run away in the middle, in virtual time and live, in
// a call: it writes its reports all the same, whole, and its exit code says why.
func TestInterruptedRun(t *testing.T) {
	for _, stage := range []string{"--world", "--live"} {
		for sig, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
			t.Run(fmt.Sprintf("%s %v", stage, sig), func(t *testing.T) {
				dir := t.TempDir()
				file := write(t, dir, "slow.talk", "register\nexpect registered within 5s\n== a\ncall bob\nexpect call up\nwait 1s\n== b\nwait 700h\n== c\nwait 1h\n")
				run := launch(t, dir, "sleeptalk", "run", file, stage, "--junit", "junit.xml", "--html", "html", "--pcap", "wire.pcapng", "--events", "events.jsonl")
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
// notice: exit code 1, and the likely cause in words. It plays the scenarios
// that say that they notice; by which case and rule they do is tested where the
// stage is. What a phone has to bear fails none of all.
func TestMutationsByCommand(t *testing.T) {
	for _, m := range lab.Misbehaviours() {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			files, want := noticing(t, m.Name), cli.ExitFailed
			if m.Borne {
				files, want = []string{"builtin:"}, 0
			}
			var out, errs strings.Builder
			p := &cli.Program{
				Args: append([]string{"run", "--misbehave", m.Name, "--trace", "never"}, files...), In: strings.NewReader(""),
				Out: &out, Err: &errs, Env: func(string) string { return "" },
			}
			if code := p.Guard(t.Context(), func(ctx context.Context) error { return execute(ctx, p) }); code != want {
				t.Errorf("exit code %d\n%s%s", code, &out, &errs)
			}
			if want != 0 && !strings.Contains(out.String(), "= likely") {
				t.Errorf("no likely cause\n%s", &out)
			}
		})
	}
}

// noticing are the built-in scenarios that say that they notice a misbehaviour.
func noticing(t *testing.T, misbehaviour string) (files []string) {
	t.Helper()
	entries, err := assets.Files.ReadDir("scenarios")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		src, err := assets.Files.ReadFile("scenarios/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		_, list, _ := strings.Cut(string(src), "# notices:")
		list, _, _ = strings.Cut(list, "\n")
		if slices.Contains(strings.Fields(list), misbehaviour) {
			files = append(files, "builtin:"+strings.TrimSuffix(e.Name(), ".talk"))
		}
	}
	return files
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
