package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestRunOnAFullDisk plays a call, live, and finds no room for any report: each
// is named, the call is not hurt, and nobody is told that all is well. Linux has
// a device that is always full.
func TestRunOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "call.talk", "register\nexpect registered\n== a call\ncall bob\nexpect call up\nwait 1s\nhang up\nexpect call ended by us\n")
	if err := os.Mkdir(filepath.Join(dir, "html"), 0o755); err != nil {
		t.Fatal(err)
	}
	lost := []string{"junit.xml", "wire.pcapng", "events.jsonl", "html/index.html", "html/sip.pcapng", "html/events.jsonl", "html/alice-heard.wav"}
	for _, name := range lost {
		if err := os.Symlink("/dev/full", filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	run := launch(t, dir, "sleeptalk", "run", file, "--live", "--junit", "junit.xml", "--pcap", "wire.pcapng", "--events", "events.jsonl", "--html", "html")
	code, out := run.end(0)
	if code != cli.ExitCannot || !strings.Contains(out, "2 passed") || !strings.Contains(out, "exit 4\n") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	for _, name := range lost {
		if !strings.Contains(run.stderr.String(), name+": ") {
			t.Errorf("nothing is said of %s in\n%s", name, &run.stderr)
		}
	}
	for _, name := range []string{"html/report.css", "html/junit.xml", "html/alice-sent.wav"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s is not there: %v", name, err)
		}
	}
}

// TestOutputOnAFullDisk: a run whose report nobody can read is not told to be
// well, nor is what a failure is changed.
func TestOutputOnAFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "fails.talk", "answer\n")
	for args, want := range map[string]int{
		"run builtin:keepalive":                          cli.ExitCannot,
		"run builtin:keepalive builtin:reachable-asleep": cli.ExitCannot,
		"run builtin:keepalive --watch":                  cli.ExitCannot,
		"run builtin:keepalive --json":                   cli.ExitCannot,
		"run fails.talk --trace never":                   cli.ExitFailed,
		"list":                                           cli.ExitCannot,
	} {
		run := launch(t, dir, "sh", append([]string{"-c", `exec sleeptalk "$@" >/dev/full`, "sh"}, strings.Fields(args)...)...)
		if code, _ := run.end(0); code != want || !strings.Contains(run.stderr.String(), "no space left on device") {
			t.Errorf("%s: exit code %d, want %d\n%s", args, code, want, &run.stderr)
		}
	}
}

// TestADiskThatFillsInACall lets a recording grow no further than 16 KiB, one
// second of sound: the log says so, and the call goes on to its end.
func TestADiskThatFillsInACall(t *testing.T) {
	dir := t.TempDir()
	script := write(t, dir, "verbs", "wait for registered within 5s\ncall echo\nwait for call up within 5s\nwait for heard tone within 5s\n"+
		"wait 3s\nhang up\nwait for call ended by us within 5s\nquit\n")
	server := serve(t, dir)
	run := launch(t, dir, "sh", "-c", `ulimit -f 32; exec sleeptalk phone --json --server "$0" --domain lab.test --user alice `+
		`--password-env PW --mic tone:440 --speaker file:heard.wav <"$1"`, server.addr, script)
	code, out := run.end(0)
	server.end(syscall.SIGINT)
	log, err := event.ReadJSON(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	failed, ended := false, false
	for _, r := range log.After(0) {
		switch e := r.Event.(type) {
		case event.Error:
			failed = failed || e.Op == "record what is heard" && strings.Contains(e.Err, "heard.wav")
		case event.Call:
			ended = failed && e.Phase == "ended"
		}
	}
	if code != 0 || !failed || !ended {
		t.Errorf("exit code %d, said %v, ended after that %v\n%s", code, failed, ended, out)
	}
	if samples := readTape(t, filepath.Join(dir, "heard.wav")).Samples; len(samples) == 0 {
		t.Error("nothing of what found room is left")
	}
}

// TestExitBeforeAFullDisk: a report for which there was no room at the end is less
// than a signal or a failure, and more than the limit of the run. See
// TestEveryExitCode.
func TestExitBeforeAFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "fails.talk", "answer\n")
	write(t, dir, "lasts.talk", "register\nexpect registered within 3s\n== and then\nwait 1h\n")
	for _, tt := range []struct {
		want   int
		args   string
		signal syscall.Signal
	}{
		{143, "run lasts.talk --live", syscall.SIGTERM},
		{1, "run fails.talk", 0},
		{4, "run lasts.talk --live --limit 3s", 0},
	} {
		run := launch(t, dir, "sleeptalk", append(strings.Fields(tt.args), "--trace", "never", "--junit", "/dev/full")...)
		if tt.signal != 0 {
			run.dots(1)
		}
		if got, out := run.end(tt.signal); got != tt.want || !strings.Contains(run.stderr.String(), "no space left on device") {
			t.Errorf("%s: exit code %d, want %d\n%s%s", tt.args, got, tt.want, out, &run.stderr)
		}
	}
}

// TestReadOnlyHome plays, rings and crashes where nothing can be written: /proc is
// read-only for root as well. The verdict is that of the run, the phone works, and
// what is not kept is said.
func TestReadOnlyHome(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, args string
		want       int
		said       string
	}{
		{"sleeptalk", "run fails.talk", cli.ExitFailed, "warning: the evidence of fails.talk was not kept: "},
		{"sleeptalk", "run passes.talk --trace always", 0, "warning: the evidence of passes.talk was not kept: "},
		{"sleeptalk", "doctor", 0, ""},
		{"crashing-sleeptalk", "", cli.ExitPanic, "its report could not be saved"},
		{"sleeptalk", "init", cli.ExitCannot, "/proc/none"},
	} {
		dir := t.TempDir()
		write(t, dir, "fails.talk", "answer\n")
		write(t, dir, "passes.talk", "register\nexpect registered within 3s\n")
		run := launchIn(t, dir, []string{"HOME=/proc/none", "XDG_STATE_HOME=/proc/none/state", "XDG_CONFIG_HOME=/proc/none/config"}, tt.name, strings.Fields(tt.args)...)
		code, out := run.end(0)
		if code != tt.want || !strings.Contains(run.stderr.String(), tt.said) {
			t.Errorf("%s %s: exit code %d, want %d with %q\n%s%s", tt.name, tt.args, code, tt.want, tt.said, out, &run.stderr)
		}
	}
}

// TestFewDescriptors runs where too few files can be open: that is nobody's fault
// but the machine's. How many a process holds before it begins differs from machine
// to machine, so that the limit rises from where Go's runtime does not start to where
// the run passes.
func TestFewDescriptors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "passes.talk", "register\nexpect registered within 3s\n")
	refused := 0
	for limit := 4; limit <= 64; limit++ {
		run := launch(t, dir, "sh", "-c", fmt.Sprintf("ulimit -n %d; exec sleeptalk run passes.talk --live --trace never", limit))
		code, out := run.end(0)
		switch said := out + run.stderr.String(); {
		case strings.Contains(said, "fatal error: runtime: ") || strings.Contains(said, "error while loading shared libraries"):
		case code == cli.ExitCannot && strings.Contains(said, "too many open files"):
			refused++
		case code == 0 && refused > 0:
			return
		default:
			t.Errorf("%d descriptors: exit code %d\n%s", limit, code, said)
		}
	}
	t.Errorf("%d limits refused the run, and none let it pass", refused)
}
