//go:build peers

package main

import (
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The peer tests run the built program against programs that others wrote, on
// loopback ports that they choose. Each wait is for a fact in a log and ends
// with the test's own deadline.

// need fails the test if a peer is not installed, and says how to get it.
func need(t *testing.T, program, pkg string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Fatalf("this test needs %s: apt-get install %s (as .ci/run does)", program, pkg)
	}
}

// spawn starts a peer, and kills it and its children at the test's end.
func spawn(t *testing.T, dir, program string, args ...string) (*exec.Cmd, *output) {
	t.Helper()
	return spawnWith(t, dir, func(*exec.Cmd) {}, program, args...)
}

// spawnWith starts a peer that wants something more of its process.
func spawnWith(t *testing.T, dir string, change func(*exec.Cmd), program string, args ...string) (*exec.Cmd, *output) {
	t.Helper()
	out := new(output)
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	change(cmd)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s:\n%s", program, out)
		}
	})
	return cmd, out
}

// alice is a phone at the server at port.
func alice(t *testing.T, port int, flags ...string) *tester {
	t.Helper()
	return phoneAt(t, "alice", address(port), append([]string{"--device", "ios-voip-socket", "--set", "grace=1s"}, flags...)...)
}

// claim has a phone judge a claim, which must hold.
func (p *tester) claim(line string) {
	p.t.Helper()
	p.say(line)
	if c := expect(p, line, func(event.Check) bool { return true }); !c.OK {
		p.t.Errorf("%s: %s", line, c.Detail)
	}
}

// phoneAt is somebody's phone at a server for the domain 127.0.0.1: of two flags the last
// counts. Wireshark finds nothing wrong in what it captures.
func phoneAt(t *testing.T, user, server string, flags ...string) *tester {
	t.Helper()
	return readByTshark(start(t, phoneOf(user, server, append([]string{"--domain", "127.0.0.1"}, flags...)...)...))
}
