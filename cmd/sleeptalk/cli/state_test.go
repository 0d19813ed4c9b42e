package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestRunFolder: each run has a folder of its own, also within a second, and
// nobody else reads it, nor what an earlier version left beside it.
func TestRunFolder(t *testing.T) {
	home := t.TempDir()
	p := &Program{Env: func(key string) string { return map[string]string{"XDG_STATE_HOME": home}[key] }}
	runs := p.Runs()
	old := filepath.Join(runs, "old")
	if err := os.MkdirAll(old, 0o755); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{old: true}
	for range 3 {
		dir, err := p.RunFolder("demo")
		if err != nil || seen[dir.Path] || !dir.Private {
			t.Errorf("%+v, %v", dir, err)
		}
		seen[dir.Path] = true
	}
	for name := range seen {
		if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}
