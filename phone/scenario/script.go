package scenario

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// A Script is a scenario that is written while it is played: on standard
// input, at a prompt. Its lines are those of a file, but for what sets a file
// up. It belongs to one goroutine.
type Script struct{ p *parser }

// NewScript begins a script. The cast is who can be told something; the
// default is the phone under test.
func NewScript(name string, cast verb.Cast) *Script {
	p := &parser{
		file:    &File{Name: name, Phone: cast.Default, Sources: map[string][]string{}},
		defined: map[string]bool{}, scope: &scope{cast},
	}
	p.file.Cases = []Case{{Place: Place{name, 1, 1, 1}, Name: SetupCase}}
	return &Script{p}
}

// File is what has been written until now: of the steps, the last one.
func (s *Script) File() *File { return s.p.file }

// Read reads the next line. ok is false where there is nothing to play: the
// line is empty, a comment, a "==" or a "never". The error is a [*SyntaxError].
func (s *Script) Read(text string) (step Step, ok bool, err error) {
	p := s.p
	text = strings.TrimRight(text, "\r\n")
	l := source{file: p.file.Name, n: p.remember(text), text: text}
	c := &p.file.Cases[0]
	c.Steps = c.Steps[:0]
	problem := p.scripted(&l)
	if problem != nil {
		p.errors = SyntaxErrors{}
		p.fail(l, problem)
		return Step{}, false, p.errors.List[0]
	}
	if len(c.Steps) == 0 {
		return Step{}, false, nil
	}
	return c.Steps[0], true, nil
}

// remembered is how many lines are kept for the excerpts of failures.
const remembered = 100

// remember keeps a line, and gives its number.
func (p *parser) remember(text string) int {
	lines := append(p.file.Sources[p.file.Name], text)
	if old := len(lines) - remembered - 1; old >= 0 {
		lines[old] = ""
	}
	p.file.Sources[p.file.Name] = lines
	return len(lines)
}

// scripted reads one line of a script.
func (p *parser) scripted(l *source) (problem *problem) {
	if l.line, problem = lex(l.text); problem != nil || l.empty() || l.isCase {
		return problem
	}
	s, n := findStatement(l.tokens)
	switch {
	case s == nil || s.top == nil && s.Name != "include":
		return p.step(*l)
	case !strings.HasPrefix(s.Name, "never"):
		return wrong(l.all(), "%q sets a scenario up, and the phones are there already", s.Name).advise("write it into a file: sleeptalk run FILE")
	}
	return s.top(p, *l, &args{head: l.tokens[n-1], tokens: l.tokens[n:]}).withUsage(s)
}
