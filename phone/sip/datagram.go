package sip

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/emiago/sipgo/sip"
)

// ParseDatagram reads what one UDP datagram holds: one whole message (RFC 3261
// §18.3), or a keepalive. It is nil for one that says nothing: empty, or the
// blanks and zeros with which some servers keep a NAT open.
//
//   - A Content-Length that is too small cuts the body: what is behind it is dropped, be it
//     a message, and named. One that is too large makes the message bad; without one the
//     body goes to the end.
//   - A double CRLF is taken for a ping and a single one for a pong, as on a
//     stream. RFC 5626 §4.4.2 has STUN for UDP, which is no message of SIP.
//
// Nothing in a datagram is Fatal: the next one begins afresh.
func ParseDatagram(data []byte) Frame {
	switch {
	case bytes.Equal(data, pingBytes):
		return Ping{}
	case bytes.Equal(data, pongBytes):
		return Pong{}
	}
	raw := bytes.TrimLeft(data, "\r\n\x00") // RFC 3261 §7.5: empty lines before a message mean nothing
	if len(raw) == 0 {
		return nil
	}
	end, status, err := datagramHeader(raw)
	if err != nil {
		return Bad{Raw: excerpt(raw), Err: err, Status: status, Reply: reply(raw[:end], status)}
	}
	text := string(raw)
	msg, untidy, status, err := parse(text[:end], raw[end:])
	if err != nil {
		return Bad{Raw: excerpt(raw), Err: err, Status: status, Reply: reply(raw[:end], status)}
	}
	m := Message{Raw: text, SIP: msg, Segments: 1, Untidy: untidy}
	m.cut(raw[end+len(msg.Body()):])
	return m
}

// cut notes what is behind a message in its datagram (RFC 3261 §18.3).
func (m *Message) cut(behind []byte) {
	m.Behind = len(behind)
	switch line := firstLine(bytes.TrimLeft(behind, "\r\n\x00")); {
	case len(behind) == 0:
	case isStartLine(line):
		m.Untidy = append(m.Untidy, Untidy{"Content-Length", messageBehind})
	default:
		m.Untidy = append(m.Untidy, Untidy{"Content-Length", bytesBehind})
	}
}

// datagramHeader finds the end of the header, and what is wrong with it. If
// something is, end says how much of it may be repeated in an answer.
func datagramHeader(raw []byte) (end, status int, err error) {
	if _, err := startsLikeSIP(raw); err != nil {
		return 0, sip.StatusBadRequest, err
	}
	switch _, end = emptyLine(raw, 0, true); {
	case end < 0:
		return bytes.LastIndexByte(raw, '\n') + 1, sip.StatusBadRequest, errors.New("the header has no end")
	case end > maxHeader:
		return end, sip.StatusMessageTooLarge, fmt.Errorf("header longer than %d bytes", maxHeader)
	}
	if len(raw) > MaxMessage {
		return end, sip.StatusMessageTooLarge, fmt.Errorf("message of %d bytes: the limit is %d", len(raw), MaxMessage)
	}
	if _, err = contentLength(raw[:end]); answers(string(raw[:min(len(raw), len(version)+1)])) {
		err = nil // its body goes to the end, or is as long as the first says
	}
	return end, sip.StatusBadRequest, err
}
