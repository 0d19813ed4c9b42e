package verb

import (
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// An Error says which word of a line is wrong, and what would be right.
type Error struct {
	Word    int // its place in the line; that of a missing word is behind the last
	Width   int // how many words are wrong; 0: one
	Message string
	Kind    string // what Known are
	Known   []string
	Meant   string // the word that was perhaps meant
	Advice  string // what to do about it
	// Unknown: the line begins with no verb.
	Unknown bool
	// Fault: it is about the words of a fault.
	Fault bool
}

// Error says it all in one line.
func (e *Error) Error() string {
	text := e.Message
	if e.Meant != "" {
		text += "; did you mean " + e.Meant + "?"
	}
	if e.Advice != "" {
		text += "; " + e.Advice
	}
	if len(e.Known) > 0 {
		text += fmt.Sprintf(" (%s: %s)", e.Kind, strings.Join(e.Known, ", "))
	}
	return text
}

// shift moves the error by some words.
func (e *Error) shift(n int) *Error {
	if e != nil {
		e.Word += n
	}
	return e
}

func (e *Error) advise(advice string) *Error {
	e.Advice = advice
	return e
}

// A reader goes through the words of a line.
type reader struct {
	cast  *Cast
	words []string
	at    int
}

// next is the word that comes, in small letters; "" if there is none.
func (r *reader) next() string {
	if r.over() {
		return ""
	}
	return strings.ToLower(r.words[r.at])
}

func (r *reader) over() bool { return r.at >= len(r.words) }

// skip takes a word if it comes next.
func (r *reader) skip(word string) bool {
	if r.over() || r.next() != word {
		return false
	}
	r.at++
	return true
}

// take takes the next word as it is written.
func (r *reader) take(what string) (string, *Error) {
	if r.over() {
		return "", r.wrong(r.at, "%s is missing", what)
	}
	r.at++
	return r.words[r.at-1], nil
}

func (r *reader) wrong(at int, format string, args ...any) *Error {
	return &Error{Word: at, Message: fmt.Sprintf(format, args...)}
}

// unknown says that the word that comes is none of those that could.
func (r *reader) unknown(what, kind string, known []string) *Error {
	e := &Error{Word: r.at, Kind: kind, Known: known}
	if r.over() {
		e.Message = "the " + what + " is missing"
		return e
	}
	e.Message = fmt.Sprintf("unknown %s %q", what, r.words[r.at])
	e.Meant = words.Nearest(r.words[r.at], known)
	return e
}

// oneOf takes a word that must be one of known.
func (r *reader) oneOf(what string, known []string) (string, *Error) {
	word := r.next()
	for _, k := range known {
		if word != "" && strings.EqualFold(k, word) {
			r.at++
			return k, nil
		}
	}
	return "", r.unknown(what, "there are", known)
}
