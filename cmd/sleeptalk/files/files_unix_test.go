//go:build unix

package files

import (
	"errors"
	"fmt"
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
}

// TestReadNamedPipe: it is refused at once, under any name and through a link; one
// that is open already is read.
func TestReadNamedPipe(t *testing.T) {
	dir := t.TempDir()
	pipe, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "link")
	if err := errors.Join(syscall.Mkfifo(pipe, 0o600), os.Symlink(pipe, link)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{pipe, link} {
		if _, err := Read(name, 4); err == nil || !strings.Contains(err.Error(), name+" is a named pipe") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Within(dir, filepath.Base(name), 4); err == nil {
			t.Errorf("%s within its folder", name)
		}
	}
	for text, fits := range map[string]bool{"1234": true, "12345": false} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		w.WriteString(text)
		w.Close()
		if got, err := Read(fmt.Sprintf("/dev/fd/%d", r.Fd()), 4); (err == nil) != fits || fits && string(got) != text {
			t.Errorf("%s through a pipe: %q, %v", text, got, err)
		}
		r.Close()
	}
}
