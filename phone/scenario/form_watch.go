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
	rest, p := a.options("to", "with")
	if p != nil {
		return meaning{}, p
	}
	status, p := statusIn(rest)
	if p != nil {
		return meaning{}, p
	}
	to := rest["to"].text
	m := happens(func(e event.Subscription) bool {
		return e.Phase == phase && contains(e.Package+" "+e.To, to) && (status == 0 || e.Status == status)
	})
	return keeping(m, func(e event.Subscription) string { return e.Package }, nil), nil
}

// publicationForm reads a step of what the phone publishes.
func publicationForm(a *args) (meaning, *problem) {
	phase, p := stepOf(a, event.SubscriptionPhases())
	if p != nil {
		return meaning{}, p
	}
	status, p := a.status()
	m := happens(func(e event.Publication) bool { return e.Phase == phase && (status == 0 || e.Status == status) })
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
