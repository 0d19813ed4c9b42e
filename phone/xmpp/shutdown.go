package xmpp

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// Shutdown ends every call and the stream, and waits for the server to end
// its side (RFC 6120 §4.4). [control.Down] follows, at the latest after four
// seconds.
func (a *Agent) Shutdown(now time.Time) control.Output {
	s := newStep(now)
	if !a.conn.Leave(s) {
		return s.Out
	}
	for _, c := range a.calls.snapshot() {
		a.calls.hangup(s, c)
	}
	wasUp := a.flow.stage == up
	if wasUp {
		a.withdraw(s)
		a.endStream(s)
		a.flow.stage = ending
	}
	a.wanted = false
	if !wasUp {
		a.leave(s)
	}
	return s.Out
}

// leave ends the shutdown.
func (a *Agent) leave(s *step) {
	a.forgetFlow()
	a.waiting, a.sm = nil, management{}
	a.conn.Finish(s)
}

// Rest closes the connection and opens none by itself, until the program asks
// for something. The stream is not ended, so that the server keeps our session
// and pushes for it. A connection that calls still need stays open.
func (a *Agent) Rest(now time.Time) control.Output {
	s := newStep(now)
	if a.flow.stage != up || len(a.calls.list) > 0 {
		return s.Out
	}
	if a.sm.id == "" {
		a.endStream(s)
	}
	a.conn.Rest(s)
	a.forgetFlow()
	return s.Out
}
