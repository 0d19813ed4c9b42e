package event

import "strings"

// schemes are those of addresses that may have a user with a password. So may any
// other before "//".
var schemes = []string{"sip", "sips", "xmpp", "im", "pres", "turn", "turns", "stun", "stuns"}

// The characters that end the word in which an address stands, those that part an
// address from one before it, and those that end the host and the port.
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

// hidePasswords masks those of the addresses in a word in b, which is a copy of
// text, or nil; and returns b.
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

// nextAddress returns where the next address in a word begins, and where it goes
// on behind its scheme; the end of the word if there is none. One behind another
// is parted from it.
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

// schemeBefore returns the length of the scheme before the colon at i; 0 if there
// is none. Of several it is the longest.
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

// password returns where the password in an address without its scheme begins,
// and its length; 0 if there is none. An @ may be in it; and one may be in the
// parameters or the path of an address without a user, behind the colons of its
// port or of IPv6.
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
