package run

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// TestSeedElsewhere: at a server that is not ours a run has a seed by chance,
// so that no two of them draw the same Call-ID, unless somebody says one.
func TestSeedElsewhere(t *testing.T) {
	p := &cli.Program{Out: io.Discard, Err: io.Discard, Env: func(string) string { return "" }}
	read := func(text string) *piece {
		f, err := scenario.ParseFile("x.talk", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		return &piece{Script: &script.Script{Name: "x.talk"}, file: f, live: true}
	}
	seed := func(text string, o *options) uint64 { return liveConfig(t.Context(), p, o, read(text), nil).Seed }
	const elsewhere, lab = "use server pbx.test user=alice\nregister\n", "use lab\nregister\n"
	if a, b := seed(elsewhere, &options{seed: 1}), seed(elsewhere, &options{seed: 1}); a == b || a == 1 {
		t.Errorf("at a server of its own: %d and %d", a, b)
	}
	if got := seed(elsewhere, &options{seed: 5, seeded: true}); got != 5 {
		t.Errorf("a seed that was said: %d", got)
	}
	if got := seed(lab, &options{seed: 1}); got != 1 {
		t.Errorf("at the lab: %d", got)
	}
}

// TestSoundsOutside: what a scenario plays is heard by whoever it calls, and kept in
// the report, so one that nobody trusts plays no file outside of its folder.
func TestSoundsOutside(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(filepath.Dir(dir), "secret.wav")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(secret) })
	for _, c := range []struct {
		text        string
		trust, want bool
	}{
		{"use lab\nregister\n", false, false},
		{"use lab\nregister\n", true, true},
		{"use server pbx.test\nregister\n", false, false},
		{"use server pbx.test\nregister\n", true, true},
	} {
		name := filepath.Join(dir, "x.talk")
		if err := os.WriteFile(name, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		p := &cli.Program{Out: io.Discard, Err: io.Discard, Env: func(string) string { return "" }, Trust: c.trust}
		found, err := script.Find(p, []string{name})
		if err != nil {
			t.Fatal(err)
		}
		_, f, err := found[0].Parse()
		if err != nil {
			t.Fatal(err)
		}
		read := casting(t.Context(), p, &options{}, &piece{Script: found[0], file: f}).Read
		if _, err := read("../secret.wav"); (err == nil) != c.want {
			t.Errorf("%q, trusted %v: %v", c.text, c.trust, err)
		}
	}
}
