package report

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// full puts the named files of a folder on a full disk: Linux has a device for
// that.
func full(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.Symlink("/dev/full", filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFolderOnAFullDisk checks that each file without room gives an error, and
// that all others are written.
func TestFolderOnAFullDisk(t *testing.T) {
	r, log := broken(t)
	dir := t.TempDir()
	lost := []string{eventsFile, captureFile, indexFile, "run-dark.svg"}
	full(t, dir, lost...)
	err := Folder(Dir{Path: dir}, r, log, FolderOptions{})
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	for _, name := range lost {
		if !strings.Contains(err.Error(), "write "+filepath.Join(dir, name)) {
			t.Errorf("no error about %s in\n%v", name, err)
		}
	}
	for _, name := range []string{textFile, junitFile, traceFile, styleFile, "run-light.svg"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
