//go:build unix

package files

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReadWhatIsNoFile: a link of a strange folder may lead anywhere.
func TestReadWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	for _, device := range []string{"/dev/zero", "/dev/tty"} {
		name := filepath.Join(dir, filepath.Base(device))
		if err := os.Symlink(device, name); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(name, 4); err == nil || !strings.Contains(err.Error(), "is no file") {
			t.Errorf("%s: %v", device, err)
		}
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for text, fits := range map[string]bool{"1234": true, "12345": false} {
		go os.WriteFile(pipe, []byte(text), 0o600)
		if got, err := Read(pipe, 4); (err == nil) != fits || fits && string(got) != text {
			t.Errorf("%s through a pipe: %q, %v", text, got, err)
		}
	}
}
