//go:build unix

package keep

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPrivateLeavesOthers: what is not ours in a folder of ours is left alone. Only
// root can give files away, as whom the tests run in CI.
func TestPrivateLeavesOthers(t *testing.T) {
	if os.Getuid() != 0 {
		return
	}
	dir := t.TempDir()
	theirs, below := filepath.Join(dir, "theirs"), filepath.Join(dir, "theirs", "x")
	for _, name := range []string{theirs, below} {
		if err := os.Mkdir(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(theirs, 4711, -1); err != nil {
		t.Fatal(err)
	}
	if err := Private(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{theirs, below} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}
