package scenario

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// labHead is the first word of what is expected of the lab.
const labHead = "lab"

// labForm is fulfilled by what the lab notes.
func labForm(a *args) (meaning, *problem) {
	what, p := a.note()
	if p != nil {
		return meaning{}, p
	}
	rest, p := a.options("with")
	text := rest["with"].text
	m := happens(func(e event.Server) bool {
		return strings.EqualFold(e.What, what) && contains(e.Peer+" "+e.Detail, text)
	})
	return keeping(m, func(e event.Server) string { return e.Detail }, nil), p
}

// note reads the words of one of the lab's notes. A misspelt one is refused, since
// "expect no lab …" would pass for ever.
func (a *args) note() (string, *problem) {
	var words []string
	at := a.head.after()
	for len(a.tokens) > 0 && !a.tokens[0].is("with") {
		word, _ := a.next()
		if len(words) == 0 {
			at = word
		}
		words, at = append(words, word.text), at.to(word)
	}
	if len(words) == 0 {
		return "", wrong(at, "what the lab does is missing")
	}
	at.text = strings.Join(words, " ")
	if known := event.ServerNotes(); !among(at.text, known) {
		return "", unknown(at, "note of the lab", "it notes", known)
	}
	return at.text, nil
}

// OfTheLab reports whether it is the lab that this is expected of.
func (e Expectation) OfTheLab() bool { return e.head == labHead }

// ofTheLab has what is expected of the lab looked for there, without its name
// before the line.
func ofTheLab(st *Step) *problem {
	lab := 0
	for _, t := range st.Expect.Terms {
		if t.Expectation.OfTheLab() {
			lab++
		}
	}
	switch lab {
	case 0:
	case len(st.Expect.Terms):
		st.Actor = verb.LabName
	default:
		t := st.Expect.Terms[0]
		return wrong(token{col: t.Col, width: t.Width}, "one line expects something of a phone and of the lab").advise("write a line for each")
	}
	return nil
}
