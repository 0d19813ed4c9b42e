// Package clean makes foreign text harmless where it leaves the program. Foreign
// text comes from a peer, a file, an argument or the environment. It may try to
// command the terminal, reorder what is read, or end the string that it stands in.
//
// There is a function for each kind of output, called by the code that writes it,
// so that the code that composes a text need not think of it:
//
//	a line of text          Line     escapes: \x1b, \u202e
//	lines, HTML, XML, SVG   Writer   escapes in all that is written
//	a cell of the screen    Cell     a grapheme, or U+FFFD
//	JSON                    JSON     escapes of JSON, which lose nothing
//	the name of a file      FileName a name without folders
//
// It imports no other package of the project and is pure. All but a [Writer] is
// safe for concurrent use.
package clean

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLine is how many characters of a line are shown, a limit of our own. Names
// and header fields may be 64 KiB long.
const MaxLine = 2048

// maxMarks is how many combining marks may follow each other. No language needs
// more, and more of them cover the lines above. Unicode's Stream-Safe Text
// Format allows 30 (UAX #15 §13); Thai, Vietnamese and Tibetan need no more than 4.
const maxMarks = 8

// fillers are invisible letters and variation selectors.
var fillers = &unicode.RangeTable{
	R16: []unicode.Range16{{0x034f, 0x034f, 1}, {0x115f, 0x1160, 1}, {0x17b4, 0x17b5, 1}, {0x180b, 0x180f, 1}, {0x3164, 0x3164, 1}, {0xffa0, 0xffa0, 1}},
	R32: []unicode.Range32{{0xe0100, 0xe01ef, 1}},
}

// Forbidden reports whether a character may not reach a reader as it is, because
// it is a control character (C0, DEL, C1), formats or hides text (bidirectional
// overrides, zero-width characters, tags), ends a line (U+2028, U+2029), or is not
// a character at all (U+FFFE).
func Forbidden(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point, fillers)
}

// Line returns s on one line, with escapes for what is forbidden. It does not
// shorten it; see [Cut].
func Line(s string) string {
	if plain(s) {
		return s
	}
	return string(appendClean(make([]byte, 0, len(s)+16), 0, s, func(rune) bool { return false }))
}

// Cut returns the first n characters of s; if s is longer, the last of them is an
// ellipsis.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n--; n == 0 {
			if _, size := utf8.DecodeRuneInString(s[i:]); i+size < len(s) {
				return s[:i] + "…"
			}
		}
	}
	return s
}

// plain reports whether s is printable ASCII, as most texts are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// appendClean appends s, with escapes for characters that are forbidden and not
// allowed. before is the character in front of s, or 0.
func appendClean(b []byte, before rune, s string, allowed func(rune) bool) []byte {
	marks := 0
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if marks++; r < 0x300 || !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && size == 1:
			b = appendByte(b, s[0])
		case (Forbidden(r) && !joins(before, s) || marks > maxMarks) && !allowed(r):
			b = appendEscape(b, r)
		default:
			b = append(b, s[:size]...)
		}
		before, s = r, s[size:]
	}
	return b
}

// appendEscape appends a character as Go writes it in quotes.
func appendEscape(b []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		quoted := strconv.QuoteRuneToASCII(r)
		return append(b, quoted[1:len(quoted)-1]...)
	}
	if r > 0xffff {
		return append(append(b, `\U`...), hex(r, 8)...)
	}
	return append(append(b, `\u`...), hex(r, 4)...)
}

// appendByte appends the escape of a byte that is not UTF-8.
func appendByte(b []byte, c byte) []byte { return append(append(b, `\x`...), hex(rune(c), 2)...) }

func hex(r rune, digits int) string {
	s := strconv.FormatInt(int64(r), 16)
	return strings.Repeat("0", max(0, digits-len(s))) + s
}

// maxCell bounds the bytes of a grapheme: a family of four has 25.
const maxCell = 32

// Cell returns a grapheme as a cell of the screen can show it: unchanged, or as
// U+FFFD if the terminal would obey it or too many marks are stacked on it. A
// joiner may end a letter, since the next one is in the next cell, but not a
// pictograph, which the terminal would merge with that cell.
func Cell(grapheme string) string {
	marks, before := 0, rune(0)
	for i, r := range grapheme {
		if unicode.In(r, unicode.Mn, unicode.Me) {
			marks++
		}
		last := i+len(string(r)) == len(grapheme)
		if Forbidden(r) && !joins(before, grapheme[i:]) && !(last && joiner(r) && letter(before)) {
			return "\uFFFD"
		}
		before = r
	}
	if marks > maxMarks || len(grapheme) > maxCell || !utf8.ValidString(grapheme) {
		return "\uFFFD"
	}
	return grapheme
}
