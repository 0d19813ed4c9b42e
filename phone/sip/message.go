package sip

import (
	"bytes"
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// textTypes are the bodies of a MESSAGE that we can show.
const textTypes = plainText + ", " + cpim

const (
	plainText = "text/plain"
	cpim      = "message/cpim" // RFC 3862
)

// texted takes in a MESSAGE (RFC 3428), in a call or outside of one. What cannot
// be shown is refused, so that its sender knows.
func (v *service) texted(s *step, tx *ServerTransaction) {
	req := tx.Request
	text, untidy, ok := textOf(req)
	if !ok {
		v.refuseBody(s, tx, otherType(kindOf(Text(req, "content-type")), textTypes))
		return
	}
	v.ok(s, tx)
	v.oddBody(s, req, string(req.Method), untidy)
	s.Notice(control.Texted{
		From: addressOfRecord(&req.From().Address), Name: control.Shown(DisplayName(req.From().DisplayName)), Text: control.Shown(text),
	})
}

// textOf is the text of a MESSAGE. ok is false if its body has no text, or has a required
// part that is not understood. untidy says what was wrong with a body that was understood all
// the same.
func textOf(req *sip.Request) (text, untidy string, ok bool) {
	var r bodyReader
	text, found, ok := r.text(bodyOf(req), 0)
	return text, strings.Join(r.untidy, "; "), found && ok
}

// text is the text in a body, or in a part of one.
// found says that there is text in it.
// ok says that all of it which is required was understood.
//
// A part that does not say its type is text (RFC 2046 §5.1). A body must say it (RFC 3261
// §20.15); one that does not, and is text to all appearance, is taken for that.
func (r *bodyReader) text(p bodyPart, depth int) (text string, found, ok bool) {
	kind := kindOf(p.kind)
	above, _, _ := strings.Cut(kind, "/")
	switch {
	case len(p.body) == 0:
		return "", true, true
	case len(encodings(p.encoding)) > 0:
	case kind == plainText, kind == "" && depth > 0:
		return r.decode(p), true, true
	case kind == "" && readable(p.body):
		r.note(noType)
		return r.decode(p), true, true
	case kind == cpim:
		text, ok = cpimText(string(p.body))
		found = ok
	case above == "multipart" && depth < maxNesting:
		text, found, ok = r.textIn(r.split(p), kind == "multipart/alternative", depth)
	}
	return text, found, ok || p.optional()
}

// textIn is the text in the parts of a body: in the last of alternatives that is
// understood, or else in the first that has any, if each is understood that is required.
func (r *bodyReader) textIn(list []bodyPart, alternative bool, depth int) (text string, found, ok bool) {
	if alternative {
		for i := len(list) - 1; i >= 0; i-- {
			if text, found, ok := r.text(list[i], depth+1); found && ok {
				return text, true, true
			}
		}
		return "", false, false
	}
	for i := range list {
		t, has, ok := r.text(list[i], depth+1)
		if !ok {
			return "", false, false
		}
		text, found = cmp.Or(text, t), found || has
	}
	return text, found, len(list) > 0
}

// The faults of a text: what is remembered of them is bounded.
const (
	oddCharset = "its charset is not known here: its letters may be wrong"
	noType     = "a text has no Content-Type: it is taken for text/plain (RFC 3261 §20.15)"
	notASCII   = "it has bytes that are not of US-ASCII, which its charset is: they are taken for UTF-8"
	notUTF8    = "it is not the UTF-8 that it is to be: what is not is shown as bytes"
)

// readable reports whether a body is letters in UTF-8, and no others than white space
// between them.
func readable(body []byte) bool {
	return utf8.Valid(body) && !bytes.ContainsFunc(body, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) })
}

// decode is a text in UTF-8, which it is in already if it does not say otherwise (RFC
// 3261 §7.4.1). The letters of ISO 8859-1 are the first of Unicode.
func (r *bodyReader) decode(p bodyPart) string {
	switch charset := strings.ToLower(parameterOf(p.kind, "charset")); {
	case charset == "iso-8859-1":
		letters := make([]rune, len(p.body))
		for i, b := range p.body {
			letters[i] = rune(b)
		}
		return string(letters)
	case charset != "" && charset != "utf-8" && charset != "us-ascii":
		r.note(oddCharset)
	case charset == "us-ascii" && bytes.ContainsFunc(p.body, func(c rune) bool { return c >= utf8.RuneSelf }):
		r.note(notASCII)
	case !utf8.Valid(p.body):
		r.note(notUTF8)
	}
	return string(p.body)
}

// cpimText is the text in a message/cpim: behind the header fields of the
// message and those of its content, each block ended by an empty line (RFC 3862
// §2).
func cpimText(body string) (text string, ok bool) {
	_, content, _ := strings.Cut(strings.ReplaceAll(body, "\r\n", "\n"), "\n\n")
	head, text, ok := strings.Cut(content, "\n\n")
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(strings.TrimSpace(name), "Content-Type") {
			value, _, _ = strings.Cut(value, ";")
			ok = ok && strings.EqualFold(strings.TrimSpace(value), plainText)
		}
	}
	return text, ok
}
