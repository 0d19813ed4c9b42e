//go:build peers

package main

import (
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// rawServer is a server of the raw protocol "lines" in Python.
type rawServer struct {
	t      *testing.T
	port   int
	orders io.WriteCloser
	out    *output
	stop   func()
}

func (s *rawServer) start() {
	s.t.Helper()
	need(s.t, "python3", "python3")
	script, err := filepath.Abs("testdata/peers/raw.py")
	if err != nil {
		s.t.Fatal(err)
	}
	s.out = new(output)
	cmd := exec.Command("python3", script, strconv.Itoa(s.port))
	cmd.Stdout, cmd.Stderr = s.out, s.out
	if s.orders, err = cmd.StdinPipe(); err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	stopped := false
	s.stop = func() {
		if !stopped {
			stopped = true
			cmd.Process.Kill()
			cmd.Wait()
		}
	}
	s.t.Cleanup(func() {
		s.stop()
		if s.t.Failed() {
			s.t.Logf("raw.py:\n%s", s.out)
		}
	})
	s.out.wait(s.t, "listening")
}

func (s *rawServer) order(what string) {
	s.t.Helper()
	if _, err := io.WriteString(s.orders, what+"\n"); err != nil {
		s.t.Fatal(err)
	}
}

// TestRawPeer has a server that somebody else wrote wake the app by a call and
// by a text, answer its keepalive, and come back after a restart.
func TestRawPeer(t *testing.T) {
	t.Parallel()
	s := &rawServer{t: t, port: freePort(t)}
	s.start()
	p := alice(t, s.port, "--raw", "lines", "--mic", "silence", "--speaker", "none")
	p.registered()
	expect(p, "the pong of the first ping", func(e event.Pong) bool { return !e.Out })
	p.asleep()
	s.out.wait(t, "< AWAY")

	s.order("call")
	expect(p, "wake", func(e event.Wake) bool { return e.Cause == event.BySocket })
	expect(p, "incoming", func(e event.Data) bool { return e.What == "incoming" && e.CallID == "17" })
	expect(p, "a banner", func(e event.Notification) bool { return e.Phase == "posted" && e.Shown })
	s.out.wait(t, "< RINGING 17")
	p.say("answer from notification")
	p.call("up")
	s.out.wait(t, "< ANSWER 17")
	s.order("end")
	if ended := p.call("ended"); ended.By != "peer" {
		t.Errorf("ended by %s, want peer", ended.By)
	}

	p.asleep()
	s.order("text")
	expect(p, "wake", func(e event.Wake) bool { return e.Cause == event.BySocket })
	if text := expect(p, "text", func(event.Text) bool { return true }); text.Body != "are you there?" {
		t.Errorf("text %q", text.Body)
	}
	expect(p, "a notification", func(e event.Notification) bool { return e.Phase == "posted" && e.Shown })
	expect(p, "suspended", func(e event.State) bool { return e.To == event.Suspended })

	p.say("clock x120")
	expect(p, "keepalive", func(e event.Wake) bool { return e.Cause == event.ByKeepalive })
	expect(p, "pong", func(e event.Pong) bool { return !e.Out })
	expect(p, "suspended", func(e event.State) bool { return e.To == event.Suspended })

	s.order("kill") // the server's process forgets the connection: RST
	expect(p, "wake", func(e event.Wake) bool { return e.Cause == event.BySocket })
	p.registered()
	s.stop()
	expect(p, "lost", func(e event.Registration) bool { return e.Phase == "lost" })
	s.start()
	p.say("foreground", "register") // a person does not wait for the back-off
	p.registered()
	p.say("background")
	s.order("call")
	p.call("ringing")
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	s.out.wait(t, "< BYE")
}
