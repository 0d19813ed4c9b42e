package raw

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
)

// An Agent is the app's end of a profile: the connection to the server, and
// the calls that are announced on it. It is stepped by one goroutine at a time.
type Agent struct {
	cfg      Config
	p        *Profile
	conn     control.Conn
	flow     flow
	wanted   bool // the program wants to be reachable
	away     bool // the app is off the screen
	token    string
	calls    []*call // oldest first
	lastCall int
}

// A step is one step of the agent.
type step = control.Step

func newStep(now time.Time) *step { return &step{Now: now} }

// Register signs on. Who is signed on already has nothing to refresh but the
// push token.
func (a *Agent) Register(now time.Time) control.Output {
	s := newStep(now)
	a.wanted = true
	switch {
	case a.conn.Gone():
		a.connect(s)
	case a.flow.signed:
		a.tellToken(s)
		s.Notice(control.Registered{})
	}
	return s.Out
}

// Unregister says goodbye and closes: a server of this kind knows a user by
// the connection.
func (a *Agent) Unregister(now time.Time) control.Output {
	s := newStep(now)
	a.signOff(s)
	s.Notice(control.Unregistered{})
	return s.Out
}

func (a *Agent) signOff(s *step) {
	a.wanted = false
	a.conn.Pings.Forget()
	a.conn.StopRecovering()
	a.hangUpAll(s)
	signed := a.flow.signed
	if signed {
		a.say(s, bye, nil)
	}
	a.close(s, "")
	if signed {
		s.Log(event.Registration{Phase: event.RegistrationRemoved})
	}
}

// Leave tells the server that the app has left the screen, or is back on it.
func (a *Agent) Leave(now time.Time, left bool) control.Output {
	s := newStep(now)
	a.away = left
	a.tellScreen(s)
	return s.Out
}

// Rest closes a connection that no call needs.
func (a *Agent) Rest(now time.Time) control.Output {
	s := newStep(now)
	if a.flow.signed && len(a.calls) == 0 {
		a.conn.Rest(s)
		a.flow = a.newFlow()
	}
	return s.Out
}

// Shutdown hangs up, signs off and closes, which takes no answer.
func (a *Agent) Shutdown(now time.Time) control.Output {
	s := newStep(now)
	if a.conn.Leave(s) {
		a.signOff(s)
		a.conn.Finish(s)
	}
	return s.Out
}

// User is who we are at the server.
func (a *Agent) User() string { return a.cfg.User }

// Awaits reports whether an answer of the server is outstanding.
func (a *Agent) Awaits() bool { return a.conn.Up() && !a.flow.signed || a.AwaitsPong() }

// AwaitsPong reports whether a ping is unanswered. That it is to be answered
// the profile says.
func (a *Agent) AwaitsPong() bool { return a.conn.Pings.Waits() }

// SetPush says by which token we can be pushed to.
func (a *Agent) SetPush(p push.Params) { a.token = p.PRID }

// Pushes reports whether the server knows our token. What it makes of it there
// is no word for.
func (a *Agent) Pushes(string) (asked, will bool) {
	known := a.flow.signed && a.token != "" && a.flow.token == a.token
	return known, known
}

// Outbound is RFC 5626, which is SIP's.
func (a *Agent) Outbound() (asked, promised bool) { return false, false }
