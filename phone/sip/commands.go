package sip

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/push"
)

// Ping sends a ping now; if the flow is down it opens it first, and if
// another ping is unanswered it waits for that one.
func (a *Agent) Ping(now time.Time) control.Output {
	s := newStep(now)
	if !a.conn.Up() {
		a.conn.Pings.Want()
		a.conn.Dial(&s.Step)
		return s.Out
	}
	a.keepalive.ping(s)
	return s.Out
}

// Awaits reports whether an answer of the server is outstanding.
func (a *Agent) Awaits() bool { return a.conn.Pings.Waits() || a.reg.pending != nil || a.client.asks() }

// AwaitsPong reports whether a ping is unanswered of which an answer is to be
// expected, because the server has answered one before.
func (a *Agent) AwaitsPong() bool { return a.keepalive.answers && a.conn.Pings.Waits() }

// Parting is [control.Parter].
func (a *Agent) Parting() string {
	switch {
	case a.reg.removing && a.reg.pending != nil:
		return "the end of its registration"
	case slices.ContainsFunc(a.calls.list, func(c *call) bool { return c.over }):
		return "its BYE"
	}
	return ""
}

// Opening reports whether the connection is being opened.
func (a *Agent) Opening() bool { return a.conn.Opening() }

// Private reports whether nobody on the way to the server reads what is said: the
// connection speaks TLS, or leads to a server of this program.
func (a *Agent) Private() bool { return a.conn.Secure() || a.cfg.Inside }

// Outbound reports whether outbound was asked for, and whether the registrar
// that holds our binding has said that it does it.
func (a *Agent) Outbound() (asked, promised bool) { return a.cfg.Outbound, a.reg.promised }

// Register registers, or refreshes the registration now. It opens the flow if
// need be.
func (a *Agent) Register(now time.Time) control.Output {
	s := newStep(now)
	a.reg.wanted = true
	a.reg.expires, a.reg.longer = a.cfg.Expires, 0
	if a.conn.Up() {
		a.reg.sendRegister(s)
	} else {
		a.conn.Dial(&s.Step)
	}
	return s.Out
}

// Refill says that a person signs on.
func (a *Agent) Refill() { a.conn.Refill() }

// Unregister removes our binding from the registrar. The flow stays.
func (a *Agent) Unregister(now time.Time) control.Output {
	s := newStep(now)
	a.reg.unregister(s)
	return s.Out
}

// SetPush has the Contact of a REGISTER carry parameters in its URI by which
// the server can have the program woken (RFC 8599 §8.7). They hold from the
// next [Agent.Register] on; where a REGISTER is on its way, another follows.
func (a *Agent) SetPush(p push.Params) { a.reg.push = p }

// Pushes reports whether the binding that stands asked to be pushed to, and
// whether the server has said that it will, by that service (RFC 8599 §8.2:
// +sip.pns).
func (a *Agent) Pushes(service string) (asked, will bool) {
	return a.reg.granted.PRID != "", a.reg.promises.pushes(service)
}
