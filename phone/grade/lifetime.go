package grade

import (
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"

	grammar "github.com/emiago/sipgo/sip"
)

// A lifetime is how long a message has something last, and where it says so.
type lifetime struct{ field, value string }

// lifetimesOf are those in a request, or in the answer to it.
func lifetimesOf(r event.Record) (all []lifetime) {
	m := messageOf(r)
	if m == nil {
		return nil
	}
	for _, h := range sip.Fields(m, "Expires") {
		all = append(all, lifetime{"Expires", h.Value()})
	}
	for _, h := range sip.Fields(m, "Contact") {
		if c, ok := h.(*grammar.ContactHeader); ok && c.Params.Has("expires") {
			value, _ := sip.Param(c.Params, "expires")
			all = append(all, lifetime{"Contact", value})
		}
	}
	return all
}

// judgeLifetimes looks for times that are none. The lab takes them for an hour.
func judgeLifetimes(v view) finding {
	lasting := []string{"REGISTER", "SUBSCRIBE", "PUBLISH"}
	sent := v.all(v.message(func(m event.Message) bool { return m.Out && m.Status == 0 && slices.Contains(lasting, m.Method) }))
	count := 0
	for _, r := range sent {
		for _, l := range lifetimesOf(r) {
			if _, ok := sip.DeltaSeconds(l.value); !ok {
				return failed("%q is no time in seconds", l.value).showing(shows(r, l.field))
			}
			count++
		}
	}
	if count == 0 {
		return untold("it has named no time")
	}
	return passed("%d of them", count).showing(shows(sent[0], "Expires", "Contact"))
}
