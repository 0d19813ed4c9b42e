package scenario

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// variable is a variable in a word: $caller.
var variable = regexp.MustCompile(`\$[a-zA-Z][a-zA-Z0-9_]*`)

// variableName is the name of a word that is a variable and nothing else.
func variableName(word string) (string, bool) {
	at := variable.FindStringIndex(word)
	if at == nil || at[0] != 0 || at[1] != len(word) {
		return "", false
	}
	return word[1:], true
}

// variables are the names of those that a line uses: what stands behind "as"
// is set, not used. Each stands once, in order.
func variables(tokens []token) []string {
	var names []string
	for i, t := range tokens {
		if i > 0 && tokens[i-1].is("as") {
			continue
		}
		for _, v := range variable.FindAllString(t.text, -1) {
			if !slices.Contains(names, v[1:]) {
				names = append(names, v[1:])
			}
		}
	}
	return names
}

// noVariables wants a line to use none.
func noVariables(tokens []token) *problem {
	for _, t := range tokens {
		if variable.MatchString(t.text) {
			return wrong(t, "a variable has no value here").advise("it gets one while the scenario is played")
		}
	}
	return nil
}

// unsetVariable is the problem of a variable that no earlier line sets.
func unsetVariable(tokens []token, name string, defined map[string]bool) *problem {
	known := slices.Sorted(maps.Keys(defined))
	for i := range known {
		known[i] = "$" + known[i]
	}
	at := tokens[slices.IndexFunc(tokens, func(t token) bool { return slices.Contains(variables([]token{t}), name) })]
	at.text = "$" + name
	p := unknown(at, "variable", "variables", known)
	p.message = "no earlier line sets $" + name
	if p.meant == "" && len(known) == 0 {
		p.advice = "an expectation sets one: as $" + name
	}
	return p
}

// standIns are tried for variables when a line is checked before it is
// played. A line is right if it is right with one of them.
var standIns = []string{"1", "x", "INVITE", "200", "10s", "keepalive"}

// parseVariable checks a line with variables as far as that goes.
func parseVariable(s *scope, tokens []token) (Step, *problem) {
	var furthest *problem
	for _, standIn := range standIns {
		st, p := parseStatic(s.open(), substitute(tokens, func(string) string { return standIn }))
		if p == nil {
			st.Text, st.Vars, st.scope = join(tokens), variables(tokens), s
			return st, nil
		}
		if furthest == nil || p.col > furthest.col {
			furthest = p
		}
	}
	return Step{}, furthest
}

// open is the scope in which anybody may be called: a stand-in is nobody.
func (s *scope) open() *scope {
	open := *s
	open.Closed, open.Users = false, nil
	return &open
}

// substitute replaces variables in the words of a line. A value is never more
// than a part of a word: no blank, quote or "#" in it has a meaning.
func substitute(tokens []token, value func(name string) string) []token {
	list := slices.Clone(tokens)
	for i, t := range list {
		if i > 0 && tokens[i-1].is("as") || !variable.MatchString(t.text) {
			continue
		}
		fill := func(v string) string { return value(v[1:]) }
		list[i].text = variable.ReplaceAllStringFunc(t.text, fill)
		list[i].raw = variable.ReplaceAllStringFunc(t.raw, fill) // for messages
		list[i].quoted = true
	}
	return list
}

// Expand is the step with its variables replaced by their values. It is an
// error if one has none, or if the line makes no sense with it; the error
// shows no place, as the step has one.
func (s Step) Expand(value func(name string) (string, bool)) (Step, error) {
	if len(s.Vars) == 0 {
		return s, nil
	}
	l, p := lex(s.Text)
	if p != nil { // it was read before
		return Step{}, p
	}
	for _, name := range s.Vars {
		if _, ok := value(name); !ok {
			return Step{}, wrong(token{}, "$%s has no value: the line that sets it was not played", name)
		}
	}
	filled := substitute(l.tokens, func(name string) string {
		v, _ := value(name)
		return strings.TrimSpace(v)
	})
	st, p := parseStatic(s.scope, filled)
	if p != nil {
		return Step{}, p
	}
	st.Place, st.Text = s.Place, join(l.tokens)
	if st.Expect != nil && s.Expect != nil {
		for i := range st.Expect.Terms {
			st.Expect.Terms[i].Place = s.Expect.Terms[i].Place
		}
	}
	return st, nil
}
