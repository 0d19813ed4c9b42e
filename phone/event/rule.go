package event

// A Rule names a kind of anomaly. Its text is in assets/rules, which
// phone/diagnose reads and "sleeptalk explain" prints: what happened, the rule
// behind it, its source and the remedy.
type Rule string

// What the mobile system does to an app.
const (
	RuleWakeBudget       Rule = "wake-budget"
	RuleUnexplainedWake  Rule = "unexplained-wake"
	RuleTaskRefused      Rule = "task-refused"
	RuleTaskOverrun      Rule = "task-overrun"
	RuleEntryOverrun     Rule = "entry-overrun"
	RuleUnreportedPush   Rule = "unreported-push"
	RulePushBlocked      Rule = "push-blocked"
	RulePushExpired      Rule = "push-expired"
	RuleNoAppPush        Rule = "no-app-push-provider"
	RuleLocalPushStopped Rule = "local-push-stopped"
	RuleVoIPFlagKilled   Rule = "voip-flag-killed"
	RuleJetsam           Rule = "jetsam"
	RuleCrash            Rule = "crash"
	RuleExit             Rule = "exit"
	RuleForceQuit        Rule = "force-quit"
	RuleReboot           Rule = "reboot"
	RuleReinstall        Rule = "reinstall"
	RuleUpdate           Rule = "update"
	RuleProtectedData    Rule = "protected-data"
	RuleKeepaliveOverrun Rule = "keepalive-overrun"
	RuleAudioNotActive   Rule = "audio-not-active"
	RuleCallFiltered     Rule = "call-filtered"
	RuleSoundTooLong     Rule = "sound-too-long"
	RuleKeepaliveRefused Rule = "keepalive-refused"
	RuleKeepaliveCut     Rule = "keepalive-cut"
	RuleGoodbyeCut       Rule = "goodbye-cut"
	RuleKeepaliveLost    Rule = "keepalive-lost"
	RuleLateTick         Rule = "late-tick"
	RuleReclaimed        Rule = "reclaimed"
	RuleVoIPSocket       Rule = "voip-socket"
	RuleNoVoIPMode       Rule = "no-voip-mode"
	RuleMarkLate         Rule = "mark-late"
	RuleMarkOutside      Rule = "mark-outside-block"
	RuleMarkNoRequest    Rule = "mark-no-request"
	RuleMarkIgnored      Rule = "mark-ignored"
	RuleNotMarked        Rule = "not-marked"
	RuleNotSuspended     Rule = "not-suspended"
	RuleNoBanner         Rule = "no-banner"
	RuleNotPossible      Rule = "not-possible"
	RuleHostFailed       Rule = "host-failed"
	RuleSoundFailed      Rule = "sound-failed"
	RuleSoundLost        Rule = "sound-lost"
	RuleDeadMic          Rule = "dead-mic"
	RuleProcessGone      Rule = "process-gone"
	RuleProgramMistake   Rule = "program-mistake"
	RuleUnreadable       Rule = "unreadable"
	RuleStoodStill       Rule = "stood-still"
	RuleClockSet         Rule = "clock-set"
)

// The same on Android only.
const (
	RuleDozeOffline   Rule = "doze-offline"
	RuleFruitlessPush Rule = "fruitless-push"
	RuleServiceStart  Rule = "service-start"
	RuleServiceLate   Rule = "service-late"
	RuleForceStop     Rule = "force-stop"
	RuleFrozenSockets Rule = "frozen-sockets"

	RuleFullScreenRefused Rule = "full-screen-refused"
	RuleServiceType       Rule = "service-type"
	RuleBackgroundAudio   Rule = "background-audio"
)

