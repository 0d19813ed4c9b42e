//go:build unix

package script

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
)

// TestConfinedFollowsNoLinkOut: neither to a sound, nor of the scenario itself.
func TestConfinedFollowsNoLinkOut(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "a.talk")); err != nil {
		t.Fatal(err)
	}
	for _, trust := range []bool{false, true} {
		found, err := Find(&cli.Program{Env: nothing, Trust: trust}, []string{dir})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := found[0].Beside("a.talk"); (err == nil) != trust {
			t.Errorf("trusted %v: %v", trust, err)
		}
		if _, err := found[0].Read("a.talk"); (err == nil) != trust {
			t.Errorf("itself, trusted %v: %v", trust, err)
		}
	}
}

// TestOpenAlready: what a shell writes for <(command) is a link, and no stranger's.
func TestOpenAlready(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	fmt.Fprint(w, "use lab")
	w.Close()
	found, err := Find(&cli.Program{Env: nothing}, []string{fmt.Sprintf("/dev/fd/%d", r.Fd())})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := found[0].Read(found[0].Base); err != nil || string(text) != "use lab" {
		t.Errorf("%q, %v", text, err)
	}
}
