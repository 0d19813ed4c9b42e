package script

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
)

// TestFind finds a file, a folder and what the program has, each once.
func TestFind(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int{"a.talk": 1, "sub/b.talk": MaxSize, "sub/c.talk": MaxSize + 1, "d.txt": 1} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := Find(&cli.Program{Env: nothing, Trust: true}, []string{filepath.Join(dir, "a.talk"), dir, "builtin:keepalive"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range found {
		names = append(names, s.Short())
		if _, err := s.Read(s.Base); (err != nil) != (s.Short() == "c") {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
	if got := strings.Join(names, " "); got != "a b c keepalive" {
		t.Errorf("found %s", got)
	}
	if _, err := found[0].Beside("d.txt"); err != nil {
		t.Error(err)
	}
	if _, err := found[3].Beside("d.txt"); err == nil {
		t.Error("the program has a file of the machine's")
	}
	if _, err := Find(&cli.Program{Env: nothing}, []string{"builtin:keepalve"}); err == nil || !strings.Contains(err.Error(), "keepalive?") {
		t.Errorf("a name that is wrong: %v", err)
	}
}

// TestConfined: a scenario that nobody trusts has the files of its folder, and
// neither a name nor a link leads out of it.
func TestConfined(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"tests/a.talk", "tests/sounds/x.wav", "secret.wav"} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(dir, "tests", "a.talk")
	found, err := Find(&cli.Program{Env: nothing}, []string{name})
	if err != nil {
		t.Fatal(err)
	}
	s := found[0]
	for name, want := range map[string]bool{
		"sounds/x.wav": true, "sounds/../sounds/x.wav": true,
		"../secret.wav": false, "sounds/../../secret.wav": false, filepath.Join(dir, "secret.wav"): false,
	} {
		if _, err := s.Beside(name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.Read(name); (err == nil) != want {
			t.Errorf("include %s: %v", name, err)
		} else if err != nil && !strings.Contains(err.Error(), "sleeptalk trust") {
			t.Errorf("include %s: %v: no way out", name, err)
		}
	}
	own := ofFile(name)
	for _, name := range []string{"../secret.wav", filepath.Join(dir, "secret.wav")} {
		if _, err := own.Beside(name); err != nil {
			t.Errorf("trusted: %v", err)
		}
	}
}

func nothing(string) string { return "" }
