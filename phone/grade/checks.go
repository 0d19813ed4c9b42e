package grade

import (
	"fmt"
	"time"
)

// A check is one row of the table: what the phone must do, the source that
// demands it, and how to find out.
type check struct {
	ID, Title, Rule, Source string
	// script lists the requests to the lab and the waits; judge then
	// decides from the records since the check began.
	script func(view) []step
	judge  func(view) finding
	// whole: script and judge see all records, from the beginning.
	whole bool
	// early: it needs no granted registration.
	early bool
	// inCall: it needs a call that the phone has answered.
	inCall bool
	// person: it needs somebody at the phone.
	person bool
	// unless returns why the check cannot judge this phone, or "".
	unless func(view) string
	// after lists requests to the lab after the check.
	after []string
}

// Check is a check as the help text lists it.
type Check struct{ ID, Title, Rule, Source string }

// Checks lists all checks in their order: the harmless ones first.
func Checks() []Check {
	var list []Check
	for _, c := range checks {
		list = append(list, c.public())
	}
	return list
}

// public returns what is known of a check before it is run.
func (c check) public() Check { return Check{c.ID, c.Title, c.Rule, c.Source} }

const (
	// answerWithin is how long the phone may take for any response: our own
	// number. RFC 3261 allows 32 s (timers B and F), but no caller waits
	// that long.
	answerWithin = 5 * time.Second
	// ringWithin is how long the phone may take to say 180, at the median: our
	// own number. A caller hears nothing before it.
	ringWithin = time.Second
	// rings is how many calls that median is of.
	rings = 3
	// pongWithin is how long a pong may take (RFC 5626 §4.4.1).
	pongWithin = 10 * time.Second
	// backWithin is how long the phone may take to come back over a new
	// connection: the longest first wait of RFC 5626 §4.5 (base-time 30 s, one
	// failure: 30 to 60 s).
	backWithin = 60 * time.Second
	// timerF ends a request that nobody answers (RFC 3261 §17.1.2.2).
	timerF = 32 * time.Second
	// slack is for the clock and the network (our own number).
	slack = time.Second
	// mediaWithin is how long the first RTP may take after the answer: our
	// own number, the time after which people say "hello?" again.
	mediaWithin = 2 * time.Second
	// reportWithin is when RTCP must have come: the interval is 5 s, the
	// first one half of that, each times 0.5 to 1.5 (RFC 3550 §6.2,
	// §6.3.1), and one of our reports must come first.
	reportWithin = 12 * time.Second
	// pushWithin is how long the phone may take from the push to its
	// REGISTER: the default that OpenSIPS waits (pn_refresh_timeout).
	pushWithin = 6 * time.Second
	// keepaliveDefault is the longest time between pings if the server
	// sends no Flow-Timer and power is not an issue (RFC 5626 §4.4.1: 95 to
	// 120 s).
	keepaliveDefault = 120 * time.Second
)

