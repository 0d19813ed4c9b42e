package xmpp

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/push"
)

// Register signs on: it connects if need be, and sends our presence, which
// makes the server hand us what comes for the account (RFC 6121 §4.2). Where
// that stands it is sent again, and the server learns where to push.
func (a *Agent) Register(now time.Time) control.Output {
	s := newStep(now)
	a.reg.wanted = true
	if a.stream.isUp() {
		a.reg.refresh(s)
	} else {
		a.connect(s)
	}
	return s.Out
}

// Refill says that a person signs on.
func (a *Agent) Refill() { a.conn.Refill() }

// Unregister takes our presence back: nothing comes for us after that. The
// stream stays.
func (a *Agent) Unregister(now time.Time) control.Output {
	s := newStep(now)
	a.reg.wanted = false
	a.conn.StopRecovering()
	switch {
	case a.stream.isUp():
		a.reg.withdraw(s)
	case a.conn.Gone() && a.outbox.sm.id != "": // the server keeps us a place
		a.connect(s)
	}
	return s.Out
}

// Ping asks the server for a sign of life, see [keepalive.ping]. If the stream
// is down it is opened first.
func (a *Agent) Ping(now time.Time) control.Output {
	s := newStep(now)
	if a.stream.isUp() {
		a.keepalive.ping(s)
	} else {
		a.conn.Pings.Want()
		a.connect(s)
	}
	return s.Out
}

// Leave tells the server that the app has left the screen, or is back on it.
func (a *Agent) Leave(now time.Time, left bool) control.Output {
	s := newStep(now)
	a.screen.leave(s, left)
	return s.Out
}

// Rest closes the connection and opens none by itself, until the program asks
// for something. The stream is not ended, so that the server keeps our session
// and pushes for it. A connection that calls still need stays open.
func (a *Agent) Rest(now time.Time) control.Output {
	s := newStep(now)
	if !a.stream.isUp() || len(a.calls.list) > 0 {
		return s.Out
	}
	if a.outbox.sm.id == "" {
		a.outbox.end(s)
	}
	a.conn.Rest(s)
	a.forgetFlow()
	return s.Out
}

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
	a.reg.wanted = false
	if !a.stream.isUp() {
		a.leave(s)
		return s.Out
	}
	a.reg.withdraw(s)
	a.outbox.end(s)
	a.stream.stage = ending
	return s.Out
}

// Ring tells the caller that the phone rings.
func (a *Agent) Ring(now time.Time, id int) control.Output {
	return a.calls.about(now, id, "ring", a.calls.ring)
}

// Answer accepts a call. There is no session to describe.
func (a *Agent) Answer(now time.Time, id int, _ []byte) control.Output {
	return a.calls.about(now, id, "answer", a.calls.accept)
}

// Reject refuses a call.
func (a *Agent) Reject(now time.Time, id, status int) control.Output {
	return a.calls.about(now, id, "reject", func(s *step, c *call) { a.calls.reject(s, c, status) })
}

// Hangup ends a call, whatever its state.
func (a *Agent) Hangup(now time.Time, id int) control.Output {
	return a.calls.about(now, id, "hang up", a.calls.hangup)
}

// User is the local part of our JID.
func (a *Agent) User() string { return a.stream.account.Localpart() }

// Awaits reports whether an answer of the server is outstanding.
func (a *Agent) Awaits() bool { return a.AwaitsPong() || !a.reg.by.IsZero() }

// AwaitsPong reports whether a ping is unanswered.
func (a *Agent) AwaitsPong() bool { return a.conn.Pings.Waits() }

// Opening reports whether the connection is being opened.
func (a *Agent) Opening() bool { return a.conn.Opening() }

// SetPush says where we can be pushed to, from the next Register on.
func (a *Agent) SetPush(p push.Params) { a.reg.push.params = p }

// Pushes reports whether we have a token, and whether the server has taken it.
func (a *Agent) Pushes(string) (asked, will bool) {
	p := &a.reg.push
	return p.params.PRID != "", p.granted && p.settled()
}

// Outbound is of SIP; nobody has asked.
func (*Agent) Outbound() (asked, promised bool) { return false, false }
