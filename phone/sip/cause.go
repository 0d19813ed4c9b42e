package sip

import (
	"slices"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Bounds of what a message can tell of why (our own numbers).
const (
	maxCauses    = 8
	maxCauseText = 256 // bytes
)

// A cause is what a message says of why.
type cause struct{ event.Cause }

// causeOf is what a request or a response says of why a call ends, or something was not
// done: its Reason (RFC 3326, RFC 9366), Warning (RFC 3261 §20.43) and Retry-After
// (§20.33) header fields.
func causeOf(m sip.Message) cause {
	c := cause{}
	var protocols causes
	for _, value := range Values(m, "reason") {
		if r := readReason(value); len(c.Reasons) < maxCauses && r != (event.Reason{}) && !protocols.had(r.Protocol) {
			c.Reasons = append(c.Reasons, r)
		}
	}
	for _, value := range Values(m, "warning") {
		if w, ok := readWarning(value); ok && len(c.Warnings) < maxCauses {
			c.Warnings = append(c.Warnings, w)
		}
	}
	if wait, ok := Seconds(m, "retry-after"); ok {
		c.Wait = &event.Wait{RetryAfter: event.Seconds(wait)}
	}
	return c
}

// readReason reads one value of a Reason: `SIP ;cause=200 ;text="..."`. Its
// protocol may be missing, as may be its cause. Of two causes the first counts.
func readReason(value string) event.Reason {
	parts := splitOutside(value, ';')
	r := event.Reason{Protocol: shortText(parts[0])}
	said := false
	for _, part := range parts[1:] {
		name, v, _ := strings.Cut(part, "=")
		v = unquoted(v)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "cause":
			if n, err := strconv.ParseUint(v, 10, 16); err == nil && !said {
				r.Cause = int(n)
			}
			said = true
		case "text":
			r.Text = shortText(v)
		}
	}
	return r
}

// readWarning reads one value of a Warning: `304 example.com "Media type not
// available"`.
func readWarning(value string) (w event.SIPWarning, ok bool) {
	code, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	n, err := strconv.ParseUint(code, 10, 10)
	if err != nil {
		return w, false
	}
	agent, text, _ := strings.Cut(strings.TrimSpace(rest), " ")
	return event.SIPWarning{Code: int(n), Agent: shortText(agent), Text: shortText(unquoted(text))}, true
}

// otherPhone reports whether a call that nobody has answered here has been dealt
// with at another phone of the user: a proxy that forked it says so in its
// CANCEL (RFC 3326 §3.1).
func (c cause) otherPhone() control.Elsewhere {
	for _, r := range c.Reasons {
		if what := otherPhoneBy(r); what != "" {
			return what
		}
	}
	return ""
}

// otherPhoneBy reads one reason: by its code or, where it has none, by its words.
func otherPhoneBy(r event.Reason) control.Elsewhere {
	words := strings.ToLower(r.Text)
	says := func(what string) bool { return strings.Contains(words, what) }
	switch protocol := strings.ToUpper(r.Protocol); {
	case protocol == "SIP" && r.Cause == sip.StatusOK, protocol == q850 && r.Cause == nonSelected:
		return control.AnsweredElsewhere
	case protocol == "SIP" && slices.Contains(declines, r.Cause):
		return control.DeclinedElsewhere
	case r.Cause != 0: // the code says something else than that
	case says("completed elsewhere"), says("answered elsewhere"):
		return control.AnsweredElsewhere
	case says("declined elsewhere"), says("rejected elsewhere"):
		return control.DeclinedElsewhere
	}
	return ""
}

const (
	// q850 are the causes of ITU-T Q.850, as a Reason's protocol.
	q850 = "Q.850"
	// nonSelected is "non-selected user clearing" (ITU-T Q.850 §2.2.7.1.19): the
	// call was offered to several, and another one has it.
	nonSelected = 26
)

// declines are the answers of one phone that end a call at all of them: 600 Busy
// Everywhere, 603 Decline (RFC 3261 §21.6) and 607 Unwanted (RFC 8197).
var declines = []int{sip.StatusGlobalBusyEverywhere, sip.StatusGlobalDecline, 607}

// words is why a call ends, in a few words: those of the message, or else what
// its code means, or else what is given.
func (c cause) words(otherwise string) string {
	for _, r := range c.Reasons {
		if r.Text != "" {
			return r.Text
		}
	}
	if what := c.otherPhone(); what != "" {
		return string(what)
	}
	for _, r := range c.Reasons {
		if r.Cause != 0 {
			return strings.TrimSpace(r.Protocol + " " + strconv.Itoa(r.Cause))
		}
	}
	return otherwise
}

// shortText is a text of a peer to keep.
func shortText(s string) string { return event.Brief(strings.TrimSpace(s), maxCauseText) }
