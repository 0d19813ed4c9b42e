package main

import (
	"os"
	"path/filepath"
	"regexp"
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
	run := launch(t, dir, "sleeptalk", "run", file, "--live", "--junit", "junit.xml", "--pcap", "wire.pcapng", "--json", "events.jsonl", "--html", "html")
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

// TestADiskThatFillsInACall lets a recording grow no further than 16 KiB, one
// second of sound: the log says so, and the call goes on to its end.
func TestADiskThatFillsInACall(t *testing.T) {
	dir := t.TempDir()
	script := write(t, dir, "verbs", "wait for registered within 5s\ncall echo\nwait for call up within 5s\nwait for heard tone within 5s\n"+
		"wait 3s\nhang up\nwait for call ended by us within 5s\nquit\n")
	server := launch(t, dir, "sleeptalk", "lab", "--plain", "--listen", "127.0.0.1:0", "--account", "alice:secret")
	first, err := server.stdout.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	addr := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(first)
	run := launch(t, dir, "sh", "-c", `ulimit -f 32; exec sleeptalk phone --json --server "$0" --domain lab.test --user alice `+
		`--password-env PW --mic tone:440 --speaker file:heard.wav <"$1"`, addr, script)
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
	if samples := readTape(t, filepath.Join(dir, "heard.wav")); len(samples) == 0 {
		t.Error("nothing of what found room is left")
	}
}
