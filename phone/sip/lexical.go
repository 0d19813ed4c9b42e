package sip

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/sip/quoted"
)

// The lexical rules of header fields (RFC 3261 §25.1): what is white space, a
// token, a part. Quoted strings are those of phone/sip/quoted. A folded line has
// been joined before it gets here, so white space is spaces and tabs.

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
			n := quoted.Len(s[i:])
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

// unquoted is a value that may be a quoted string as it is meant. What follows the
// closing quote is not.
func unquoted(s string) string {
	s = strings.TrimSpace(s)
	if len(s) < 2 || s[0] != '"' {
		return s
	}
	text, _ := quoted.Cut(s)
	return text
}

// splitOutside splits a value at separators outside of quotes and angle brackets. There
// is always a first part.
func splitOutside(s string, at byte) []string {
	var parts []string
	inQuotes, bracket, from := false, false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case inQuotes && c == '\\':
			i++
		case c == '"':
			inQuotes = !inQuotes
		case inQuotes:
		case c == '<':
			bracket = true
		case c == '>':
			bracket = false
		case c == at && !bracket:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}
