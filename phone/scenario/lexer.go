package scenario

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A token is one word of a line, or several between quotes.
type token struct {
	text       string // without quotes
	raw        string // as written
	col, width int    // in characters, from 1
	quoted     bool   // holds quotes: then it is never a word of the language
}

// is reports whether t is a word of the language.
func (t token) is(word string) bool { return !t.quoted && strings.EqualFold(t.text, word) }

// to is the place from t to the end of u.
func (t token) to(u token) token {
	t.width = u.col + u.width - t.col
	return t
}

// after is the place behind t, where something is missing.
func (t token) after() token { return token{col: t.col + t.width + 1, width: 1} }

// A line is a line of text, taken apart: tokens and comment, or, of a "=="
// line, the title and the comment.
type line struct {
	tokens []token
	// isCase: it is a "==" line, and title is its name, blanks made single.
	isCase bool
	title  token
	// comment is with its "#", without blanks at its end; "" if there is none.
	comment string
}

// empty reports whether the line says nothing, apart from a comment.
func (l line) empty() bool { return len(l.tokens) == 0 && !l.isCase }

// statement is the line without its comment, written as [Format] writes it.
func (l line) statement() string {
	if l.isCase {
		return strings.TrimSpace("== " + l.title.text)
	}
	return join(l.tokens)
}

// join is tokens as written, a blank between them.
func join(tokens []token) string {
	raw := make([]string, len(tokens))
	for i, t := range tokens {
		raw[i] = t.raw
	}
	return strings.Join(raw, " ")
}

// texts are what tokens say, without their quotes.
func texts(tokens []token) []string {
	list := make([]string, len(tokens))
	for i, t := range tokens {
		list[i] = t.text
	}
	return list
}

// orderOf is what the tokens of an order say. Those of a header field stay as they are
// written: its quotes are its own (RFC 3261 §25.1).
func orderOf(tokens []token) []string {
	list := texts(tokens)
	if tokens[0].is("header") {
		for i, t := range tokens[1:] {
			list[i+1] = t.raw
		}
	}
	return list
}

// lex takes a line apart. What stands between double quotes is one word; "#"
// begins a comment where a word could begin.
func lex(text string) (line, *problem) {
	runes := []rune(text)
	if p := wrongCharacter(text); p != nil {
		return line{}, p
	}
	start := skipBlanks(runes, 0)
	if strings.HasPrefix(string(runes[start:min(len(runes), start+2)]), "==") {
		return lexCase(runes, start), nil
	}
	var l line
	for i := start; i < len(runes); i = skipBlanks(runes, i) {
		if runes[i] == '#' && !l.wantsDigits() {
			l.comment = strings.TrimRightFunc(string(runes[i:]), unicode.IsSpace)
			break
		}
		t, p := lexWord(runes, i)
		if p != nil {
			return line{}, p
		}
		l.tokens = append(l.tokens, t)
		i += t.width
	}
	if n := len(l.statement()); n > maxText {
		return line{}, &problem{token: token{col: 1, width: 1}, message: fmt.Sprintf("a statement of more than %d bytes", maxText)}
	}
	return l, nil
}

// wantsDigits reports whether the tones of the verb dtmf come next: there # is a
// key of the telephone, and begins no comment.
func (l line) wantsDigits() bool {
	verb := l.tokens
	if len(verb) == 2 && strings.HasSuffix(verb[0].text, ":") {
		verb = verb[1:] // behind the name of who it is for
	}
	return len(verb) == 1 && verb[0].is("dtmf")
}

func skipBlanks(runes []rune, i int) int {
	for i < len(runes) && unicode.IsSpace(runes[i]) {
		i++
	}
	return i
}

// lexWord reads the word that begins at i.
func lexWord(runes []rune, i int) (token, *problem) {
	t := token{col: i + 1}
	var text strings.Builder
	open := -1 // where the open quote is
	j := i
	for ; j < len(runes) && (open >= 0 || !unicode.IsSpace(runes[j])); j++ {
		switch {
		case runes[j] != '"':
			text.WriteRune(runes[j])
		case open >= 0:
			open = -1
		default:
			open, t.quoted = j, true
		}
	}
	if open >= 0 {
		return t, &problem{token: token{col: open + 1, width: len(runes) - open}, message: `a quote that is not closed`, advice: `end it with another "`}
	}
	t.text, t.raw, t.width = text.String(), string(runes[i:j]), j-i
	return t, nil
}

