//go:build peers

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// terminal is a real one without glass: a tmux server of the test's own, whose
// control mode says when a program has written, and what the screen then shows.
// It belongs to the goroutine of its test.
type terminal struct {
	t       *testing.T
	w, h    int
	pidFile string
	in      io.Writer     // commands to tmux, a line each
	replies chan reply    // one to each command
	written chan struct{} // something was, since the last look
}

type reply struct {
	lines  []string
	failed bool
}

// leaves is what the shell in the terminal runs: a program that leaves its
// process id behind, and then, so that the screen can be looked at, nothing
// but an echo of what is typed.
const leaves = `sh -c 'echo $$ >"$0"; exec "$@"' "$@"; echo "exit code $?"; exec cat`

// openTerminal runs a program in a terminal of w columns and h rows.
func openTerminal(t *testing.T, w, h int, argv ...string) *terminal {
	t.Helper()
	need(t, "tmux", "tmux")
	dir := t.TempDir()
	socket := filepath.Join(dir, "tmux")
	x := &terminal{
		t: t, w: w, h: h, pidFile: filepath.Join(dir, "pid"),
		replies: make(chan reply, 1), written: make(chan struct{}, 1),
	}
	args := append([]string{
		"-S", socket, "-f", "/dev/null", "-u", "-C", "new-session", "-x", strconv.Itoa(w), "-y", strconv.Itoa(h),
		"sh", "-c", leaves, "sh", x.pidFile,
	}, argv...)
	cmd := exec.Command("tmux", args...)
	cmd.Env = append(os.Environ(), "TMUX=", "LC_ALL=C.UTF-8", "HOME="+dir, "XDG_STATE_HOME="+dir, "SLEEPTALK_TEST_PASSWORD=secret")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	x.in = stdin
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		x.read(stdout)
	}()
	t.Cleanup(func() {
		exec.Command("tmux", "-S", socket, "kill-server").Run() // it may have left by itself
		cmd.Process.Kill()
		<-ended
		cmd.Wait()
	})
	x.tmux("set-option -g exit-unattached on") // it must not outlive a test that is killed
	return x
}

// read takes what tmux says in control mode: replies between %begin and %end
// or %error, and notes such as %output.
func (x *terminal) read(stdout io.Reader) {
	lines := bufio.NewReader(stdout)
	var r reply
	ours, inside := false, false
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			close(x.replies)
			return
		}
		line = strings.TrimSuffix(line, "\n")
		word, _, _ := strings.Cut(line, " ")
		switch {
		case word == "%begin":
			// The last number is 1 for a command that came from here.
			r, inside, ours = reply{}, true, strings.HasSuffix(line, " 1")
		case word == "%end" || word == "%error":
			r.failed, inside = word == "%error", false
			if ours {
				x.replies <- r
			}
		case inside:
			r.lines = append(r.lines, line)
		case word == "%output":
			select {
			case x.written <- struct{}{}:
			default:
			}
		}
	}
}

// tmux gives tmux a command.
func (x *terminal) tmux(format string, args ...any) []string {
	x.t.Helper()
	command := fmt.Sprintf(format, args...)
	if _, err := io.WriteString(x.in, command+"\n"); err != nil {
		x.t.Fatalf("tmux %s: %v", command, err)
	}
	r, ok := <-x.replies
	if !ok || r.failed {
		x.t.Fatalf("tmux %s: %s", command, strings.Join(r.lines, "\n"))
	}
	return r.lines
}

// screen is what the terminal shows, a line to each row.
func (x *terminal) screen() []string {
	x.t.Helper()
	return x.tmux("capture-pane -p")
}

// until returns when the screen satisfies ok, which says what is missing.
func (x *terminal) until(ok func(screen []string) (missing string)) {
	x.t.Helper()
	timeout := time.After(patience)
	for {
		screen := x.screen()
		missing := ok(screen)
		if missing == "" {
			return
		}
		select {
		case <-x.written:
		case <-timeout:
			x.t.Fatalf("the screen lacks %s:\n%s", missing, strings.Join(screen, "\n"))
		}
	}
}

// shows returns when the screen matches all the patterns at the same time.
func (x *terminal) shows(patterns ...string) {
	x.t.Helper()
	var all []*regexp.Regexp
	for _, p := range patterns {
		all = append(all, regexp.MustCompile(p))
	}
	x.until(func(screen []string) string {
		text := strings.Join(screen, "\n")
		for _, re := range all {
			if !re.MatchString(text) {
				return strconv.Quote(re.String())
			}
		}
		return ""
	})
}

// hides returns when the screen no longer shows the text.
func (x *terminal) hides(text string) {
	x.t.Helper()
	x.until(func(screen []string) string {
		if strings.Contains(strings.Join(screen, "\n"), text) {
			return "the absence of " + strconv.Quote(text)
		}
		return ""
	})
}

// press presses a key by tmux's name for it.
func (x *terminal) press(key string) {
	x.t.Helper()
	x.tmux("send-keys -- %q", key)
}

// typed types text letter by letter.
func (x *terminal) typed(text string) {
	x.t.Helper()
	x.tmux("send-keys -l -- %q", text)
}

// resize changes the size of the window, as pulling at its corner does.
func (x *terminal) resize(w, h int) {
	x.t.Helper()
	x.w, x.h = w, h
	x.tmux("resize-window -x %d -y %d", w, h)
}

// signal sends the program a signal.
func (x *terminal) signal(sig syscall.Signal) {
	x.t.Helper()
	text, err := os.ReadFile(x.pidFile)
	if err != nil {
		x.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		x.t.Fatal(err)
	}
	if err := syscall.Kill(pid, sig); err != nil {
		x.t.Fatal(err)
	}
}

// left waits for the program's end, and fails the test unless it had the exit
// code and has given the terminal back: no alternate screen, a cursor, no
// mouse reports, and a line discipline that echoes what is typed.
func (x *terminal) left(code int) {
	x.t.Helper()
	x.shows(`(?m)^exit code \d+$`)
	if want := fmt.Sprintf("exit code %d", code); !strings.Contains(strings.Join(x.screen(), "\n"), want+"\n") {
		x.t.Errorf("want %s:\n%s", want, strings.Join(x.screen(), "\n"))
	}
	state := x.tmux("display-message -p %q", "alternate #{alternate_on}, cursor #{cursor_flag}, mouse #{mouse_any_flag}, keypad #{keypad_flag}")
	if got, want := strings.Join(state, "\n"), "alternate 0, cursor 1, mouse 0, keypad 0"; got != want {
		x.t.Errorf("the terminal was left with %s; want %s", got, want)
	}
	x.typed("echo, cat")
	x.press("Enter")
	x.shows(`(?m)^echo, cat\necho, cat$`)
}
