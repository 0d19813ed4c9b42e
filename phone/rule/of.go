package rule

import "sleeptalk/phone/event"

// Of is the rule that an event speaks of, or "" if it tells of no anomaly.
// Some events name it; of the others it is read off what they say.
func Of(e event.Event) string {
	switch e := e.(type) {
	case event.Warning:
		return e.Rule
	case event.Killed:
		return e.Rule
	case event.Reclaim:
		return "reclaimed"
	case event.Keepalive:
		return ofKeepalive(e)
	case event.Registration:
		return ofRegistration(e)
	case event.Push:
		return ofPush(e)
	case event.Notification:
		return ofNotification(e)
	case event.Call:
		return ofCall(e)
	case event.Recovery:
		return "not-connected"
	case event.Fault:
		return ofFault(e)
	}
	return ""
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

func ofKeepalive(e event.Keepalive) string {
	return when(e.Phase == "refused", "keepalive-refused")
}

func ofRegistration(e event.Registration) string {
	return when(e.Phase == "failed", "not-registered")
}

func ofNotification(e event.Notification) string {
	switch {
	case e.Phase != "refused":
		return ""
	case e.Screen:
		return "call-filtered"
	}
	return "no-banner"
}

func ofCall(e event.Call) string {
	switch {
	case e.Phase != "ended" || e.By != "timeout":
		return ""
	case e.Out:
		return "server-silent"
	}
	return "unacknowledged"
}

func ofPush(e event.Push) string {
	switch e.Phase {
	case "expired":
		return "push-expired"
	case "blocked":
		return "push-blocked"
	case "dropped":
		return "push-lost"
	}
	return ""
}

func when(is bool, id string) string {
	if is {
		return id
	}
	return ""
}
