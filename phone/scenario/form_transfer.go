package scenario

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// transfer is a step of a call that is handed over.
func transfer(a *args) (meaning, *problem) {
	phase, p := stepOf(a, event.TransferPhases())
	if p != nil {
		return meaning{}, p
	}
	rest, p := a.options("role", "to", "by", "with", "reason")
	if p != nil {
		return meaning{}, p
	}
	w := transferWanted{phase: phase, to: rest["to"].text, by: rest["by"].text}
	if t, ok := rest["role"]; ok {
		if !among(t.text, namesOf(event.TransferRoles())) {
			return meaning{}, unknown(t, "role", "roles", namesOf(event.TransferRoles()))
		}
		w.role = event.TransferRole(strings.ToLower(t.text))
	}
	if w.answer, p = answerIn(rest); p != nil {
		return meaning{}, p
	}
	return keeping(happens(w.event), func(e event.Transfer) string { return e.Target }, nil), nil
}

// transferWanted is the step of a transfer that is expected.
type transferWanted struct {
	phase  event.TransferPhase
	role   event.TransferRole
	to, by string
	answer answerWanted
}

func (w transferWanted) event(e event.Transfer) bool {
	return e.Phase == w.phase && (w.role == "" || e.Role == w.role) && contains(e.Target, w.to) && contains(e.By, w.by) &&
		w.answer.is(e.Status, e.Reason, e.Cause)
}
