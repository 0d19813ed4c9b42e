package sip

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// sessionType is the body that says what a session is to be (RFC 3264).
const sessionType = "application/sdp"

// Limits of a body with parts (our own numbers): a call has a description, perhaps
// one for another kind of network, a picture of the caller and where he is.
const (
	maxParts   = 16
	maxNesting = 2 // multipart/mixed in which one part is multipart/alternative
)

// A BodyError says why a body cannot be taken: in a request it is answered 415 with
// the header field (RFC 3261 §8.2.3).
type BodyError struct {
	Reason string
	Field  sip.Header
}

func (e *BodyError) Error() string { return e.Reason }

// SDPOf returns the session description that a message carries, nil if there is
// none. It may be one part of a body with several (RFC 5621); what is optional, and
// unknown, is left out. untidy says what was wrong with a body that was understood
// all the same.
func SDPOf(m sip.Message) (description []byte, untidy string, err *BodyError) {
	if len(m.Body()) == 0 {
		return nil, "", nil
	}
	var r bodyReader
	description, err = r.read(bodyOf(m), 0)
	return description, strings.Join(r.untidy, "; "), err
}

// A bodyPart is a body, or a part of one.
type bodyPart struct {
	kind        string // its Content-Type, with parameters
	disposition string
	encoding    string
	body        []byte
}

// bodyOf is the body of a message.
func bodyOf(m sip.Message) bodyPart {
	return bodyPart{
		kind: Text(m, "content-type"), disposition: Text(m, "content-disposition"),
		encoding: encodingOf(m), body: m.Body(),
	}
}

// optional reports whether who does not understand the part may go on without it. It
// is required if nothing is said (RFC 3261 §20.11).
func (p *bodyPart) optional() bool {
	return strings.EqualFold(parameterOf(p.disposition, "handling"), "optional")
}

// hasSDP reports whether a message carries a session description.
func hasSDP(m sip.Message) bool {
	description, _, _ := SDPOf(m)
	return description != nil
}

// A bodyReader finds the session description, or the text, in a body, and notes what is
// untidy.
type bodyReader struct{ untidy []string }

func (r *bodyReader) note(what string) {
	if !slices.Contains(r.untidy, what) {
		r.untidy = append(r.untidy, what)
	}
}

// read returns the session description in a part, nil if there is none. The error
// says that the part must not be left out, and is not understood.
func (r *bodyReader) read(p bodyPart, depth int) ([]byte, *BodyError) {
	found, err := r.take(p, depth)
	if err != nil && p.optional() {
		return nil, nil
	}
	return found, err
}

func (r *bodyReader) take(p bodyPart, depth int) ([]byte, *BodyError) {
	kind := kindOf(p.kind)
	if kind == "" && bytes.HasPrefix(bytes.TrimLeft(p.body, "\r\n\t \ufeff"), []byte("v=")) {
		r.note("the session description has no Content-Type")
		kind = sessionType
	}
	above, _, _ := strings.Cut(kind, "/")
	switch {
	case len(encodings(p.encoding)) > 0:
		return nil, encodedBody(p.encoding)
	case kind == sessionType && ofSession(p.disposition):
		return p.body, nil
	case above == "multipart" && depth < maxNesting:
		return r.parts(p, kind, depth)
	}
	return nil, otherType(kind, acceptable)
}

// Encoded reports whether the body of a message is encoded, as none is read here (RFC 3261
// §8.2.3, §20.12).
func Encoded(m sip.Message) bool { return len(encodings(encodingOf(m))) > 0 }

// encodingOf is the Content-Encoding of a message as one list, be it in several header
// fields (RFC 3261 §7.3.1).
func encodingOf(m sip.Message) string { return strings.Join(Values(m, "content-encoding"), ", ") }

// encodings are those of a Content-Encoding that were applied to a body, and that none is
// read with here: "identity" leaves it as it is (RFC 3261 §20.12).
func encodings(field string) []string {
	return slices.DeleteFunc(splitList(field), func(one string) bool { return one == "" || strings.EqualFold(one, "identity") })
}

// ofSession reports whether a description is that of the session. One for early
// media is of another (RFC 3959).
func ofSession(disposition string) bool {
	switch kindOf(disposition) {
	case "", "session", "render":
		return true
	}
	return false
}

func encodedBody(encoding string) *BodyError {
	return &BodyError{fmt.Sprintf("its encoding is %.40q", strings.Join(encodings(encoding), ", ")), sip.NewHeader("Accept-Encoding", "identity")}
}

func unknownBody(reason string) *BodyError {
	return &BodyError{reason, sip.NewHeader("Accept", acceptable)}
}

// otherType is a body of a type that is none of those that are taken.
func otherType(kind, taken string) *BodyError {
	return &BodyError{unknownType(kind), sip.NewHeader("Accept", taken)}
}

func unknownType(kind string) string {
	if kind == "" {
		return "it has no Content-Type"
	}
	return fmt.Sprintf("its type is %.80q", kind)
}

// parameterOf is a parameter of a value such as `multipart/mixed; boundary="a b"`,
// "" if it is not there.
func parameterOf(value, name string) string {
	_, params := ParseValue(value)
	found, _ := Param(params, strings.ToLower(name))
	return found
}
