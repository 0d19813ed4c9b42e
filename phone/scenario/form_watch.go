package scenario

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// subscriptionForm reads a step of a subscription: its phase, and to what.
func subscriptionForm(a *args) (meaning, *problem) {
	phase, p := stepOf(a, event.SubscriptionPhases())
	if p != nil {
		return meaning{}, p
	}
	rest, p := a.options("to", "with", "reason")
	if p != nil {
		return meaning{}, p
	}
	why, p := answerIn(rest)
	if p != nil {
		return meaning{}, p
	}
	to := rest["to"].text
	m := happens(func(e event.Subscription) bool {
		return e.Phase == phase && contains(e.Package+" "+e.To, to) && why.is(e.Status, e.Reason, e.Cause)
	})
	return keeping(m, func(e event.Subscription) string { return e.Package }, nil), nil
}

// publicationForm reads a step of what the phone publishes.
func publicationForm(a *args) (meaning, *problem) {
	phase, p := stepOf(a, event.SubscriptionPhases())
	if p != nil {
		return meaning{}, p
	}
	why, p := a.answer()
	m := happens(func(e event.Publication) bool { return e.Phase == phase && why.is(e.Status, e.Reason, e.Cause) })
	return keeping(m, func(e event.Publication) string { return e.Package }, nil), p
}

// notifyForm reads what a subscription tells: of which package, from whom, with what
// in it.
func notifyForm(a *args) (meaning, *problem) {
	name := a.unless("from", "with").text
	rest, p := a.options("from", "with")
	from, text := rest["from"].text, rest["with"].text
	m := happens(func(e event.Notify) bool {
		return (name == "" || strings.EqualFold(e.Package, name)) && contains(e.From, from) && contains(e.Body, text)
	})
	return keeping(m, func(e event.Notify) string { return e.Body }, nil), p
}
