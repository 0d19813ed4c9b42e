//go:build hostile && unix

package main

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// A shown program is the real binary on a terminal.
type shown struct {
	t    *testing.T
	cmd  *exec.Cmd
	pty  *os.File
	tty  *os.File
	was  *term.State
	dir  string
	seen output
}

// show runs the program on a pseudo-terminal that it has to itself.
func show(t *testing.T, args ...string) *shown {
	t.Helper()
	return showCommand(t, "sleeptalk", args...)
}

// showCommand runs a command that runs it.
func showCommand(t *testing.T, name string, args ...string) *shown {
	t.Helper()
	s := showNobody(t, name, args...)
	go io.Copy(&s.seen, s.pty) // until it has gone
	return s
}

// showNobody runs a command on a pseudo-terminal that nobody reads.
func showNobody(t *testing.T, name string, args ...string) *shown {
	t.Helper()
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { theirs.Close(); ours.Close() })
	if err := pty.Setsize(ours, &pty.Winsize{Cols: 100, Rows: 30}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+dir, "XDG_CONFIG_HOME="+dir, "TERM=xterm-256color", "PW=secret", "GITHUB_ACTIONS=")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, theirs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	s := &shown{t: t, cmd: cmd, pty: ours, tty: theirs, dir: dir}
	s.was = s.modes()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	return s
}

// modes is how the terminal is set.
func (s *shown) modes() *term.State {
	s.t.Helper()
	m, err := term.GetState(s.tty.Fd())
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// expect waits until the program has written what comes after the first from
// bytes, and says where that ends.
func (s *shown) expect(from int, what string) (end int) {
	s.t.Helper()
	end = s.seen.find(from, what, patience)
	if end < 0 {
		seen := s.seen.String()[from:]
		s.t.Fatalf("never saw %q in %q", what, seen[max(0, len(seen)-2000):])
	}
	return end
}

func (s *shown) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// isCooked fails unless the terminal is set as the program found it.
func (s *shown) isCooked(why string) {
	s.t.Helper()
	if now := s.modes(); !reflect.DeepEqual(now, s.was) {
		s.t.Errorf("%s: the terminal is set otherwise: %v, was %v", why, now, s.was)
	}
}

// ended waits for the exit code.
func (s *shown) ended() int {
	s.t.Helper()
	done := make(chan struct{})
	go func() { s.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
		s.t.Fatal("it does not end")
	}
	return s.cmd.ProcessState.ExitCode()
}

// What a screen writes when it takes the terminal, and when it gives it back.
const (
	takesScreen = "\x1b[?1049h"
	givesScreen = "\x1b[?1049l"
	showsCursor = "\x1b[?25h"
)

// TestHostileDump: all stacks are written for SIGQUIT and SIGABRT, onto a terminal
// that has been given back before.
func TestHostileDump(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGABRT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			s := show(t, "demo")
			s.expect(s.expect(0, takesScreen), "registered")
			s.signal(sig)
			at := s.expect(0, givesScreen)
			s.expect(0, showsCursor)
			s.expect(at, "goroutine ")
			if code := s.ended(); code != 128+int(sig) {
				t.Errorf("exit code %d", code)
			}
			s.isCooked("after the dump")
		})
	}
}

// TestHostileSecondSignal: the second one ends at once what takes its time to
// end, and gives the terminal back.
func TestHostileSecondSignal(t *testing.T) {
	t.Parallel()
	deaf := listenDeaf(t)
	s := show(t, "phone", "--server", deaf, "--user", "alice", "--password-env", "PW", "--mic", "silence", "--speaker", "none")
	s.expect(s.expect(0, takesScreen), "register")
	s.signal(syscall.SIGTERM)
	s.expect(0, givesScreen) // it is signing off now, at a server that does not answer
	began := time.Now()
	s.signal(syscall.SIGTERM)
	if code := s.ended(); code != 143 {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the second signal took %s", took)
	}
	s.isCooked("after two signals")
}

