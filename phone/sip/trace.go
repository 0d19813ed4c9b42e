package sip

import (
	"bytes"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Trace is the event of a message that was sent or received. Raw is whole: no
// message is larger than [MaxMessage].
func Trace(out bool, m sip.Message, raw string, segments int) event.Message {
	e := event.Message{
		Out: out, Method: string(m.CSeq().MethodName), CSeq: m.CSeq().SeqNo, CallID: m.CallID().Value(),
		From: addressOfRecord(&m.From().Address), Bytes: len(raw), Segments: segments, Raw: event.Mask(raw), SDP: hasSDP(m), Cause: causeOf(m).Cause,
	}
	switch m := m.(type) {
	case *sip.Request:
		e.URI = m.Recipient.String()
	case *sip.Response:
		e.Status, e.Reason = m.StatusCode, m.Reason
	}
	return e
}

// MediaType is the Content-Type without its parameters, in lower case.
func MediaType(m sip.Message) string { return kindOf(Text(m, "content-type")) }

// kindOf is a Content-Type, or another value with parameters, without them.
func kindOf(value string) string {
	kind, _, _ := strings.Cut(value, ";")
	if above, below, ok := strings.Cut(kind, "/"); ok && strings.ContainsAny(kind, " \t") { // white space may be around it (RFC 3261 §25.1, SLASH)
		kind = trim(above) + "/" + trim(below)
	}
	return strings.ToLower(strings.TrimSpace(kind))
}

// Encode writes a message as it goes over the wire.
func Encode(m sip.Message) []byte {
	b := bytes.NewBuffer(make([]byte, 0, 1024+len(m.Body())))
	m.StringWrite(b)
	return b.Bytes()
}
