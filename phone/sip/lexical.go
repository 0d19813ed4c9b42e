package sip

import "strings"

// The lexical rules of header fields (RFC 3261 §25.1): what is white space, a
// token, a quoted string. A folded line has been joined before it gets here, so
// white space is spaces and tabs.

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// trimLeft is s without the white space before it.
func trimLeft(s string) string {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	return s
}

// trim is s without the white space around it.
func trim(s string) string {
	s = trimLeft(s)
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// until is s before the first byte of stops that is outside of quotes, and from
// there on. A quote that is never closed goes on to the end.
func until(s, stops string) (before, rest string) {
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			n := quotedLen(s[i:])
			if n < 0 {
				return s, ""
			}
			i += n - 1
			continue
		}
		if strings.IndexByte(stops, s[i]) >= 0 {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// quotedLen is the length of the quoted string that s begins with, its quotes
// included; -1 if it is not closed.
func quotedLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// isToken reports whether s is a token.
func isToken(s string) bool {
	for i := range len(s) {
		if !tokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

// tokenByte reports whether c may stand in a token.
func tokenByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-.!%*_+`'~", c) >= 0
}

// Unquoted is a value as it is meant: without the quotes around it, if there are
// any, and with each quoted pair as the character that it stands for.
func Unquoted(s string) string {
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// Escaped is a text as it stands between quotes: a quote or a backslash in it is
// a quoted pair.
func Escaped(s string) string {
	if !strings.ContainsAny(s, `"\`) {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
}
