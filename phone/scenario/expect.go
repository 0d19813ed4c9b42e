package scenario

import "github.com/sleeptalk/sleeptalk/phone/event"

// maxText bounds a statement, which comes from a file or a terminal.
const maxText = 1024

// An Expectation is something that an event can fulfil, or, of some, the state
// that a phone is in: see [Expectation.Condition].
type Expectation struct {
	text    string
	head    string
	again   bool
	account string // of the phone, if it has several; "": any
	any     bool   // it is not to be, so that one account or flow is enough
	meaning
}

// A meaning is what an expectation looks for. It is made by its form.
type meaning struct {
	// match says whether an event is the one, given the state before it (nil
	// if that is not known).
	match func(before *event.Fold, ev event.Event) bool
	// holds says whether a state is the one; nil for what only happens.
	holds func(f *event.Fold) (holds, known bool)
	// whole says of an account how it stands, where it is true of a phone with several
	// accounts only if it is of all; nil: one is enough.
	whole func(*event.Fold) bool
	// gone says of an account or flow that it still has what is to be gone, of all; nil:
	// one is enough.
	gone func(*event.Fold) bool
	// measured: it is a quantity, and the latest value decides.
	measured bool
	// value is what "as" keeps of the event; ev is nil where the state
	// fulfilled the expectation. Nil: the text of the event.
	value func(f *event.Fold, ev event.Event) string
}

// Parse reads an expectation without clauses, such as "wake by INVITE". The
// error of an unknown one names the nearest word that would have been known.
func Parse(text string) (Expectation, error) {
	l, p := lex(text)
	if p == nil && l.isCase {
		p = unknown(l.title, "event", "such as", heads())
	}
	if p != nil {
		return Expectation{}, p
	}
	e, p := parseExpectation(args{head: token{col: 0}, tokens: l.tokens})
	if p != nil {
		return Expectation{}, p
	}
	return e, nil
}

// parseExpectation reads the words of an expectation.
func parseExpectation(a args) (Expectation, *problem) {
	all := a.tokens
	t, p := a.need("what is expected")
	if p != nil {
		p.kind, p.known = "such as", heads()
		return Expectation{}, p
	}
	f := formOf(t)
	if f == nil {
		return Expectation{}, unknown(t, "event", "such as", heads())
	}
	again := a.takeAgain()
	m, p := f.parse(&a)
	if p == nil {
		p = a.done()
	}
	if p != nil {
		if p.advice == "" && len(p.known) == 0 {
			p.advice = "it is: " + f.usage
		}
		return Expectation{}, p
	}
	return Expectation{text: join(all), head: f.head, again: again, meaning: m}, nil
}

// As is the expectation of one account of a phone with several.
func (e Expectation) As(account string) Expectation {
	e.account = account
	return e
}

// formOf is the form that begins with a word; nil if there is none.
func formOf(t token) *form {
	for i := range forms {
		if t.is(forms[i].head) {
			return &forms[i]
		}
	}
	return nil
}

// takeAgain takes the word "again", wherever it stands.
func (a *args) takeAgain() bool {
	for i, t := range a.tokens {
		if t.is("again") {
			if i == 0 {
				a.head = t
			}
			a.tokens = append(append([]token(nil), a.tokens[:i]...), a.tokens[i+1:]...)
			return true
		}
	}
	return false
}

// Match reports whether ev fulfils the expectation, when nothing is known of
// the state before it.
func (e Expectation) Match(ev event.Event) bool { return e.MatchAfter(nil, ev) }

// MatchAfter reports whether ev fulfils the expectation, given the state of
// the phone before it: "a new contact" is new in comparison.
func (e Expectation) MatchAfter(before *event.Fold, ev event.Event) bool {
	return e.match != nil && e.match(before, ev)
}

