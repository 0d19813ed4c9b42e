//go:build unix

package keep

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

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
		if err := (File{Kind: Events, Name: name, Force: true}).Write(text("after")); err != nil {
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
	if err := (File{Kind: Events, Name: fmt.Sprintf("/dev/fd/%d", write.Fd())}).Write(text("piped")); err != nil {
		t.Error(err)
	}
	write.Close()
	b := make([]byte, 10)
	if n, err := read.Read(b); err != nil || string(b[:n]) != "piped" {
		t.Errorf("the pipe has %q, %v", b[:n], err)
	}
}

// TestOpenFiles writes behind what is in the file that standard output leads to:
// it is never taken from under it.
func TestOpenFiles(t *testing.T) {
	out, err := os.OpenFile(filepath.Join(t.TempDir(), "log"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := out.WriteString("before "); err != nil {
		t.Fatal(err)
	}
	if err := (File{Kind: Events, Name: fmt.Sprintf("/dev/fd/%d", out.Fd())}).Write(text("after")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(out.Name()); err != nil || string(b) != "before after" {
		t.Errorf("%q, %v", b, err)
	}
}

// TestModes: what a flag names can be collected, less the umask; what is private
// cannot; and a file that is replaced keeps its mode.
func TestModes(t *testing.T) {
	before := syscall.Umask(0o027)
	defer syscall.Umask(before)
	dir := t.TempDir()
	narrow := filepath.Join(dir, "narrow")
	if err := os.WriteFile(narrow, []byte(recorded), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file File
		want os.FileMode
	}{
		{File{Name: filepath.Join(dir, "named")}, 0o640},
		{File{Name: filepath.Join(dir, "private"), Private: true}, 0o600},
		{File{Name: narrow}, 0o600},
	} {
		c.file.Kind = Events
		if err := c.file.Write(text(recorded)); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(c.file.Name); err != nil || info.Mode().Perm() != c.want {
			t.Errorf("%s: %v, want %v; %v", c.file.Name, info.Mode(), c.want, err)
		}
	}
}

// TestPrivate: what an earlier version left open to others is closed, and what a
// link leads to is not touched.
func TestPrivate(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	state := filepath.Join(t.TempDir(), "state")
	old := filepath.Join(state, "runs", "demo-1", "events.jsonl")
	if err := os.MkdirAll(filepath.Dir(old), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{old, outside} {
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(state, "link")); err != nil {
		t.Fatal(err)
	}
	if err := Private(state); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{
		state: 0o700, filepath.Join(state, "runs"): 0o700, filepath.Dir(old): 0o700, old: 0o600, outside: 0o644,
	} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, want %v; %v", name, info.Mode(), want, err)
		}
	}
	if err := Private(filepath.Join(state, "none")); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// TestPrivateLink: a link of one's own leads to the state directory, which is
// closed; in a directory where everybody can make links, one is not taken.
func TestPrivateLink(t *testing.T) {
	public := t.TempDir()
	link := filepath.Join(public, "sleeptalk-1000")
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(link, "events.jsonl")
	if err := errors.Join(os.WriteFile(inside, nil, 0o644), os.Chmod(link, 0o755), Private(link)); err != nil {
		t.Errorf("a link of one's own: %v", err)
	}
	for name, want := range map[string]os.FileMode{link: 0o700, inside: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, want %v; %v", name, info.Mode(), want, err)
		}
	}
	if err := os.Chmod(public, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	if err := Private(link); err == nil {
		t.Error("a link that anybody can have made was taken")
	}
}

// TestWhatIsInTheWay: an empty file is nobody's work; a folder, a link to
// nowhere and a file that is not to be written are left alone.
func TestWhatIsInTheWay(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) File { return File{Kind: Events, Name: filepath.Join(dir, name)} }
	for name, content := range map[string]string{"empty": "", "read-only": recorded} {
		if err := os.WriteFile(file(name).Name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := errors.Join(os.Chmod(file("read-only").Name, 0o400), os.Symlink("nowhere", file("link").Name), os.Mkdir(file("folder").Name, 0o700))
	if err != nil {
		t.Fatal(err)
	}
	if err := file("empty").Write(text("new")); err != nil {
		t.Errorf("an empty file: %v", err)
	}
	for _, name := range []string{"read-only", "link", "folder"} {
		if err := file(name).Write(text("new")); err == nil {
			t.Errorf("%s: it was written", name)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("the link has been written through")
	}
	if read(t, file("read-only").Name) != recorded {
		t.Error("what is read-only was touched")
	}
}

// unwritable is a folder in which the test can make no file, with these files in
// it, which it can write.
func unwritable(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		name = filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(name, []byte(content), 0o600), os.Chmod(name, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(filepath.Join(dir, "linked"), filepath.Join(dir, "other name")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o555)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o755) })
	if os.Geteuid() == 0 { // for whom every folder is writable
		const nobody = 65534
		if err := syscall.Seteuid(nobody); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { syscall.Seteuid(0) })
	}
	return dir
}

// TestCreateInAnUnwritableFolder: a file of ours can grow where no file can be
// made, with its inode kept; what cannot be created is said before the run.
func TestCreateInAnUnwritableFolder(t *testing.T) {
	dir := unwritable(t, map[string]string{"ours": recorded, "empty": "", "theirs": "theirs", "linked": recorded})
	file := func(name string) File { return File{Kind: Events, Name: filepath.Join(dir, name)} }
	for _, name := range []string{"ours", "empty"} {
		before, err := os.Stat(file(name).Name)
		if err := errors.Join(err, file(name).Creatable()); err != nil {
			t.Fatal(err)
		}
		open, err := file(name).Create()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, err = open.WriteString("new")
		after, statErr := os.Stat(file(name).Name)
		if err := errors.Join(err, statErr, open.Close()); err != nil || read(t, file(name).Name) != "new" || !os.SameFile(before, after) {
			t.Errorf("%s: %q, %v", name, read(t, file(name).Name), err)
		}
	}
	for name, content := range map[string]string{"theirs": "theirs", "linked": recorded} {
		if _, err := file(name).Create(); err == nil || read(t, file(name).Name) != content {
			t.Errorf("%s: %q, %v", name, read(t, file(name).Name), err)
		}
	}
	for _, name := range []string{"new", "none/new"} {
		if err := file(name).Creatable(); err == nil || !strings.Contains(err.Error(), file(name).Name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
