package raw

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
)

// An Agent is the app's end of a raw protocol: the connection to the server, and
// the calls that are announced on it. It is made of parts, each of which knows
// only those beneath it, and is stepped by one goroutine at a time.
type Agent struct {
	cfg  Config
	p    *Protocol
	conn control.Conn

	wire      wire
	reg       registration
	keepalive keepalive
	calls     calls
}

// SpeaksHTTP reports whether what goes over the connection are requests of HTTP.
func (a *Agent) SpeaksHTTP() bool { return a.p.Framing.kind == byHTTP }

func newAgent(cfg Config) *Agent {
	a := &Agent{cfg: cfg, p: cfg.Protocol, conn: control.NewConn(cfg.conn())}
	a.wire = wire{cfg: &a.cfg, p: a.p, conn: &a.conn}
	a.reg = registration{wire: &a.wire}
	a.reg.reset()
	a.keepalive = keepalive{&a.wire}
	a.calls = calls{wire: &a.wire, next: control.Env{NextCall: cfg.nextCall}.Numbers()}
	return a
}

// A step is one step of the agent.
type step = control.Step

func newStep(now time.Time) *step { return &step{Now: now} }

// Register signs on. If the agent is signed on already, only the push token can
// need a refresh.
func (a *Agent) Register(now time.Time) control.Output {
	s := newStep(now)
	a.reg.wanted = true
	switch {
	case a.conn.Gone():
		a.connect(s)
	case a.reg.signed:
		a.reg.tellToken(s)
		s.Notice(control.Registered{})
	}
	return s.Out
}

// Refill says that a person signs on.
func (a *Agent) Refill() { a.conn.Refill() }

// Unregister sends bye and closes the connection, which is all that identifies
// the user to such a server.
func (a *Agent) Unregister(now time.Time) control.Output {
	s := newStep(now)
	a.signOff(s)
	s.Notice(control.Unregistered{})
	return s.Out
}

func (a *Agent) signOff(s *step) {
	a.reg.wanted = false
	a.conn.Pings.Forget()
	a.conn.StopRecovering()
	a.calls.hangUpAll(s)
	signed := a.reg.signed
	if signed {
		a.wire.say(s, bye, nil)
	}
	a.close(s, "")
	if signed {
		s.Log(event.Registration{Phase: event.RegistrationRemoved})
	}
}

// Leave tells the server that the app has left the screen, or is back on it.
func (a *Agent) Leave(now time.Time, left bool) control.Output {
	s := newStep(now)
	a.reg.left = left
	a.reg.tellScreen(s)
	return s.Out
}

// Rest closes a connection that no call needs.
func (a *Agent) Rest(now time.Time) control.Output {
	s := newStep(now)
	if a.reg.signed && len(a.calls.list) == 0 {
		a.conn.Rest(s)
		a.reg.reset()
	}
	return s.Out
}

// Shutdown hangs up, signs off and closes, without waiting for an answer.
func (a *Agent) Shutdown(now time.Time) control.Output {
	s := newStep(now)
	if a.conn.Leave(s) {
		a.signOff(s)
		a.conn.Finish(s)
	}
	return s.Out
}

// Ping sends a ping, if the protocol has one. If the connection is down it is
// opened first, unless the user has signed off.
func (a *Agent) Ping(now time.Time) control.Output {
	s := newStep(now)
	switch {
	case a.reg.signed:
		a.keepalive.ping(s)
	case a.reg.wanted:
		if a.p.app[ping].known() {
			a.conn.Pings.Want()
		}
		a.connect(s)
	}
	return s.Out
}

// Ring tells the server that the phone rings.
func (a *Agent) Ring(now time.Time, id int) control.Output {
	s := newStep(now)
	a.calls.ring(s, id)
	return s.Out
}

// Answer accepts a call.
func (a *Agent) Answer(now time.Time, id int, _ []byte) control.Output {
	s := newStep(now)
	a.calls.accept(s, id)
	return s.Out
}

// Reject refuses a call.
func (a *Agent) Reject(now time.Time, id, status int) control.Output {
	s := newStep(now)
	a.calls.reject(s, id, status)
	return s.Out
}

// Hangup ends a call, whatever its state.
func (a *Agent) Hangup(now time.Time, id int) control.Output {
	s := newStep(now)
	if c := a.calls.find(s, id, hangup); c != nil {
		a.calls.hangUp(s, c)
	}
	return s.Out
}

// User returns the user's name at the server.
func (a *Agent) User() string { return a.cfg.User }

// Awaits reports whether an answer of the server is outstanding.
func (a *Agent) Awaits() bool { return a.conn.Up() && !a.reg.signed || a.AwaitsPong() }

// AwaitsPong reports whether a ping is unanswered. The protocol's file says
// whether pings are answered.
func (a *Agent) AwaitsPong() bool { return a.conn.Pings.Waits() }

// Opening reports whether the connection is being opened.
func (a *Agent) Opening() bool { return a.conn.Opening() }

// SetPush sets the push token of the app.
func (a *Agent) SetPush(p push.Params) { a.wire.token = p.PRID }

// Pushes reports whether the server knows our token. No word of the protocol
// says whether it will push.
func (a *Agent) Pushes(string) (asked, will bool) {
	known := a.reg.signed && a.wire.token != "" && a.reg.known == a.wire.token
	return known, known
}

// Outbound is RFC 5626, which is SIP's.
func (a *Agent) Outbound() (asked, promised bool) { return false, false }