// TestHostileStopped stops the program as a shell does, and as nobody sees
// coming, and lets it go on.
func TestHostileStopped(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTSTP, syscall.SIGSTOP} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			s := showCommand(t, "sh", "-c", `set -m; sh -c 'echo $$ >pid; exec sleeptalk demo'; echo "stopped"; read go; fg; echo "code $?"`)
			at := s.expect(s.expect(0, takesScreen), "registered")
			pid := processIn(t, s.cmd.Dir)
			syscall.Kill(pid, sig)
			if sig == syscall.SIGTSTP {
				at = s.expect(at, givesScreen)
			}
			at = s.expect(at, "stopped")
			if sig == syscall.SIGTSTP {
				s.isCooked("while it is stopped")
			}
			if _, err := s.pty.WriteString("\r\n"); err != nil {
				t.Fatal(err)
			}
			s.expect(at, takesScreen)
			syscall.Kill(pid, syscall.SIGTERM)
			s.expect(at, "code 143")
			s.isCooked("at the end")
		})
	}
}

// TestHostileStopIgnored: where no shell could let the program go on, it is not
// stopped, and the screen stays.
func TestHostileStopIgnored(t *testing.T) {
	t.Parallel()
	s := show(t, "demo")
	at := s.expect(s.expect(0, takesScreen), "registered")
	if _, err := s.pty.WriteString("\x1a"); err != nil { // ctrl+z
		t.Fatal(err)
	}
	if _, err := s.pty.WriteString("?"); err != nil {
		t.Fatal(err)
	}
	s.expect(at, "hold the call") // the help
	s.signal(syscall.SIGTERM)
	if code := s.ended(); code != 143 {
		t.Errorf("exit code %d", code)
	}
}

// all reads lines of standard output until each of the words was in one.
func (r *running) all(words ...string) {
	r.t.Helper()
	for len(words) > 0 {
		line, err := r.stdout.ReadString('\n')
		if err != nil {
			r.t.Fatalf("no %q: %v\n%s", words, err, &r.stderr)
		}
		words = slices.DeleteFunc(words, func(w string) bool { return strings.Contains(line, w) })
	}
}

// plays starts alice's phone at a lab, in a folder, and gives it lines.
func (s *labProcess) plays(dir, lines string) *running {
	s.t.Helper()
	write(s.t, dir, "lines", lines)
	return launch(s.t, dir, "sh", "-c", `exec sleeptalk "$@" <lines`, "sh",
		"phone", "--server", s.addr, "--domain", "lab.test", "--user", "alice", "--password-env", "PW",
		"--mic", "tone:440", "--speaker", "file:heard.wav", "--record", "done.talk", "--json")
}

// TestHostileReaderGone closes the pipe that a phone in a call writes to: it
// hangs up, unregisters, and its files are whole.
func TestHostileReaderGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lab := serve(t, dir)
	ph := lab.plays(dir, "wait for registered\ncall echo\nwait for call up\nwait 1h\n")
	ph.all(`"phase":"up"`, `"ev":"rtp"`)
	ph.hang()
	if code := ph.code(); code != 141 || ph.stderr.Len() > 0 {
		t.Errorf("exit code %d, %q", code, &ph.stderr)
	}
	lab.all("unregistered", "by peer") // so ended the call of echo
	if out, err := exec.Command("sleeptalk", "check", filepath.Join(dir, "done.talk")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if samples := readTape(t, filepath.Join(dir, "heard.wav")).Samples; len(samples) < pcm.Rate/2 {
		t.Errorf("heard.wav has %d samples", len(samples))
	}
}

// listenDeaf is the address of a server that takes connections and says nothing.
func listenDeaf(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// hang closes the pipe to standard output: nobody reads any more.
func (r *running) hang() {
	r.t.Helper()
	if err := r.pipe.Close(); err != nil {
		r.t.Fatal(err)
	}
}

// code waits for the exit code.
func (r *running) code() int {
	r.cmd.Wait()
	return r.cmd.ProcessState.ExitCode()
}

// TestHostileKill kills a phone in a call: of its recordings no more is lost than
// about the last second, and the scenario says that it was cut.
func TestHostileKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lab := serve(t, dir)
	ph := lab.plays(dir, "wait for registered\ncall echo\nwait for call up\nwait 1h\n")
	for range 3 { // seconds of the call
		ph.all(`"ev":"rtp"`)
	}
	ph.cmd.Process.Kill()
	ph.code()
	file := filepath.Join(dir, "done.talk")
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), "call echo") {
		t.Errorf("%v\n%s", err, text)
	}
	out, err := exec.Command("sleeptalk", "check", file).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "was cut") {
		t.Errorf("%v\n%s", err, out)
	}
	if samples := readTape(t, filepath.Join(dir, "heard.wav")).Samples; len(samples) < 2*pcm.Rate-pcm.Rate/10 {
		t.Errorf("heard.wav has %d samples", len(samples))
	}
}