// MatchRecord reports whether a record fulfils the expectation, given the state of the
// phone before it: of the account that is meant or, of what is true where it is of all
// accounts, by the last of them. What is not to be is so if any account has it.
func (e Expectation) MatchRecord(before *event.Fold, rec event.Record) bool {
	own := before
	if rec.Account != "" {
		own = before.As(rec.Account) // what is new to one may be known of another
	}
	switch {
	case !e.MatchAfter(own, rec.Event):
		return false
	case e.account != "" && !before.Has(e.account, rec.Account):
		return false
	case e.any:
		return true
	case e.gone != nil:
		return !before.Any(e.account, rec.Account, e.gone)
	}
	return e.account != "" || e.whole == nil || !before.SeveralUsers() || before.Others(rec.Account, e.whole)
}

// Condition reports whether a phone can be in the state that is expected: then
// it is fulfilled too where [Expectation.Holds], with no event.
func (e Expectation) Condition() bool { return e.holds != nil && !e.measured }

// Measured reports whether a quantity is expected, such as "rtp loss <= 1%".
// The latest value decides, as [Expectation.Holds] gives it, and no event of
// the past.
func (e Expectation) Measured() bool { return e.measured }

// Again reports whether it must happen anew: after the event that fulfilled
// the phone's last expectation, where otherwise the search goes back to the
// last action; and a state that holds already is not enough.
func (e Expectation) Again() bool { return e.again }

// Holds reports whether a phone is in the state that is expected; not known
// where the log says nothing about it yet, or it is not a matter of state.
func (e Expectation) Holds(f *event.Fold) (holds, known bool) {
	if e.holds == nil || !f.Started {
		return false, false
	}
	if e.any && f.Any(e.account, "", func(f *event.Fold) bool { holds, known := e.holds(f); return holds && known }) {
		return true, true
	}
	if e.account != "" {
		f = f.As(e.account)
	}
	return e.holds(f)
}

// Holder is the account or flow, of several, by which a phone is in the state that is
// expected, the first; "" if the state is the phone's, whatever its accounts are.
func (e Expectation) Holder(f *event.Fold) string {
	if e.holds == nil {
		return ""
	}
	is := func(account string) bool {
		holds, known := e.holds(f.As(account))
		return holds && known
	}
	var own []string
	of := 0
	for _, a := range f.Accounts {
		if e.account != "" && !f.Has(e.account, a.Name) {
			continue
		}
		of++
		if is(a.Name) {
			own = append(own, a.Name)
		}
	}
	const nobody = "" // no account has that name
	if len(own) == 0 || len(own) == of && is(nobody) {
		return ""
	}
	return own[0]
}

// Value is what "as $x" keeps: of the event that fulfilled the expectation,
// or, where ev is nil, of the state.
func (e Expectation) Value(f *event.Fold, ev event.Event) string {
	if e.account != "" {
		f = f.As(e.account)
	}
	switch {
	case e.value != nil:
		return event.Printable(e.value(f, ev))
	case ev != nil:
		what, _ := ev.Text()
		return event.Printable(what)
	}
	return e.String()
}

// Head is the word that the expectation begins with, such as "wake": its form.
func (e Expectation) Head() string { return e.head }

// String is the expectation's text, its blanks made single.
func (e Expectation) String() string {
	if e.account == "" {
		return e.text
	}
	return e.text + " as " + e.account
}

// A Form is one way to write an expectation.
type Form struct {
	Head, Usage, Help string
	// Value says what "as $x" keeps.
	Value string
	// State reports whether it is fulfilled by the state that the phone is in
	// already, and not only by what happens.
	State bool
}

// Forms lists every way to write an expectation, in the order of a phone's
// day.
func Forms() []Form {
	list := make([]Form, len(forms))
	for i, f := range forms {
		list[i] = Form{f.head, f.usage, f.help, f.keeps, f.state}
	}
	return list
}

func heads() []string {
	list := make([]string, len(forms))
	for i, f := range forms {
		list[i] = f.head
	}
	return list
}
