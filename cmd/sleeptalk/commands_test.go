//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/manual"
	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// A snippet is a block of code of the README or of the manual. In a comment before it
// stands how it is played:
//
//	run: exit 3          by a shell, which ends with that code; without a comment, with 0
//	run: lab             with a lab at $SERVER, where alice may register with $PW
//	run: until "WORDS"   until it has written WORDS; then it is interrupted
//	run: screen WORDS    in a terminal, until the screen shows them; then it is terminated
//	run: by TestNAME     by that test
//	not run: WHY         not at all
//	file: NAME           it is the content of a file that others of the page use
//
// Those of a page are played one after the other, in one folder.
type snippet struct {
	line              int
	how, detail       string
	language, content string
}

var (
	directive = regexp.MustCompile(`^<!-- (run: (?:exit|lab|until|screen|by)|not run:|file:) ?(.*?) ?-->$`)
	command   = regexp.MustCompile(`(?m)^(?:    |\$ )?(?:\w+=\S+ )*(?:go (?:run|install|test)|sleeptalk)\b.*`)
)

// snippets are those of a page. Commands stand in one of them, and nowhere else.
func snippets(t *testing.T, name string) (list []snippet) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	how, detail, open := "", "", false
	for n, line := range strings.Split(string(text), "\n") {
		language, fence := strings.CutPrefix(line, "```")
		m := directive.FindStringSubmatch(line)
		switch {
		case fence && open:
			open = false
		case fence:
			list = append(list, snippet{line: n + 1, how: how, detail: strings.Trim(detail, `"`), language: language})
			how, detail, open = "", "", true
		case open:
			list[len(list)-1].content += line + "\n"
		case m != nil:
			how, detail = m[1], m[2]
		case command.MatchString(line) && !strings.HasPrefix(line, "sleeptalk "): // a paragraph may begin so
			t.Errorf("%s:%d: a command outside of a fenced block, which nobody plays", name, n+1)
		}
	}
	return list
}

// TestCommands plays the commands of the README and of the manual.
func TestCommands(t *testing.T) {
	names, err := filepath.Glob(pages + "*.md")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	for _, name := range append(names, filepath.Join(root, "README.md")) {
		list := snippets(t, name)
		t.Run(filepath.Base(filepath.Dir(name))+" "+filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, s := range list {
				s.play(t, dir)
			}
		})
	}
}

// play plays it in a folder.
func (s snippet) play(t *testing.T, dir string) {
	t.Helper()
	t.Logf("line %d", s.line)
	x := task{dir: dir, with: strings.NewReplacer("go run ./cmd/sleeptalk", "sleeptalk", "127.0.0.1:5070", freeAddr(t), "127.0.0.1:8443", freeAddr(t))}
	x.before = "set -euo pipefail; export SERVER=127.0.0.1:5070 PW=secret\n"
	switch s.how {
	case "not run:":
		if len(strings.Fields(s.detail)) < 3 {
			t.Errorf("line %d is not run, and does not say why", s.line)
		}
		return
	case "file:":
		write(t, dir, s.detail, s.content)
	case "run: by":
		if !(packageTests{}).has(t, "cmd/sleeptalk", s.detail) {
			t.Errorf("line %d: there is no %s", s.line, s.detail)
		}
		return
	}
	switch {
	case s.language == "talk":
		if _, err := scenario.ParseFile("snippet.talk", []byte(s.content), nil); err != nil {
			t.Errorf("line %d: %v", s.line, err)
		}
	case s.language == "sh":
		s.run(t, x)
	case command.MatchString(s.content):
		t.Errorf("line %d has commands, and is not of the language sh: %s", s.line, command.FindString(s.content))
	}
}

