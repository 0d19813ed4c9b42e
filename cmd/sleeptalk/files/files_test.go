package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	if err := os.WriteFile(name, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(name, 5); err != nil || string(got) != "12345" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := Read(name, 4); err == nil || !strings.Contains(err.Error(), "a has more than 4 bytes") {
		t.Errorf("a file that is too long: %v", err)
	}
	if _, err := Read(dir, 4); err == nil || !strings.Contains(err.Error(), "is no file") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Read(filepath.Join(dir, "b"), 4); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := ReadAll(endless{t}, "standard input", 4); err == nil || err.Error() != "standard input has more than 4 bytes" {
		t.Errorf("an input without an end: %v", err)
	}
	if got, err := Read(os.DevNull, 4); err != nil || len(got) != 0 {
		t.Errorf("%s: %q, %v", os.DevNull, got, err)
	}
}

// endless has no end; whoever reads more than a few buffers of it looks for one.
type endless struct{ t *testing.T }

func (e endless) Read(b []byte) (int, error) {
	if len(b) > 1<<16 {
		e.t.Fatal("read without a limit")
	}
	return len(b), nil
}
