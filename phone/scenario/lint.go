package scenario

import (
	"fmt"
	"strings"
)

// Lint finds what is right and could be better: it is for warnings, and each
// is an error in form only. What it says is never a reason not to play the
// scenario.
func Lint(f *File) []*SyntaxError {
	l := linter{file: f, used: make(map[string]bool)}
	for _, c := range f.Cases {
		for _, s := range c.Steps {
			for _, v := range s.Vars {
				l.used[v] = true
			}
		}
	}
	for _, c := range f.Cases {
		for _, s := range c.Steps {
			l.step(s)
		}
	}
	return l.list
}

// A linter goes through the steps of a file.
type linter struct {
	file *File
	used map[string]bool // variables that some line uses
	list []*SyntaxError
	// claims are those about events since the last action, by whose they are.
	claims map[string][]Term
}

func (l *linter) step(s Step) {
	switch {
	case s.Kind == Waiting:
		l.remark(s.Place, fmt.Sprintf("%q waits for nothing in particular", s.Text), `"expect" goes on as soon as it can`)
	case s.Expect == nil: // an action, from which all look back
		l.claims = make(map[string][]Term)
	default:
		for _, t := range s.Expect.Terms {
			if t.As != "" && !l.used[t.As] {
				l.remark(t.Place, fmt.Sprintf("nothing uses $%s", t.As), "")
			}
			if !s.Expect.No && !s.Expect.Counted {
				l.claim(s.Actor, t)
			}
		}
	}
}

// claim warns of a second claim that the event of the first would prove: it
// needs an event of its own, and in older versions it did not.
func (l *linter) claim(actor string, t Term) {
	e := t.Expectation
	if e.Condition() || e.Measured() || e.Again() {
		return
	}
	for _, before := range l.claims[actor] {
		if overlap(before.Expectation, e) {
			l.remark(t.Place, fmt.Sprintf("line %d has claimed that event; this line waits for another", before.Line),
				`write "again" if another is meant, else leave it out`)
			break
		}
	}
	if l.claims == nil {
		l.claims = make(map[string][]Term)
	}
	l.claims[actor] = append(l.claims[actor], t)
}

// overlap reports whether one event may well prove both claims: they read the
// same, or one says more about the event than the other.
func overlap(a, b Expectation) bool {
	short, long := strings.ToLower(a.String()), strings.ToLower(b.String())
	if len(short) > len(long) {
		short, long = long, short
	}
	rest, begins := strings.CutPrefix(long, short)
	more, _, _ := strings.Cut(strings.TrimPrefix(rest, " "), " ")
	return begins && (rest == "" || rest[0] == ' ' && among(more, []string{"by", "from", "with"}))
}

func (l *linter) remark(at Place, message, advice string) {
	l.list = append(l.list, &SyntaxError{Place: at, Message: message, Advice: advice, Source: l.file.Source(at.File, at.Line)})
}