// run gives it to a shell.
func (s snippet) run(t *testing.T, x task) {
	t.Helper()
	if s.how == "run: screen" {
		x.lines = s.content
		s.onScreen(t, x)
		return
	}
	if s.how == "run: lab" {
		lab := x.run(t, "exec sleeptalk lab --plain --listen $SERVER --account alice:secret")
		lab.says("listening on")
		defer lab.cmd.Process.Kill()
	}
	p := x.run(t, s.content)
	switch s.how {
	case "run: until":
		p.says(regexp.QuoteMeta(s.detail))
		if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		p.gone()
	case "run: exit":
		p.in.Close()
		if err, ok := p.gone().(*exec.ExitError); !ok || err.Error() != "exit status "+s.detail {
			t.Errorf("line %d: %v, not %s\n%s", s.line, err, s.detail, strings.Join(p.said, "\n"))
		}
	default:
		p.ends()
	}
}

// onScreen gives it to a shell in a terminal.
func (s snippet) onScreen(t *testing.T, x task) {
	t.Helper()
	ctx, tooLate := context.WithTimeout(t.Context(), time.Minute) // a guard against hanging, never waited out
	defer tooLate()
	cmd := exec.CommandContext(ctx, "bash", "-c", x.script("exec "+x.lines))
	cmd.Dir, cmd.Env = x.dir, append(os.Environ(), "HOME="+x.dir, "XDG_CONFIG_HOME="+x.dir, "XDG_STATE_HOME="+x.dir, "TERM=xterm-256color")
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	var seen strings.Builder
	buf := make([]byte, 4096)
	for n := 0; err == nil; n, err = screen.Read(buf) {
		seen.Write(buf[:n])
		if strings.Contains(ansi.Strip(seen.String()), s.detail) {
			cmd.Process.Signal(syscall.SIGTERM)
		}
	}
	if err := cmd.Wait(); err == nil || err.Error() != "exit status 143" {
		t.Errorf("line %d: %v, and no %q on the screen:\n%s", s.line, err, s.detail, ansi.Strip(seen.String()))
	}
}

var inline = regexp.MustCompile("(?s)(?:^|[^`])`(sleeptalk [^`]+)`")

// TestCommandsInText understands the commands that stand in a text: each names a command or
// a topic that there is, flags that it has, and a rule that can be explained.
func TestCommandsInText(t *testing.T) {
	names, err := filepath.Glob(pages + "*.md")
	if err != nil {
		t.Fatal(err)
	}
	p := &cli.Program{Env: func(string) string { return "" }}
	found := 0
	for _, name := range append(names, filepath.Join(root, "README.md"), filepath.Join(root, ".github", "CONTRIBUTING.md"), filepath.Join(root, ".github", "SECURITY.md")) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range inline.FindAllStringSubmatch(string(text), -1) {
			found++
			if err := understood(commands(p), strings.Fields(m[1])[1:]); err != nil {
				t.Errorf("%s: %s: %v", filepath.Base(name), strings.Join(strings.Fields(m[1]), " "), err)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d commands", found)
	}
}

// understood reports what of a command there is not. Words in capitals stand for others.
func understood(root *cobra.Command, args []string) error {
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if args[0] == "help" && len(args) > 1 {
		_, _, err := root.Find(args[1:])
		if args[1] == strings.ToUpper(args[1]) || slices.Contains(manual.Names(), args[1]) {
			err = nil
		}
		return err
	}
	if !cmd.HasParent() && args[0] != "help" && !strings.HasPrefix(args[0], "-") && args[0] != strings.ToUpper(args[0]) {
		return fmt.Errorf("no command %s", args[0])
	}
	for _, word := range rest {
		name, isFlag := strings.CutPrefix(word, "--")
		name, _, _ = strings.Cut(name, "=")
		if isFlag && name != "help" && name != "version" && cmd.Flag(name) == nil {
			return fmt.Errorf("%s has no flag --%s", cmd.Name(), name)
		}
	}
	if cmd.Name() == "explain" && len(rest) == 1 && rest[0] != strings.ToUpper(rest[0]) {
		_, err = diagnose.Find(rest[0])
	}
	return err
}
