package scenario

import (
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with a file of testdata.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has changed (-update writes it):\n%s", path, got)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestParseFile(t *testing.T) {
	f, err := ParseFile("wake.talk", read(t, "testdata/wake.talk"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/wake.json", string(tree)+"\n")
	if got := f.Source("wake.talk", 7); got != "register" {
		t.Errorf("line 7 is %q", got)
	}
	if f.Source("wake.talk", 0) != "" || f.Source("other", 1) != "" {
		t.Error("a line that is not there has text")
	}
}

// TestExamples reads the example of every statement.
func TestExamples(t *testing.T) {
	include := func(string) ([]byte, error) { return []byte("register\n"), nil }
	for _, s := range Statements() {
		if s.Help == "" || !strings.HasPrefix(s.Example, s.Name) {
			t.Errorf("%s: help %q, example %q", s.Name, s.Help, s.Example)
		}
		if _, err := ParseFile("x.talk", []byte(s.Example), include); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

// only is the single step of a scenario.
func only(t *testing.T, text string) Step {
	t.Helper()
	f, err := ParseFile("x.talk", []byte(text), nil)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	steps := f.Cases[0].Steps
	return steps[len(steps)-1]
}

func TestSteps(t *testing.T) {
	for text, want := range map[string]Step{
		"hangup":                         {Kind: Do, Verb: "hang up"},
		"ANSWER from notification":       {Kind: Do, Verb: "answer from notification"},
		"dtmf 12#":                       {Kind: Do, Verb: "dtmf 12#"},
		"dtmf #":                         {Kind: Do, Verb: "dtmf #"},
		"dtmf #1 # a comment":            {Kind: Do, Verb: "dtmf #1"},
		`dtmf "#"`:                       {Kind: Do, Verb: "dtmf #"},
		"bob: call alice":                {Kind: Lab, Verb: "bob calls alice", Actor: "bob"},
		"bob: hang up":                   {Kind: Lab, Verb: "bob hangs up", Actor: "bob"},
		"lab: bob calls alice":           {Kind: Lab, Verb: "bob calls alice", Actor: "bob"},
		"lab: unstall alice":             {Kind: Lab, Verb: "unstall alice", Actor: "lab"},
		"use phone bob\nbob: call alice": {Kind: Do, Verb: "call alice", Actor: "bob"},
		"use profile joe\njoe: register": {Kind: Do, Verb: "register", Actor: "joe"},
		"wait 1h30m":                     {Kind: Waiting, Wait: 90 * time.Minute},
		"wait 500ms wall":                {Kind: Waiting, Wait: 500 * time.Millisecond, Wall: true},
		"clock x60":                      {Kind: Clocking, Clock: &Clock{Rate: 60}},
		"clock x0.5 while suspended":     {Kind: Clocking, Clock: &Clock{Rate: 0.5, WhileSuspended: true}},
		"clock next":                     {Kind: Clocking, Clock: &Clock{Next: true}},
		"fault server stall":             {Kind: Do, Verb: "fault server stall"},
		"fault network wifi -> cell":     {Kind: Do, Verb: "fault network wifi -> cell"},
		"speak silence":                  {Kind: Speaking, Speak: &Speak{What: "silence"}},
		"speak tone 440":                 {Kind: Speaking, Speak: &Speak{What: "tone", Hz: 440}},
		`speak "my voice.wav"`:           {Kind: Speaking, Speak: &Speak{What: "file", Name: "my voice.wav"}},
		"speak file a.wav":               {Kind: Speaking, Speak: &Speak{What: "file", Name: "a.wav"}},
	} {
		got := only(t, text)
		if want.Actor == "" {
			want.Actor = DefaultPhone
		}
		want.Place, want.Text, want.scope = got.Place, got.Text, got.scope
		a, _ := json.Marshal(new(File).stepJSON(got))
		b, _ := json.Marshal(new(File).stepJSON(want))
		if string(a) != string(b) {
			t.Errorf("%s:\ngot  %s\nwant %s", text, a, b)
		}
	}
}

func TestServers(t *testing.T) {
	for server, ok := range map[string]bool{
		"pbx": true, "pbx.example.com:5080": true, "192.0.2.5": true, "192.0.2.5:5060": true, "2001:db8::1": true,
		"[2001:db8::1]:5060": true, "[2001:db8::1]": true, ":": false, ":5060": false, "pbx:": false, "pbx:0": false,
		"pbx:70000": false, "a/b": false, "sip:a@b": false, "]:5060": false, `""`: false,
	} {
		if _, err := ParseFile("x", []byte("use server "+server), nil); (err == nil) != ok {
			t.Errorf("%s: %v", server, err)
		}
	}
}

func TestLimit(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"registered":                  DefaultWithin,
		"registered within 3s":        3 * time.Second,
		"registered for 1m":           DefaultWithin + time.Minute,
		"registered within 5s for 1m": 65 * time.Second,
		"no wake":                     DefaultWithin,
		"no wake for 2m":              2 * time.Minute,
		"no wake within 2m":           2 * time.Minute,
		"wake exactly 2 for 20m":      20 * time.Minute,
	} {
		e, err := ParseExpect(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := e.Limit(); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestTags(t *testing.T) {
	f, err := ParseFile("x", []byte("# what it is\n# tags: a, b\n\nregister # tags: no\n== one # tags: slow\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(f.Tags, " ") != "a b" || strings.Join(f.Cases[1].Tags, " ") != "slow" {
		t.Errorf("got %q, %q", f.Tags, f.Cases[1].Tags)
	}
}

func TestInclude(t *testing.T) {
	files := fstest.MapFS{
		"lib/start.talk": {Data: []byte("include more.talk\nregister\n")},
		"lib/more.talk":  {Data: []byte("use phone bob\nexpect registred\n")},
		"lib/self.talk":  {Data: []byte("include ../lib/self.talk\n")},
	}
	get := func(name string) ([]byte, error) { return fs.ReadFile(files, name) }
	_, err := ParseFile("dir/x.talk", []byte("include lib/start.talk\nbob: call alice\n"), get)
	if err == nil || !strings.HasPrefix(err.Error(), `dir/lib/more.talk:2:8 unknown event "registred"`) {
		t.Errorf("got %v", err)
	}
	files["lib/more.talk"].Data = []byte("use phone bob\nexpect registered\n")
	f, err := ParseFile("dir/x.talk", []byte("include lib/start.talk\nbob: call alice\n"), get)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range f.Cases[0].Steps {
		got = append(got, s.File+" "+s.Text)
	}
	want := "dir/lib/more.talk expect registered, dir/lib/start.talk register, dir/x.talk bob: call alice"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for src, want := range map[string]string{
		"include lib/self.talk":        "includes itself: dir/x.talk -> dir/lib/self.talk -> dir/lib/self.talk",
		"include gone.talk":            `cannot read "gone.talk": file does not exist`,
		"include":                      "the name of a file is missing",
		"include a b":                  `unexpected "b"`,
		"bob: include lib/start.talk":  `"include" is for nobody in particular`,
		"include lib/start.talk # yes": "",
	} {
		_, err := ParseFile("dir/x.talk", []byte(src), get)
		wantError(t, src, err, want)
	}
	if _, err := ParseFile("x", []byte("include y"), nil); err == nil {
		t.Error("included without a way to")
	}
}

// wantError wants an error that says so, or none if want is empty.
func wantError(t *testing.T, src string, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%s: got %v, want %q", src, err, want)
	}
}

// TestIncludeBomb includes much, twice at each level.
func TestIncludeBomb(t *testing.T) {
	depth := 0
	get := func(string) ([]byte, error) {
		depth++
		return []byte(strings.Repeat("include "+strings.Repeat("a", depth%40+1)+"\n", 1000)), nil
	}
	_, err := ParseFile("x", []byte("include a\ninclude b\n"), get)
	if err == nil || depth > maxIncludes {
		t.Errorf("%d files were read; %.100v", depth, err)
	}
	errs := err.(*SyntaxErrors)
	if len(errs.List) > maxErrors || !errs.More {
		t.Errorf("%d errors, more: %v", len(errs.List), errs.More)
	}
}

func TestExpand(t *testing.T) {
	src := "expect call incoming as $who\ncall $who\nexpect notification from \"$who\" within 1s as $title\n"
	f, err := ParseFile("x", []byte(src), nil)
	if err != nil {
		t.Fatal(err)
	}
	steps := f.Cases[0].Steps
	if steps[0].Expect.Terms[0].As != "who" || len(steps[0].Vars) != 0 {
		t.Errorf("got %+v", steps[0])
	}
	value := func(name string) (string, bool) { return "sip:bob@lab", name == "who" }
	st, err := steps[1].Expand(value)
	if err != nil || st.Verb != "call sip:bob@lab" || st.Text != "call $who" {
		t.Errorf("got %+v, %v", st, err)
	}
	st, err = steps[2].Expand(value)
	if err != nil || !st.Expect.Terms[0].Expectation.Match(event.Notification{Phase: "posted", Body: "sip:bob@lab calls"}) ||
		st.Expect.Terms[0].As != "title" || st.Expect.Terms[0].Line != 3 ||
		st.Expect.Terms[0].Expectation.String() != `notification from "sip:bob@lab"` {
		t.Errorf("got %+v, %v", st, err)
	}
	if _, err := steps[1].Expand(func(string) (string, bool) { return "", false }); err == nil ||
		err.Error() != "$who has no value: the line that sets it was not played" {
		t.Errorf("got %v", err)
	}
	// What a value has in it is never obeyed.
	st, err = steps[2].Expand(func(string) (string, bool) { return `x" within 9h # and more`, true })
	if err != nil || st.Expect.Within != time.Second || len(st.Expect.Terms) != 1 {
		t.Errorf("got %+v, %v", st.Expect, err)
	}
}

func FuzzParseFile(f *testing.F) {
	seed, err := os.ReadFile("testdata/wake.talk")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	for _, s := range Statements() {
		f.Add([]byte(s.Example))
	}
	f.Add([]byte("==#x\n== a\n\u00a0expect $x and \"a b\"c within 5s wall as $y\n# c\n== a"))
	f.Fuzz(func(t *testing.T, src []byte) {
		reads := 0
		include := func(string) ([]byte, error) { reads++; return src, nil }
		file, err := ParseFile("x.talk", src, include)
		if reads > maxIncludes {
			t.Errorf("read %d files", reads)
		}
		formatted, formatErr := Format(src)
		if err == nil && formatErr != nil {
			t.Fatalf("what can be read cannot be formatted: %v", formatErr)
		}
		if formatErr != nil {
			return
		}
		again, err2 := Format(formatted)
		if err2 != nil || string(again) != string(formatted) {
			t.Fatalf("formatted twice, it changes: %v\n%q\n%q", err2, formatted, again)
		}
		other, err2 := ParseFile("x.talk", formatted, func(string) ([]byte, error) { return src, nil })
		if (err == nil) != (err2 == nil) {
			t.Fatalf("before: %v\nformatted: %v", err, err2)
		}
		if err == nil && shape(t, file) != shape(t, other) {
			t.Fatalf("formatted, it says something else:\n%s\n%s", shape(t, file), shape(t, other))
		}
	})
}

// shape is the syntax tree without the places.
func shape(t *testing.T, f *File) string {
	t.Helper()
	for i := range f.Uses {
		f.Uses[i].Place = Place{}
	}
	for i := range f.Invariants {
		f.Invariants[i].Place = Place{}
	}
	for i := range f.Cases {
		c := &f.Cases[i]
		c.Place = Place{}
		for j := range c.Steps {
			c.Steps[j].Place = Place{}
			if e := c.Steps[j].Expect; e != nil {
				for k := range e.Terms {
					e.Terms[k].Place = Place{}
				}
			}
		}
	}
	tree, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(tree)
}
