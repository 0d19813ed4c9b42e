package grade

import (
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// maxUntidy bounds the faults that are shown (our own number).
const maxUntidy = 4

// judgeTidy looks for what the grammar does not allow in the messages of the phone, and
// was understood all the same: what a stricter server stumbles over; and for what was
// thrown away.
func judgeTidy(v view) finding {
	sent := v.all(v.message(func(m event.Message) bool { return m.Out }))
	bad, astray := v.all(v.unreadable()), v.all(v.astray())
	switch {
	case len(bad) > 0:
		return failed("%d of its messages could not be read: %s", len(bad), bad[0].Event.(event.Error).Err).showing(shows(bad[0]))
	case len(astray) > 0:
		return failed("%s", astray[0].Event.(event.Warning).Note).showing(shows(astray[0]))
	case len(sent) == 0:
		return untold("it has sent nothing")
	}
	var found []sip.Untidy
	var evidence []Line
	for _, r := range sent {
		for _, u := range untidyOf(r) {
			if slices.Contains(found, u) {
				continue
			}
			if found = append(found, u); len(found) <= maxUntidy {
				evidence = append(evidence, written(r, u.Field))
			}
		}
	}
	switch n := len(found); {
	case n == 0:
		return passed("nothing was untidy in %d of them", len(sent)).showing(shows(sent[0]))
	case n == 1:
		return failed("%s: %s", found[0].Field, found[0].Fault).showing(evidence...)
	default:
		return failed("%s: %s; and %d more", found[0].Field, found[0].Fault, n-1).showing(evidence...)
	}
}

// written shows a header field as it is in a message, before anybody has put it right;
// one with a short name as it was read.
func written(r event.Record, name string) Line {
	for text := range strings.SplitSeq(r.Event.(event.Message).Raw, "\n") {
		text = strings.TrimSuffix(text, "\r")
		if field, _, ok := strings.Cut(text, ":"); ok && strings.EqualFold(strings.TrimSpace(field), name) {
			return line(r.Device, shows(r).Text+"  "+text)
		}
	}
	return shows(r, name)
}

// untidyOf reads a message as it came: on a stream it says how long it is.
func untidyOf(r event.Record) []sip.Untidy {
	raw := []byte(r.Event.(event.Message).Raw)
	via := strings.ToUpper(header(r, "Via"))
	if strings.HasPrefix(via, "SIP/2.0/TCP") || strings.HasPrefix(via, "SIP/2.0/TLS") {
		var stream sip.Framer
		stream.Push(raw)
		if m, ok := stream.Next().(sip.Message); ok {
			return m.Untidy
		}
	}
	m, _ := sip.ParseDatagram(raw).(sip.Message)
	return m.Untidy
}