// Between the phone and its server.
const (
	RuleWrongPassword    Rule = "wrong-password"
	RuleNoCommonDigest   Rule = "no-common-digest"
	RuleUnprovenServer   Rule = "unproven-server"
	RuleClearPassword    Rule = "clear-password"
	RuleKeysWritten      Rule = "keys-written"
	RuleNotRegistered    Rule = "not-registered"
	RuleNotBound         Rule = "not-bound"
	RuleContactNotOurs   Rule = "contact-not-ours"
	RuleOddExpiry        Rule = "odd-expiry"
	RuleBindingLost      Rule = "binding-lost"
	RuleStaleConnection  Rule = "stale-connection"
	RuleFlowBroken       Rule = "flow-broken"
	RuleMalformedMessage Rule = "malformed-message"
	RuleUntidyMessage    Rule = "untidy-message"
	RuleOddRequestURI    Rule = "odd-request-uri"
	RuleForeignResponse  Rule = "foreign-response"
	RuleStrayResponse    Rule = "stray-response"
	RulePortTaken        Rule = "port-taken"
	RuleHalfOpen         Rule = "half-open"
	RuleHandover         Rule = "handover"
	RuleNotRouted        Rule = "not-routed"
	RuleCallRefused      Rule = "call-refused"
	RuleDuplicateInvite  Rule = "duplicate-invite"
	RuleLateCancel       Rule = "late-cancel"
	RuleTextLost         Rule = "text-lost"
	RuleLostBye          Rule = "lost-bye"
	RuleClosedAtStep     Rule = "closed-at-step"
	RuleNoPong           Rule = "no-pong"
	RuleServerSilent     Rule = "server-silent"
	RuleNotConnected     Rule = "not-connected"
	RuleNoOutbound       Rule = "no-outbound"
	RuleLargeRequest     Rule = "large-request"
	RuleUnknownSender    Rule = "unknown-sender"
	RuleShortExpires     Rule = "short-expires"
	RuleServerLoop       Rule = "server-loop"
	RuleUnprovenAddress  Rule = "unproven-address"
	RuleReplyCostAWake   Rule = "reply-cost-a-wake"
	RuleTextRefused      Rule = "text-refused"
	RuleNoWord           Rule = "no-word"

	RuleRedirectNotFollowed Rule = "redirect-not-followed"
	RuleDNSFailed           Rule = "dns-failed"
	RuleDNSLeftOut          Rule = "dns-left-out"
	RuleServerFailover      Rule = "server-failover"
	RuleUnreadableBody      Rule = "unreadable-body"
	RuleTurnedAway          Rule = "turned-away"
	RuleUnknownPackage      Rule = "unknown-package"
)

