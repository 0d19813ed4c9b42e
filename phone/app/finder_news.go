package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/ice"
)

// wrongChecks is how many checks of an address must be refused until the log says so (our
// own number): a peer that restarts may send a few by its old words.
const wrongChecks = 3

// hears acts on what the agent has to say.
func (f *finder) hears(now time.Time, n ice.News) {
	switch n := n.(type) {
	case ice.Gathered:
		f.gathered(now, n)
	case ice.Selected:
		f.routed[n.Component-1] = n
		f.route(now)
	case ice.Connected:
		f.renews = false
		ours, theirs := f.routed[0].Local, f.routed[0].Remote
		f.note(event.ICE{
			Phase: event.ICEConnected, Role: f.agent.Role(), Local: ours.String(), Remote: theirs.String(),
			Checks: n.Checks, Answered: n.Answered, Detail: f.reports(),
		})
	case ice.Switched:
		f.note(event.ICE{Phase: event.ICEChecking, Role: f.agent.Role(), Detail: "both ends had the same role"})
	case ice.Failed:
		f.failed(now, n)
	case ice.Lost:
		f.lost(now, n)
	case ice.Refused:
		f.refuses(n)
	}
}

// note writes a step down.
func (f *finder) note(e event.ICE) {
	e.Call = f.call.id
	f.call.line.out.note(e)
}

// warn writes a warning down.
func (f *finder) warn(rule event.Rule, note, hint string) {
	f.call.line.out.note(event.Warning{Rule: rule, Call: f.call.id, Note: note, Hint: hint})
}

// reports says where RTCP goes, if not with RTP.
func (f *finder) reports() string {
	if at := f.routed[1].Remote.At; at.IsValid() {
		return "rtcp to " + at.String()
	}
	return ""
}

// route tells the session where it sends from now on.
func (f *finder) route(now time.Time) {
	rtp, rtcp := f.routed[0], f.routed[1]
	if s := f.call.voice.session; s != nil && rtp.Remote.At.IsValid() {
		s.Route(now, rtp.Remote.At, rtcp.Remote.At, rtp.Answered)
	}
}

// failed takes in that no pair was found: the audio goes on as without ICE.
func (f *finder) failed(now time.Time, n ice.Failed) {
	what := "RTP"
	if n.Component == ice.RTCP {
		what = "RTCP"
	}
	f.note(event.ICE{Phase: event.ICEFailed, Role: f.agent.Role(), Detail: what + ": " + n.Why})
	f.warn(event.RuleICEFailed, "no pair of addresses was found for the "+what+" of "+f.call.peer+": "+n.Why, "look for STUN in the capture; a server of STUN (stun=HOST:PORT) for both ends")
	if f.all.ice == ICERequired && n.Component == ice.RTP {
		f.all.hangup(now, f.call)
	}
}

// lost takes in that the peer no longer consents: nothing more is sent (RFC 7675).
func (f *finder) lost(now time.Time, n ice.Lost) {
	f.note(event.ICE{Phase: event.ICELost, Remote: n.Remote.String(), Local: f.local.String(), Detail: "nothing more is sent"})
	f.warn(event.RuleConsentLost, f.call.peer+" does not answer any more at "+n.Remote.String()+": nothing more is sent", "did it go away, or a NAT forget the call? an offer with new words (ICE restart) begins anew")
	if s := f.call.voice.session; s != nil {
		s.Revoke(now)
	}
	f.renew(now)
}

// renew begins ICE anew with new words in another offer (RFC 8445 §2.4, RFC 8839 §4.4.1): once
// until a pair is found, for both components together.
func (f *finder) renew(now time.Time) {
	if f.renews || f.call.state != up {
		return
	}
	f.renews = true
	f.agent.Restart()
	f.note(event.ICE{Phase: event.ICERestarting, Role: f.agent.Role(), Detail: "with new words, in another offer"})
	f.all.offer(now, f.call)
}

// refuses takes in that a check was not signed as it must be.
func (f *finder) refuses(n ice.Refused) {
	if note := f.refused.Refuse("a check of ICE ("+n.Why+")", n.From); note != "" {
		f.warn(event.RuleICERefused, note, "compare a=ice-ufrag of our last description with the USERNAME of the checks in the capture")
	}
}
