package scenario

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

func network(a *args) (meaning, *problem) {
	name, p := a.oneOf("network", "networks", verb.Networks())
	m := happens(func(e event.Network) bool { return e.Name == name }).
		while(func(f *event.Fold) bool { return f.Network == name })
	return keeping(m, func(e event.Network) string { return e.Name }, func(f *event.Fold) string { return f.Network }), p
}

// faultForm matches what the link says of a fault: that it is on, or over.
func faultForm(a *args) (meaning, *problem) {
	name, p := a.faultName()
	if p != nil {
		return meaning{}, p
	}
	on := !a.skip("over")
	m := happens(func(e event.Fault) bool { return e.Name == name && e.On == on }).
		while(func(f *event.Fold) bool {
			_, is := f.Fault(name)
			return is == on
		})
	return keeping(m, func(e event.Fault) string { return e.Detail }, func(f *event.Fold) string {
		row, _ := f.Fault(name)
		return row.Detail
	}), nil
}

// faultName reads a name of one word or two.
func (a *args) faultName() (string, *problem) {
	t, p := a.need("which fault")
	if p != nil {
		p.kind, p.known = "faults", verb.LoggedFaults()
		return "", p
	}
	if len(a.tokens) > 0 {
		if two := strings.ToLower(t.text + " " + a.tokens[0].text); among(two, verb.LoggedFaults()) {
			a.next()
			return two, nil
		}
	}
	if !among(t.text, verb.LoggedFaults()) {
		return "", unknown(t, "fault", "faults", verb.LoggedFaults())
	}
	return strings.ToLower(t.text), nil
}
