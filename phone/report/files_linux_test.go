package report

import (
	"errors"
	"fmt"
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
	err := Folder(dir, r, log, FolderOptions{})
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

// TestDevicesAreNotReplaced writes to a device and to a pipe, as root may: both
// remain, and so does a link to a file.
func TestDevicesAreNotReplaced(t *testing.T) {
	dir := t.TempDir()
	link, file := filepath.Join(dir, "link"), filepath.Join(dir, "file")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/dev/null", link} {
		before, err := os.Lstat(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := WriteFile(name, writes([]byte("after"))); err != nil {
			t.Error(err)
		}
		if after, err := os.Lstat(name); err != nil || after.Mode() != before.Mode() {
			t.Errorf("%s was %v and is %v", name, before.Mode(), after.Mode())
		}
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "after" {
		t.Errorf("behind the link stands %q, %v", b, err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	if err := WriteFile(fmt.Sprintf("/dev/fd/%d", write.Fd()), writes([]byte("piped"))); err != nil {
		t.Error(err)
	}
	write.Close()
	b := make([]byte, 10)
	if n, err := read.Read(b); err != nil || string(b[:n]) != "piped" {
		t.Errorf("the pipe has %q, %v", b[:n], err)
	}
}
