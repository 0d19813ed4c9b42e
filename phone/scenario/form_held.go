package scenario

import (
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// held matches a step of bytes that wait in the kernel while the app is suspended: by default
// that it has read them. What they were, and from whom, is known only then. How long they waited
// does not count where it may have been longer; at-least holds all the same.
func held(a *args) (meaning, *problem) {
	phase := event.HeldReleased
	if len(a.tokens) > 0 && among(a.tokens[0].text, namesOf(event.HeldPhases())) {
		t, _ := a.next()
		phase = event.HeldPhase(strings.ToLower(t.text))
	}
	what := ""
	if len(a.tokens) > 0 && isFrame(a.tokens[0].text) {
		t, _ := a.next()
		what = t.text
	}
	rest, p := a.options("from", "at-least")
	if p != nil {
		return meaning{}, p
	}
	if phase != event.HeldReleased && len(rest)+len(what) > 0 {
		return meaning{}, wrong(a.head, "%s: what waits is not known before it is read", phase)
	}
	least := event.Millis(0)
	if t, ok := rest["at-least"]; ok {
		d, p := parseDuration(t)
		if p != nil {
			return meaning{}, p
		}
		least = event.Millis(d)
	}
	m := happens(func(e event.Held) bool {
		first, _, _ := strings.Cut(e.What, " ")
		return e.Phase == phase && (what == "" || strings.EqualFold(first, what)) && contains(e.From, rest["from"].text) && e.For >= least
	})
	return keeping(m, func(e event.Held) string { return strconv.FormatInt(e.For.D().Milliseconds(), 10) + "ms" }, nil), p
}
