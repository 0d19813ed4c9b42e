package picture

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Filter picks calls and messages. Its grammar:
//
//	filter = term { "," term }        all of them must fit
//	term   = "method" WORD            the method of a request, or that of an answer's request
//	       | "caller" NAME            who is at the other end, or a part of it
//	       | "code" ( 408 | 4xx | none )
//	       | "state" STATE            of the app, when it came
//	       | "text" WORDS             anywhere in it
//	       | WORDS                    the same
//
// Letters are equal, small or not. A comma inside of WORDS or NAME has them in quotes.
// The zero value lets everything through.
type Filter struct {
	words string
	terms []term
}

// A term is one of its conditions.
type term struct{ key, value string }

// A Subject is what a filter looks at: a call, or a message.
type Subject struct {
	Methods []string // of a call: those of all its requests
	Caller  string
	Code    int // 0: none
	State   event.Lifecycle
	Text    string
}

// A Key is a word that a term of a filter may begin with.
type Key struct{ Name, Value, Help string }

// FilterKeys are all of them.
func FilterKeys() []Key {
	return []Key{
		{"method", "INVITE", "requests of that method, and their answers"},
		{"caller", "NAME", "who is at the other end, or a part of it"},
		{"code", "408, 4xx, none", "the answer"},
		{"state", strings.Join(stateNames(), ", "), "of the app, when it came"},
		{"text", "WORDS", "anywhere in it; words without a key are the same"},
	}
}

// stateWords are the states of an app as a person calls them.
var stateWords = []struct {
	name   string
	states []event.Lifecycle
}{
	{"open", []event.Lifecycle{event.Foreground}},
	{"background", []event.Lifecycle{event.Entering, event.Background, event.Task}},
	{"suspended", []event.Lifecycle{event.Suspended}},
	{"woken", []event.Lifecycle{event.Awake}},
	{"in-call", []event.Lifecycle{event.InCall}},
	{"dead", []event.Lifecycle{event.Dead}},
}

func stateNames() (names []string) {
	for _, w := range stateWords {
		names = append(names, w.name)
	}
	return names
}

// StateWord is the word of a filter for a state of the app; "" if there is none.
func StateWord(s event.Lifecycle) string {
	for _, w := range stateWords {
		if slices.Contains(w.states, s) {
			return w.name
		}
	}
	return ""
}

// ParseFilter reads a filter. Its errors name what is wrong.
func ParseFilter(s string) (Filter, error) {
	f := Filter{words: strings.TrimSpace(s)}
	parts, err := splitTerms(f.words)
	if err != nil {
		return Filter{}, err
	}
	for _, part := range parts {
		t, err := parseTerm(part)
		if err != nil {
			return Filter{}, err
		}
		f.terms = append(f.terms, t)
	}
	return f, nil
}

// splitTerms cuts at the commas that are not in quotes.
func splitTerms(s string) (parts []string, err error) {
	part, quoted := "", false
	for _, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
			part += string(r)
		case r == ',' && !quoted:
			parts, part = append(parts, strings.TrimSpace(part)), ""
		default:
			part += string(r)
		}
	}
	if quoted {
		return nil, errors.New("a quote is open: " + part)
	}
	parts = append(parts, strings.TrimSpace(part))
	return slices.DeleteFunc(parts, func(p string) bool { return p == "" }), nil
}

func parseTerm(s string) (term, error) {
	key, value, _ := strings.Cut(s, " ")
	key, value = strings.ToLower(key), strings.TrimSpace(strings.ReplaceAll(value, `"`, ""))
	i := slices.IndexFunc(FilterKeys(), func(k Key) bool { return k.Name == key })
	if i < 0 {
		return term{"text", fold(strings.ReplaceAll(s, `"`, ""))}, nil
	}
	t := term{key, fold(value)}
	switch {
	case value == "":
		return term{}, fmt.Errorf("%s: which? Such as: %s %s. The word itself is found by: text %s", key, key, FilterKeys()[i].Value, key)
	case key == "code" && !isCode(t.value):
		return term{}, fmt.Errorf("code %s: a code is a number such as 408, or 4xx, or none", value)
	case key == "state" && !slices.Contains(stateNames(), t.value):
		return term{}, fmt.Errorf("state %s: the states are %s", value, strings.Join(stateNames(), ", "))
	}
	return t, nil
}

// isCode reports whether a code or a class of codes is meant (RFC 3261 §7.2).
func isCode(s string) bool {
	if s == "none" {
		return true
	}
	return len(s) == 3 && s[0] >= '1' && s[0] <= '6' && (s[1:] == "xx" || isDigit(s[1]) && isDigit(s[2]))
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func fold(s string) string { return strings.ToLower(s) }

// String is the filter as it was typed.
func (f Filter) String() string { return f.words }

// Everything reports whether it lets everything through.
func (f Filter) Everything() bool { return len(f.terms) == 0 }

// Plain reports whether it looks for words alone, which whatever has words may have.
func (f Filter) Plain() bool {
	return !slices.ContainsFunc(f.terms, func(t term) bool { return t.key != "text" })
}

// Lets reports whether it lets a subject through.
func (f Filter) Lets(s Subject) bool {
	for _, t := range f.terms {
		if !t.fits(s) {
			return false
		}
	}
	return true
}

func (t term) fits(s Subject) bool {
	has := func(text string) bool { return strings.Contains(fold(text), t.value) }
	switch t.key {
	case "method":
		return slices.ContainsFunc(s.Methods, func(m string) bool { return fold(m) == t.value })
	case "caller":
		return has(s.Caller)
	case "code":
		return t.fitsCode(s.Code)
	case "state":
		return StateWord(s.State) == t.value
	}
	return has(s.Text)
}

func (t term) fitsCode(code int) bool {
	switch {
	case t.value == "none":
		return code == 0
	case strings.HasSuffix(t.value, "xx"):
		return code/100 == int(t.value[0]-'0')
	}
	return strconv.Itoa(code) == t.value
}
