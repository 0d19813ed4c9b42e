//go:build hostile && unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// TestHostileGoodbye ends a phone in a call on a large terminal in every way there is: the
// far end gets a BYE, the terminal is as it was, and what was recorded is whole.
func TestHostileGoodbye(t *testing.T) {
	signal := func(sig syscall.Signal) func(*shown) { return func(s *shown) { s.signal(sig) } }
	for name, c := range map[string]struct {
		program string
		end     func(*shown)
		code    int
		gone    bool // the terminal
	}{
		"hangup":      {"sleeptalk", signal(syscall.SIGHUP), 129, false},
		"interrupt":   {"sleeptalk", signal(syscall.SIGINT), 130, false},
		"quit":        {"sleeptalk", signal(syscall.SIGQUIT), 131, false},
		"termination": {"sleeptalk", signal(syscall.SIGTERM), 143, false},
		"no terminal": {"sleeptalk", func(s *shown) { s.tty.Close(); s.pty.Close() }, 129, true},
		"a bug": {"panicking-sleeptalk", func(s *shown) {
			if err := os.WriteFile(filepath.Join(s.dir, "panic"), nil, 0o600); err != nil {
				s.t.Fatal(err)
			}
		}, 70, false},
		"a hundred sizes a second": {"sleeptalk", func(s *shown) {
			s.resize(3 * time.Second)
			s.signal(syscall.SIGTERM)
		}, 143, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lab := serve(t, t.TempDir())
			s := showCommand(t, c.program, "phone", "--server", lab.addr, "--domain", "lab.test", "--user", "alice", "--password-env", "PW",
				"--mic", "tone:440", "--speaker", "file:heard.wav", "--record", "done.talk")
			if err := pty.Setsize(s.pty, &pty.Winsize{Cols: 200, Rows: 60}); err != nil {
				t.Fatal(err)
			}
			s.dials("echo")
			lab.all("call incoming", "call up")
			<-time.After(2 * time.Second) // of sound
			c.end(s)
			if code := s.ended(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			lab.all("unregistered", "by peer") // so ended the call of echo
			if !c.gone {
				s.isCooked(name)
				s.expect(0, givesScreen)
			}
			s.keeps("done.talk", "call echo", "heard.wav", pcm.Rate)
		})
	}
}

// dials calls somebody from the screen, once the phone has registered.
func (s *shown) dials(who string) {
	s.t.Helper()
	at := s.expect(s.expect(0, takesScreen), "registered")
	for _, keys := range []string{"d", who, "\r"} {
		if _, err := s.pty.WriteString(keys); err != nil {
			s.t.Fatal(err)
		}
	}
	s.expect(at, who)
}

// resize has the window grow and shrink a hundred times a second, between the smallest and a
// large one.
func (s *shown) resize(long time.Duration) {
	s.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for i := range uint16(long / (10 * time.Millisecond)) {
		<-tick.C
		if err := pty.Setsize(s.pty, &pty.Winsize{Cols: 20 + i*37%200, Rows: 5 + i*13%60}); err != nil {
			s.t.Fatal(err)
		}
	}
}

// keeps fails unless the scenario and the sound that were recorded are whole.
func (s *shown) keeps(talk, line, wav string, samples int) {
	s.t.Helper()
	file := filepath.Join(s.dir, talk)
	text, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(text, []byte(line)) {
		s.t.Errorf("%v\n%s", err, text)
	}
	if out, err := exec.Command("sleeptalk", "check", file).CombinedOutput(); err != nil || strings.Contains(string(out), "was cut") {
		s.t.Errorf("%v\n%s", err, out)
	}
	if got := len(readTape(s.t, filepath.Join(s.dir, wav)).Samples); got < samples {
		s.t.Errorf("%s has %d samples, want %d", wav, got, samples)
	}
}
