package sip

import (
	"slices"
	"strconv"
	"strings"
)

// doubts notes what cannot be read of the header fields that say why (see [causeOf]). They
// stay text, and what of them can be read counts.
func (r *reading) doubts(s string) {
	for _, of := range [...]struct {
		name string
		read func(r *reading, s string)
	}{{"Retry-After", (*reading).retryAfter}, {"Reason", (*reading).reasons}, {"Warning", (*reading).warnings}} {
		if !strings.EqualFold(of.name, r.field) {
			continue
		}
		r.field = of.name
		of.read(r, s)
	}
}

// retryAfter looks at delta-seconds [ comment ] *( SEMI retry-param ) (RFC 3261 §20.33).
func (r *reading) retryAfter(s string) {
	if _, ok, _ := leadingSeconds(s); !ok {
		r.note(oddRetryAfter)
		return
	}
	if rest := trimLeft(strings.TrimLeft(s, "0123456789")); rest != "" && rest[0] != '(' && rest[0] != ';' {
		r.note(behindSeconds)
	}
}

// reasons looks at protocol *( SEMI reason-params ), of which there may be several (RFC 3326
// §2).
func (r *reading) reasons(s string) {
	for _, value := range listed(s) {
		parts := splitOutside(value, ';')
		switch protocol := strings.TrimSpace(parts[0]); {
		case !isToken(protocol):
			r.note(noProtocol)
		case r.causes.had(protocol):
			r.note(protocolTwice)
		}
		causes := 0
		for _, part := range parts[1:] {
			if v, is := causeIn(part); is {
				if causes++; causes > 1 {
					r.note(parameterTwice)
				} else if _, err := strconv.ParseUint(v, 10, 16); err != nil {
					r.note(oddCause)
				}
			}
		}
	}
}

// causes are the protocols of the Reasons of a message, each of which has one (RFC 3326 §2).
// STIR may have several, which are errors of their own (RFC 9366, RFC 9410).
type causes []string

// had notes the protocol of a Reason, and reports whether there was one of it already.
func (c *causes) had(protocol string) bool {
	protocol = strings.ToUpper(protocol)
	if protocol == "STIR" || protocol == "" {
		return false
	}
	if slices.Contains(*c, protocol) {
		return true
	}
	if len(*c) < maxCauses {
		*c = append(*c, protocol)
	}
	return false
}

// listed is the values of a list, of which there is at least one.
func listed(s string) []string {
	if all := splitList(s); len(all) > 0 {
		return all
	}
	return []string{""}
}

// causeIn is the value of a parameter of a Reason, if that is its cause.
func causeIn(part string) (value string, is bool) {
	name, v, _ := strings.Cut(part, "=")
	return unquoted(v), strings.EqualFold(strings.TrimSpace(name), "cause")
}

// warnings looks at a code, an agent and a quoted text, of which there may be several (RFC
// 3261 §20.43).
func (r *reading) warnings(s string) {
	for _, value := range listed(s) {
		w, ok := readWarning(value)
		if !ok || w.Code < 100 || w.Code > 999 || w.Agent == "" || !strings.HasSuffix(value, `"`) {
			r.note(oddWarning)
		}
	}
}