// With calls, pushes and sound.
const (
	RuleNothingWakes         Rule = "nothing-wakes"
	RuleWakeRace             Rule = "wake-race"
	RuleGhostCall            Rule = "ghost-call"
	RulePushTooShort         Rule = "push-too-short"
	RulePushNoWait           Rule = "push-no-wait"
	RulePushTooLate          Rule = "push-too-late"
	RulePushOtherCall        Rule = "push-other-call"
	RulePushLost             Rule = "push-lost"
	RulePushRefused          Rule = "push-refused"
	RulePushUnreadable       Rule = "push-unreadable"
	RuleDistributorAsleep    Rule = "distributor-asleep"
	RuleMissedCall           Rule = "missed-call"
	RuleCallFailed           Rule = "call-failed"
	RuleChangeRefused        Rule = "change-refused"
	RuleNoCommonAudio        Rule = "no-common-audio"
	RuleNoSession            Rule = "no-session"
	RuleUntidySDP            Rule = "untidy-sdp"
	RuleUntidyBody           Rule = "untidy-body"
	RuleBodyRefused          Rule = "body-refused"
	RuleBodyLeftOut          Rule = "body-left-out"
	RuleTransferFailed       Rule = "transfer-failed"
	RuleTransferUnreported   Rule = "transfer-unreported"
	RuleBadRefer             Rule = "bad-refer"
	RuleReplacesUnmatched    Rule = "replaces-unmatched"
	RuleNoRefresh            Rule = "no-refresh"
	RulePushWithoutCall      Rule = "push-without-call"
	RuleNotWakeable          Rule = "not-wakeable"
	RuleServerCancelled      Rule = "server-cancelled"
	RuleTrustedFlow          Rule = "trusted-flow"
	RuleUnacknowledged       Rule = "unacknowledged"
	RuleRequestRefused       Rule = "request-refused"
	RuleAutoAnswerIgnored    Rule = "auto-answer-ignored"
	RuleForkedAnswers        Rule = "forked-answers"
	RuleLateAnswer           Rule = "late-answer"
	RuleWildcardCertificate  Rule = "wildcard-certificate"
	RuleIncompleteAnswer     Rule = "incomplete-answer"
	RuleSubscriptionLost     Rule = "subscription-lost"
	RuleIncompleteGrant      Rule = "incomplete-grant"
	RuleRangTooLong          Rule = "rang-too-long"
	RuleAudioAsleep          Rule = "audio-asleep"
	RuleNoAudio              Rule = "no-audio"
	RuleOneWayAudio          Rule = "one-way-audio"
	RuleNoAudioIn            Rule = "no-audio-in"
	RuleNoAudioOut           Rule = "no-audio-out"
	RuleMediaRefused         Rule = "media-refused"
	RuleSRTPAuthFailed       Rule = "srtp-auth-failed"
	RuleSRTPKeysInClear      Rule = "srtp-keys-in-clear"
	RuleSRTPEnded            Rule = "srtp-ended"
	RuleSRTPOldKey           Rule = "srtp-old-key"
	RuleICEFailed            Rule = "ice-failed"
	RuleICEMismatch          Rule = "ice-mismatch"
	RuleICERefused           Rule = "ice-refused"
	RuleConsentLost          Rule = "consent-lost"
	RuleStunSilent           Rule = "stun-silent"
	RuleSoundNarrowed        Rule = "sound-narrowed"
	RuleCodecMissing         Rule = "codec-missing"
	RuleDTLSFailed           Rule = "dtls-failed"
	RuleDTLSFingerprint      Rule = "dtls-fingerprint"
	RuleDTLSUnanswered       Rule = "dtls-unanswered"
	RuleSendRefused          Rule = "send-refused"
	RuleSilenceUnproven      Rule = "silence-unproven"
	RuleWrongTone            Rule = "wrong-tone"
	RuleSilence              Rule = "silence"
	RuleBadRSeq              Rule = "bad-rseq"
	RuleWrongPrack           Rule = "wrong-prack"
	RuleSessionTimer         Rule = "session-timer"
	RuleSessionExpired       Rule = "session-expired"
	RuleRefreshLate          Rule = "session-refresh-late"
	RuleLabWithoutAddress    Rule = "lab-without-address"
	RuleRobotsWithoutAddress Rule = "robots-without-address"
	RulePushServiceDown      Rule = "push-service-down"
	RuleStalePush            Rule = "stale-push"
	RuleCancelOvertook       Rule = "cancel-overtook"
	RulePushIdle             Rule = "push-idle"
	RuleMustReport           Rule = "must-report"
)

// About the instrument itself.
const RuleLogCut Rule = "log-cut"

