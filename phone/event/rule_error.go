package event

import "slices"

// FailureOf is the rule by which something has failed: that of an [Error], or of a step in
// the life of a registration, a subscription, a publication, or of the sound card. "":
// nothing has.
func FailureOf(e Event) Rule {
	switch e := e.(type) {
	case Error:
		return e.Rule
	case Registration:
		return e.Rule
	case Subscription:
		return e.Rule
	case Publication:
		return e.Rule
	case SoundCard:
		return e.Rule
	}
	return ""
}

// ErrorRules are the rules that a failure can have, see [FailureOf].
func ErrorRules() []Rule {
	return []Rule{
		RuleCallFailed, RuleChangeRefused, RuleClearPassword, RuleCodecMissing, RuleFlowBroken, RuleHostFailed, RuleIncompleteAnswer,
		RuleKeysWritten, RuleMalformedMessage, RuleNoCommonAudio, RuleNoCommonDigest, RuleNoSession, RuleNotConnected,
		RuleNotPossible, RuleNotRegistered, RuleNotWakeable, RuleNoWord, RulePortTaken, RuleProgramMistake,
		RulePushLost, RulePushServiceDown, RuleRequestRefused, RuleServerLoop, RuleServerSilent, RuleSessionExpired, RuleShortExpires,
		RuleSoundFailed, RuleSoundLost, RuleDeadMic, RuleStoodStill, RuleSubscriptionLost, RuleTextRefused, RuleUnacknowledged, RuleUnreadable, RuleWrongPassword,
	}
}

// OnError reports whether a failure can have the rule.
func (r Rule) OnError() bool { return slices.Contains(ErrorRules(), r) }

// OnlyOnError reports whether a failure can have the rule, and no [Warning].
func (r Rule) OnlyOnError() bool {
	switch r {
	case RuleChangeRefused, RuleClearPassword, RuleKeysWritten, RuleNotWakeable, RuleServerLoop, RuleShortExpires:
		return false
	}
	return r.OnError()
}
