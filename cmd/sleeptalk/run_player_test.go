package main

import (
	"io"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// TestSeedElsewhere: at a server that is not ours a run has a seed by chance,
// so that no two of them draw the same Call-ID, unless somebody says one.
func TestSeedElsewhere(t *testing.T) {
	p := &program{out: io.Discard, err: io.Discard, env: func(string) string { return "" }}
	read := func(text string) *script {
		f, err := scenario.ParseFile("x.talk", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		return &script{name: "x.talk", file: f, live: true}
	}
	seed := func(text string, o *runOptions) uint64 { return p.liveConfig(t.Context(), o, read(text), nil).Seed }
	const elsewhere, lab = "use server pbx.test user=alice\nregister\n", "use lab\nregister\n"
	if a, b := seed(elsewhere, &runOptions{seed: 1}), seed(elsewhere, &runOptions{seed: 1}); a == b || a == 1 {
		t.Errorf("at a server of its own: %d and %d", a, b)
	}
	if got := seed(elsewhere, &runOptions{seed: 5, seeded: true}); got != 5 {
		t.Errorf("a seed that was said: %d", got)
	}
	if got := seed(lab, &runOptions{seed: 1}); got != 1 {
		t.Errorf("at the lab: %d", got)
	}
}
