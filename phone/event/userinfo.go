package event

import "strings"

// schemes are those of addresses that may contain a password, besides all that are
// followed by "//".
var schemes = []string{"sip", "sips", "xmpp", "im", "pres", "turn", "turns", "stun", "stuns"}

// The characters that end the word that contains an address, those that separate
// it from an address before it, and those that end the host and the port.
const (
	wordEnds   = " \t\r\n<>\"'"
	separators = ",;=?&(/"
	hostEnds   = ";?/"
)

// userinfo masks the passwords of addresses: what stands between the first colon
// behind a scheme and the @ before the host (RFC 3261 §19.1.1, RFC 3986 §3.2.1).
func userinfo(text string) string {
	var b []byte // a copy, once there is something to mask
	for begin := 0; ; {
		at := strings.IndexByte(text[begin:], '@')
		if at < 0 {
			break
		}
		begin += 1 + strings.LastIndexAny(text[begin:begin+at], wordEnds)
		word := text[begin:]
		if end := strings.IndexAny(word, wordEnds); end >= 0 {
			word = word[:end]
		}
		if strings.Count(word, ":") > 1 { // not only that of the scheme, as in most addresses
			b = hidePasswords(b, text, begin, word)
		}
		begin += len(word)
	}
	if b == nil {
		return text
	}
	return string(b)
}

// hidePasswords masks the passwords of the addresses in a word, which begins at an
// index of text. It masks them in b, a copy of text, which it makes if b is nil,
// and returns b.
func hidePasswords(b []byte, text string, begin int, word string) []byte {
	_, from := nextAddress(word, 0)
	for from < len(word) {
		end, next := nextAddress(word, from)
		if p, n := password(word[from:end]); n > 0 {
			if b == nil {
				b = []byte(text)
			}
			copy(b[begin+from+p:], dots(word[from+p:from+p+n]))
		}
		from = next
	}
	return b
}

// nextAddress returns the indexes of the next address in a word and of what follows
// its scheme, or the length of the word if there is none. Only the first address
// needs no separator before it.
func nextAddress(word string, from int) (begin, behind int) {
	for i := from; i < len(word); i++ {
		if word[i] != ':' {
			continue
		}
		if n := schemeBefore(word[from:], i-from); n > 0 && (from == 0 || strings.IndexByte(separators, word[i-n-1]) >= 0) {
			return i - n, i + 1
		}
	}
	return len(word), len(word)
}

// schemeBefore returns the length of the longest scheme before the colon at i, or 0
// if there is none.
func schemeBefore(word string, i int) (n int) {
	if strings.HasPrefix(word[i:], "://") {
		return i - 1 - strings.LastIndexAny(word[:i], separators)
	}
	for _, s := range schemes {
		if len(s) > n && len(s) <= i && hasPrefixFold(word[i-len(s):], s) {
			n = len(s)
		}
	}
	return n
}

// password returns the index and the length of the password in an address without
// its scheme; the length is 0 if there is none. The password may contain an @; and
// an address without a user may have one in its parameters or its path, after the
// colons of its port or of IPv6.
func password(address string) (begin, n int) {
	user, rest, ok := strings.Cut(address, ":")
	path := strings.HasPrefix(user, "//") && strings.Contains(user[2:], "/")
	if !ok || path || strings.HasPrefix(strings.TrimPrefix(user, "//"), "[") {
		return 0, 0
	}
	begin = len(user) + 1
	head := rest
	if end := strings.IndexAny(rest, hostEnds); end >= 0 {
		head = rest[:end]
	}
	_, behind, whole := strings.Cut(user, "@")
	switch at := strings.LastIndexByte(head, '@'); {
	case whole && strings.ContainsAny(behind, hostEnds): // the colon is in a parameter
		return 0, 0
	case at >= 0:
		return begin, at
	case whole || strings.Trim(head, "0123456789") == "": // the colon is before a port
		return 0, 0
	}
	return begin, max(0, strings.IndexByte(rest, '@'))
}
