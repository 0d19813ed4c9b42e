package stage

import (
	"context"
	"io/fs"
	"path"
	"testing"
	"time"

	"sleeptalk/assets"
	"sleeptalk/phone/event"
	"sleeptalk/phone/scenario"
)

// builtin reads a scenario of the program.
func builtin(t *testing.T, name string) *scenario.File {
	t.Helper()
	read := func(name string) ([]byte, error) { return assets.Files.ReadFile("scenarios/" + name) }
	src, err := read(name + ".talk")
	if err != nil {
		t.Fatal(err)
	}
	f, err := scenario.ParseFile(name+".talk", src, read)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// play plays a scenario in virtual time.
func play(t *testing.T, f *scenario.File, seed uint64, misbehave ...string) (*scenario.Result, *event.Log) {
	t.Helper()
	w, err := New(Config{File: f, Seed: seed, Misbehave: misbehave})
	if err != nil {
		t.Fatal(err)
	}
	return scenario.Run(context.Background(), f, w, scenario.Options{World: true, Seed: seed}), w.Log()
}

// TestBuiltins plays every scenario of the program.
func TestBuiltins(t *testing.T) {
	files, err := fs.Glob(assets.Files, "scenarios/*.talk")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d scenarios, %v", len(files), err)
	}
	for _, file := range files {
		name := path.Base(file[:len(file)-len(".talk")])
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			r, log := play(t, builtin(t, name), 1)
			if r.Verdict() != scenario.Passed {
				explain(t, r, log)
			}
			t.Logf("%s of virtual time in %s, %d records", r.Device, time.Since(began).Round(time.Millisecond), len(log.After(0)))
		})
	}
}

// explain shows what went wrong.
func explain(t *testing.T, r *scenario.Result, log *event.Log) {
	t.Helper()
	for _, c := range r.Cases {
		if f := c.Failure; f != nil {
			t.Errorf("%s:%d %s: %s\n%v\nlikely: %s %s", f.File, f.Line, c.Name, f.Message, f.Facts, f.Rule, f.Likely)
		}
	}
	for _, i := range r.Invariants {
		if i.Verdict != scenario.Passed {
			t.Errorf("%s: %s", i.Text, i.Detail)
		}
	}
	if !testing.Verbose() {
		return
	}
	records := log.After(0)
	for _, rec := range records[max(0, len(records)-400):] {
		if k := rec.Event.Kind(); k != "levels" && k != "rtp" {
			t.Log(event.Line(rec))
		}
	}
}
