package raw

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// flowState is where the connection to the server is.
type flowState int

const (
	flowDown       flowState = iota
	flowConnecting           // the socket, and then TLS if it is to be
	flowAsked                // the hello is sent
	flowSigned               // the server has accepted us
)

// giveUp is how long a connection may take to open, a hello to be accepted,
// and a frame to lack its rest: as long as a transaction of SIP waits (64*T1).
const giveUp = 32 * time.Second

// A flow is one connection to the server.
type flow struct {
	state  flowState
	socket system.Socket
	local  netip.AddrPort
	remote netip.AddrPort
	stream stream
	since  time.Time // when it began to open, then when the hello was sent

	openBy, acceptBy, partialBy time.Time
	pingSent, pongBy            time.Time // zero pongBy: none is awaited

	away        bool   // the server was told that the app is off the screen
	token       string // the push token that it was told
	outstanding int    // requests without an answer, where the server is polled
}

func (f *flow) is(socket system.Socket) bool { return f.state != flowDown && f.socket == socket }

func (f *flow) deadline() time.Time {
	return system.Earliest(f.openBy, f.acceptBy, f.partialBy, f.pongBy)
}

func (f *flow) delay(until time.Time) {
	control.Delay(until, &f.openBy, &f.acceptBy, &f.partialBy, &f.pongBy)
}

// overdue gives up a connection that keeps us waiting.
func (a *Agent) overdue(s *step) {
	f := &a.flow
	seconds := giveUp.Seconds()
	switch f.deadline() {
	case f.openBy:
		err := fmt.Errorf("no connection within %g s", seconds)
		if f.remote.IsValid() {
			err = fmt.Errorf("no TLS handshake within %g s: does the server speak TLS on that port?", seconds)
		}
		a.abandon(s, "failed", err)
	case f.acceptBy:
		err := fmt.Errorf("the hello was not accepted within %g s", seconds)
		a.refusedBy(s, event.RuleServerSilent, 0, err.Error(), "is "+a.cfg.Server+" such a server? see server.accepted in "+a.p.Name)
		a.abandon(s, "broken", err)
	case f.partialBy:
		err := fmt.Errorf("a frame lacks its rest for %g s", seconds)
		s.log(event.Error{Op: "read from " + a.cfg.Server, Err: err.Error(), Hint: "the connection is opened anew; is the framing in " + a.p.Name + " right?", Rule: event.RuleMalformedMessage})
		a.abandon(s, "broken", err)
	case f.pongBy:
		a.abandon(s, "broken", fmt.Errorf("no answer to our ping within %g s", a.p.Patience.Seconds()))
	}
}

// connect opens the connection, unless it is open or opening.
func (a *Agent) connect(s *step) {
	if a.flow.state != flowDown || a.leaving {
		return
	}
	a.recovery.RetryAt = time.Time{}
	a.resting = false
	a.flow = flow{state: flowConnecting, socket: a.cfg.nextSocket(), since: s.now, openBy: s.now.Add(giveUp)}
	a.flow.stream.f = &a.p.Framing
	s.do(system.Connect{Socket: a.flow.socket, Target: a.cfg.Server})
	s.log(event.Socket{Name: "control", Phase: "connecting", Remote: a.cfg.Server})
}

// connected has a socket that is open: TLS comes next, if it is to be.
func (a *Agent) connected(s *step, c system.Connected) {
	f := &a.flow
	f.local, f.remote = c.Local, c.Remote
	if !a.p.TLS {
		a.opened(s, "")
		return
	}
	s.log(event.Socket{
		Name: "control", Phase: "securing", Local: c.Local.String(), Remote: c.Remote.String(), Took: event.Millis(s.now.Sub(f.since)),
	})
	s.do(system.StartTLS{Socket: f.socket, Name: a.cfg.host()})
}

// opened says hello.
func (a *Agent) opened(s *step, security string) {
	f := &a.flow
	f.state, f.openBy = flowAsked, time.Time{}
	s.log(event.Socket{
		Name: "control", Phase: "open", Local: f.local.String(), Remote: f.remote.String(),
		Took: event.Millis(s.now.Sub(f.since)), Security: security,
	})
	s.notice(control.Connected{Socket: f.socket})
	f.since, f.acceptBy = s.now, s.now.Add(giveUp)
	s.log(event.Registration{Phase: "sending", Contact: a.cfg.address()})
	for _, w := range a.p.hello {
		a.send(s, hello, w, nil)
	}
	if !a.p.server[accepted].known() && f.state == flowAsked { // this server says nothing to a hello
		a.signedOn(s)
	}
}

// abandon closes the socket and gives up the connection.
func (a *Agent) abandon(s *step, phase string, err error) {
	s.do(system.Close{Socket: a.flow.socket})
	a.failFlow(s, phase, err)
}

// failFlow is the end of a connection whose socket is gone. What was called
// about on it is over: no server of this kind knows us by anything else.
func (a *Agent) failFlow(s *step, phase string, err error) {
	signed := a.flow.state == flowSigned
	a.flow = flow{}
	s.log(event.Socket{Name: "control", Phase: phase, Remote: a.cfg.Server, Error: err.Error()})
	s.notice(control.FlowFailed{Err: err})
	if signed {
		s.log(event.Registration{Phase: "lost", Reason: "the flow failed: " + err.Error(), Rule: event.RuleFlowBroken})
	}
	for len(a.calls) > 0 {
		a.over(s, a.calls[0], control.Ended{By: "network", Reason: err.Error()})
	}
	switch {
	case !a.wanted || a.resting || a.leaving:
	case a.recovery.AtOnce(s.now, signed):
		a.connect(s)
	default:
		s.log(a.recovery.BackOff(s.now, a.cfg.rand, 0, err))
	}
}

// close ends the connection from our side.
func (a *Agent) close(s *step, why string) {
	if a.flow.state == flowDown {
		return
	}
	s.do(system.Close{Socket: a.flow.socket})
	s.log(event.Socket{Name: "control", Phase: "closed", Remote: a.cfg.Server, Error: why})
	a.flow = flow{}
}
