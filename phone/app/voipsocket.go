package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// VoIPSocket marks the signalling connection as the app's VoIP socket and
// installs a keepalive handler: signalling on TCP wakes the app, voice goes
// over UDP.
const VoIPSocket Strategy = "voip-socket"

func voipSocketPlan() plan {
	return plan{
		Traits{
			Name: VoIPSocket, Help: "signals over a marked TCP socket, whose data wakes the app, and keeps it alive",
			Expires: defaultExpires, KeepsAlive: true,
		},
		func(e env) strategy { return newVoIPSocket(e) },
	}
}

// voipSocket is the strategy of that name.
type voipSocket struct {
	keepAlive
	marks  marks
	pinged once // a first time
	warned once // that the server promises no pongs
}

func newVoIPSocket(e env) *voipSocket {
	return &voipSocket{keepAlive: newKeepAlive(e), marks: newMarks(e), pinged: once{}, warned: once{}}
}

func (v *voipSocket) receive(now time.Time, s system.Signal) bool {
	switch s := s.(type) {
	case system.Secured:
		if l := v.lines.owner(s.Socket); l != nil {
			v.marks.at(MarkAfterTLS, l, s.Socket)
		}
	}
	return v.keepAlive.receive(now, s)
}

func (v *voipSocket) notice(now time.Time, l *line, n control.Notice) {
	switch n := n.(type) {
	case control.Reached:
		v.marks.at(MarkBeforeOpen, l, n.Socket)
	case control.Connected:
		v.marks.at(MarkAfterOpen, l, n.Socket)
	case control.Registered:
		v.firstPing(now, l)
		v.checkOutbound(l)
	}
	v.keepAlive.notice(now, l, n)
}

// firstPing pings once, to learn whether the server answers pings at all: only
// then is a missing pong the sign of a dead connection (RFC 5626 §4.4.1).
func (v *voipSocket) firstPing(now time.Time, l *line) {
	if v.pinged.first(l) {
		l.ping(now)
	}
}

// checkOutbound warns of a server that does not promise to answer pings.
func (v *voipSocket) checkOutbound(l *line) {
	if asked, promised := l.agent.Outbound(); !asked || promised || !v.warned.first(l) {
		return
	}
	l.out.note(event.Warning{
		Rule: event.RuleNoOutbound, Note: "the 200 to REGISTER lacks Require: outbound: the server does not promise to answer pings",
		Hint: "outbound at the registrar (RFC 5626), or pings from the server",
	})
}
