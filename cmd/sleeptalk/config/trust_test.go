package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/setup"
)

const aliceOfMine = "accounts:\n  alice: {server: pbx, user: alice, password-env: PW}\n  prod: {server: pbx, user: prod, password-command: 'echo p'}\naccount: alice\n"

// TestStrangeProject: what the project's file says, and where, that needs trust;
// with trust it counts. Its command runs only then.
func TestStrangeProject(t *testing.T) {
	e := env("PW", "secret")
	t.Chdir(t.TempDir()) // a command that is run leaves a file
	for name, c := range map[string]struct {
		project, want string
		choice        Choice
	}{
		"nothing":        {"ui: {theme: dark}\n", "", Choice{}},
		"harmless":       {"accounts:\n  alice: {mic: tone:440}\n", "", Choice{}},
		"a server":       {"profiles:\n  alice:\n    mic: tone:440\n    server: evil\n", ":4: server: ", Choice{}},
		"in a flow":      {"{accounts: {alice: {raw: lines, server: 'evil:1'}}}", ":1: server: ", Choice{}},
		"by an alias":    {"accounts:\n  x: &x {server: evil}\n  alice: *x\n", ":3: server: ", Choice{}},
		"by an anchor":   {"accounts:\n  alice: &x\n    server: evil\n", ":3: server: ", Choice{}},
		"a command":      {"accounts:\n  m: {server: evil, user: m,\n    password-command: touch x}\naccount: m\n", ":3: password-command: ", Choice{}},
		"another choice": {"# x\naccount: prod\n", ":2: account: ", Choice{}},
		"the old word":   {"profile: prod\n", ":1: account: ", Choice{}},
		"not chosen":     {"accounts:\n  m: {server: evil, user: m, password-env: AWS}\n", "", Choice{}},
		"chosen by name": {"accounts:\n  m: {server: evil, user: m, password-env: AWS}\n", ":2: password-env: ", Choice{Account: "m"}},
		"under a flag":   {"accounts:\n  alice: {server: evil}\n", "", Choice{Flags: setup.Values{"server": "pbx"}}},
		"a flag's":       {"accounts:\n  m: {server: evil, user: m}\n", ":2: server: ", Choice{Account: "m", Flags: setup.Values{"password-env": "PW"}}},
	} {
		dir := t.TempDir()
		paths := Paths{User: write(t, "config.yaml", aliceOfMine), Project: filepath.Join(dir, ".sleeptalk.yaml")}
		if err := os.WriteFile(paths.Project, []byte(c.project), 0o600); err != nil {
			t.Fatal(err)
		}
		f, _, err := Read(paths, nobody)
		if err != nil {
			t.Fatal(name, err)
		}
		_, err = f.Resolve(t.Context(), paths, c.choice, e)
		untrusted, ok := errors.AsType[*UntrustedError](err)
		if _, err := os.Stat("x"); err == nil {
			t.Errorf("%s: the command was run", name)
		}
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (!ok || !strings.HasPrefix(err.Error(), paths.Project+c.want) || !strings.Contains(untrusted.Hint(), "sleeptalk trust ")):
			t.Errorf("%s: got\n%v\nwant %s", name, err, c.want)
		case len(c.want) > 0 && c.choice.Flags == nil && len(f.Breaches(paths, e)) == 0:
			t.Errorf("%s: locate would not say so", name)
		}
		if f, _, err = Read(paths, everybody); err != nil {
			t.Fatal(name, err)
		}
		if _, err := f.Resolve(t.Context(), paths, c.choice, e); errors.As(err, &untrusted) || len(f.Breaches(paths, e)) > 0 {
			t.Errorf("%s: trusted, %v", name, err)
		}
		os.Remove("x")
	}
}

// TestStrangerHidesNoDefault: an account of a stranger's file does not take the
// place of the user's only one.
func TestStrangerHidesNoDefault(t *testing.T) {
	paths := Paths{
		User:    write(t, "config.yaml", "accounts:\n  alice: {server: pbx, user: alice}\n"),
		Project: write(t, "p.yaml", "accounts:\n  mallory: {server: evil, user: m}\n"),
	}
	f, _, err := Read(paths, nobody)
	if err != nil {
		t.Fatal(err)
	}
	if name, v, err := f.Layer(paths, Choice{}, env()); name != "alice" || v["server"] != "pbx" || err != nil {
		t.Errorf("got %s, %v, %v", name, v, err)
	}
}

// TestFileOfTheWorkingDirectory: a file that the user's own config names relative
// to the working directory is a stranger's there.
func TestFileOfTheWorkingDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"own.yaml", "ca.pem"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	paths := Paths{User: write(t, "config.yaml", "accounts:\n  alice:\n    server: pbx:1\n    user: alice\n    password: x\n    raw: own.yaml\n")}
	for name, c := range map[string]struct {
		choice Choice
		env    Env
		want   string
	}{
		"of the file":        {Choice{}, env(), "config.yaml:6: own.yaml: raw: "},
		"of the environment": {Choice{Flags: setup.Values{"raw": "lines"}}, env("SLEEPTALK_CA", "ca.pem"), "SLEEPTALK_CA: ca.pem: ca: "},
		"that was typed":     {Choice{Flags: setup.Values{"raw": "own.yaml"}}, env(), ""},
	} {
		f, _, err := Read(paths, nobody)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = f.Layer(paths, c.choice, c.env)
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

// TestTrustList is written for the user alone, and read back; folders that hold
// everything cannot be in it.
func TestTrustList(t *testing.T) {
	home := t.TempDir()
	e := env("HOME", home)
	paths := Find(e)
	work := filepath.Join(home, "my work")
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	folder, err := Trustable(work, e)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteTrusted(paths, []string{folder}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(paths.Trusted)
	if err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if got, err := ReadTrust(paths, false, e); err != nil || !slices.Equal(got.Listed, []string{folder}) || got.All {
		t.Errorf("%+v, %v", got, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(paths.Trusted), ".trusted*")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
	for _, dir := range []string{home, filepath.Dir(home), filepath.VolumeName(home) + string(filepath.Separator), paths.Trusted, filepath.Join(home, "none")} {
		if got, err := Trustable(dir, e); err == nil {
			t.Errorf("%s can be trusted: %s", dir, got)
		}
	}
	if err := WriteTrusted(Find(env()), nil); err == nil {
		t.Error("without a home there is a list")
	}
}

func TestTrustVariable(t *testing.T) {
	paths := Find(env("HOME", t.TempDir()))
	abs, err := filepath.Abs("/a")
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]Trust{
		"": {}, "0": {}, "1": {All: true},
		abs: {Named: []string{abs}}, abs + string(filepath.ListSeparator) + abs: {Named: []string{abs, abs}},
	} {
		if got, err := ReadTrust(paths, false, env(TrustVariable, value)); err != nil || got.All != want.All || !slices.Equal(got.Named, want.Named) {
			t.Errorf("%q: %+v, %v", value, got, err)
		}
	}
	if _, err := ReadTrust(paths, false, env(TrustVariable, "work")); err == nil || !strings.Contains(err.Error(), TrustVariable) {
		t.Errorf("a relative folder: %v", err)
	}
}
