//go:build hostile

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The hostile tests attack the program, as a process of its own and over real
// sockets. Each ends with what must be true after any attack: the process lives,
// is no larger than it may be, and still does its work.

// A victim is a phone or a lab that is attacked.
type victim struct {
	*tester
	ask  *os.File
	told *bufio.Reader
	pipe *os.File // what told reads
}

// attacked starts "sleeptalk args…" in an empty folder, with an empty home, and
// with a window through which its vitals are seen.
func attacked(t *testing.T, args ...string) *victim {
	t.Helper()
	return attackedBy(t, func(*exec.Cmd) {}, args...)
}

// attackedBy starts a victim whose process is changed first: its environment, its
// folder.
func attackedBy(t *testing.T, change func(*exec.Cmd), args ...string) *victim {
	t.Helper()
	theirs, ask, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	told, answers, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("watched-sleeptalk", args...)
	cmd.Dir, cmd.ExtraFiles = t.TempDir(), []*os.File{theirs, answers}
	change(cmd)
	v := &victim{tester: begin(t, cmd), ask: ask, told: bufio.NewReader(told), pipe: told}
	theirs.Close()
	answers.Close()
	t.Cleanup(func() { ask.Close(); told.Close() })
	return v
}

// attackedLab starts a lab on a free port of 127.0.0.1 and returns its address.
func attackedLab(t *testing.T, flags ...string) (v *victim, addr string) {
	t.Helper()
	v = attacked(t, append([]string{"lab", "--json", "--listen", "127.0.0.1:0"}, flags...)...)
	return v, v.listens("listening")
}

// attackedPhone starts alice's phone with the server at addr.
func attackedPhone(t *testing.T, addr string, flags ...string) *victim {
	t.Helper()
	return attacked(t, phoneOf("alice", addr, flags...)...)
}

// attackedGrade starts an examination of phones, and returns its
// address.
func attackedGrade(t *testing.T) (v *victim, addr string) {
	t.Helper()
	v = attacked(t, "grade", "--listen", "127.0.0.1:0", "--patience", "5m", "--for", "10m")
	return v, v.said("listening on ")
}

// said waits until a process says where it listens, in words, and returns that
// address.
func (v *victim) said(before string) (addr string) {
	v.t.Helper()
	v.err.wait(v.t, before)
	at := regexp.MustCompile(regexp.QuoteMeta(before) + `(127\.0\.0\.1:\d+)\b`)
	found := at.FindStringSubmatch(v.err.String())
	if found == nil {
		v.t.Fatalf("no address in\n%s", &v.err)
	}
	return found[1]
}

// usage is what a process takes of its machine.
type usage struct {
	vitals
	peakMiB, residentMiB float64 // of memory, as the system counts it
	descriptors, threads int
}

func (u usage) String() string {
	return fmt.Sprintf("%.1f MiB now, %.1f at most, heap %.1f MiB, %d descriptors, %d threads, %d goroutines",
		u.residentMiB, u.peakMiB, float64(u.Heap)/(1<<20), u.descriptors, u.threads, u.Goroutines)
}

// usage measures the process, which must live and answer.
func (v *victim) usage() usage {
	v.t.Helper()
	var u usage
	if _, err := v.ask.Write([]byte{1}); err != nil {
		v.t.Fatalf("the process does not live: %v", err)
	}
	v.pipe.SetReadDeadline(time.Now().Add(patience))
	line, err := v.told.ReadBytes('\n')
	if err != nil {
		v.t.Fatalf("the process does not answer: %v", err)
	}
	if err := json.Unmarshal(line, &u.vitals); err != nil {
		v.t.Fatal(err)
	}
	open, err := os.ReadDir(v.proc("fd"))
	if err != nil {
		v.t.Fatalf("the hostile tests measure processes as Linux has it: %v", err)
	}
	u.descriptors = len(open)
	status, err := os.ReadFile(v.proc("status"))
	if err != nil {
		v.t.Fatal(err)
	}
	u.peakMiB, u.residentMiB = field(v.t, status, "VmHWM")/1024, field(v.t, status, "VmRSS")/1024
	u.threads = int(field(v.t, status, "Threads"))
	return u
}

// proc is the name of a file of the process's in /proc.
func (v *victim) proc(name string) string {
	return filepath.Join("/proc", strconv.Itoa(v.cmd.Process.Pid), name)
}

// field is a number of /proc/PID/status.
func field(t *testing.T, status []byte, name string) float64 {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+)`).FindSubmatch(status)
	if found == nil {
		t.Fatalf("no %s in\n%s", name, status)
	}
	n, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// within wants the process alive, and its memory never to have been more than so
// many MiB.
func (v *victim) within(mib float64) usage {
	v.t.Helper()
	u := v.usage()
	v.t.Log(strings.Join(v.cmd.Args[1:3], " ")+":", u)
	if u.peakMiB > mib {
		v.t.Errorf("%.1f MiB, want %.0f at most", u.peakMiB, mib)
	}
	return u
}

// interrupted ends a process that takes no lines, and returns its exit code.
func (v *victim) interrupted() int {
	v.t.Helper()
	if err := v.cmd.Process.Signal(os.Interrupt); err != nil {
		v.t.Fatal(err)
	}
	<-v.ended
	v.cmd.Wait()
	return v.cmd.ProcessState.ExitCode()
}

// more reports whether a process holds more than before, but for a few: what waits
// for its timers, and threads that the runtime keeps.
func (u usage) more(before usage) bool {
	const few = 4
	return u.descriptors > before.descriptors+few || u.Goroutines > before.Goroutines+few
}

// grown wants the process to hold no more than before.
func (v *victim) grown(before usage) {
	v.t.Helper()
	if now := v.usage(); now.more(before) {
		v.t.Errorf("%s: before %v, now %v", v.cmd.Args[1], before, now)
	}
}

// serves has a new phone, carol, register at the lab, call echo, and leave.
func serves(t *testing.T, addr string, flags ...string) {
	t.Helper()
	p := start(t, phoneOf("carol", addr, flags...)...)
	p.registered()
	p.say("call echo")
	p.call("up")
	p.say("hang up")
	p.call("ended")
	if code := p.quit(); code != 0 {
		t.Errorf("the phone at the lab ends with exit code %d", code)
	}
}

// TestHostileFrame attacks nobody: a lab and a phone do their work, and their
// vitals are seen.
func TestHostileFrame(t *testing.T) {
	t.Parallel()
	lab, addr := attackedLab(t)
	phone := attackedPhone(t, addr)
	phone.registered()
	serves(t, addr)
	for _, v := range []*victim{lab, phone} {
		if u := v.within(64); u.Goroutines < 2 || u.descriptors < 5 || u.threads < 2 || u.Heap == 0 {
			t.Errorf("not measured: %v", u)
		}
		if code := v.quit(); code != 0 {
			t.Errorf("%v ends with exit code %d", v.cmd.Args, code)
		}
	}
}
