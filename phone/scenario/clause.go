package scenario

import (
	"slices"
	"strconv"
	"time"
)

// maxCount bounds "exactly N".
const maxCount = 1_000_000

// A Clause is a word that says more about an expectation.
type Clause struct{ Usage, Help string }

// Clauses lists them.
func Clauses() []Clause {
	return []Clause{
		{"within DURATION", "wait no longer than that; 32 s by default"},
		{"for DURATION", "the state must hold that long without a break; with \"no\" or \"exactly\", look that long"},
		{"exactly N", "it must happen so many times, no more and no fewer, in the time that \"for\" or \"within\" says"},
		{"as $NAME", "keep what came, to write $NAME in a later line"},
		{"as ACCOUNT", "of that account or flow, of a phone that has several; without it of any, and \"registered\", \"unregistered\" and \"socket open\" of all; with \"no\", \"never\" or \"exactly\" of any: none may have it, or each counts"},
		{"and EXPECTATION", "that as well, in any order"},
		{"wall", "behind a time: by the clock on the wall, where otherwise the device's counts"},
	}
}

// clauseWords begin clauses, wherever they stand.
var clauseWords = []string{"within", "for", "exactly", "as", "and", "wall"}

func isClause(t token) bool { return !t.quoted && among(t.text, clauseWords) }

// ParseExpect reads what stands behind "expect": expectations and clauses,
// such as "call up within 2s and state foreground". Variables cannot be used
// here.
func ParseExpect(text string) (*Expect, error) {
	l, p := lex(text)
	if p == nil && l.isCase {
		p = unknown(l.title, "event", "such as", heads())
	}
	if p != nil {
		return nil, p
	}
	if p := noVariables(l.tokens); p != nil {
		return nil, p
	}
	a := args{tokens: l.tokens}
	e := &Expect{No: a.skip("no")}
	if p := e.parse(&a); p != nil {
		return nil, p
	}
	return e, nil
}

func expectStep(a *args, st *Step) *problem {
	st.Kind, st.Expect = Expecting, &Expect{No: a.head.is("no") || a.skip("no")}
	if st.scope != nil {
		st.Expect.accounts = st.scope.Accounts[st.Actor]
	}
	if p := st.Expect.parse(a); p != nil {
		return p
	}
	return ofTheLab(st)
}

// clauses are the tokens of the clauses that a line has, for messages.
type clauses struct{ within, for_, exactly, as token }

// parse reads the terms and the clauses.
func (e *Expect) parse(a *args) *problem {
	var c clauses
	if p := e.term(a); p != nil {
		return p
	}
	for len(a.tokens) > 0 {
		t, _ := a.next()
		p := e.clause(t, a, &c)
		if p != nil {
			return p
		}
	}
	for i := range e.Terms {
		e.Terms[i].Expectation.any = e.No || e.Counted
	}
	return e.check(c)
}

// clause reads one clause, whose first word has been taken.
func (e *Expect) clause(t token, a *args, c *clauses) (p *problem) {
	switch {
	case t.is("and"):
		return e.term(a)
	case t.is("within"):
		e.Within, p = e.time(t, a, e.Within)
		c.within = t
	case t.is("for"):
		e.For, p = e.time(t, a, e.For)
		c.for_ = t
	case t.is("exactly"):
		c.exactly = t
		p = e.count(t, a)
	case t.is("as") && e.namesAccount(a):
		p = e.by(t, a)
	case t.is("as"):
		c.as = t
		p = e.keep(a)
	default:
		p = &problem{token: t, message: "unexpected \"" + t.text + "\"", kind: "clauses", known: clauseWords}
	}
	return p
}

// term reads an expectation, up to the next clause.
func (e *Expect) term(a *args) *problem {
	head := a.head
	end := slices.IndexFunc(a.tokens, isClause)
	if end < 0 {
		end = len(a.tokens)
	}
	if end == 0 {
		p := wrong(head.after(), "what is expected is missing")
		p.kind, p.known = "such as", heads()
		return p
	}
	tokens := a.tokens[:end:end]
	a.head, a.tokens = tokens[end-1], a.tokens[end:]
	expected, p := parseExpectation(args{head: head, tokens: e.complete(tokens)})
	if p != nil {
		return p
	}
	all := tokens[0].to(tokens[end-1])
	e.Terms = append(e.Terms, Term{Place: Place{Col: all.col, Width: all.width}, Expectation: expected})
	return nil
}

