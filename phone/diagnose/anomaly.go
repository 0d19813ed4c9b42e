package diagnose

import (
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Of is the rule that an event speaks of, or "" if it tells of no anomaly. An
// error, a warning and a death name theirs; of the others it follows from what
// they are.
func Of(e event.Event) event.Rule {
	switch e := e.(type) {
	case event.Warning:
		return e.Rule
	case event.Killed:
		return e.Rule
	case event.Standstill:
		return event.RuleStoodStill
	case event.Reclaim:
		return event.RuleReclaimed
	case event.Recovery:
		return event.RuleNotConnected
	case event.BackgroundTask:
		return when(e.Phase == event.TaskRefused, event.RuleTaskRefused)
	case event.Keepalive:
		return ofKeepalive(e)
	case event.SocketMark:
		return e.Rule
	case event.Tick:
		return when(e.Early < 0, event.RuleLateTick)
	case event.Socket:
		return ofSocket(e)
	case event.Push:
		return ofPush(e)
	case event.Notification:
		return ofNotification(e)
	case event.Call:
		return ofCall(e)
	case event.Fault:
		return ofFault(e)
	}
	return event.FailureOf(e)
}

func ofKeepalive(e event.Keepalive) event.Rule {
	switch e.Phase {
	case event.KeepaliveRefused:
		return event.RuleKeepaliveRefused
	case event.KeepaliveCut:
		return event.RuleKeepaliveCut
	}
	return ""
}

func ofFault(e event.Fault) event.Rule {
	if !e.On {
		return ""
	}
	switch e.Name {
	case "nat drop", "nat expired", "server half-open":
		return event.RuleHalfOpen
	case "handover":
		return event.RuleHandover
	}
	return ""
}

func ofSocket(e event.Socket) event.Rule {
	switch e.Phase {
	case event.SocketFailed:
		return event.RuleNotConnected
	case event.SocketReset, event.SocketBroken:
		return either(e.Name != "rtp", event.RuleFlowBroken, event.RuleReclaimed)
	}
	return ""
}

func ofNotification(e event.Notification) event.Rule {
	switch e.Phase {
	case event.NotificationRefused:
		return either(e.Screen, event.RuleCallFiltered, event.RuleNoBanner)
	case event.NotificationMissed, event.NotificationExpired:
		return event.RuleMissedCall
	}
	return ""
}

func ofCall(e event.Call) event.Rule {
	switch {
	case e.Phase != event.CallEnded:
		return ""
	case e.By == "timeout":
		return either(e.Out, event.RuleServerSilent, event.RuleUnacknowledged)
	case e.By == "network":
		return event.RuleFlowBroken
	}
	return when(e.Out && e.By == "peer" && e.Status >= 400 && !declined(e.Status), event.RuleCallFailed)
}

// declined reports whether a status is the answer of a person: busy, or no
// (RFC 3261 §21.4.24, §21.6.1, §21.6.2).
func declined(status int) bool { return status == 486 || status == 600 || status == 603 }

func ofPush(e event.Push) event.Rule {
	switch e.Phase {
	case event.PushExpired:
		return event.RulePushExpired
	case event.PushBlocked:
		return event.RulePushBlocked
	case event.PushDropped:
		return event.RulePushLost
	case event.PushRefused:
		return event.RulePushRefused
	}
	return ""
}

// when is the rule, or "" if not is.
func when(is bool, rule event.Rule) event.Rule { return either(is, rule, "") }

func either(is bool, rule, other event.Rule) event.Rule {
	if is {
		return rule
	}
	return other
}
