//go:build peers

package main

import (
	"os/exec"
	"syscall"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// signalAll sends a signal to a peer and its children.
func signalAll(t *testing.T, cmd *exec.Cmd, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(-cmd.Process.Pid, signal); err != nil {
		t.Fatal(err)
	}
}

// TestKamailioStall stops the server's processes while the phone sleeps: its
// kernel still acknowledges, so nothing wakes the phone. The keepalive finds
// out that no pong comes, and the phone registers anew when the server goes on.
func TestKamailioStall(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	server := kamailio(t, port)
	p := alice(t, port)
	p.registered()
	expect(p, "pong", func(event.Pong) bool { return true })
	p.asleep()
	signalAll(t, server, syscall.SIGSTOP)
	p.say("clock x3600")
	expect(p, "wake by keepalive", func(e event.Wake) bool { return e.Cause == event.ByKeepalive })
	expect(p, "ping", func(e event.Ping) bool { return e.Out })
	expect(p, "a task to find out", func(e event.BackgroundTask) bool { return e.Phase == "begin" })
	expect(p, "lost binding", func(e event.Registration) bool { return e.Phase == "lost" })
	signalAll(t, server, syscall.SIGCONT)
	p.registered()
	expect(p, "suspended again", func(e event.State) bool { return e.To == event.Suspended })
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestKamailioReset kills the server with a request of the phone unread: its
// kernel answers with a reset, which wakes the phone like data.
func TestKamailioReset(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	server := kamailio(t, port)
	p := alice(t, port)
	p.registered()
	expect(p, "pong", func(event.Pong) bool { return true })
	signalAll(t, server, syscall.SIGSTOP)
	p.say("register")
	expect(p, "a request that nobody reads", func(e event.Message) bool { return e.Out && e.Method == "REGISTER" })
	p.asleep()
	signalAll(t, server, syscall.SIGKILL)
	expect(p, "wake by socket", func(e event.Wake) bool { return e.Cause == event.BySocket })
	expect(p, "RST", func(e event.Frame) bool { return e.What == "RST" })
	expect(p, "reset", func(e event.Socket) bool { return e.Name == "control" && e.Phase == "reset" })
	kamailio(t, port)
	p.registered()
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}
