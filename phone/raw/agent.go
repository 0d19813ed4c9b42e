package raw

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// An Agent is the app's end of a profile: the connection to the server, and
// the calls that are announced on it. It is stepped by one goroutine at a time.
type Agent struct {
	cfg      Config
	p        *Profile
	flow     flow
	recovery control.Recovery
	wanted   bool // the program wants to be reachable
	resting  bool // no connection is wanted now
	leaving  bool // shutting down
	pingDue  bool // a ping is wanted as soon as it can be sent
	away     bool // the app is off the screen
	token    string
	calls    []*call // oldest first
	lastCall int
}

// A step is one step of the agent: its time, and what comes of it.
type step struct {
	now time.Time
	out control.Output
}

func (s *step) do(c system.Call)        { s.out.Calls = append(s.out.Calls, c) }
func (s *step) log(e event.Event)       { s.do(system.Log{Event: e}) }
func (s *step) notice(n control.Notice) { s.out.Notices = append(s.out.Notices, n) }

// Deadline is when Advance wants to be called next.
func (a *Agent) Deadline() time.Time {
	return system.Earliest(a.flow.deadline(), a.recovery.RetryAt)
}

// Advance does what is due. If it comes late, nothing is given up before what
// lies in the kernel has been read.
func (a *Agent) Advance(now time.Time) control.Output {
	s := &step{now: now}
	if control.Thawed(a.Deadline(), now) {
		a.flow.delay(now.Add(control.ThawGrace))
	}
	if system.Due(a.recovery.RetryAt, now) {
		a.recovery.RetryAt = time.Time{}
		a.connect(s)
	}
	if system.Due(a.flow.deadline(), now) {
		a.overdue(s)
	}
	return s.out
}

// Receive takes in a signal about the connection; others are ignored.
func (a *Agent) Receive(now time.Time, sig system.Signal) control.Output {
	s := &step{now: now}
	switch sig := sig.(type) {
	case system.Connected:
		if a.flow.is(sig.Socket) && a.flow.state == flowConnecting {
			a.connected(s, sig)
		}
	case system.Secured:
		if a.flow.is(sig.Socket) && a.flow.state == flowConnecting {
			a.opened(s, sig.String())
		}
	case system.Failed:
		if a.flow.is(sig.Socket) {
			a.failFlow(s, "failed", sig.Err)
		}
	case system.Received:
		if a.flow.is(sig.Socket) {
			a.read(s, sig.Data)
		}
	case system.Closed:
		if a.flow.is(sig.Socket) {
			phase, err := control.Closing(sig.Err)
			a.failFlow(s, phase, err)
		}
	}
	return s.out
}

// Register signs on. Who is signed on already has nothing to refresh but the
// push token.
func (a *Agent) Register(now time.Time) control.Output {
	s := &step{now: now}
	a.wanted = true
	switch a.flow.state {
	case flowDown:
		a.connect(s)
	case flowSigned:
		a.tellToken(s)
		s.notice(control.Registered{})
	}
	return s.out
}

// Unregister says goodbye and closes: a server of this kind knows a user by
// the connection.
func (a *Agent) Unregister(now time.Time) control.Output {
	s := &step{now: now}
	a.signOff(s)
	s.notice(control.Unregistered{})
	return s.out
}

func (a *Agent) signOff(s *step) {
	a.wanted, a.pingDue = false, false
	a.recovery = control.Recovery{}
	a.hangUpAll(s)
	signed := a.flow.state == flowSigned
	if signed {
		a.say(s, bye, nil)
	}
	a.close(s, "")
	if signed {
		s.log(event.Registration{Phase: "removed"})
	}
}

// Leave tells the server that the app has left the screen, or is back on it.
func (a *Agent) Leave(now time.Time, left bool) control.Output {
	s := &step{now: now}
	a.away = left
	a.tellScreen(s)
	return s.out
}

// Rest closes a connection that no call needs.
func (a *Agent) Rest(now time.Time) control.Output {
	s := &step{now: now}
	if a.flow.state == flowSigned && len(a.calls) == 0 {
		a.close(s, "by us: nothing is held while asleep")
		a.recovery = control.Recovery{}
		a.resting = true
	}
	return s.out
}

// Shutdown hangs up, signs off and closes, which takes no answer.
func (a *Agent) Shutdown(now time.Time) control.Output {
	s := &step{now: now}
	if a.leaving {
		return s.out
	}
	a.leaving = true
	a.signOff(s)
	s.notice(control.Down{})
	return s.out
}

// User is who we are at the server.
func (a *Agent) User() string { return a.cfg.User }

// Awaits reports whether an answer of the server is outstanding.
func (a *Agent) Awaits() bool { return a.flow.state == flowAsked || a.AwaitsPong() }

// AwaitsPong reports whether a ping is unanswered. That it is to be answered
// the profile says.
func (a *Agent) AwaitsPong() bool { return !a.flow.pongBy.IsZero() }

// SetPush says by which token we can be pushed to.
func (a *Agent) SetPush(p push.Params) { a.token = p.PRID }

// Pushes reports whether the server knows our token. What it makes of it there
// is no word for.
func (a *Agent) Pushes(string) (asked, will bool) {
	told := a.flow.state == flowSigned && a.token != "" && a.flow.token == a.token
	return told, told
}

// Outbound is RFC 5626, which is SIP's.
func (a *Agent) Outbound() (asked, promised bool) { return false, false }
