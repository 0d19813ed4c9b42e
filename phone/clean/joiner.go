package clean

import (
	"unicode"
	"unicode/utf8"
)

// joiner reports whether a character is one of those that nobody sees but that
// Persian, Hindi and emoji are written with: they join what is beside them
// (U+200D), or keep it apart (U+200C).
func joiner(r rune) bool { return r == 0x200c || r == 0x200d }

// joins reports whether a text begins with a joiner where it belongs: between two
// letters or pictographs. Elsewhere it only hides.
func joins(before rune, text string) bool {
	r, size := utf8.DecodeRuneInString(text)
	if !joiner(r) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(text[size:])
	return (letter(before) || pictograph(before)) && (letter(next) || pictograph(next))
}

// firstJoined is the first letter of a script that has joiners, Arabic. In those
// before, as in Latin, one only makes two names of one.
const firstJoined = 0x0600

// letter reports whether a character is a letter, or a mark on one, of a script
// that has joiners.
func letter(r rune) bool {
	return r >= firstJoined && unicode.In(r, unicode.L, unicode.M) && !Forbidden(r)
}

// pictograph reports whether a character is one, or its colour.
func pictograph(r rune) bool {
	return r >= firstJoined && unicode.In(r, unicode.So, unicode.Sk) && r != utf8.RuneError
}

// Wrong returns the first character of a line that may not reach a reader as it
// is, and its place, in characters; -1 if there is none. Tabs may.
func Wrong(line string) (r rune, at int) {
	before := rune(0)
	for i, r := range line {
		if r != '\t' && Forbidden(r) && !joins(before, line[i:]) {
			return r, at
		}
		before = r
		at++
	}
	return 0, -1
}
