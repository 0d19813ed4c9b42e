package xmpp

import (
	"errors"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var (
	errServerEnded = errors.New("the server ended the stream")
	errTrailing    = errors.New("data behind what begins a new stream (RFC 6120 §5.4.3.3)")
)

// turned acts on what a signal or a deadline means to the connection.
func (a *Agent) turned(s *step, turn control.Turn, err error) {
	switch turn {
	case control.Opened:
		a.reg.sending(s, a.stream.account)
		a.stream.open(s)
	case control.Resecured: // the stream begins anew (RFC 6120 §5.4.3.3)
		a.stream.open(s)
	case control.Lost:
		a.flowLost(s, err)
	case control.RestMissing:
		a.abandon(s, event.SocketBroken, fmt.Errorf("a stanza lacks its rest for %g s", control.Patience.Seconds()))
	case control.PongMissing:
		a.abandon(s, event.SocketBroken, errNoPong)
	case control.RetryDue:
		a.connect(s)
	case control.GoodbyesLate:
		a.leave(s)
	}
}

// overdue gives up a server that does not let us in in time.
func (a *Agent) overdue(s *step) {
	a.reg.by = time.Time{}
	if a.conn.Phase() == control.PhaseConnecting {
		a.abandon(s, event.SocketFailed, fmt.Errorf("no connection within %g s", loginTimeout.Seconds()))
		return
	}
	err := fmt.Errorf("not signed on within %g s", loginTimeout.Seconds())
	why := refusal{rule: event.RuleServerSilent, reason: err.Error(), hint: "is " + a.cfg.Server + " an XMPP server, and does it answer?"}
	why.tell(s)
	a.abandon(s, event.SocketBroken, err)
}

// connect opens the flow, unless it is open or opening.
func (a *Agent) connect(s *step) {
	if !a.conn.Gone() || a.conn.Leaving() {
		return
	}
	if a.conn.Dial(s); !a.conn.Gone() {
		a.reg.by = s.In(loginTimeout)
	}
}

// streamEnded is the server's end of the stream.
func (a *Agent) streamEnded(s *step) {
	if a.conn.Leaving() {
		a.leave(s)
		return
	}
	s.Do(system.Send{Socket: a.conn.Socket(), Data: []byte(endOfStream)})
	a.abandon(s, event.SocketClosed, errServerEnded)
}

// abandon closes the socket and gives up the flow on it.
func (a *Agent) abandon(s *step, phase event.SocketPhase, err error) {
	a.conn.Abandon(s, phase, err)
	a.flowLost(s, err)
}

// flowLost is the end of a flow whose socket is gone: a new one is formed, if
// it is needed. What was sent and is not acknowledged is kept for that one.
func (a *Agent) flowLost(s *step, err error) {
	known, present := a.stream.stage >= up, a.reg.present
	a.forgetFlow()
	if !a.reg.wanted {
		a.conn.Pings.Forget()
	}
	if present {
		s.Log(event.Registration{Phase: event.RegistrationLost, Reason: "the flow failed: " + err.Error(), Rule: event.RuleFlowBroken})
	}
	switch {
	case a.conn.Leaving():
		a.leave(s)
	case (a.reg.wanted && !a.conn.Resting() || a.conn.Pings.Wanted()) && a.conn.Recover(s, known, err):
		a.connect(s)
	}
}

// forgetFlow forgets a flow, and what hung on it.
func (a *Agent) forgetFlow() {
	a.stream.reset()
	a.outbox.sm.flowFailed()
	a.signon.flowFailed()
	a.reg.flowFailed()
}

// leaveServer ends the stream and closes the connection.
func (a *Agent) leaveServer(s *step) {
	a.outbox.end(s)
	a.conn.Close(s, "by us")
	a.conn.Pings.Forget()
	a.forgetFlow()
}

// leave ends the shutdown.
func (a *Agent) leave(s *step) {
	a.forgetFlow()
	a.outbox.waiting, a.outbox.sm = nil, management{}
	a.conn.Finish(s)
}
