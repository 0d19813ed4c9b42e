//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// A task is one of the manual's, as it stands there.
type task struct {
	dir string // where it is played
	// before are the lines that come before all tasks, and with stands for the
	// addresses that are others here.
	before, lines string
	with          *strings.Replacer
	push, grade   string // addresses, of tasks 8 and 9
	server        string // the lines of task 4
}

// nineTasks reads them. Only addresses are others, so that the tasks meet
// nothing that listens already and can be played side by side.
func nineTasks(t *testing.T) []task {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "assets", "help", "quick-start.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "-->\n```sh\nexport SERVER")
	block, _, _ := strings.Cut("export SERVER"+after, "```")
	parts := regexp.MustCompile(`(?m)^# \d\. `).Split(block, -1)
	if len(parts) != 10 {
		t.Fatalf("there are %d tasks", len(parts)-1)
	}
	tasks := make([]task, len(parts))
	for n := range parts {
		x := task{dir: t.TempDir(), before: parts[0], push: freeAddr(t), grade: freeAddr(t)}
		x.with = strings.NewReplacer("127.0.0.1:5070", freeAddr(t), "127.0.0.1:8443", x.push, "192.0.2.7:5060", x.grade)
		_, x.lines, _ = strings.Cut(parts[n], "\n")
		_, x.server, _ = strings.Cut(parts[4], "\n")
		tasks[n] = x
	}
	return tasks
}

// freeAddr is an address on which nothing listens.
func freeAddr(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("127.0.0.1:%d", freePort(t))
}

// script is what a shell runs for some lines of the task's.
func (x task) script(lines string) string { return x.with.Replace(x.before + lines) }

// run gives lines to a shell.
func (x task) run(t *testing.T, lines string) *process {
	t.Helper()
	return beginIn(t, x.dir, startGroup, "bash", "-c", x.script(lines))
}

// startGroup starts a shell that is killed with all that it has started.
func startGroup(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd.Start()
}

// serve starts the server of task 4.
func (x task) serve(t *testing.T) *process {
	t.Helper()
	lab := x.run(t, x.server)
	lab.says("lab: listening on")
	return lab
}

// made fails unless the task has made a file of some size.
func (x task) made(t *testing.T, name string, atLeast int64) {
	t.Helper()
	if info, err := os.Stat(filepath.Join(x.dir, name)); err != nil || info.Size() < atLeast {
		t.Errorf("%s: %v, %v", name, info, err)
	}
}

// onScreen gives the task to a shell in a terminal of 80 x 24, waits until the
// screen shows some words, and leaves with a key.
func (x task) onScreen(t *testing.T, words, key string) {
	t.Helper()
	cmd := exec.Command("bash", "-c", x.script(x.lines))
	cmd.Dir, cmd.Env = x.dir, append(os.Environ(), "HOME="+x.dir, "XDG_CONFIG_HOME="+x.dir, "XDG_STATE_HOME="+x.dir, "TERM=xterm-256color")
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	var seen strings.Builder
	for buf := make([]byte, 4096); !strings.Contains(seen.String(), words); {
		n, err := screen.Read(buf)
		if err != nil {
			t.Fatalf("the screen has not shown %q: %v\n%q", words, err, seen.String())
		}
		seen.Write(buf[:n])
	}
	if _, err := screen.WriteString(key); err != nil {
		t.Fatal(err)
	}
	for buf := make([]byte, 4096); err == nil; { // until it has gone
		_, err = screen.Read(buf)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestNineTasks plays them as they stand in the quick start. Tasks 2 and 4
// meet in two processes.
func TestNineTasks(t *testing.T) {
	const app = "sleeptalk phone --plain --user alice --password-env PW --mic silence --speaker none --auto answer --server "
	play := []func(t *testing.T, x task){
		1: func(t *testing.T, x task) {
			x.serve(t)
			x.onScreen(t, "register", "q") // the timer of the next REGISTER
		},
		2: func(t *testing.T, x task) {
			lab, phone := x.serve(t), x.run(t, x.lines)
			phone.says(`"ev":"state".*"to":"suspended"`)
			lab.hears("bob: call alice")
			phone.says(`"ev":"wake"`)
			phone.ends()
		},
		3: func(t *testing.T, x task) {
			x.serve(t)
			x.run(t, x.lines).ends()
			x.made(t, "heard.wav", 1600)
		},
		4: func(t *testing.T, x task) {
			lab := x.serve(t)
			lab.hears("quit")
			lab.ends()
		},
		5: func(t *testing.T, x task) {
			pocket := x.run(t, x.lines)
			pocket.says(`"ev":"wake"`)
			pocket.ends()
		},
		6: func(t *testing.T, x task) {
			x.run(t, x.lines).ends()
			x.made(t, "chart.svg", 1000)
		},
		7: func(t *testing.T, x task) {
			run := x.run(t, x.lines)
			run.says(`\d+ tests +\d+ passed`)
			run.ends()
		},
		8: func(t *testing.T, x task) {
			x.serve(t)
			phone := x.run(t, x.lines)
			token := phone.says(`"ev":"push","phase":"token","token":"([0-9a-f]+)"`)
			phone.hears("background", "expect suspended within 15s", "expect wake by push within 20s")
			phone.says(`"to":"suspended"`)
			x.run(t, "sleeptalk push send --to https://"+x.push+" --token "+token+" --topic org.example.sleeptalk.voip name=Bob").ends()
			phone.says(`"ev":"wake",.*"cause":"push"`)
		},
		9: func(t *testing.T, x task) {
			grade := x.run(t, "exec "+x.lines)
			grade.says("register as alice")
			x.run(t, app+x.grade)
			grade.says(`pass ringing`)
			// The whole examination takes a minute and a half. One that is
			// interrupted has its card, too.
			if err := grade.cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			grade.says(`^\d+ passed, 0 failed`)
			grade.gone()
			x.made(t, filepath.Join("card", "index.html"), 1000)
		},
	}
	for n, x := range nineTasks(t)[1:] {
		t.Run(fmt.Sprint("task ", n+1), func(t *testing.T) {
			t.Parallel()
			play[n+1](t, x)
		})
	}
}
