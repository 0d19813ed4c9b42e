package scenario

import (
	"errors"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/link"
)

// A scope is who there is to act, as the "use" lines have it.
type scope struct {
	phone  string   // under test
	phones []string // others
	robots []string // of the lab, where it is the server and no phone has their name
	lab    bool     // the server is the lab
	// closed: all who can be called are known.
	closed bool
}

func newScope(f *File) *scope {
	s := &scope{phone: f.Phone, lab: true}
	for _, u := range f.Uses {
		switch {
		case u.Kind == UsePhone && u.Name != f.Phone:
			s.phones = append(s.phones, u.Name)
		case u.Kind == UseProfile || u.Kind == UseServer:
			s.lab = false
		case u.Kind == UseLab:
			s.closed = true
		}
	}
	if s.lab {
		for _, r := range lab.Robots() {
			if !slices.Contains(s.phones, r.Name) && r.Name != s.phone {
				s.robots = append(s.robots, r.Name)
			}
		}
	}
	return s
}

// actors are all who can stand before a colon.
func (s *scope) actors() []string {
	list := slices.Concat([]string{s.phone}, s.phones, s.robots)
	if s.lab {
		list = append(list, LabActor)
	}
	return list
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
	st := Step{Text: join(tokens), Actor: s.phone, scope: s}
	tokens, p := s.actor(&st, tokens)
	if p != nil {
		return Step{}, p
	}
	all := tokens[0].to(tokens[len(tokens)-1])
	st.Col, st.Width = all.col, all.width
	statement, n := findStatement(tokens)
	switch {
	case statement != nil && statement.step != nil:
		p = statement.step(s, &args{head: tokens[n-1], tokens: tokens[n:]}, &st)
		p = p.withUsage(statement)
	case statement != nil:
		p = wrong(all, "%q is for nobody in particular", statement.Name).advise("write it without a name before it")
	case st.Actor == LabActor:
		p = s.labLine(&st, tokens)
	case slices.Contains(s.robots, st.Actor):
		p = s.robotLine(&st, tokens)
	default:
		p = s.verb(&st, tokens)
	}
	return st, p
}

// actor takes "NAME:" off the line.
func (s *scope) actor(st *Step, tokens []token) ([]token, *problem) {
	name, ok := strings.CutSuffix(tokens[0].text, ":")
	if !ok || tokens[0].quoted {
		return tokens, nil
	}
	t := tokens[0]
	t.text, t.width = name, t.width-1
	if !slices.Contains(s.actors(), name) {
		p := unknown(t, "phone", "there are", s.actors())
		p.advice = "or declare it: use phone " + name
		if !IsName(name) {
			p = wrong(tokens[0], "%q is no name", name)
		}
		return nil, p
	}
	st.Actor = name
	if len(tokens) == 1 {
		return nil, wrong(tokens[0].after(), "what %s does is missing", name)
	}
	return tokens[1:], nil
}

// verb reads a verb of the phone.
func (s *scope) verb(st *Step, tokens []token) *problem {
	line := strings.Join(texts(tokens), " ")
	v, err := phone.ParseVerb(line)
	if err == nil && !v.Spec.Shell() {
		st.Kind, st.Verb = Do, v.String()
		return s.callee(v, tokens)
	}
	if wrong := (*link.SyntaxError)(nil); errors.As(err, &wrong) {
		return wrongFault(wrong, tokens[1:])
	}
	_, alone := phone.ParseVerb(tokens[0].text)
	_, with := phone.ParseVerb(tokens[0].text + " x")
	if err == nil || alone != nil && with != nil {
		return notAStatement(tokens)
	}
	at := tokens[0].after()
	if len(tokens) > 1 {
		at = tokens[1].to(tokens[len(tokens)-1])
	}
	return wrong(at, "%v", err)
}

// wrongFault points at the word of a fault that is wrong.
func wrongFault(wrong *link.SyntaxError, tokens []token) *problem {
	at := tokens[len(tokens)-1].after()
	if wrong.Word < len(tokens) {
		at = tokens[wrong.Word]
	}
	p := &problem{token: at, message: wrong.Message, meant: wrong.Meant, kind: wrong.Kind, known: wrong.Known}
	return p.advise("see: sleeptalk help faults")
}

// callee wants somebody to be there who is called by a bare name, where all
// are known.
func (s *scope) callee(v phone.Verb, tokens []token) *problem {
	who := v.Arg
	if v.Spec.Name != "call" || !s.closed || strings.ContainsAny(who, "@:$") {
		return nil
	}
	known := slices.Concat([]string{s.phone}, s.phones, s.robots)
	if slices.Contains(known, who) {
		return nil
	}
	return unknown(tokens[len(tokens)-1], "phone", "there are", known)
}

// robotVerbs are what a robot does of what a phone does, as the lab says it.
var robotVerbs = map[string]string{"hang up": "hangs up", "hold": "holds", "resume": "resumes"}

