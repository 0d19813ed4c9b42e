//go:build unix

package script

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWithinFollowsNoLinkOut(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret.wav")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "x.wav")); err != nil {
		t.Fatal(err)
	}
	s := ofFile(filepath.Join(dir, "a.talk"))
	if _, err := s.Within("x.wav"); err == nil {
		t.Error("a link leads out of the folder")
	}
	if _, err := s.Beside("x.wav"); err != nil {
		t.Errorf("trusted: %v", err)
	}
}
