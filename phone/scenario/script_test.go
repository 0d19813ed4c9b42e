package scenario

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/verb"
)

func TestScript(t *testing.T) {
	s := NewScript("stdin", verb.Cast{Default: "alice", Phones: []string{"alice"}, Robots: verb.Robots(), Lab: true})
	for _, c := range []struct{ line, kind, verb, wrong string }{
		{"register  # first", "verb", "register", ""},
		{"", "", "", ""},
		{"  # a comment", "", "", ""},
		{"== a case", "", "", ""},
		{"never killed", "", "", ""},
		{"bob calls alice", "lab", "bob calls alice", ""},
		{"wait for call up within 2s as $who", "expect", "", ""},
		{"expect no wake for 1s", "expect", "", ""},
		{"wait 3s", "wait", "", ""},
		{"call $who", "verb", "", ""},
		{"call $whom", "", "", "stdin:11:6 no earlier line sets $whom"},
		{"use lab", "", "", `stdin:12:1 "use lab" sets a scenario up`},
		{"include x.talk", "", "", `stdin:13:1 "include" sets a scenario up`},
		{"speak \"my voice.wav\"", "speak", "", ""},
		{"bakground", "", "", `stdin:15:1 unknown verb "bakground"`},
		{"never kiled", "", "", `stdin:16:7 unknown event "kiled"`},
	} {
		step, ok, err := s.Read(c.line + "\n")
		switch {
		case c.wrong != "" && (err == nil || !strings.HasPrefix(err.Error(), c.wrong)):
			t.Errorf("%q: %v, want %s", c.line, err, c.wrong)
		case c.wrong == "" && (err != nil || ok != (c.kind != "") || string(step.Kind) != c.kind || c.verb != "" && step.Verb != c.verb):
			t.Errorf("%q: %v %q %q (%v)", c.line, ok, step.Kind, step.Verb, err)
		}
	}
	if f := s.File(); len(f.Invariants) != 1 || f.Source("stdin", 6) != "bob calls alice" {
		t.Errorf("%d invariants, line 6 is %q", len(f.Invariants), f.Source("stdin", 6))
	}
}

// TestScriptForgets keeps no more of a long input than failures show.
func TestScriptForgets(t *testing.T) {
	s := NewScript("stdin", verb.Of("alice", verb.Phone))
	for range 1000 {
		if _, _, err := s.Read("register"); err != nil {
			t.Fatal(err)
		}
	}
	if f := s.File(); f.Source("stdin", 900) != "" || f.Source("stdin", 901) != "register" || len(f.Cases[0].Steps) != 1 {
		t.Errorf("line 900 is %q, %d steps", f.Source("stdin", 900), len(f.Cases[0].Steps))
	}
}

