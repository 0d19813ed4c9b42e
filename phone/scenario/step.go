package scenario

import (
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// A scope is who there is to act, as the "use" lines have it.
type scope struct{ verb.Cast }

func newScope(f *File) *scope {
	s := &scope{verb.Cast{Default: f.Phone, Phones: []string{f.Phone}, Lab: true, Missing: "a phone is declared: use phone NAME; robots and the lab are at the built-in server: use lab"}}
	var users []string // that a phone is, besides its own name
	for _, u := range f.Uses {
		if names := u.named(); u.Kind == UsePhone && names != nil {
			s.account(u.Name, names)
			users = append(users, u.Accounts()...)
		}
		switch {
		case u.Kind == UsePhone && u.Name != f.Phone:
			s.Phones = append(s.Phones, u.Name)
		case u.Kind == UseAccount || u.Kind == UseServer:
			s.Lab = false
		case u.Kind == UseLab:
			s.Closed = true
		}
	}
	if !s.Lab {
		return s
	}
	s.Missing = "or declare it: use phone NAME"
	for _, name := range verb.Robots() {
		if !slices.Contains(s.Phones, name) {
			s.Robots = append(s.Robots, name)
		}
	}
	s.Users = slices.Concat(s.Phones, s.Robots, users)
	return s
}

// account notes that a phone has several accounts.
func (s *scope) account(phone string, names []string) {
	if s.Accounts == nil {
		s.Accounts = map[string][]string{}
	}
	s.Accounts[phone] = names
}

// parseStep reads a line of a test case. Variables stand for themselves.
func parseStep(s *scope, tokens []token) (Step, *problem) {
	if len(variables(tokens)) == 0 {
		return parseStatic(s, tokens)
	}
	return parseVariable(s, tokens)
}

// parseStatic reads a line without variables.
func parseStatic(s *scope, tokens []token) (Step, *problem) {
	st := Step{Text: join(tokens), Actor: s.Default, scope: s}
	tokens, p := s.actor(&st, tokens)
	if p != nil {
		return Step{}, p
	}
	all := tokens[0].to(tokens[len(tokens)-1])
	st.Col, st.Width = all.col, all.width
	statement, n := findStatement(tokens)
	switch {
	case statement != nil && statement.step != nil:
		p = statement.step(&args{head: tokens[n-1], tokens: tokens[n:]}, &st)
		p = p.withUsage(statement)
	case statement != nil:
		p = wrong(all, "%q is for nobody in particular", statement.Name).advise("write it without a name before it")
	default:
		p = s.order(&st, tokens)
	}
	return st, p
}

// actor takes whom the line is for off it: "bob: call alice" and "bob calls
// alice" are both bob's "call alice".
func (s *scope) actor(st *Step, tokens []token) ([]token, *problem) {
	if tokens[0].quoted {
		return tokens, nil
	}
	actor, order, n, err := s.Cast.Actor(texts(tokens))
	if err != nil {
		return nil, nobody(err, tokens[0])
	}
	st.Actor = actor
	if len(order) == 0 {
		return nil, wrong(tokens[0].after(), "what %s does is missing", actor)
	}
	rest := slices.Clone(tokens[n:])
	rest[0].text = order[0]
	return rest, nil
}

// nobody points at the name of somebody who is not there.
func nobody(err *verb.Error, t token) *problem {
	if name, named := cutColon(t.text); named {
		if t.width--; !IsName(name) {
			return wrong(t, "%q is no name", name)
		}
	}
	return &problem{token: t, message: err.Message, meant: err.Meant, advice: err.Advice, kind: err.Kind, known: err.Known}
}

func cutColon(word string) (name string, named bool) {
	n := len(word) - 1
	if n < 0 || word[n] != ':' {
		return word, false
	}
	return word[:n], true
}

// order reads what the actor is to do: see [verb.Specs].
func (s *scope) order(st *Step, tokens []token) *problem {
	line, err := s.Order(st.Actor, orderOf(tokens))
	switch {
	case err != nil && err.Unknown && err.Advice == "" && slices.Contains(s.Phones, st.Actor):
		return notAStatement(tokens)
	case err != nil:
		return s.wrongOrder(st.Actor, err, tokens)
	case line.Name() == "quit":
		return wrong(tokens[0], "a scenario has no quit").advise("it ends with its last line")
	}
	st.Told, st.Actor, st.Kind, st.Verb = line, line.Actor, kindOf(line), line.Said()
	switch st.Kind {
	case Speaking:
		st.Speak, st.Verb = &line.Sound, ""
	case Clocking:
		st.Clock, st.Verb = &line.Clock, ""
	}
	return nil
}

// kindOf is what sort of step a verb is.
func kindOf(line verb.Line) Kind {
	switch {
	case line.Name() == "speak":
		return Speaking
	case line.Name() == "clock":
		return Clocking
	case line.Robot || line.Spec.Who == verb.Lab:
		return Lab
	}
	return Do
}

// wrongOrder points at the words of an order that are wrong.
func (s *scope) wrongOrder(actor string, err *verb.Error, tokens []token) *problem {
	at := tokens[len(tokens)-1].after()
	if err.Word < len(tokens) {
		at = tokens[err.Word].to(tokens[min(err.Word+max(err.Width, 1), len(tokens))-1])
	}
	p := &problem{token: at, message: err.Message, meant: err.Meant, advice: err.Advice, kind: err.Kind, known: err.Known}
	switch {
	case p.advice != "":
	case err.Fault:
		p.advice = "see: sleeptalk help faults"
	case err.Unknown && slices.Contains(s.Robots, actor):
		p.advice = "or have a phone instead: use phone " + actor
	}
	return p
}

func waitStep(a *args, st *Step) *problem {
	st.Kind = Waiting
	t, p := a.need("how long")
	if p != nil {
		return p.advise("such as: wait 30s")
	}
	if st.Wait, p = parseDuration(t); p != nil {
		return p
	}
	st.Wall = a.skip("wall")
	return a.done()
}