// complete adds the "rtp" that "rtp loss <= 1% and jitter <= 30ms" leaves out.
func (e *Expect) complete(tokens []token) []token {
	n := len(e.Terms)
	if n == 0 || !e.Terms[n-1].Expectation.Measured() || !among(tokens[0].text, quantityNames()) {
		return tokens
	}
	rtp := token{text: "rtp", raw: "rtp", col: tokens[0].col, width: tokens[0].width}
	return append([]token{rtp}, tokens...)
}

// time reads the time of a clause, and the "wall" that may follow.
func (e *Expect) time(t token, a *args, before time.Duration) (time.Duration, *problem) {
	if before != 0 {
		return 0, wrong(t, "%q stands twice", t.text)
	}
	value, p := a.need("a time")
	if p != nil {
		return 0, p.advise("such as: " + t.text + " 10s")
	}
	d, p := parseDuration(value)
	if a.skip("wall") {
		e.Wall = true
	}
	return d, p
}

func (e *Expect) count(t token, a *args) *problem {
	if e.Counted {
		return wrong(t, "%q stands twice", t.text)
	}
	value, p := a.need("a number")
	if p != nil {
		return p.advise("such as: exactly 2")
	}
	n, err := strconv.Atoi(value.text)
	if err != nil || n < 0 || n > maxCount {
		return wrong(value, "%q is no number of times", value.text)
	}
	e.Counted, e.Exactly = true, n
	return nil
}

// namesAccount reports whether an account of the phone comes next.
func (e *Expect) namesAccount(a *args) bool {
	return len(a.tokens) > 0 && slices.Contains(e.accounts, a.tokens[0].text)
}

// by reads the account that the last term is about.
func (e *Expect) by(t token, a *args) *problem {
	last := &e.Terms[len(e.Terms)-1].Expectation
	if last.account != "" {
		return wrong(t, "%q stands twice with an account: %s is named already", t.text, last.account)
	}
	account, _ := a.next()
	last.account = account.text
	return nil
}

// keep reads the variable that the last term sets.
func (e *Expect) keep(a *args) *problem {
	t, p := a.need("a variable")
	if p != nil {
		return p.advise("such as: as $caller")
	}
	last := &e.Terms[len(e.Terms)-1]
	name, ok := variableName(t.raw)
	if !ok {
		p := wrong(t, "%q is no variable", t.text)
		if len(e.accounts) > 0 {
			p = unknown(t, "account", "there are", e.accounts)
		}
		if _, ok := variableName("$" + t.text); ok {
			p.meant = "$" + t.text
		}
		return p
	}
	if last.As != "" {
		return wrong(t, "this is kept as $%s already", last.As)
	}
	last.As = name
	return nil
}

// check wants the clauses to make sense together.
func (e *Expect) check(c clauses) *problem {
	first := e.Terms[0].Expectation
	held := slices.IndexFunc(e.Terms, func(t Term) bool { return !t.Expectation.Condition() || t.Expectation.Again() })
	switch {
	case e.No && e.Counted:
		return wrong(c.exactly, `"exactly" does not go with "no"`).advise(`"exactly 0" is the same as "no"`)
	case e.No && c.as.width > 0:
		return wrong(c.as, `what does not come cannot be kept`)
	case e.No && c.within.width > 0 && c.for_.width > 0:
		return wrong(c.within, `"no" takes one time`).advise(`write it as: for ` + e.For.String())
	case e.Counted && len(e.Terms) > 1:
		return wrong(c.exactly, `"exactly" counts one thing, not several joined by "and"`)
	case e.Counted && first.Measured():
		return wrong(c.exactly, "a quantity is not counted")
	case e.Counted && c.within.width == 0 && c.for_.width == 0:
		return wrong(c.exactly, `"exactly" needs the time in which it counts`).advise("such as: exactly 2 for 10m")
	case c.for_.width > 0 && !e.No && !e.Counted && held >= 0:
		return wrong(c.for_, `%q happens, it does not last`, e.Terms[held].Expectation).advise(`how long to wait for it is "within"`)
	}
	return nil
}