// robotLine reads what a robot of the lab does, in the words of phones.
func (s *scope) robotLine(st *Step, tokens []token) *problem {
	v, err := phone.ParseVerb(strings.Join(texts(tokens), " "))
	st.Kind = Lab
	switch {
	case err == nil && v.Spec.Name == "call":
		st.Verb = st.Actor + " calls " + v.Arg
		return s.callee(v, tokens)
	case err == nil && robotVerbs[v.Spec.Name] != "":
		st.Verb = st.Actor + " " + robotVerbs[v.Spec.Name]
		return nil
	case tokens[0].is("text"):
		return s.robotText(st, tokens)
	case tokens[0].is("call"):
		return wrong(tokens[0].after(), "%v", err)
	}
	return wrong(tokens[0].to(tokens[len(tokens)-1]), "%s is a robot of the lab, which can call, hang up, hold, resume, text, speak and expect", st.Actor).
		advise("or have a phone instead: use phone " + st.Actor)
}

// robotText reads "text USER TEXT".
func (s *scope) robotText(st *Step, tokens []token) *problem {
	if len(tokens) != 3 {
		return wrong(tokens[0].to(tokens[len(tokens)-1]), "a text needs somebody and some words: text USER TEXT").
			advise("such as: bob: text alice \"are you there?\"")
	}
	st.Verb = st.Actor + " texts " + tokens[1].text + " " + tokens[2].text
	return s.labName("USER", tokens[1])
}

// labLine reads a request to the lab, as the lab writes them.
func (s *scope) labLine(st *Step, tokens []token) *problem {
	st.Kind, st.Verb = Lab, strings.Join(texts(tokens), " ")
	var known []string
	for _, v := range lab.Verbs() {
		form := strings.Fields(v.Form)
		known = append(known, v.Form)
		if !sameForm(form, tokens) {
			continue
		}
		for i, word := range form {
			if p := s.labName(word, tokens[i]); p != nil {
				return p
			}
		}
		return nil
	}
	p := wrong(tokens[0].to(tokens[len(tokens)-1]), "the lab cannot %q", st.Verb)
	p.kind, p.known = "it can", known
	return p
}

// sameForm reports whether a line has the words of a form; those in capitals
// may be any.
func sameForm(form []string, tokens []token) bool {
	return len(form) == len(tokens) && slices.EqualFunc(form, tokens, func(word string, t token) bool {
		return isPlaceholder(word) || t.is(word)
	})
}

func isPlaceholder(word string) bool { return strings.ToUpper(word) == word }

// labName wants a word to be what its placeholder says, such as the name of
// somebody that there is.
func (s *scope) labName(placeholder string, t token) *problem {
	users := slices.Concat([]string{s.phone}, s.phones, s.robots)
	switch {
	case placeholder == "ROBOT" && !slices.Contains(s.robots, t.text):
		return unknown(t, "robot", "robots", s.robots)
	case placeholder == "HZ":
		_, p := parseHz(t)
		return p
	case placeholder == "NAME" && !slices.Contains(misbehaviours(), t.text):
		return unknown(t, "misbehaviour", "there are", misbehaviours())
	case placeholder == "USER" && !strings.ContainsAny(t.text, "@:") && !slices.Contains(users, t.text):
		return unknown(t, "phone", "there are", users)
	}
	return nil
}

func misbehaviours() []string {
	var names []string
	for _, m := range lab.Misbehaviours() {
		names = append(names, m.Name)
	}
	return names
}

func waitStep(_ *scope, a *args, st *Step) *problem {
	st.Kind = Waiting
	if a.skip("for") {
		p := wrong(a.head, `"wait" takes a time`)
		p.meant = "expect"
		return p
	}
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

func clockStep(_ *scope, a *args, st *Step) *problem {
	st.Kind, st.Clock = Clocking, &Clock{}
	t, p := a.need("the rate")
	if p != nil {
		return p.advise("such as: clock x60 while suspended")
	}
	if st.Clock.Rate, p = parseRate(t); p != nil {
		return p
	}
	st.Clock.WhileSuspended = a.skip("while", "suspended")
	return a.done()
}

func clockNextStep(_ *scope, a *args, st *Step) *problem {
	st.Kind, st.Clock = Clocking, &Clock{Next: true}
	return a.done()
}

func speakStep(s *scope, a *args, st *Step) *problem {
	if st.Actor == LabActor {
		return wrong(a.head, "the lab has no voice").advise("a robot of it has, such as: bob: speak tone 440")
	}
	st.Kind, st.Speak = Speaking, &Speak{What: "file"}
	switch {
	case a.skip("silence"):
		st.Speak.What = "silence"
		return a.done()
	case a.skip("tone"):
		t, p := a.need("a frequency in Hz")
		if p != nil {
			return p
		}
		st.Speak.What = "tone"
		if st.Speak.Hz, p = parseHz(t); p != nil {
			return p
		}
		return a.done()
	}
	a.skip("file")
	t, p := a.need("a sound")
	if p != nil {
		return p.advise("such as: en-hello.wav, tone 440, silence")
	}
	if slices.Contains(s.robots, st.Actor) && SampleName(t.text) != robotSample {
		return wrong(t, "%s is a robot of the lab, which speaks %s, a tone or silence", st.Actor, robotSample).
			advise("or have a phone instead: use phone " + st.Actor)
	}
	st.Speak.Name = t.text
	return a.done()
}

// robotSample is the speech that robots can speak: the program's own.
const robotSample = "en-hello"
