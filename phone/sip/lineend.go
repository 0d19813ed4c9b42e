package sip

import (
	"bytes"
	"errors"
	"strings"
)

// A line of a header ends with CRLF (RFC 3261 §7). Some peers write LF alone, and are read
// all the same (as RFC 9112 §2.2 has it for HTTP), wherever it is clear where the header ends:
//
//   - The header of a datagram ends with its first empty line.
//   - On a stream it does so too if its start line ends with LF alone.
//   - If its start line ends with CRLF, it ends with CRLF CRLF. A proxy that goes by CRLF may
//     have passed on a value with LF in it, and whoever wrote that must not end the header
//     and make us see a message behind it. Another empty line counts after a pause: see
//     [Framer.GiveUp].

// cutBytes cuts a line off, and is n bytes long with the end of it. whole says that it has one.
func cutBytes(b []byte) (line []byte, n int, whole bool) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return b, len(b), false
	}
	return bytes.TrimSuffix(b[:i], crlf[:1]), i + 1, true
}

// firstLine is the first line without its end, of which it may have none.
func firstLine(b []byte) []byte {
	line, _, _ := cutBytes(b)
	return line
}

// endsBare reports whether the first line ends with LF alone.
func endsBare(b []byte) bool {
	i := bytes.IndexByte(b, '\n')
	return i >= 0 && (i == 0 || b[i-1] != '\r')
}

// lineEnds looks at how the lines of a header end.
func (r *reading) lineEnds(header string) error {
	if strings.Count(header, "\n") == strings.Count(header, "\r\n") {
		return nil
	}
	if _, end := emptyLine([]byte(header), 0, true); end >= 0 && end < len(header) {
		return errors.New("an empty line in the header, for which some line ends with LF alone (RFC 3261 §7)")
	}
	r.field = "header"
	r.note(bareLF)
	return nil
}

// emptyLines drops the ends of lines before a message that are LF alone, and reports whether
// there were any (RFC 3261 §7.5 has CRLF).
func (f *Framer) emptyLines() bool {
	n := len(f.buf) - len(bytes.TrimLeft(f.buf, "\n"))
	f.drop(n)
	return n > 0
}

// mayEnd reports whether the header at the front has an empty line that does not count unless
// a pause is behind it.
func (f *Framer) mayEnd() bool {
	if !f.begun || f.need > 0 || f.paused {
		return false
	}
	_, end := emptyLine(f.buf, 0, true)
	return end >= 0
}

// endPaused takes the message at the front, behind whose empty line there was a pause.
func (f *Framer) endPaused() Frame {
	f.paused, f.scanned = true, 0
	if said := f.Next(); said != nil {
		return said
	}
	return f.GiveUp() // its body lacks its rest
}

// emptyLine finds the first line at or behind from that ends, and has an empty one behind it:
// at is its LF, and end is behind the empty line. end is -1 if there is none; then there is
// none that begins before at. Unless bare, both must end with CRLF.
func emptyLine(b []byte, from int, bare bool) (at, end int) {
	for at = from; ; at++ {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			return len(b), -1
		}
		at += i
		switch rest := b[at+1:]; {
		case bytes.HasPrefix(rest, crlf) && (bare || at > 0 && b[at-1] == '\r'):
			return at, at + 3
		case bare && len(rest) > 0 && rest[0] == '\n':
			return at, at + 2
		case len(rest) == 0, len(rest) == 1 && rest[0] == '\r':
			return at, -1
		}
	}
}
