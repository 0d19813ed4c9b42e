//go:build unix

package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// TestOthersWrite: what everybody can write is nobody's, in a trusted folder too,
// and a list of folders that everybody can write says nothing.
func TestOthersWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "work")
	file := filepath.Join(dir, "sub", "p.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	trust := Trust{Listed: []string{dir}}
	for _, open := range []string{file, filepath.Dir(file), dir} {
		chmod(t, open, 0o777)
		if ok, why := trust.Covers(file); ok || !strings.Contains(why, open) {
			t.Errorf("%s is open to all: %v, %s", open, ok, why)
		}
		if _, err := Trustable(dir, env()); open == dir && err == nil {
			t.Error("a folder that is open to all can be trusted")
		}
		chmod(t, open, 0o700)
	}
	chmod(t, filepath.Dir(dir), 0o777)
	if _, err := Trustable(dir, env()); err == nil {
		t.Error("a folder can be trusted that everybody can replace")
	}

	paths := Find(env("HOME", t.TempDir()))
	if err := WriteTrusted(paths, []string{dir}); err != nil {
		t.Fatal(err)
	}
	chmod(t, paths.Trusted, 0o666)
	if got, err := ReadTrusted(paths); err == nil {
		t.Errorf("a list that is open to all counts: %v", got)
	}
	trust, err := ReadTrust(paths, false, env())
	if ok, why := trust.Covers(file); err != nil || ok || !strings.Contains(why, "list of trusted folders does not count: ") {
		t.Errorf("by a list that is open to all: %v, %s, %v", ok, why, err)
	}
}

// TestHint: a file that others may write is closed to them first, and an open one
// has no folder to trust.
func TestHint(t *testing.T) {
	file := write(t, "p.yaml", "")
	for mode, want := range map[os.FileMode]string{0o600: "sleeptalk trust ", 0o666: "chmod go-w " + file} {
		chmod(t, file, mode)
		if got := TrustHint(file); !strings.Contains(got, want) || strings.Contains(got, "chmod") != (mode == 0o666) {
			t.Errorf("%o: %s", mode, got)
		}
	}
	if got := TrustHint("/dev/stdin"); strings.Contains(got, "sleeptalk trust") || !strings.Contains(got, "--trust") {
		t.Errorf("standard input: %s", got)
	}
}

// TestGroupWrites: what a group can write is trusted if the group is the user's
// alone. Only root can give files to another, as whom the tests run in CI.
func TestGroupWrites(t *testing.T) {
	if os.Getuid() != 0 {
		return
	}
	file := write(t, "p.yaml", "")
	dir := filepath.Dir(file)
	chmod(t, file, 0o660)
	for gid, want := range map[int]bool{os.Getgid(): true, 4711: false} {
		if err := os.Chown(file, -1, gid); err != nil {
			t.Fatal(err)
		}
		if ok, why := (Trust{Listed: []string{dir}}).Covers(file); ok != want || !ok && !strings.Contains(why, "chmod g-w") {
			t.Errorf("group %d: %v, %s", gid, ok, why)
		}
	}
}

// TestSomebodyElses: a folder of the list must be the user's own; one that the
// environment names may be somebody else's, as in a container. Only root can give
// files away, as whom the tests run in CI.
func TestSomebodyElses(t *testing.T) {
	if os.Getuid() != 0 {
		return
	}
	file := write(t, "p.yaml", "")
	dir := filepath.Dir(file)
	const another, third = 4711, 4712
	for _, c := range []struct {
		dir, file     int // whose they are
		listed, named bool
	}{
		{0, 0, true, true},
		{0, another, false, false},
		{another, 0, false, true},
		{another, another, false, true},
		{another, third, false, false},
	} {
		for name, uid := range map[string]int{dir: c.dir, file: c.file} {
			if err := os.Chown(name, uid, -1); err != nil {
				t.Fatal(err)
			}
		}
		if ok, why := (Trust{Listed: []string{dir}}).Covers(file); ok != c.listed {
			t.Errorf("listed, %+v: %v, %s", c, ok, why)
		}
		if ok, why := (Trust{Named: []string{dir}}).Covers(file); ok != c.named {
			t.Errorf("named, %+v: %v, %s", c, ok, why)
		}
		if _, err := Trustable(dir, env()); (err == nil) != (c.dir == 0) {
			t.Errorf("can be listed, %+v: %v", c, err)
		}
	}
}

func chmod(t *testing.T, name string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}

// TestCommandRunsAtHome: a command of the user's file runs in the folder of that,
// not among the programs of a strange one.
func TestCommandRunsAtHome(t *testing.T) {
	t.Chdir(t.TempDir())
	paths := Paths{User: write(t, "config.yaml", "accounts:\n  a: {server: pbx, user: a, password-command: pwd}\n"), Project: "p.yaml"}
	home := filepath.Dir(paths.User)
	f, _, err := Read(paths, nobody)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"": home, "pwd": ""} {
		if got := f.commandDir("a", paths, Choice{Flags: setup.Values{"password-command": name}}, env()); got != want {
			t.Errorf("flag %q: in %q, want %q", name, got, want)
		}
	}
	who, err := f.Resolve(t.Context(), paths, Choice{}, env())
	if err != nil || !strings.HasSuffix(who.Values["password"], filepath.Base(home)) {
		t.Errorf("ran in %q, %v; want %s", who.Values["password"], err, home)
	}
}

// TestCovers: a folder is the one that the file system has under that name.
func TestCovers(t *testing.T) {
	root := t.TempDir()
	make := func(name string) string {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	link := func(to, name string) string {
		name = filepath.Join(root, name)
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	mine, evil, prefix := make("clone/p.yaml"), make("evil/p.yaml"), make("clone-evil/p.yaml")
	below := make("clone/a/b/p.yaml")
	trust := Trust{Listed: []string{filepath.Join(root, "clone"), filepath.Join(root, "gone")}}
	for name, c := range map[string]struct {
		file string
		want bool
	}{
		"there":              {mine, true},
		"below":              {below, true},
		"elsewhere":          {evil, false},
		"a name alike":       {prefix, false},
		"up and down":        {filepath.Join(root, "evil", "..", "clone", "p.yaml"), true},
		"out of it":          {root + "/clone/../evil/p.yaml", false},
		"a link to it":       {filepath.Join(link(filepath.Join(root, "clone"), "same"), "p.yaml"), true},
		"a link out of it":   {link(evil, "clone/out.yaml"), false},
		"a folder out of it": {filepath.Join(link(filepath.Join(root, "evil"), "clone/dir"), "p.yaml"), false},
		"a link into it":     {link(mine, "evil/in.yaml"), false},
		"nowhere":            {filepath.Join(root, "clone/none"), false},
	} {
		if got, why := trust.Covers(c.file); got != c.want || got == (why != "") {
			t.Errorf("%s: %v, %q", name, got, why)
		}
	}
	t.Chdir(filepath.Join(root, "clone"))
	if ok, why := trust.Covers("p.yaml"); !ok {
		t.Errorf("relative: %s", why)
	}
	t.Chdir(filepath.Join(root, "evil"))
	if ok, _ := trust.Covers("p.yaml"); ok {
		t.Error("a relative one elsewhere is trusted")
	}
}

// TestNoFile: a link to a device, or a pipe, is no config file, and is not read.
func TestNoFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), ".sleeptalk.yaml")
	if err := os.Symlink("/dev/zero", name); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read(Paths{Project: name}, nobody); err == nil || !strings.Contains(err.Error(), "is no file") {
		t.Errorf("got %v", err)
	}
}
