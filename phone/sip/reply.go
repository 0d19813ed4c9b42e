package sip

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// reply writes a response to a request that could not be read, from the text of its
// header fields: what a response repeats of them (RFC 3261 §8.2.6.2), as far as it is
// there (RFC 4475 §3.3.1). It is nil if there is no Via to answer to, if it is no
// request, or an ACK, which nobody answers. Nothing is remembered of it, so a copy of
// the request gets a copy of the response, with the same tag (§8.2.7). Over UDP the
// sender may be forged: the response is never longer than three times the header
// (RFC 9000 §8.1), as it is only where the header says next to nothing.
func reply(header []byte, status int) []byte {
	line, rest := cutLine(string(header))
	if len(line) < 4 || strings.EqualFold(line[:4], "SIP/") || strings.HasPrefix(line, "ACK ") {
		return nil
	}
	tag := fnv.New64a()
	tag.Write(header)
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d %s\r\n", status, Reason(status))
	var found []string
	for rest != "" { // be there an empty line within: see lineEnds
		line, rest = cutField(rest)
		name, value, _ := strings.Cut(line, ":")
		name = fieldName(trim(name))
		if !echoed(name) || name != "Via" && slices.Contains(found, name) {
			continue
		}
		found = append(found, name)
		b.WriteString(name + ": " + printable(trim(value)))
		if name == "To" && !hasTag(value) {
			fmt.Fprintf(&b, ";tag=%016x", tag.Sum64())
		}
		b.WriteString("\r\n")
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	if !slices.Contains(found, "Via") || b.Len() > min(maxStartLine, amplification*len(header)) {
		return nil
	}
	return []byte(b.String())
}

// echoed reports whether a response repeats a header field of its request.
func echoed(name string) bool {
	switch name {
	case "Via", "From", "To", "Call-ID", "CSeq":
		return true
	}
	return false
}

// hasTag reports whether a To has a tag. If it cannot be read, whatever looks like
// one is.
func hasTag(to string) bool {
	_, _, params, err := ParseAddress(to)
	return params.Has("tag") || err != nil && strings.Contains(strings.ToLower(to), "tag")
}

// printable is s with spaces for control characters: what is repeated must not make
// lines of its own.
func printable(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c < ' ' || c == 0x7f {
			b[i] = ' '
		}
	}
	return string(b)
}
