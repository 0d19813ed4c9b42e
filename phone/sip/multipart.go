package sip

import (
	"bytes"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// parts reads a body of several parts. Of alternatives the last that is understood
// counts (RFC 2046 §5.1.4), else each that is required must be understood.
func (r *bodyReader) parts(p bodyPart, kind string, depth int) (found []byte, err *BodyError) {
	list := r.split(p)
	if len(list) == 0 {
		return nil, unknownBody("it has no parts")
	}
	if kind == "multipart/alternative" {
		for i := len(list) - 1; i >= 0; i-- {
			description, bad := r.read(list[i], depth+1)
			if bad == nil && description != nil {
				return description, nil
			}
			err = bad
		}
		return nil, err
	}
	for i := range list {
		description, bad := r.read(list[i], depth+1)
		switch {
		case bad != nil:
			return nil, bad
		case found != nil && description != nil:
			r.note("there are several session descriptions; the first is taken")
		case found == nil:
			found = description
		}
	}
	return found, nil
}

// partOf is the part of a body that is of one of some types, where the body has several (RFC
// 5621 §3.1), or else all of the body: who asked refuses what it is, as it refuses parts
// besides that are required. untidy says what was wrong with a body that was taken apart.
func partOf(m sip.Message, types ...string) (part bodyPart, untidy []string) {
	var r bodyReader
	body := bodyOf(m)
	if part, found, ok := r.ofType(body, 0, types); found && ok {
		return part, r.untidy
	}
	return body, nil
}

// ofType finds the first part of one of some types, of alternatives the last (RFC 2046
// §5.1.4); ok is false if another part is required.
func (r *bodyReader) ofType(p bodyPart, depth int, types []string) (part bodyPart, found, ok bool) {
	kind := kindOf(p.kind)
	above, _, _ := strings.Cut(kind, "/")
	switch {
	case len(encodings(p.encoding)) > 0:
	case slices.Contains(types, kind):
		return p, true, true
	case above == "multipart" && depth < maxNesting:
		list, alternative := r.split(p), kind == "multipart/alternative"
		ok = len(list) > 0
		for i := range list {
			one, has, fits := r.ofType(list[i], depth+1, types)
			if has && (!found || alternative) {
				part, found = one, true
			}
			ok = ok && (fits || alternative)
		}
	}
	return part, found, ok || p.optional()
}

// split takes a body apart at its boundary (RFC 2046 §5.1.1). What comes before the
// first and after the last is nobody's.
func (r *bodyReader) split(p bodyPart) (list []bodyPart) {
	boundary := parameterOf(p.kind, "boundary")
	if boundary == "" {
		if boundary = firstBoundary(p.body); boundary == "" {
			return nil
		}
		r.note("the Content-Type names no boundary")
	}
	_, rest, last, ok := cutBoundary(p.body, boundary)
	for ok && !last && len(list) < maxParts {
		var one []byte
		if one, rest, last, ok = cutBoundary(rest, boundary); !ok {
			r.note("the last boundary is missing")
			one = rest
		}
		list = append(list, readPart(one))
	}
	return list
}

// firstBoundary is the boundary that a body begins with, "" if it does not.
func firstBoundary(body []byte) string {
	for line := range bytes.Lines(body) {
		if b, ok := bytes.CutPrefix(line, []byte("--")); ok {
			return string(bytes.TrimSpace(b))
		}
	}
	return ""
}

// cutBoundary cuts a body at the first line that is the boundary; last says that it
// is the one that ends the body.
func cutBoundary(body []byte, boundary string) (before, after []byte, last, ok bool) {
	for at := 0; at < len(body); {
		end := len(body)
		if n := bytes.IndexByte(body[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		line := bytes.TrimRight(body[at:end], "\r\n\t ")
		if after, is := bytes.CutPrefix(line, []byte("--"+boundary)); is && (len(after) == 0 || string(after) == "--") {
			before, _ = bytes.CutSuffix(body[:at], []byte("\n")) // the line's end is the boundary's
			before, _ = bytes.CutSuffix(before, []byte("\r"))
			return before, body[end:], len(after) > 0, true
		}
		at = end
	}
	return nil, body, false, false
}

// maxPartHead bounds the header fields of a part (our own number), of which three
// are read.
const maxPartHead = 4 << 10

// readPart reads the header fields of a part, which end at the first empty line. One
// that begins as a session description does has none.
func readPart(b []byte) (p bodyPart) {
	head, body := cutHead(b)
	p.body = body
	fields := string(head[:min(len(head), maxPartHead)])
	fields = strings.NewReplacer("\n ", " ", "\n\t", " ", "\r", "").Replace(fields) // folded lines
	for line := range strings.SplitSeq(fields, "\n") {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "content-type", "c":
			p.kind = value
		case "content-disposition":
			p.disposition = value
		case "content-encoding", "e":
			p.encoding += "," + value // a list, as in a message
		}
	}
	return p
}

func cutHead(b []byte) (head, body []byte) {
	if bytes.HasPrefix(b, []byte("v=")) {
		return nil, b
	}
	for at := 0; at < len(b); {
		n := bytes.IndexByte(b[at:], '\n')
		if n < 0 {
			break
		}
		if len(bytes.TrimRight(b[at:at+n], "\r")) == 0 {
			return b[:at], b[at+n+1:]
		}
		at += n + 1
	}
	return b, nil
}