// TestHostileReaderStandsStill has nobody read what the program writes, as "less"
// does, and tells it to leave.
func TestHostileReaderStandsStill(t *testing.T) {
	for args, most := range map[string]time.Duration{
		"lab --json --listen 127.0.0.1:0": 20 * time.Second, // what is left is given up after 2 s
		"replay --json long.jsonl":        30 * time.Second, // after 10 s
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			line := `{"v":1,"t":"2026-01-01T00:00:00.000000Z","d":0,"phone":"alice","ev":"text","from":"bob","body":"` + strings.Repeat("x", 500) + `"}` + "\n"
			write(t, dir, "long.jsonl", strings.Repeat(line, 1000))
			r := launch(t, dir, "sh", append([]string{"-c", `while :; do echo "bob: frobnicate"; done 2>/dev/null | { sh -c 'echo $$ >pid; exec sleeptalk "$@"' sh "$@" 2>/dev/null; }`, "sh"}, strings.Fields(args)...)...)
			r.filled()
			began := time.Now()
			pid := processIn(t, dir)
			syscall.Kill(pid, syscall.SIGTERM)
			defer time.AfterFunc(most, func() { syscall.Kill(pid, syscall.SIGKILL) }).Stop()
			r.code()
			if took := time.Since(began); took > most {
				t.Errorf("it does not leave within %s", most)
			}
		})
	}
}

// TestHostileTerminalStandsStill has nobody read a terminal with a screen on it, as
// one whose window hangs, and tells the program to leave, once or more.
func TestHostileTerminalStandsStill(t *testing.T) {
	for name, tt := range map[string]struct {
		signals []syscall.Signal
		most    time.Duration
	}{
		"once":  {[]syscall.Signal{syscall.SIGTERM}, 30 * time.Second}, // after 10 s
		"twice": {[]syscall.Signal{syscall.SIGTERM, syscall.SIGTERM}, 6 * time.Second},
		"dump":  {[]syscall.Signal{syscall.SIGQUIT}, 6 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := showNobody(t, "sh", "-c", "yes & exec sleeptalk demo") // yes fills it at once
			for late := time.Now().Add(patience); reflect.DeepEqual(s.modes(), s.was); {
				if time.Now().After(late) {
					t.Fatal("there is no screen")
				}
				<-time.After(100 * time.Millisecond)
			}
			<-time.After(time.Second) // until it writes
			began := time.Now()
			for _, sig := range tt.signals {
				s.signal(sig)
				<-time.After(300 * time.Millisecond)
			}
			if code, want := s.ended(), 128+int(tt.signals[0]); code != want {
				t.Errorf("exit code %d, want %d", code, want)
			}
			if took := time.Since(began); took > tt.most {
				t.Errorf("it took %s to leave", took)
			}
			s.isCooked("at the end")
		})
	}
}

// filled returns when something is in the pipe to standard output that nobody
// reads, and no more has come for a second: nothing says that it is full.
func (r *running) filled() {
	r.t.Helper()
	late := time.After(patience)
	for before := 0; ; {
		select {
		case <-late:
			r.t.Fatalf("%d bytes in the pipe", before)
		case <-time.After(time.Second):
		}
		now, err := unix.IoctlGetInt(int(r.pipe.(*os.File).Fd()), unix.TIOCINQ)
		if err != nil {
			r.t.Fatal(err)
		}
		if now > 4096 && now == before {
			return
		}
		before = now
	}
}

// processIn is the process whose number is in the file pid of a folder.
func processIn(t *testing.T, dir string) (pid int) {
	t.Helper()
	number, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	if pid, err = strconv.Atoi(strings.TrimSpace(string(number))); err != nil {
		t.Fatal(err)
	}
	return pid
}
