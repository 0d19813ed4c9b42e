package device

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A Mode is what the app's Info.plist lists in UIBackgroundModes.
type Mode string

// The modes. An app may list several; "voip" permits audio as well (Apple's
// guide to VoIP apps).
const (
	ModeVoIP  Mode = "voip"
	ModeAudio Mode = "audio"
	ModeNone  Mode = "none"
)

// Modes are all of them.
func Modes() []string { return []string{string(ModeVoIP), string(ModeAudio), string(ModeNone)} }

// ReadsModes reports whether the system has UIBackgroundModes: it is iOS.
func (p Profile) ReadsModes() bool { return families()[p.family].modes }

// Install puts an app on the device that lists a mode. Without it, the app lists
// voip.
func (d *Device) Install(m Mode) { d.mode = m }

// noVoIPMode is why the system does nothing for an app that has not said that it
// is one for VoIP.
const noVoIPMode = "the app does not list voip in UIBackgroundModes"

// mark marks a stream as the app's VoIP socket, if the system takes it:
//
//	streams made ──▶ marked ──▶ TLS set ──▶ open
//
// is the one order that works.
func (a *apple) mark(now time.Time, m system.MarkVoIP) {
	s := a.sockets.owned(m.Socket)
	if s == nil { // closed already
		return
	}
	e := event.SocketMark{Phase: event.MarkRefused, By: m.By, Remote: s.target}
	e.Rule, e.Why = a.refusesMark(*s, m)
	switch {
	case e.Rule != "":
		a.unmarked = a.unmarked || s.kind == stream // which the log now says
	case a.profile.Marked == KilledForIt:
		a.end(now, forbidden)
		return
	case a.profile.Marked == Ignored:
		e.Phase, e.Rule, e.Why = event.MarkIgnored, event.RuleMarkIgnored, "this system no longer watches a marked socket"
	default:
		e.Phase, s.marked = event.MarkAccepted, true
	}
	a.noteMark(m, e)
}

// refusesMark says why a socket cannot be marked, by which rule.
func (a *apple) refusesMark(s socket, m system.MarkVoIP) (event.Rule, string) {
	switch {
	case s.kind == datagram:
		return event.RuleVoIPSocket, "it is a socket of UDP: only an outgoing TCP stream can be marked"
	case s.kind != stream:
		return event.RuleVoIPSocket, "only an outgoing TCP stream can be marked"
	case a.mode != ModeVoIP:
		return event.RuleNoVoIPMode, noVoIPMode
	case m.By == event.ByURLRequest && !m.Request:
		return event.RuleMarkNoRequest, "no NSURLRequest has made this connection: a request carries HTTP"
	case m.By == event.ByGCDAsyncSocket && m.Outside:
		return event.RuleMarkOutside, "it was called outside performBlock, and returned NO"
	case s.tls:
		return event.RuleMarkLate, "TLS was set on its streams before: they are marked first, or not at all"
	case s.used:
		return event.RuleMarkLate, "its streams were open: they are marked before they are opened, or not at all"
	}
	return "", ""
}

func (c *core) noteMark(m system.MarkVoIP, e event.SocketMark) {
	c.kernel(system.Log{Event: e, Account: m.Account})
}

// unknownMark answers an app on a system that has never marked sockets.
func (c *core) unknownMark(m system.MarkVoIP) {
	if s := c.sockets.owned(m.Socket); s != nil {
		c.noteMark(m, event.SocketMark{Phase: event.MarkIgnored, By: m.By, Remote: s.target, Why: "this system knows no marked sockets"})
	}
}

// checkMarks says, once for each process, that an app is suspended whose
// connections nobody watches.
func (a *apple) checkMarks() {
	if a.profile.Marked != Watched || a.unmarked {
		return
	}
	streams := 0
	for _, s := range a.sockets.list {
		if s.marked {
			return
		}
		if s.kind == stream {
			streams++
		}
	}
	if a.unmarked = streams > 0; a.unmarked {
		a.log(event.SocketMark{Phase: event.MarkMissing, Why: "the app is suspended with " + words.Count(streams, "connection") + ", and has marked none", Rule: event.RuleNotMarked})
	}
}
