package rule

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Of is the rule that an event speaks of, or "" if it tells of no anomaly.
// Some events name it; of the others it is read off what they say.
func Of(e event.Event) string {
	switch e := e.(type) {
	case event.Warning:
		return e.Rule
	case event.Killed:
		return e.Rule
	case event.Error:
		return ofError(e)
	case event.Reclaim:
		return "reclaimed"
	case event.Recovery:
		return "not-connected"
	case event.BackgroundTask:
		return when(e.Phase == "refused", "task-refused")
	case event.Keepalive:
		return when(e.Phase == "refused", "keepalive-refused")
	case event.Tick:
		return when(e.Early < 0, "late-tick")
	case event.Socket:
		return ofSocket(e)
	case event.Registration:
		return ofRegistration(e)
	case event.Push:
		return ofPush(e)
	case event.Notification:
		return ofNotification(e)
	case event.Call:
		return ofCall(e)
	case event.Fault:
		return ofFault(e)
	}
	return ""
}

// errorRules are the rules behind errors, by how what was tried begins. A verb
// that was refused is named as it was given.
var errorRules = []struct{ op, rule string }{
	{"read from ", "malformed-message"},
	{"listen on ", "port-taken"},
	{"unregister sip", "server-silent"},
	{"shut down", "server-silent"},
	{"cancel the call to ", "server-silent"},
	{"hang up on ", "server-silent"},
	{"answer to ", "unacknowledged"},
	{"call sip", "call-failed"},
	{"modify the call with ", "change-refused"},
	{"change the call with ", "change-refused"},
	{"agree on audio with ", "no-common-audio"},
	{"register the wake socket", "not-registered"},
	{"use the push token", "not-wakeable"},
	{"open audio sockets ", "host-failed"},
	{"open a new source port", "host-failed"},
	{"use the sound card", "host-failed"},
	{"close the sound card", "host-failed"},
	{"record what is ", "host-failed"},
	{"accept", "host-failed"},
}

func ofError(e event.Error) string {
	for _, r := range errorRules {
		if strings.HasPrefix(e.Op, r.op) {
			return r.rule
		}
	}
	if strings.HasPrefix(e.Op, "answer ") && strings.HasPrefix(e.Err, "no ACK ") {
		return "unacknowledged"
	}
	return "not-possible"
}

func ofFault(e event.Fault) string {
	switch {
	case !e.On:
		return ""
	case e.Name == "nat drop" || e.Name == "nat expired" || e.Name == "server half-open":
		return "half-open"
	}
	return when(e.Name == "handover", "handover")
}

func ofSocket(e event.Socket) string {
	switch e.Phase {
	case "failed":
		return "not-connected"
	case "reset", "broken":
		return either(e.Name != "rtp", "flow-broken", "reclaimed")
	}
	return ""
}

func ofRegistration(e event.Registration) string {
	switch e.Phase {
	case "failed":
		return either(e.Status != 401 && e.Status != 407, "not-registered", "wrong-password")
	case "lost":
		return either(strings.HasPrefix(e.Reason, "it expired"), "short-expires", "flow-broken")
	}
	return ""
}

func ofNotification(e event.Notification) string {
	switch e.Phase {
	case "refused":
		return either(e.Screen, "call-filtered", "no-banner")
	case "missed", "expired":
		return "missed-call"
	}
	return ""
}

func ofCall(e event.Call) string {
	switch {
	case e.Phase != "ended":
		return ""
	case e.By == "timeout":
		return either(e.Out, "server-silent", "unacknowledged")
	case e.By == "network":
		return "flow-broken"
	}
	return when(e.Out && e.By == "peer" && e.Status >= 400 && !declined(e.Status), "call-failed")
}

// declined reports whether a status is the answer of a person: busy, or no
// (RFC 3261 §21.4.24, §21.6.1, §21.6.2).
func declined(status int) bool { return status == 486 || status == 600 || status == 603 }

func ofPush(e event.Push) string {
	switch e.Phase {
	case "expired":
		return "push-expired"
	case "blocked":
		return "push-blocked"
	case "dropped":
		return "push-lost"
	case "refused":
		return "push-refused"
	}
	return ""
}

// when is id, or "" if not is.
func when(is bool, id string) string { return either(is, id, "") }

func either(is bool, id, other string) string {
	if is {
		return id
	}
	return other
}