// checks is the table. All checks depend on the first.
var checks = []check{
	{
		ID: "register", Title: "It registers",
		Rule:   "A phone registers its address, answering a digest challenge",
		Source: "RFC 3261 §10.2, §22.2", early: true,
		script: func(v view) []step {
			return []step{{
				tell:  fmt.Sprintf("let the phone register as %s, within %s", v.cfg.User, v.cfg.Patience),
				until: func(v view) bool { return v.has(v.granted()) }, within: v.cfg.Patience,
			}}
		},
		judge: judgeRegister,
	},
	{
		ID: "expires", Title: "It says for how long",
		Rule:   "A REGISTER names the expiration that it suggests",
		Source: "RFC 3261 §10.2.1.1", early: true, whole: true, script: nothing, judge: judgeExpires,
	},
	{
		ID: "lifetime", Title: "Its times are times",
		Rule:   "An Expires, or expires of a Contact, in REGISTER, SUBSCRIBE or PUBLISH is a number of seconds below 2^32",
		Source: "RFC 3261 §10.2, §20.19, §25.1", early: true, whole: true, script: nothing, judge: judgeLifetimes,
	},
	{
		ID: "instance", Title: "It names its device",
		Rule:   `The Contact has +sip.instance="<urn:...>", so that a new registration replaces the old one`,
		Source: "RFC 5626 §4.1", early: true, whole: true, script: nothing, judge: judgeInstance,
	},
	{
		ID: "outbound", Title: "It asks to be called over its own connection",
		Rule:   "A REGISTER has reg-id in the Contact and outbound in Supported",
		Source: "RFC 5626 §4.2.1", early: true, whole: true, script: nothing, judge: judgeOutbound,
	},
	{
		ID: "push-params", Title: "It says where to push",
		Rule:   "pn-provider is apns, fcm or webpush; pn-prid and pn-param have that service's shape; all are parameters of the Contact's URI",
		Source: "RFC 8599 §4.1.1, §8; IANA Push Notification Services", early: true, whole: true, script: nothing, judge: judgePushParams,
	},
	{
		ID: "options", Title: "It answers OPTIONS",
		Rule:   "OPTIONS is answered as an INVITE would be: 200, or 486 if busy",
		Source: "RFC 3261 §11.2", script: asking("OPTIONS"), judge: judgeOptions,
	},
	{
		ID: "unknown-method", Title: "It refuses a method that nobody knows",
		Rule:   "An unknown method is answered 405 or 501",
		Source: "RFC 3261 §8.2.1, §21.5.2", script: asking(unknownMethod), judge: judgeUnknown,
	},
	{
		ID: "require", Title: "It refuses an extension that it does not know",
		Rule:   "A request that requires an unknown extension is answered 420, which names it in Unsupported",
		Source: "RFC 3261 §8.2.2.3", script: asking("OPTIONS", "Require="+unknownExtension), judge: judgeRequire,
	},
	{
		ID: "message", Title: "It answers a text",
		Rule:   "A MESSAGE is answered 200, or refused as a method (405, 501) or for its type (415)",
		Source: "RFC 3428 §7, RFC 3261 §8.2", script: asking("MESSAGE"), judge: judgeMessage,
	},
	{
		ID: "mwi", Title: "It takes news of voice messages",
		Rule:   "A NOTIFY of message-summary, subscribed to or not, is answered",
		Source: "RFC 3842 §3.6, RFC 6665 §4.1.3", script: answering("send mwi USER 1/0", "NOTIFY"), judge: judgeSummary, after: []string{"send mwi USER 0/0"},
	},
	{
		ID: "event", Title: "It refuses news that it has not asked for",
		Rule:   "A NOTIFY of an unknown package is answered 481 or 489, or NOTIFY is refused as a method",
		Source: "RFC 6665 §4.1.3, §8.3.2", script: telling, judge: judgeEvent,
	},
	{
		ID: "refer", Title: "It refuses a transfer to nowhere",
		Rule:   "A REFER without a Refer-To is refused",
		Source: "RFC 3515 §2.4.2", script: asking("REFER", "Refer-To="), judge: judgeRefer,
	},
	{
		ID: "ringing", Title: "It rings",
		Rule:   fmt.Sprintf("Of %d calls the median hears 180 (or an answer) within %s of the INVITE", rings, ringWithin),
		Source: "RFC 3261 §13.3.1.1; the time is sleeptalk's own", script: ringing, judge: judgeRinging,
	},
	{
		ID: "cancel", Title: "It stops ringing when the caller gives up",
		Rule:   "A CANCEL is answered 200, and its INVITE 487",
		Source: "RFC 3261 §9.2", script: cancelling, judge: judgeCancel,
	},
	{
		ID: "repeated-invite", Title: "It rings once for an INVITE that comes twice",
		Rule:   "A retransmitted INVITE is the same transaction: one dialog, and no 482",
		Source: "RFC 3261 §17.2.1", script: repeating, judge: judgeRepeated, after: []string{"behave"},
		unless: func(v view) string { return when(!v.overUDP(), "over UDP only: TCP repeats nothing") },
	},
	{
		ID: "media", Title: "It speaks when it is answered",
		Rule:   fmt.Sprintf("RTP comes from the phone within %s of the answer", mediaWithin),
		Source: "RFC 3264 §5, §6; the time is sleeptalk's own", inCall: true, whole: true,
		script: func(view) []step {
			return []step{{until: func(v view) bool { return v.spoken() > 0 }, within: answerWithin}}
		},
		judge: judgeMedia,
	},
	{
		ID: "hears", Title: "It hears the other side",
		Rule:   "Its RTCP reports are about our audio, and have not lost it all",
		Source: "RFC 3550 §6.4", inCall: true, whole: true,
		script: func(view) []step {
			return []step{{until: func(v view) bool { return v.reported() }, within: reportWithin}}
		},
		judge: judgeHears,
	},
	{
		ID: "re-invite", Title: "It lets a call be held and resumed",
		Rule:   "A re-INVITE with a new offer is answered 200",
		Source: "RFC 3261 §14.2, RFC 3264 §8.4", inCall: true, script: holding, judge: judgeReinvite,
	},
	{
		ID: "update", Title: "It takes UPDATE in a call",
		Rule:   "An UPDATE without an offer, which refreshes the session, is answered 200 by whoever allows the method",
		Source: "RFC 3311 §5.2, RFC 4028 §9", inCall: true, script: updating, judge: judgeUpdate,
	},
	{
		ID: "session", Title: "It describes its audio as the grammar has it",
		Rule:   "The lines of a session description are in their order, those that must be there are, and its version grows with what it says",
		Source: "RFC 8866 §5 and §9, RFC 3264 §5 and §8", inCall: true, whole: true, script: nothing, judge: judgeSession,
	},
	{
		ID: "timer", Title: "Its session timer can be kept",
		Rule:   "A Session-Expires in its answer is 90 s or more, no more than the caller asked for, and names the refresher, and the caller's support of it has been seen",
		Source: "RFC 4028 §4, §9", inCall: true, whole: true, script: nothing, judge: judgeTimer,
	},
	{
		ID: "reliable", Title: "Its reliable responses are numbered, and their PRACK is answered",
		Rule:   "Who knows 100rel, and is required to, rings with RSeq from 1 to 2^31-1 and answers the PRACK for it; who does not, answers 420",
		Source: "RFC 3262 §3, RFC 3261 §8.2.2.3", script: ringingStrictly, judge: judgeReliable,
	},
	{
		ID: "brief-timer", Title: "It refuses a session timer that is too short",
		Rule:   "Who refuses a Session-Expires of 30 s answers 422, with a Min-SE of 90 s or more, and nobody agrees to it",
		Source: "RFC 4028 §4, §6", script: oddly("Supported: timer", "Session-Expires: 30"), judge: judgeBrief, after: evenly("Supported", "Session-Expires"),
	},
	{
		ID: "replaces", Title: "It replaces no call that is not there",
		Rule:   "An INVITE that is to replace an unknown call is answered 481, or 420 by who does not know Replaces",
		Source: "RFC 3891 §3, RFC 3261 §8.2.2.3", script: oddly("Replaces: unknown@sleeptalk.test;to-tag=a;from-tag=b", "Require: replaces"),
		judge: judgeReplaces, after: evenly("Replaces", "Require"),
	},
	{
		ID: "call", Title: "It calls, and shows who it is",
		Rule:   "An INVITE is from the account that is registered, and sent again with credentials after a 407",
		Source: "RFC 3261 §8.1.1.3, §22.3", person: true, script: placing, judge: judgePlaced,
	},
	{
		ID: "redirected-call", Title: "Its call is sent elsewhere",
		Rule:   "A 302 is acknowledged, and the call goes on to its Contact or ends; it is not made again as it was",
		Source: "RFC 3261 §8.1.3.4, §17.1.1.3, §21.3.3", person: true, script: redirecting, judge: judgeRedirected, after: []string{"redirect " + caller + " off"},
	},
	{
		ID: "keepalive", Title: "It keeps its connection open",
		Rule:   "CRLF pings come, each within the Flow-Timer of the 200 to the REGISTER",
		Source: "RFC 5626 §4.4.1", whole: true, script: pinging, judge: judgeKeepalive, unless: overTCP,
	},
	{
		ID: "server-ping", Title: "It bears a ping of the server's",
		Rule:   "CRLFs before a message are ignored, and the connection lives on",
		Source: "RFC 3261 §7.5", script: beingPinged, judge: judgeServerPing, unless: overTCP,
	},
	{
		ID: "refresh", Title: "It refreshes in time",
		Rule:   "The registration is refreshed before the expiration in the 200 has passed",
		Source: "RFC 3261 §10.2.4", whole: true, script: refreshing, judge: judgeRefresh,
	},
	{
		ID: "stale", Title: "It takes a new nonce",
		Rule:   "401 with stale=true is answered at once, with the new nonce and without asking anybody",
		Source: "RFC 7616 §3.3", script: staling, judge: judgeStale,
	},
	{
		ID: "digest", Title: "Its credentials are well made",
		Rule:   "qop=auth (unquoted) with cnonce and nc, and the Request-URI as uri; nc counts up when a nonce is used again",
		Source: "RFC 7616 §3.4, RFC 3261 §22.4", early: true, whole: true, script: nothing, judge: judgeDigest,
	},
	{
		ID: "push", Title: "A push makes it register",
		Rule:   fmt.Sprintf("A REGISTER comes within %s of the push", pushWithin),
		Source: "RFC 8599 §4.1.2; the time: OpenSIPS, pn_refresh_timeout", script: pushing, judge: judgePush, unless: byPush,
	},
	{
		ID: "cancel-asleep", Title: "A call that ended before it woke does not ring",
		Rule:   "Pushed for a call that is then cancelled, it registers, meets no INVITE, and is well",
		Source: "RFC 8599 §5.6.1, RFC 3261 §16.10", script: cancellingAsleep, judge: judgeCancelAsleep, unless: byPush,
	},
	{
		ID: "cut", Title: "It comes back when the server closes the connection",
		Rule:   fmt.Sprintf("After a FIN it registers over a new connection within %s", backWithin),
		Source: "RFC 5626 §4.5", script: coming("close USER", backWithin), judge: judgeBack("FIN", backWithin), unless: overTCP,
	},
	{
		ID: "reset", Title: "It comes back when the connection is reset",
		Rule:   fmt.Sprintf("After a RST it registers over a new connection within %s", backWithin),
		Source: "RFC 5626 §4.5", script: coming("reset USER", backWithin), judge: judgeBack("RST", backWithin), unless: overTCP,
	},
	{
		ID: "no-pong", Title: "A ping without an answer is the end of a connection",
		Rule:   fmt.Sprintf("Without a pong within %s the phone opens a new connection", pongWithin),
		Source: "RFC 5626 §4.4.1", script: unanswered, judge: judgeNoPong, unless: overTCP, after: []string{"behave"},
	},
	{
		ID: "stall", Title: "It finds out that the connection is dead",
		Rule:   "Of a connection that is open and silent it finds out by its own keepalive or refresh, and registers over another",
		Source: "RFC 5626 §4.4.1; without a Flow-Timer: the expiration, and RFC 3261 §17.1.2.2", script: stalling, judge: judgeStall, unless: overTCP,
	},
	{
		ID: "redirected", Title: "It is not led round in a circle",
		Rule:   fmt.Sprintf("After a 302 to REGISTER that leads back to where it asked it asks %d times at most within %s, and comes back", mostAttempts, patient),
		Source: "RFC 3261 §8.1.3.4, §21.3.3; the numbers are sleeptalk's own", script: redirectingRegister, judge: judgeRedirectedRegister, after: []string{"respond normally to REGISTER"},
	},
	{
		ID: "digest-choice", Title: "It takes the strong digest",
		Rule:   "Of two challenges, by SHA-256 and by MD5, it answers the upper one that it knows",
		Source: "RFC 8760 §2.4", script: choosing, judge: judgeStrength, after: []string{"challenge MD5"},
	},
	{
		ID: "tidy", Title: "Its messages are as the grammar has them",
		Rule:   "No message of the phone has anything that the grammar of SIP does not allow, even if it can be understood; and none is thrown away because nobody can read it, or because it answers another request",
		Source: "RFC 3261 §7.3, §8.2.6.2, §16.3, §20, §25.1", early: true, whole: true, script: nothing, judge: judgeTidy,
	},
}

// nothing is the empty script, for a check of records that exist anyway.
func nothing(view) []step { return nil }

func when(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

func overTCP(v view) string {
	return when(v.overUDP(), "over TCP only: a datagram has no connection")
}

// byPush returns why a check of pushes cannot judge this phone, or "".
func byPush(v view) string {
	switch {
	case !v.wakeable():
		return "it gave no pn- parameters: it does not ask to be pushed to"
	case !v.cfg.Pushes:
		return "no push service is wired to this lab, which could reach it"
	}
	return ""
}

func passed(format string, args ...any) finding {
	return finding{verdict: Pass, why: fmt.Sprintf(format, args...)}
}

func failed(format string, args ...any) finding {
	return finding{verdict: Fail, why: fmt.Sprintf(format, args...)}
}

// silent is the verdict on a phone that says nothing to a request.
func silent() finding { return failed("no answer within %s", answerWithin) }

func untold(format string, args ...any) finding {
	return finding{verdict: Untold, why: fmt.Sprintf(format, args...)}
}