// lexCase reads a "==" line: everything up to a comment is the name.
func lexCase(runes []rune, start int) line {
	l := line{isCase: true, title: token{col: start + 1, width: 2}}
	from := skipBlanks(runes, start+2)
	end := len(runes)
	for i := from; i < len(runes); i++ {
		if runes[i] == '#' && (i == from || unicode.IsSpace(runes[i-1])) {
			l.comment = strings.TrimRightFunc(string(runes[i:]), unicode.IsSpace)
			end = i
			break
		}
	}
	l.title.text = strings.Join(strings.Fields(string(runes[from:end])), " ")
	if l.title.text != "" {
		l.title.col, l.title.width = from+1, len([]rune(strings.TrimRightFunc(string(runes[from:end]), unicode.IsSpace)))
	}
	return l
}

// wrongCharacter finds what no line of text has in it: it would do something else
// than it shows.
func wrongCharacter(text string) *problem {
	if !utf8.ValidString(text) {
		return &problem{token: token{col: 1, width: 1}, message: "not UTF-8 text"}
	}
	if r, at := clean.Wrong(text); at >= 0 {
		return &problem{token: token{col: at + 1, width: 1}, message: fmt.Sprintf("a character that does not belong into text (U+%04X)", r)}
	}
	return nil
}

// A problem is what is wrong with words of a line; it becomes a [SyntaxError]
// when the line is known.
type problem struct {
	token
	message string
	// meant is the nearest word that would have been known, and known is all
	// of them, under the name kind ("causes").
	meant, kind string
	known       []string
	// advice is what to write instead.
	advice string
	// stray: the word is one too many, and how it is written says the rest.
	stray bool
}

// Error says it all in one line.
func (p *problem) Error() string {
	text := p.message
	if p.meant != "" {
		text += "; did you mean " + p.meant + "?"
	}
	if p.advice != "" {
		text += "; " + p.advice
	}
	if len(p.known) > 0 {
		text += "; " + knownList(p.kind, p.known)
	}
	return text
}

// unknown reports a word that is not among the known ones.
func unknown(t token, what, kind string, known []string) *problem {
	return &problem{
		token: t, message: fmt.Sprintf("unknown %s %q", what, t.text),
		meant: words.Nearest(t.text, known), kind: kind, known: known,
	}
}

// wrong is a problem without more to say.
func wrong(t token, format string, a ...any) *problem {
	return &problem{token: t, message: fmt.Sprintf(format, a...)}
}

// advise adds what to write instead.
func (p *problem) advise(advice string) *problem {
	p.advice = advice
	return p
}

// args are the words behind the first of a statement or an expectation.
type args struct {
	head   token // what they stand behind
	tokens []token
}

// next takes the next word.
func (a *args) next() (token, bool) {
	if len(a.tokens) == 0 {
		return token{}, false
	}
	a.head = a.tokens[0]
	a.tokens = a.tokens[1:]
	return a.head, true
}

// unless takes the next word, if there is one and it is none of these, which begin what
// comes after it. It is empty if there is none.
func (a *args) unless(words ...string) (t token) {
	if len(a.tokens) > 0 && !slices.ContainsFunc(words, a.tokens[0].is) {
		t, _ = a.next()
	}
	return t
}

// need takes the next word, which must be there.
func (a *args) need(what string) (token, *problem) {
	if t, ok := a.next(); ok {
		return t, nil
	}
	return token{}, wrong(a.head.after(), "%s is missing", what)
}

// skip takes the next words if they are these.
func (a *args) skip(want ...string) bool {
	if len(a.tokens) < len(want) {
		return false
	}
	for i, w := range want {
		if !a.tokens[i].is(w) {
			return false
		}
	}
	a.head = a.tokens[len(want)-1]
	a.tokens = a.tokens[len(want):]
	return true
}

// done wants no more words.
func (a *args) done() *problem {
	if t, ok := a.next(); ok {
		p := wrong(t, "unexpected %q", t.text)
		p.stray = true
		return p
	}
	return nil
}

// withUsage adds how the statement is written to the problem of a word that is
// one too many; p may be nil.
func (p *problem) withUsage(s *Statement) *problem {
	if p != nil && p.stray && p.advice == "" {
		p.advice = "it is: " + s.Usage()
	}
	return p
}

// oneOf takes the next word, which must be one of those known.
func (a *args) oneOf(what, kind string, known []string) (string, *problem) {
	t, p := a.need(what)
	if p != nil {
		p.kind, p.known = kind, known
		return "", p
	}
	for _, k := range known {
		if strings.EqualFold(k, t.text) {
			return k, nil
		}
	}
	return "", unknown(t, what, kind, known)
}
