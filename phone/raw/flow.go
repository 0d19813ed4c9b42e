package raw

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Deadline is when Advance wants to be called next.
func (a *Agent) Deadline() time.Time {
	return system.Earliest(a.conn.Deadline(), a.reg.acceptBy, a.wire.pollAt)
}

// Advance does what is due. If it is called late, it gives nothing up before
// the data in the kernel has been read.
func (a *Agent) Advance(now time.Time) control.Output {
	s := newStep(now)
	if control.Thawed(a.Deadline(), now) {
		until := now.Add(control.ThawGrace)
		a.conn.Delay(until)
		control.Delay(until, &a.reg.acceptBy)
	}
	for system.Due(a.Deadline(), now) {
		switch a.Deadline() {
		case a.reg.acceptBy:
			a.unaccepted(s)
		case a.wire.pollAt:
			a.wire.pollAt = time.Time{}
			a.wire.poll(s)
		default:
			turn, err := a.conn.Advance(s)
			a.turned(s, turn, err)
		}
	}
	return s.Out
}

// Receive takes in a signal about the connection; others are ignored.
func (a *Agent) Receive(now time.Time, sig system.Signal) control.Output {
	s := newStep(now)
	turn, err := a.conn.Receive(s, sig)
	if turn == control.Arrived {
		a.read(s, sig.(system.Received).Data)
	}
	a.turned(s, turn, err)
	return s.Out
}

// turned acts on a change of the connection.
func (a *Agent) turned(s *step, turn control.Turn, err error) {
	switch turn {
	case control.Opened:
		a.opened(s)
	case control.Lost:
		a.flowLost(s, err)
	case control.RestMissing:
		a.restMissing(s)
	case control.PongMissing:
		a.abandon(s, event.SocketBroken, control.NoAnswer(fmt.Sprintf("no answer to our ping within %g s", a.p.Patience.Seconds())))
	case control.RetryDue:
		a.connect(s)
	}
}

// connect opens the connection, unless it is open or opening.
func (a *Agent) connect(s *step) {
	if !a.conn.Leaving() {
		a.conn.Dial(s)
	}
}

// opened says hello, unless the password in it could be read on the way.
func (a *Agent) opened(s *step) {
	if slices.ContainsFunc(a.p.hello, a.wire.tells) && !a.conn.MayTell(s) {
		a.reg.wanted = false
		a.reg.failed(s, event.RuleClearPassword, 0, control.ClearRefused, control.ClearHint)
		a.close(s, control.ClearRefused)
		return
	}
	a.reg.hello(s)
	if !a.p.server[accepted].known() && a.conn.Up() { // this server does not answer a hello
		a.signedOn(s)
	}
}

// unaccepted gives up a server that does not answer the hello.
func (a *Agent) unaccepted(s *step) {
	a.reg.acceptBy = time.Time{}
	err := fmt.Errorf("the hello was not accepted within %g s", control.Patience.Seconds())
	a.reg.failed(s, event.RuleServerSilent, 0, err.Error(), "is "+a.cfg.Server+" such a server? see server.accepted in "+a.p.Name)
	a.abandon(s, event.SocketBroken, err)
}

// restMissing gives up a connection on which a frame never ends.
func (a *Agent) restMissing(s *step) {
	err := fmt.Errorf("a frame lacks its rest for %g s", control.Patience.Seconds())
	s.Log(event.Error{Op: "read from " + a.cfg.Server, Err: err.Error(), Hint: "the connection is opened anew; is the framing in " + a.p.Name + " right?", Rule: event.RuleMalformedMessage})
	a.abandon(s, event.SocketBroken, err)
}

// abandon closes the socket and gives up the connection.
func (a *Agent) abandon(s *step, phase event.SocketPhase, err error) {
	a.conn.Abandon(s, phase, err)
	a.flowLost(s, err)
}

// flowLost handles the loss of a connection. Its calls are over, because such a
// server identifies the user only by the connection.
func (a *Agent) flowLost(s *step, err error) {
	signed := a.reg.signed
	a.reg.reset()
	if signed {
		s.Log(event.Registration{Phase: event.RegistrationLost, Reason: "the flow failed: " + err.Error(), Rule: event.RuleFlowBroken})
	}
	a.calls.lost(s, err)
	if a.reg.wanted && !a.conn.Resting() && !a.conn.Leaving() {
		if a.conn.Recover(s, signed, err) {
			a.connect(s)
		}
	}
}

// close ends the connection from our side.
func (a *Agent) close(s *step, why string) {
	a.conn.Close(s, why)
	a.reg.reset()
}
