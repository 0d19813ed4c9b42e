package app

import (
	"cmp"
	"errors"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Marking is how an app marks its connection for VoIP, for the system to watch
// it while the app is suspended.
type Marking struct {
	By   event.MarkCall
	When MarkTime
}

// MarkTime is when an app marks a socket, and which.
type MarkTime string

// When an app marks its socket. Only the first is right.
const (
	MarkBeforeOpen MarkTime = "before-open" // before its streams are open, and before TLS is set on them
	MarkAfterOpen  MarkTime = "after-open"
	MarkAfterTLS   MarkTime = "after-tls"
	// MarkOutside is in time, but outside performBlock, where GCDAsyncSocket
	// refuses it.
	MarkOutside MarkTime = "outside-block"
	// MarkVoice marks the sockets of calls' audio, and not the connection.
	MarkVoice MarkTime = "voice"
	MarkNever MarkTime = "never"
)

// MarkTimes are all of them.
func MarkTimes() []string {
	return []string{string(MarkBeforeOpen), string(MarkAfterOpen), string(MarkAfterTLS), string(MarkOutside), string(MarkVoice), string(MarkNever)}
}

// MarkCallNames are the calls by which an app can mark a socket.
func MarkCallNames() (names []string) {
	for _, c := range event.MarkCalls() {
		names = append(names, string(c))
	}
	return names
}

var errNoBlock = errors.New("mark=outside-block: performBlock is of GCDAsyncSocket: mark-by=gcdasyncsocket")

func (m Marking) withDefaults() Marking {
	m.By, m.When = cmp.Or(m.By, event.ByCFStream), cmp.Or(m.When, MarkBeforeOpen)
	return m
}

func (m Marking) check() error {
	if m.When == MarkOutside && m.By != event.ByGCDAsyncSocket {
		return errNoBlock
	}
	return nil
}

// marks marks the connections of an app.
type marks struct {
	Marking
	transport func(*line) string
}

func newMarks(e env) marks {
	return marks{e.cfg.Mark, e.cfg.transportOf}
}

// transportOf is the transport of the account that a line is for.
func (c Config) transportOf(l *line) string {
	for _, a := range c.Accounts() {
		if a.Name == l.name {
			return c.IdentityOf(a.Account).Transport
		}
	}
	return ""
}

// at marks the socket of a line, if this is when the app does so.
func (m marks) at(when MarkTime, l *line, s system.Socket) {
	outside := m.When == MarkOutside && when == MarkBeforeOpen
	if m.When != when && !outside {
		return
	}
	l.out.ask(system.MarkVoIP{Socket: s, By: m.By, Outside: outside, Request: m.By == event.ByURLRequest && m.requests(l)})
}

// requests reports whether what goes over the connection are requests of HTTP, or it
// begins as one: that of a WebSocket.
func (m marks) requests(l *line) bool {
	if t := m.transport(l); t == "ws" || t == "wss" {
		return true
	}
	r, ok := l.agent.(interface{ SpeaksHTTP() bool })
	return ok && r.SpeaksHTTP()
}

// markVoice marks the socket of a call's audio, if the app does that.
func (a *App) markVoice(s system.Signal) {
	b, bound := s.(system.Bound)
	if bound && a.marking.When == MarkVoice {
		a.out.ask(system.MarkVoIP{Socket: b.Socket, By: a.marking.By})
	}
}
