package event

import "slices"

// ErrorRules are the rules that an [Error] can have.
func ErrorRules() []Rule {
	return []Rule{
		RuleCallFailed, RuleChangeRefused, RuleClearPassword, RuleFlowBroken, RuleHostFailed, RuleIncompleteAnswer,
		RuleKeysWritten, RuleMalformedMessage, RuleNoCommonAudio, RuleNoCommonDigest, RuleNoSession, RuleNotConnected,
		RuleNotPossible, RuleNotRegistered, RuleNotWakeable, RuleNoWord, RulePortTaken, RuleProgramMistake,
		RulePushLost, RulePushServiceDown, RuleRequestRefused, RuleServerLoop, RuleServerSilent, RuleSessionExpired,
		RuleSoundFailed, RuleStoodStill, RuleTextRefused, RuleUnacknowledged, RuleUnreadable, RuleWrongPassword,
	}
}

// OnError reports whether an [Error] can have the rule.
func (r Rule) OnError() bool { return slices.Contains(ErrorRules(), r) }

// OnlyOnError reports whether an [Error] can have the rule, and no [Warning].
func (r Rule) OnlyOnError() bool {
	switch r {
	case RuleChangeRefused, RuleClearPassword, RuleKeysWritten, RuleNotWakeable, RuleServerLoop:
		return false
	}
	return r.OnError()
}
