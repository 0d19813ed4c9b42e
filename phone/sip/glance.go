package sip

import (
	"bytes"
	"cmp"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxFrameHead is the longest beginning of a WebSocket frame of a server, which masks
// nothing (RFC 6455 §5.2).
const maxFrameHead = 10

// Glance looks for an INVITE in bytes that nobody has received: whole or only begun, alone
// or among others. It says who calls, and the Call-ID, as far as they can be read; ok is
// false if there is none.
func Glance(data []byte) (from, callID string, ok bool) {
	const method = "INVITE "
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte(method))
		if i < 0 {
			return "", "", false
		}
		at += i
		line, rest, _ := bytes.Cut(data[at:], []byte("\n"))
		if begins := at <= maxFrameHead || data[at-1] == '\n'; begins && namesSIP(line) {
			from, callID = glanceHeader(string(rest))
			return from, callID, true
		}
		at += len(method)
	}
}

// glanceHeader reads two header fields of a message that may be cut off.
func glanceHeader(header string) (from, callID string) {
	for line, rest := cutField(header); line != ""; line, rest = cutField(rest) {
		name, value, _ := bytes.Cut([]byte(line), []byte(":"))
		switch value := trim(string(value)); {
		case SameField(trim(string(name)), "From"):
			if shown, uri, _, err := ParseAddress(value); err == nil {
				from = shortText(cmp.Or(shown, uri.User, uri.Host))
			}
		case SameField(trim(string(name)), "Call-ID"):
			callID = shortText(value)
		}
	}
	return event.Printable(from), event.Printable(callID)
}
