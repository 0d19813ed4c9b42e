package sip

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// A request that cannot be read is answered 400, but nobody answers a response, and one
// that is dropped is missed: a 2xx to an INVITE must be acknowledged and, if nothing can
// be made of it, hung up (RFC 3261 §13.2.2.4), any other final response acknowledged
// (§17.1.1.3). So what cannot be read of a response is left out of it. It takes Via,
// CSeq and Call-ID to know what it answers: without those it is dropped.

// unreadable is the host of a From or To that cannot be read, of a name that nobody can
// have (RFC 6761 §6.4).
const unreadable = "unreadable.invalid"

// leavesOut reports whether the field that the reading is at, which cannot be read,
// is left out of the message.
func (r *reading) leavesOut(m sip.Message, value string) bool {
	if _, isResponse := m.(*sip.Response); !isResponse {
		return false
	}
	switch r.field {
	case "Via", "CSeq", "Call-ID":
		return false
	case "From", "To":
		standIn(m, r.field, tagIn(value))
	case "Contact", "Content-Length", "Content-Type":
	default: // so that there is an end of what can be noted
		r.field = "header"
	}
	r.note(leftOut)
	return true
}

// goesWithout reports whether a message can do without a From or To, which it has not.
func (r *reading) goesWithout(m sip.Message, name string) bool {
	if _, isResponse := m.(*sip.Response); !isResponse || name != "From" && name != "To" {
		return false
	}
	standIn(m, name, nil)
	r.field = name
	r.note(notThere)
	return true
}

// repeats reports whether the field that the reading is at is another one of what a
// message has already, and can have once. What a request must have is not among them, for
// it is refused then; of a response the first is that of the request, or not.
func (r *reading) repeats(m sip.Message) bool {
	if r.field == "Content-Type" {
		return holds[*sip.ContentTypeHeader](m)
	}
	if name := single(r.field); name != "" {
		r.field = name
		return len(Fields(m, name)) > 0
	}
	if _, isResponse := m.(*sip.Response); !isResponse {
		return false
	}
	switch r.field {
	case "From":
		return holds[*sip.FromHeader](m)
	case "To":
		return holds[*sip.ToHeader](m)
	case "Call-ID":
		return holds[*sip.CallIDHeader](m)
	case "CSeq":
		return holds[*sip.CSeqHeader](m)
	}
	return false
}

// standIn puts something in the place of a From or To.
func standIn(m sip.Message, name string, params sip.HeaderParams) {
	uri := sip.Uri{Scheme: "sip", Host: unreadable}
	if name == "From" {
		m.AppendHeader(&sip.FromHeader{Address: uri, Params: params})
		return
	}
	m.AppendHeader(&sip.ToHeader{Address: uri, Params: params})
}

// bodiless is a response whose body nobody can find, or is to hold, without it; nil if
// it is no response, or nobody knows what it answers.
func bodiless(header []byte, segments int) Frame {
	text := string(header)
	line, _ := cutLine(text)
	if len(header) > maxHeader || !answers(line) {
		return nil
	}
	msg, untidy, _, err := parseHeader(text)
	if err != nil {
		return nil
	}
	msg.(*sip.Response).RemoveHeader("Content-Length")
	untidy = append(untidy, Untidy{"body", leftOut})
	return Message{Raw: text, SIP: msg, Segments: segments, Untidy: untidy}
}

// tagIn is the tag in an address that cannot be read, as a parameter; nil if there is
// none to be seen.
func tagIn(s string) sip.HeaderParams {
	const param = ";tag="
	i := len(s) - len(param)
	for i >= 0 && !strings.EqualFold(s[i:i+len(param)], param) { // ToLower changes the length of what is no UTF-8
		i--
	}
	if i < 0 {
		return nil
	}
	tag := s[i+len(param):]
	end := strings.IndexFunc(tag, func(c rune) bool { return c > '~' || !tokenByte(byte(c)) })
	if end >= 0 {
		tag = tag[:end]
	}
	if tag == "" {
		return nil
	}
	return sip.HeaderParams{{K: "tag", V: tag}}
}

// ackTo is the To of the ACK to a response that is no 2xx: that of the response (RFC
// 3261 §17.1.1.3), or ours with its tag, if that cannot be read.
func ackTo(invite *sip.Request, res *sip.Response) *sip.ToHeader {
	to := sip.HeaderClone(res.To()).(*sip.ToHeader)
	if to.Address.Host == unreadable {
		to.DisplayName, to.Address = invite.To().DisplayName, *invite.To().Address.Clone()
	}
	return to
}