// TestEverySpellingEverywhere gives each way to write a line to each place in
// which a line can stand, and wants the same step of all of them.
func TestEverySpellingEverywhere(t *testing.T) {
	phone := verb.Cast{Default: "alice", Phones: []string{"alice"}, Robots: verb.Robots(), Lab: true}
	lab := verb.Cast{Default: verb.LabName, Robots: verb.Robots(), Lab: true}
	script := func(cast verb.Cast) func(string) (Step, error) {
		return func(line string) (Step, error) {
			step, _, err := NewScript("input", cast).Read(line)
			return step, err
		}
	}
	file := func(line string) (Step, error) {
		f, err := ParseFile("x.talk", []byte(line), nil)
		if err != nil {
			return Step{}, err
		}
		return f.Cases[0].Steps[0], nil
	}
	anywhere := map[string]func(string) (Step, error){"a file": file, "the input of a phone": script(phone), "the input of a lab": script(lab)}
	atPhone := map[string]func(string) (Step, error){"a file": file, "the input of a phone": script(phone), "the input of a phone alone": script(verb.Of("alice", verb.Phone))}
	for _, c := range []struct {
		places map[string]func(string) (Step, error)
		want   string
		ways   []string
	}{
		{anywhere, "bob: call alice", []string{"bob: call alice", "bob calls alice", "lab: bob calls alice", "bob: dial alice"}},
		{anywhere, "bob: hang up", []string{"bob: hang up", "bob hangs up", "bob: hangup"}},
		{anywhere, "bob: hold", []string{"bob: hold", "bob holds"}},
		{anywhere, "bob: resume", []string{"bob: resume", "bob resumes"}},
		{anywhere, `bob: text alice "on my way"`, []string{`bob: text alice "on my way"`, "bob: text alice on my way", "bob texts alice on my way"}},
		{anywhere, "bob: speak tone 440", []string{"bob: speak tone 440", "bob speaks tone 440"}},
		{anywhere, "bob: speak en-hello", []string{"bob: speak speech", "bob speaks speech"}},
		{anywhere, "lab: ping alice", []string{"lab: ping alice", "ping alice"}},
		{anywhere, "lab: expire nonces", []string{"lab: expire nonces", "expire nonces"}},
		{anywhere, "lab: misbehave no-bye", []string{"lab: misbehave no-bye", "misbehave no-bye"}},
		{anywhere, "bob: expect call up within 5s", []string{"bob: expect call up within 5s", "bob: wait for call up within 5s", "bob: EXPECT call up within 5000ms"}},
		{anywhere, "bob: expect no call up within 5s", []string{"bob: expect no call up for 5s", "bob: wait for no call up within 5s"}},
		{anywhere, "wait 3s", []string{"wait 3s", "wait 3000ms"}},
		{atPhone, "alice: hang up", []string{"hang up", "hangup", "alice: hang up", "alice hangs up"}},
		{atPhone, "alice: call bob", []string{"call bob", "dial bob", "alice calls bob"}},
		{atPhone, "alice: speak x.wav", []string{"speak x.wav", "speak file x.wav", "alice speaks x.wav"}},
		{atPhone, `alice: speak "my voice.wav"`, []string{`speak "my voice.wav"`, `speak file "my voice.wav"`}},
		{atPhone, "alice: clock x60", []string{"clock x60", "alice: clock X60"}},
		{atPhone, "alice: clock next", []string{"clock next"}},
		{atPhone, "alice: fault nat drop", []string{"fault nat drop", "Fault NAT drop"}},
		{atPhone, "alice: expect registered within 32s", []string{"expect registered", "wait for registered"}},
	} {
		for place, read := range c.places {
			for _, way := range c.ways {
				step, err := read(way)
				if err != nil || inShort(step) != c.want {
					t.Errorf("%q in %s is %q (%v), want %q", way, place, inShort(step), err, c.want)
				}
			}
		}
	}
}

// inShort is a step in one way of writing, whatever way it was written in.
func inShort(s Step) string {
	switch {
	case s.Told.Spec != nil:
		return s.Told.String()
	case s.Expect != nil && s.Expect.No:
		return s.Actor + ": expect no " + s.Expect.Terms[0].Expectation.String() + " within " + s.Expect.Limit().String()
	case s.Expect != nil:
		return s.Actor + ": expect " + s.Expect.Terms[0].Expectation.String() + " within " + s.Expect.Limit().String()
	}
	return string(s.Kind) + " " + s.Wait.String()
}

// TestHeaderFieldsKeepTheirQuotes: quotes of a header field are its own, here and
// where the line is written again.
func TestHeaderFieldsKeepTheirQuotes(t *testing.T) {
	for _, line := range []string{`header INVITE P-Preferred-Identity: "Bob, Jr" <sip:bob@example.com>`, `header 401 WWW-Authenticate: Digest realm="a  b", nonce="n,1"`} {
		s := NewScript("stdin", verb.Cast{Default: "alice", Phones: []string{"alice"}})
		step, _, err := s.Read(line + "\n")
		_, value, _ := strings.Cut(line, ": ")
		if err != nil || step.Told.Header.Value != value || step.Told.String() != "alice: "+line {
			t.Errorf("%s: %q, %q, %v", line, step.Told.Header.Value, step.Told.String(), err)
		}
	}
}
