package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/clean"
)

// maxErrors bounds how many errors of a file are kept: nobody reads more.
const maxErrors = 50

// SyntaxErrors are all that is wrong with a scenario, in the order of its
// lines.
type SyntaxErrors struct {
	List []*SyntaxError
	// More: there are more than are kept; the rest of the text was not read.
	More bool
}

// Error is the errors with their excerpts, one below the other.
func (e *SyntaxErrors) Error() string {
	all := make([]string, len(e.List), len(e.List)+1)
	for i, one := range e.List {
		all[i] = one.Error()
	}
	if e.More {
		all = append(all, "and more")
	}
	return strings.Join(all, "\n")
}

// Unwrap are the single errors.
func (e *SyntaxErrors) Unwrap() []error {
	all := make([]error, len(e.List))
	for i, one := range e.List {
		all[i] = one
	}
	return all
}

// A SyntaxError is one thing that is wrong with a scenario, and where.
type SyntaxError struct {
	Place
	Message string // `unknown wake cause "INVTE"`
	// Meant is the word that was perhaps meant; "" if none is near.
	Meant string
	// Advice is what to do about it; "" if the message says enough.
	Advice string
	// Known are the words that would have been known, and Kind is what they
	// are ("causes").
	Kind  string
	Known []string
	// Source is the line; "" if the error is not about one.
	Source string

	order int // of the line in the whole text, includes in their places
}

// Error shows the place as a compiler does:
//
//	wake.talk:21:16 unknown wake cause "INVTE"
//	21 | expect wake by INVTE within 2s
//	   |                ^^^^^ did you mean INVITE?   causes: INVITE, sip, …
func (e *SyntaxError) Error() string {
	if e.Source == "" {
		return fmt.Sprintf("%s:%d:%d %s", e.File, e.Line, e.Col, e.Short())
	}
	first := fmt.Sprintf("%s:%d:%d %s", e.File, e.Line, e.Col, e.Message)
	number := fmt.Sprint(e.Line)
	text, pad, width := excerpt(e.Source, e.Col, e.Width)
	under := pad + strings.Repeat("^", width)
	if remarks := e.remarks(); len(remarks) > 0 {
		under += " " + strings.Join(remarks, "   ")
	}
	return fmt.Sprintf("%s\n%s | %s\n%s | %s", first, number, text, strings.Repeat(" ", len(number)), under)
}

// Short says what is wrong in one line, without the place.
func (e *SyntaxError) Short() string {
	return strings.Join(append([]string{e.Message}, e.remarks()...), "; ")
}

// maxKnown is how many known words an error lists; more do not help.
const maxKnown = 12

// remarks are what helps to put it right.
func (e *SyntaxError) remarks() []string {
	var list []string
	if e.Meant != "" {
		list = append(list, "did you mean "+e.Meant+"?")
	}
	if e.Advice != "" {
		list = append(list, e.Advice)
	}
	if len(e.Known) > 0 {
		list = append(list, knownList(e.Kind, e.Known))
	}
	return list
}

// knownList is known words, the first of them, under their name.
func knownList(kind string, known []string) string {
	if len(known) > maxKnown {
		known = append(slices.Clone(known[:maxKnown]), "…")
	}
	return kind + ": " + strings.Join(known, ", ")
}

// maxExcerpt is how many characters of a line an excerpt shows.
const maxExcerpt = 120

// excerpt cuts a long line to what surrounds a place, and makes the blanks
// that put a caret under it. Tabs stay tabs, in both.
func excerpt(source string, col, width int) (text, pad string, carets int) {
	runes := []rune(strings.Map(printable, source))
	at := min(max(col-1, 0), len(runes))
	from := 0
	if at > maxExcerpt*3/4 {
		from = at - maxExcerpt/2
	}
	to := min(len(runes), from+maxExcerpt)
	text = string(runes[from:to])
	blank := func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}
	pad = strings.Map(blank, string(runes[from:at]))
	if from > 0 {
		text, pad = "…"+text, " "+pad
	}
	if to < len(runes) {
		text += "…"
	}
	if missing := col - 1 - at; missing > 0 { // behind the line's end
		pad += strings.Repeat(" ", min(missing, 1))
	}
	return text, pad, min(max(width, 1), max(to-at, 1))
}

// printable replaces what a terminal would obey: an escape would move the carets.
func printable(r rune) rune {
	if r != '\t' && clean.Forbidden(r) {
		return '\ufffd'
	}
	return r
}

// add notes an error, in the order of lines.
func (e *SyntaxErrors) add(one *SyntaxError) {
	if e.More = e.full(); e.More {
		return
	}
	e.List = append(e.List, one)
}

// full reports whether no more errors are kept.
func (e *SyntaxErrors) full() bool { return len(e.List) >= maxErrors }

// sorted puts the errors in the order of the text.
func (e *SyntaxErrors) sorted() *SyntaxErrors {
	slices.SortStableFunc(e.List, func(a, b *SyntaxError) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.Col, b.Col))
	})
	return e
}
