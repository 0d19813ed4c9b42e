package scenario

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// loss matches a call that was lost; with "likely" one of which the caller may yet be told
// something else, with "reached" one that was not lost after all.
func loss(a *args) (meaning, *problem) {
	phase := event.LossCertain
	if len(a.tokens) > 0 && among(a.tokens[0].text, namesOf(event.LossPhases())) {
		t, _ := a.next()
		phase = event.LossPhase(strings.ToLower(t.text))
	}
	rest, p := a.options("from", "at", "with")
	if p != nil {
		return meaning{}, p
	}
	at, somewhere := rest["at"]
	if somewhere && !among(at.text, namesOf(event.Places())) {
		return meaning{}, unknown(at, "place", "places", namesOf(event.Places()))
	}
	status, p := statusIn(rest)
	m := happens(func(e event.Loss) bool {
		return e.Phase == phase && contains(e.From, rest["from"].text) && (!somewhere || strings.EqualFold(string(e.Where), at.text)) &&
			(status == 0 || e.Status == status)
	})
	return keeping(m, func(e event.Loss) string { return e.From }, nil), p
}
