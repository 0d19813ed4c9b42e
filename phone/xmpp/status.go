package xmpp

import "github.com/sleeptalk/sleeptalk/phone/event"

// The status codes of SIP in which the app hears why something was refused
// (see phone/control).
const (
	statusUnauthorized = 401
	statusTimeout      = 408
	statusUnavailable  = 480
	statusBusy         = 486
	statusCancelled    = 487
	statusDeclined     = 603
)

// statusOf is the status of a condition of a stanza or stream error; 0 if
// there is none like it.
func statusOf(condition string) int {
	switch condition {
	case "not-authorized":
		return statusUnauthorized
	case "conflict", "resource-constraint", "service-unavailable":
		return statusUnavailable
	case "forbidden", "not-allowed":
		return 403
	case "item-not-found", "host-unknown", "host-gone":
		return 404
	}
	return 0
}

// condition is that of the error in a stanza (RFC 6120 §8.3.3).
func condition(stanza *Element) string {
	if e := stanza.child(nsClient, "error"); e != nil {
		for _, c := range e.Children {
			if c.Space == nsStanzas && c.Name != "text" {
				return event.Printable(c.Name)
			}
		}
	}
	return "undefined-condition"
}

// streamCondition is that of a stream error (RFC 6120 §4.9.3), never nil.
func streamCondition(e *Element) *Element {
	for _, c := range e.Children {
		if c.Space == nsStreams && c.Name != "text" {
			c.Name = event.Printable(c.Name)
			return c
		}
	}
	return element(nsStreams, "undefined-condition")
}

// reasonOf is the reason that a party to a call refuses with (XEP-0166 §7.4).
func reasonOf(status int) string {
	switch status {
	case statusBusy:
		return "busy"
	case statusDeclined:
		return "decline"
	}
	return "expired"
}
