package clean

import (
	"unicode"
	"unicode/utf8"
)

// joiner reports whether a character is a zero-width joiner (U+200D) or non-joiner
// (U+200C), which are invisible but needed to write Persian, Hindi and emoji.
func joiner(r rune) bool { return r == 0x200c || r == 0x200d }

// joins reports whether text begins with a joiner that belongs there, between two
// letters or pictographs. Anywhere else, it only hides.
func joins(before rune, text string) bool {
	r, size := utf8.DecodeRuneInString(text)
	if !joiner(r) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(text[size:])
	return (letter(before) || pictograph(before)) && (letter(next) || pictograph(next))
}

// firstJoined is where the scripts that use joiners begin, with Arabic. In the
// scripts before it, such as Latin, a joiner only makes two names look the same.
const firstJoined = 0x0600

// letter reports whether a character is a letter, or a mark on one, of a script
// that has joiners.
func letter(r rune) bool {
	return r >= firstJoined && unicode.In(r, unicode.L, unicode.M) && !Forbidden(r)
}

// pictograph reports whether a character is a pictograph or modifies one.
func pictograph(r rune) bool {
	return r >= firstJoined && unicode.In(r, unicode.So, unicode.Sk) && r != utf8.RuneError
}

// Wrong returns the first character of a line that may not reach a reader as it
// is, other than a tab, and its index in characters, or -1 if there is none.
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
