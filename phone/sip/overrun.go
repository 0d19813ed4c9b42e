package sip

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// An overrun is where the Content-Length of a message and the next start line do not
// fit together. What is done about it depends on the bytes alone, not on how the stream
// is cut, and only on what the author of a body has no say in: what is behind the body.
//
//   - A body with a whole start line in it waits for the line behind it, as long as a
//     [Swallow] does. If that begins a message, or nothing comes, the length was right. If
//     it does not, the length was too large: the message is refused, and the next one
//     begins within the body.
//   - A body that ends within a start line, of which the rest is behind it, was too long
//     by that much: the next message is put together.
//   - A start line that has something before it, in a message whose CSeq names its method,
//     was preceded by a body that was too short.
//
// A length that is too large by whole messages is taken for right: nothing in the bytes
// tells a body that quotes them from that, and whoever writes a body must not make us
// read it as messages.
type overrun struct {
	at       int    // where a message may begin within the body at the front; 0: not known; -1: nowhere
	segments int    // pushes that it took until it was whole
	right    bool   // the length is taken for right: nothing has come behind it
	cut      []byte // what the last body ends with, if a start line may begin with it
}

// methods are those of which a start line that was cut is put together (RFC 3261,
// 3262, 3311, 3428, 3515, 3903, 6086, 6665).
var methods = [...]string{
	"ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK", "PUBLISH", "REFER", "REGISTER", "SUBSCRIBE", "UPDATE",
}

// doubted reports whether the message at the front is whole, as its length says, and waits
// for what is behind it.
func (f *Framer) doubted() bool {
	return f.need > 0 && len(f.buf) >= f.need && f.overrun.at > 0 && !f.overrun.right
}

// overruns looks behind the message at the front, whose header is end bytes long. next is
// where within it the next one begins, 0 if its length is right. known is false until
// enough has come to tell.
func (f *Framer) overruns(end int) (next int, known bool) {
	o := &f.overrun
	if o.at == 0 {
		o.at, o.segments = -1, f.segments
		if at := end + swallowed(f.buf[end:f.need]); at < f.need && !carriesSIP(f.buf[:end]) {
			o.at = at
		}
	}
	if o.at < 0 || o.right {
		return 0, true
	}
	rest := f.buf[f.need:]
	whole := len(rest) >= maxStartLine
	rest = bytes.TrimLeft(rest[:min(len(rest), maxStartLine)], "\r\n")
	line, _, ended := cutBytes(rest)
	switch {
	case ended && isStartLine(bytes.ToUpper(line)), whole && len(rest) == 0:
		return 0, true
	case !ended && !whole:
		return 0, false
	}
	return o.at, true
}

// ends notes what the body of a message ends with.
func (o *overrun) ends(body []byte) {
	i := bytes.LastIndexByte(body, '\n') + 1
	line := string(body[max(i, len(body)-maxBadRaw):])
	for i := range len(line) {
		if beginsLine(line[i:]) {
			o.cut = []byte(line[i:])
			return
		}
	}
}

// beginsLine reports whether a start line may begin so.
func beginsLine(s string) bool {
	word, _, whole := strings.Cut(s, " ")
	begun := func(first string) bool { return first == word || !whole && strings.HasPrefix(first, word) }
	return begun(version) || slices.ContainsFunc(methods[:], begun)
}

// rejoin puts the next message together, if the last body has its beginning. known is
// false until enough has come to tell.
func (f *Framer) rejoin() (bad Frame, known bool) {
	cut := f.overrun.cut
	if cut == nil {
		return nil, true
	}
	line, _, whole := cutBytes(f.buf[:min(len(f.buf), maxStartLine)])
	if !whole && len(f.buf) < maxStartLine {
		return nil, false
	}
	f.overrun.cut = nil
	joined := slices.Concat(cut, line)
	if !whole || isKnownLine(line) || hangsOver(line, "") > 0 || !isKnownLine(joined) {
		return nil, true
	}
	f.buf = slices.Concat(cut, f.buf)
	f.begun, f.scanned = false, 0
	return Bad{
		Raw: excerpt(joined), Status: sip.StatusBadRequest,
		Err: fmt.Errorf("the Content-Length before it was too large by %d: the next message begins in that body", len(cut)),
	}, true
}

// swallowed is where in a body the next message begins, or its length.
func swallowed(body []byte) int {
	for i := 0; i < len(body); {
		line, n, whole := cutBytes(body[i:])
		switch over := hangsOver(line, ""); {
		case !whole:
		case over > 0 && !isKnownLine(line):
			return i + over
		case isStartLine(line):
			return i
		}
		i += n
	}
	return len(body)
}

// isStartLine reports whether a line begins a message, and is not just like one.
func isStartLine(line []byte) bool {
	method, rest, _ := bytes.Cut(line, []byte(" "))
	if string(method) == version {
		return len(rest) > 3
	}
	return isToken(string(method)) && bytes.HasSuffix(rest, []byte(" "+version))
}

// isKnownLine reports whether a line begins a response, or a request of a known method.
func isKnownLine(line []byte) bool {
	return isStatusLine(line) || isStartLine(line) && bytes.Count(line, []byte(" ")) == 2 && slices.Contains(methods[:], firstWord(line))
}

// isStatusLine reports whether a line begins a response, whose status has three digits.
func isStatusLine(line []byte) bool {
	code, ok := bytes.CutPrefix(line, []byte(version+" "))
	code, _, _ = bytes.Cut(code, []byte(" "))
	return ok && len(code) == 3 && len(bytes.Trim(code, "0123456789")) == 0
}

// hangsOver is how much of the line at the front is no part of the start line in it: of a
// request of the given method, any known one if that is "", or of a response.
func hangsOver(line []byte, method string) int {
	for i := 1; i < len(line); i++ {
		if line[i] == version[0] && isStatusLine(line[i:]) {
			return i
		}
	}
	line, ok := bytes.CutSuffix(line, []byte(" "+version))
	i := bytes.LastIndexByte(line, ' ')
	if !ok || i < 0 {
		return 0
	}
	for _, m := range methods {
		if (method == "" || m == method) && bytes.HasSuffix(line[:i], []byte(m)) {
			return i - len(m)
		}
	}
	return 0
}

// overhang is how much of the message at the front, whose header is end bytes long, is the
// rest of a body before it.
func (f *Framer) overhang(end int) int {
	line := firstLine(f.buf[:end])
	if !f.spoken || isKnownLine(line) || isKnownLine(bytes.ToUpper(line)) {
		return 0
	}
	for value := range valuesIn(f.buf[:end], "CSeq") {
		if words := strings.Fields(value); len(words) == 2 {
			return hangsOver(line, words[1])
		}
	}
	return 0
}

func firstWord(line []byte) string {
	word, _, _ := bytes.Cut(line, []byte(" "))
	return string(word)
}
