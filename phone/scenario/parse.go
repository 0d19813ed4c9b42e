package scenario

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
)

// What bounds a scenario, so that no file can make the reading of it long.
const (
	maxSource   = 1 << 20 // bytes of one file
	maxLines    = 20000   // of all files together
	maxIncludes = 200
	maxDepth    = 8 // of includes in includes
	maxName     = 200
)

// A source is a line and where it stands.
type source struct {
	line
	file  string
	n     int
	text  string
	order int
}

// A parser reads one scenario.
type parser struct {
	file    *File
	include func(string) ([]byte, error)
	lines   []source // those that say something
	// stack is the names of the files that are being read, the outermost
	// first.
	stack    []string
	total    int // lines
	includes int
	errors   SyntaxErrors
	scope    *scope
	defined  map[string]bool // variables that an earlier line sets
}

func parseFile(name string, src []byte, include func(string) ([]byte, error)) (*File, error) {
	p := &parser{
		file:    &File{Name: name, Phone: DefaultPhone, Sources: make(map[string][]string)},
		include: include, defined: make(map[string]bool),
	}
	p.gather("", name, src)
	p.tops()
	p.scope = newScope(p.file)
	p.cases()
	if len(p.errors.List) > 0 {
		return nil, p.errors.sorted()
	}
	return p.file, nil
}

// gather takes a text's lines apart, and those of its includes in their
// places. Its name is relative to the scenario, shown is the one to show.
func (p *parser) gather(name, shown string, src []byte) {
	if len(src) > maxSource {
		p.errors.add(&SyntaxError{Place: Place{shown, 1, 1, 1}, Message: fmt.Sprintf("a scenario of more than %d KiB", maxSource>>10), order: p.total})
		return
	}
	texts := splitLines(src)
	p.file.Sources[shown] = texts
	p.stack = append(p.stack, shown)
	defer func() { p.stack = p.stack[:len(p.stack)-1] }()
	for i, text := range texts {
		if p.total++; p.total > maxLines {
			if p.total == maxLines+1 {
				p.fail(source{file: shown, n: i + 1, text: text, order: p.total}, wrong(token{col: 1, width: 1}, "more than %d lines, those of includes counted", maxLines))
			}
			return
		}
		if p.errors.More {
			return
		}
		l := source{file: shown, n: i + 1, text: text, order: p.total}
		var problem *problem
		if l.line, problem = lex(text); problem != nil {
			p.fail(l, problem)
			continue
		}
		if len(l.tokens) > 0 && l.tokens[0].is("include") {
			if problem := p.included(name, l); problem != nil {
				p.fail(l, problem)
			}
			continue
		}
		p.lines = append(p.lines, l)
	}
}

// included reads the file that a line includes.
func (p *parser) included(from string, l source) *problem {
	a := args{head: l.tokens[0], tokens: l.tokens[1:]}
	t, wrongly := a.need("the name of a file")
	if wrongly == nil {
		wrongly = a.done()
	}
	if wrongly != nil {
		return wrongly
	}
	name := path.Join(path.Dir(from), t.text)
	if path.IsAbs(t.text) {
		name = t.text
	}
	shown := path.Join(path.Dir(p.file.Name), name)
	p.includes++
	switch {
	case p.include == nil:
		return wrong(t, "there is nothing to include from here")
	case slices.Contains(p.stack, shown):
		return wrong(t, "%s includes itself: %s", shown, strings.Join(append(slices.Clone(p.stack), shown), " -> "))
	case len(p.stack) >= maxDepth:
		return wrong(t, "includes in includes, more than %d deep", maxDepth)
	case p.includes > maxIncludes:
		return wrong(t, "more than %d includes", maxIncludes)
	}
	src, err := p.include(name)
	if err != nil {
		if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
			err = pathErr.Err // the name is shown already
		}
		return wrong(t, "cannot read %q: %v", t.text, err)
	}
	p.gather(name, shown, src)
	return nil
}

// splitLines splits a text into lines without their ends. A byte order mark
// goes.
func splitLines(src []byte) []string {
	text := strings.TrimPrefix(string(src), "\ufeff")
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSuffix(l, "\r")
	}
	if n := len(lines); lines[n-1] == "" {
		lines = lines[:n-1]
	}
	return lines
}

