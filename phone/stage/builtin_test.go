package stage

import (
	"context"
	"io/fs"
	"path"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/assets"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
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

// playFile plays a scenario in virtual time.
func playFile(t *testing.T, f *scenario.File, seed uint64, misbehave ...string) (*play.Result, *event.Log) {
	t.Helper()
	w, err := New(Config{Casting: Casting{File: f}, Seed: seed, Misbehave: misbehave})
	if err != nil {
		t.Fatal(err)
	}
	return play.Run(context.Background(), f, w, play.Options{World: true, Seed: seed}), w.Log()
}

// builtins are the names of the scenarios of the program: a new file is played
// by the tests below without another line.
func builtins(t *testing.T) (names []string) {
	t.Helper()
	files, err := fs.Glob(assets.Files, "scenarios/*.talk")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d scenarios, %v", len(files), err)
	}
	for _, file := range files {
		names = append(names, strings.TrimSuffix(path.Base(file), ".talk"))
	}
	return names
}

// notices are the misbehaviours of the lab that a scenario says it notices.
func notices(t *testing.T, name string) []string {
	t.Helper()
	src, err := assets.Files.ReadFile("scenarios/" + name + ".talk")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(src)) {
		if list, ok := strings.CutPrefix(line, "# notices:"); ok {
			return strings.Fields(list)
		}
	}
	return nil
}

// TestBuiltinsOverIPv6 plays each scenario of the program by IPv6: nothing in it may
// depend on what an address looks like.
func TestBuiltinsOverIPv6(t *testing.T) {
	for _, name := range builtins(t) {
		t.Run(name, func(t *testing.T) {
			f := builtin(t, name)
			byIPv6(f)
			result, log := playFile(t, f, 1)
			if result.Verdict() != play.Passed {
				t.Error(outcome(result))
			}
			for r := range log.From(0) {
				if e, ok := r.Event.(event.Message); ok && strings.Contains(e.Raw, "192.0.2.") {
					t.Errorf("an address of IPv4 in\n%s", e.Raw)
				}
			}
		})
	}
}

// byIPv6 has a scenario played by IPv6.
func byIPv6(f *scenario.File) {
	for i, u := range f.Uses {
		if u.Kind == scenario.UseLab {
			f.Uses[i].Settings = append(u.Settings, scenario.Setting{Key: "ip", Value: "6"})
			return
		}
	}
	f.Uses = append(f.Uses, scenario.Use{Kind: scenario.UseLab, Settings: []scenario.Setting{{Key: "ip", Value: "6"}}})
}

// TestBuiltinsAreExamples wants of every scenario what makes it one to learn
// from: a first line that says what it shows, tags, the look of the formatter,
// nothing that check warns of, and a server that it catches.
func TestBuiltinsAreExamples(t *testing.T) {
	for _, name := range builtins(t) {
		f := builtin(t, name)
		src := strings.Join(f.Sources[f.Name], "\n") + "\n"
		about, _, _ := strings.Cut(src, "\n")
		if !strings.HasPrefix(about, "# ") || !strings.HasSuffix(about, ".") || utf8.RuneCountInString(about) > 80 {
			t.Errorf("%s: the first line is to be a sentence in a comment: %q", name, about)
		}
		if len(f.Tags) == 0 {
			t.Errorf("%s has no tags", name)
		}
		if formatted, err := scenario.Format([]byte(src)); err != nil || string(formatted) != src {
			t.Errorf("%s: sleeptalk fmt -w (%v)", name, err)
		}
		for _, w := range scenario.Lint(f) {
			t.Errorf("%s: %v", name, w)
		}
		if len(notices(t, name)) == 0 {
			t.Errorf("%s says of no misbehaviour that it notices it: # notices: NAME…", name)
		}
	}
}

// TestBuiltinsNotice breaks the lab in the ways that each scenario says it
// notices, but for those that [TestMutations] looks at more closely.
func TestBuiltinsNotice(t *testing.T) {
	for _, name := range builtins(t) {
		for _, misbehave := range notices(t, name) {
			if mutations[misbehave].scenario == name {
				continue
			}
			t.Run(name+"/"+misbehave, func(t *testing.T) {
				t.Parallel()
				r, log := playFile(t, builtin(t, name), 1, misbehave)
				if r.Verdict() != play.Failed {
					t.Errorf("%s", r.Verdict())
				}
				haveRules(t, log)
			})
		}
	}
}

// TestBuiltins plays every scenario of the program. Whatever goes wrong in one
// can be explained.
func TestBuiltins(t *testing.T) {
	for _, name := range builtins(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			r, log := playFile(t, builtin(t, name), 1)
			if r.Verdict() != play.Passed {
				explain(t, r, log)
			}
			haveRules(t, log)
			t.Logf("%s of virtual time in %s, %d records", r.Device, time.Since(began).Round(time.Millisecond), len(log.After(0)))
		})
	}
}

// TestReferenceExample plays what the reference shows.
func TestReferenceExample(t *testing.T) {
	if r, log := playFile(t, parse(t, scenario.Example), 1); r.Verdict() != play.Passed {
		explain(t, r, log)
	}
	if formatted, err := scenario.Format([]byte(scenario.Example)); err != nil || string(formatted) != scenario.Example {
		t.Errorf("%v\n%s", err, formatted)
	}
}

// explain shows what went wrong.
func explain(t *testing.T, r *play.Result, log *event.Log) {
	t.Helper()
	for _, c := range r.Cases {
		if f := c.Failure; f != nil {
			t.Errorf("%s:%d %s: %s\n%v\nlikely: %s %s", f.File, f.Line, c.Name, f.Message, f.Facts, f.Rule, f.Likely)
		}
	}
	for _, i := range r.Invariants {
		if i.Verdict != play.Passed {
			t.Errorf("%s: %s", i.Text, i.Detail)
		}
	}
	if !testing.Verbose() {
		return
	}
	records := log.After(0)
	for _, rec := range records[max(0, len(records)-400):] {
		if k := rec.Event.Kind(); k != "audio" && k != "rtp" {
			t.Log(event.Line(rec))
		}
	}
}
