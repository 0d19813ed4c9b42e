package run

import (
	"io"
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
