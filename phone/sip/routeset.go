package sip

import (
	"fmt"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// routesOf is the way that a header field of a message lists, such as Record-Route or
// Service-Route, for the requests that follow (RFC 3261 §12.1.1, RFC 3608 §6.1). What
// leads nowhere is left out: bad is the first of that, "" if there is none.
func routesOf(m sip.Message, name string) (routes []string, bad string) {
	for _, route := range Values(m, name) {
		_, uri, _, err := ParseAddress(route)
		switch {
		case err == nil && (uri.Scheme == "sip" || uri.Scheme == "sips"):
			routes = append(routes, route)
		case bad == "":
			bad = fmt.Sprintf("%.100q", route)
		}
	}
	return routes, bad
}

// badRoute is the first Record-Route of a message that leads nowhere; "" if all lead on.
func badRoute(m sip.Message) string {
	_, bad := routesOf(m, "record-route")
	return bad
}

// refuseRoute says why an INVITE is answered 400: its Record-Route is what the dialog
// needs, or it would be ignored (RFC 3261 §8.2).
func refuseRoute(s *step, peer, bad string) {
	s.Log(event.Error{
		Op: "take the call of " + peer, Err: "its Record-Route " + bad + " is no sip or sips URI", Rule: event.RuleMalformedMessage,
		Hint: "it was answered 400: what the phone sends in a call has to go that way",
	})
}

// leavesOut names a route that leads nowhere, where one goes on without it.
func (cl *client) leavesOut(s *step, m sip.Message, field, bad string) {
	if bad == "" || !cl.tidiness.News(s.Now, m, s.from, Untidy{field, noRoute}) {
		return
	}
	s.Log(event.Warning{
		Rule: event.RuleUntidyMessage, Note: fmt.Sprintf("%s from %s: %s: %s is %s", nameOfMessage(m), s.from, field, bad, noRoute),
		Hint: "it was left out; requests may not find their way without it",
	})
}

// noRoute is the fault of a route that is left out.
const noRoute = "no sip or sips URI (RFC 3261 §20.30)"
