// Package quoted reads and writes the quoted strings of header fields (RFC 3261
// §25.1), for phone/sip and for the digest beneath it: a quote or a backslash in
// one is a quoted pair, which is a backslash and the character.
package quoted

import "strings"

// Len is the length of the quoted string that s begins with, its quotes included;
// -1 if it is not closed.
func Len(s string) int {
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

// Cut is the text of the quoted string that s begins with, and what follows it. One
// that is not closed ends with s.
func Cut(s string) (text, rest string) {
	n := Len(s)
	if n < 0 {
		return unpair(s[1:]), ""
	}
	return unpair(s[1 : n-1]), s[n:]
}

// Text is a value as it is meant: without the quotes around it, if there are any,
// and with each quoted pair as the character that it stands for.
func Text(s string) string {
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	return unpair(s)
}

func unpair(s string) string {
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

// Escape is a text as it stands between quotes.
func Escape(s string) string {
	if !strings.ContainsAny(s, `"\`) {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
}