// fail notes what is wrong with a line.
func (p *parser) fail(l source, wrong *problem) {
	p.errors.add(&SyntaxError{
		Place:   Place{File: l.file, Line: l.n, Col: max(wrong.col, 1), Width: max(wrong.width, 1)},
		Message: wrong.message, Meant: wrong.meant, Advice: wrong.advice, Kind: wrong.kind, Known: wrong.known,
		Source: l.text, order: l.order,
	})
}

// place is where a token stands.
func (l source) place(t token) Place {
	return Place{File: l.file, Line: l.n, Col: t.col, Width: t.width}
}

// all is the place of the line's statement.
func (l source) all() token {
	if l.isCase {
		return l.title
	}
	return l.tokens[0].to(l.tokens[len(l.tokens)-1])
}

// tops reads what is said about the whole scenario, wherever it stands.
func (p *parser) tops() {
	begun, inCase := false, false
	for _, l := range p.lines {
		if p.errors.More {
			return
		}
		begun = begun || !l.empty()
		if !begun && l.file == p.file.Name {
			p.file.Tags = append(p.file.Tags, tagsOf(l.comment)...)
		}
		inCase = inCase || l.isCase
		if len(l.tokens) == 0 {
			continue
		}
		s, n := findStatement(l.tokens)
		if s == nil || s.top == nil {
			continue
		}
		problem := s.top(p, l, &args{head: l.tokens[n-1], tokens: l.tokens[n:]}).withUsage(s)
		if problem == nil && inCase {
			problem = wrong(l.all(), "%q is about the whole scenario", s.Name).advise(`it stands above the first "=="`)
		}
		if problem == nil {
			problem = noVariables(l.tokens)
		}
		if problem != nil {
			p.fail(l, problem)
		}
	}
}

// tagsOf reads "tags: smoke wake" at the end of a comment.
func tagsOf(comment string) []string {
	_, tags, ok := strings.Cut(comment, "tags:")
	if !ok {
		return nil
	}
	return strings.FieldsFunc(tags, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
}

// cases reads the test cases and their steps.
func (p *parser) cases() {
	p.file.Cases = []Case{{Place: Place{p.file.Name, 1, 1, 1}, Name: SetupCase}}
	seen := map[string]int{SetupCase: 0}
	for _, l := range p.lines {
		if p.errors.More { // to find more would cost time and help nobody
			return
		}
		var problem *problem
		switch {
		case l.isCase:
			problem = p.beginCase(l, seen)
		case len(l.tokens) > 0:
			problem = p.step(l)
		}
		if problem != nil {
			p.fail(l, problem)
		}
	}
}

func (p *parser) beginCase(l source, seen map[string]int) *problem {
	name := l.title.text
	switch before, twice := seen[name]; {
	case name == "":
		return wrong(l.title.after(), "a test case without a name")
	case len(name) > maxName:
		return wrong(l.title, "a name of more than %d bytes", maxName)
	case name == SetupCase:
		return wrong(l.title, "what stands above the first \"==\" is the case %q already", SetupCase)
	case twice:
		return wrong(l.title, "there is a test case %q already, in line %d", name, before)
	}
	seen[name] = l.n
	p.file.Cases = append(p.file.Cases, Case{Place: l.place(l.title), Name: name, Tags: tagsOf(l.comment)})
	return nil
}

// step reads a line of a test case.
func (p *parser) step(l source) *problem {
	if s, _ := findStatement(l.tokens); s != nil && s.top != nil {
		return nil // tops has read it
	}
	for _, name := range variables(l.tokens) {
		if !p.defined[name] {
			return unsetVariable(l.tokens, name, p.defined)
		}
	}
	st, problem := parseStep(p.scope, l.tokens)
	if problem != nil {
		return problem
	}
	st.File, st.Line = l.file, l.n
	p.placeTerms(&st)
	c := &p.file.Cases[len(p.file.Cases)-1]
	c.Steps = append(c.Steps, st)
	return nil
}

// placeTerms completes the places of what is expected, and notes the variables
// that are set.
func (p *parser) placeTerms(st *Step) {
	if st.Expect == nil {
		return
	}
	for i := range st.Expect.Terms {
		t := &st.Expect.Terms[i]
		t.File, t.Line = st.File, st.Line
		if t.As != "" {
			p.defined[t.As] = true
		}
	}
}