// Rules are all of them.
func Rules() []Rule {
	return []Rule{
		RuleWakeBudget, RuleUnexplainedWake, RuleTaskRefused, RuleTaskOverrun, RuleEntryOverrun, RuleUnreportedPush,
		RulePushBlocked, RulePushExpired, RuleVoIPFlagKilled, RuleJetsam, RuleCrash, RuleExit, RuleForceQuit,
		RuleReboot, RuleReinstall, RuleUpdate, RuleProtectedData, RuleKeepaliveOverrun, RuleAudioNotActive,
		RuleCallFiltered, RuleSoundTooLong, RuleKeepaliveRefused, RuleKeepaliveCut, RuleGoodbyeCut, RuleKeepaliveLost, RuleLateTick, RuleReclaimed,
		RuleVoIPSocket, RuleNoVoIPMode, RuleMarkLate, RuleMarkOutside, RuleMarkNoRequest, RuleMarkIgnored, RuleNotMarked, RuleNotSuspended, RuleNoBanner, RuleNotPossible, RuleHostFailed, RuleSoundFailed, RuleSoundLost, RuleDeadMic, RuleProcessGone,
		RuleProgramMistake, RuleUnreadable, RuleStoodStill, RuleClockSet, RuleDozeOffline, RuleFruitlessPush, RuleServiceStart, RuleServiceLate, RuleForceStop, RuleFrozenSockets, RuleFullScreenRefused, RuleServiceType, RuleBackgroundAudio,
		RuleStalePush, RuleCancelOvertook, RulePushIdle, RuleMustReport, RuleNoAppPush, RuleLocalPushStopped,
		RuleWrongPassword, RuleNoCommonDigest, RuleUnprovenServer, RuleClearPassword, RuleKeysWritten, RuleNotRegistered, RuleBindingLost, RuleStaleConnection, RuleFlowBroken,
		RuleNotBound, RuleContactNotOurs, RuleOddExpiry, RuleRedirectNotFollowed,
		RuleDNSFailed, RuleDNSLeftOut, RuleServerFailover,
		RuleMalformedMessage, RulePortTaken, RuleHalfOpen, RuleHandover, RuleNotRouted, RuleCallRefused,
		RuleUntidyMessage, RuleOddRequestURI, RuleForeignResponse, RuleStrayResponse,
		RuleDuplicateInvite, RuleLateCancel, RuleTextLost, RuleLostBye, RuleClosedAtStep, RuleNoPong,
		RuleServerSilent, RuleNotConnected, RuleNoOutbound, RuleLargeRequest, RuleUnknownSender, RuleShortExpires,
		RuleServerLoop, RuleUnprovenAddress, RuleReplyCostAWake,
		RuleTextRefused, RuleNoWord, RuleNothingWakes, RuleWakeRace, RuleGhostCall, RulePushTooShort, RulePushNoWait, RulePushTooLate, RulePushLost, RulePushRefused, RulePushUnreadable, RuleDistributorAsleep, RuleMissedCall, RuleCallFailed, RuleChangeRefused, RuleNoCommonAudio, RuleNoSession, RuleUntidySDP, RuleUntidyBody, RuleBodyRefused, RuleBodyLeftOut, RuleTransferFailed, RuleTransferUnreported, RuleBadRefer, RuleReplacesUnmatched, RuleUnreadableBody, RuleTurnedAway, RuleUnknownPackage, RulePushOtherCall,
		RuleNoRefresh, RulePushWithoutCall, RuleNotWakeable, RuleServerCancelled, RuleTrustedFlow,
		RuleICEFailed, RuleICEMismatch, RuleICERefused, RuleConsentLost, RuleStunSilent,
		RuleUnacknowledged, RuleRequestRefused, RuleSubscriptionLost, RuleIncompleteGrant, RuleRangTooLong, RuleAudioAsleep, RuleNoAudio, RuleOneWayAudio, RuleNoAudioIn, RuleNoAudioOut, RuleMediaRefused, RuleSendRefused, RuleSilenceUnproven, RuleSoundNarrowed, RuleCodecMissing, RuleWrongTone, RuleSilence, RuleLabWithoutAddress, RuleRobotsWithoutAddress, RulePushServiceDown, RuleBadRSeq, RuleWrongPrack, RuleSessionTimer, RuleSessionExpired, RuleRefreshLate, RuleAutoAnswerIgnored, RuleForkedAnswers, RuleLateAnswer, RuleWildcardCertificate, RuleIncompleteAnswer, RuleLogCut,
		RuleSRTPAuthFailed, RuleSRTPKeysInClear, RuleSRTPEnded, RuleSRTPOldKey,
		RuleDTLSFailed, RuleDTLSFingerprint, RuleDTLSUnanswered,
	}
}
