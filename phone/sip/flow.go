package sip

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// flowState is where the connection to the server is.
type flowState int

const (
	flowDown       flowState = iota
	flowConnecting           // the socket, and then TLS if it is to be
	flowOpen
)

const (
	// connectTimeout is how long a connection may take to open: as long as
	// a transaction over it would wait (our own number; kernels try longer).
	connectTimeout = giveUp
	// partialTimeout is how long a message may lack its rest. A
	// Content-Length that is too large shows in nothing else (our own
	// number).
	partialTimeout = giveUp
)

// A flow is the one way to the server, in both directions (RFC 5626 §3.1): a
// TCP connection, with TLS on it or without, or a UDP socket of ours and the
// server's address. It has the
// keepalive on it.
type flow struct {
	state         flowState
	socket        system.Socket
	local, remote netip.AddrPort
	framer        Framer
	since         time.Time // when it began to open
	connectBy     time.Time
	partialBy     time.Time
	registered    bool // a registration was granted over it
	warned        bool // of requests that are too large for it
	keepalive     keepalive
}

func (f *flow) is(socket system.Socket, state flowState) bool {
	return f.state == state && f.socket == socket
}

func (f *flow) deadline() time.Time {
	return system.Earliest(f.connectBy, f.partialBy, f.keepalive.pongBy, f.keepalive.pingAt)
}

func (f *flow) delay(until time.Time) {
	control.Delay(until, &f.connectBy, &f.partialBy, &f.keepalive.pongBy)
}

func (f *flow) advance(a *Agent, s *step) {
	switch at := f.deadline(); at {
	case f.connectBy:
		err := fmt.Errorf("no connection within %g s", connectTimeout.Seconds())
		if f.remote.IsValid() {
			err = fmt.Errorf("no TLS handshake within %g s: does the server speak TLS on that port?", connectTimeout.Seconds())
		}
		a.abandon(s, "failed", err)
	case f.partialBy:
		err := fmt.Errorf("a message lacks its rest for %g s; its Content-Length may be too large", partialTimeout.Seconds())
		s.log(event.Error{Op: "read from " + a.cfg.Server, Err: err.Error(), Hint: "the connection is closed and opened anew", Rule: event.RuleMalformedMessage})
		a.abandon(s, "broken", err)
	case f.keepalive.pongBy:
		a.pongMissing(s)
	case f.keepalive.pingAt:
		a.ping(s)
	}
}

// target is where a message goes over UDP: a response to who asked, all else to
// the server, which is our outbound proxy.
func (f *flow) target(m sip.Message) netip.AddrPort {
	if res, ok := m.(*sip.Response); ok {
		if to, ok := ResponseTarget(res); ok {
			return to
		}
	}
	return f.remote
}

// expectRest watches over a message of which only a part has arrived.
func (f *flow) expectRest(now time.Time) {
	switch {
	case !f.framer.Partial():
		f.partialBy = time.Time{}
	case f.partialBy.IsZero():
		f.partialBy = now.Add(partialTimeout)
	}
}

// Control names the control socket, if there is one that is open or opening.
func (a *Agent) Control() (system.Socket, bool) {
	return a.flow.socket, a.flow.state != flowDown
}

// connect opens the flow, unless it is open or opening.
func (a *Agent) connect(s *step) {
	if a.flow.state != flowDown {
		return
	}
	a.recovery.RetryAt = time.Time{}
	a.reg.resting = false
	a.flow = flow{
		state: flowConnecting, socket: a.cfg.NextSocket(), since: s.now, connectBy: s.in(connectTimeout),
		keepalive: keepalive{proven: a.flow.keepalive.proven, again: a.flow.keepalive.again},
	}
	s.do(a.cfg.Transport.socket(a.flow.socket, a.cfg.Server))
	s.log(event.Socket{Name: "control", Phase: "connecting", Remote: a.cfg.Server})
}

// connected has a socket that is open: TLS comes next, if it is to be.
func (a *Agent) connected(s *step, local, remote netip.AddrPort) {
	a.flow.local, a.flow.remote = local, remote
	if a.cfg.Transport != TLS {
		a.opened(s, "")
		return
	}
	s.log(event.Socket{
		Name: "control", Phase: "securing", Local: local.String(), Remote: remote.String(), Took: event.Millis(s.now.Sub(a.flow.since)),
	})
	// We want the certificate of whom we were told to connect to (RFC 5922
	// §7.3), not of the domain that we register at: what a proxy of another
	// name may answer for, no certificate says.
	host, _, _ := sip.ParseAddr(a.cfg.Server) // checked
	s.do(system.StartTLS{Socket: a.flow.socket, Name: host})
}

// opened begins to use the flow: everything that waited for it goes out.
func (a *Agent) opened(s *step, security string) {
	a.flow.state, a.flow.connectBy = flowOpen, time.Time{}
	s.log(event.Socket{
		Name: "control", Phase: "open", Local: a.flow.local.String(), Remote: a.flow.remote.String(),
		Took: event.Millis(s.now.Sub(a.flow.since)), Security: security,
	})
	s.notice(control.Connected{Socket: a.flow.socket})
	if a.reg.wanted || a.reg.held() {
		a.sendRegister(s)
	}
	for _, c := range a.snapshot() {
		a.resume(s, c)
	}
	if a.flow.keepalive.again {
		a.ping(s)
	}
	a.schedulePing(s.now)
}

// abandon closes the socket and gives up the flow on it.
func (a *Agent) abandon(s *step, phase string, err error) {
	s.do(system.Close{Socket: a.flow.socket})
	a.failFlow(s, phase, err)
}

// failFlow is the end of a flow whose socket is gone: whatever hung on it
// hears of it, and a new flow is formed if one is needed.
func (a *Agent) failFlow(s *step, phase string, err error) {
	wasRegistered := a.flow.registered
	k := a.flow.keepalive
	a.flow = flow{keepalive: keepalive{proven: k.proven, again: k.again && a.reg.wanted}}
	s.log(event.Socket{Name: "control", Phase: phase, Remote: a.cfg.Server, Error: err.Error()})
	s.notice(control.FlowFailed{Err: err})
	if a.reg.active() {
		s.log(event.Registration{Phase: "lost", Reason: "the flow failed: " + err.Error(), Rule: event.RuleFlowBroken})
	}
	if a.reg.removing {
		a.keptBinding(s, err)
	}
	a.reg.flowFailed()
	a.txs = Transactions{}
	exchanges := a.exchanges
	a.exchanges = nil
	for _, x := range exchanges {
		if x.purpose != toRegister {
			a.failed(s, x, fmt.Errorf("%w: %w", ErrFlow, err))
		}
	}
	for _, c := range a.snapshot() {
		a.orphan(s, c, err)
	}
	if a.needsFlow() {
		a.recover(s, wasRegistered, err)
	}
}

// needsFlow reports whether anything waits for a connection.
func (a *Agent) needsFlow() bool {
	if a.shutdown.on {
		return false
	}
	if a.reg.wanted && !a.reg.resting || a.flow.keepalive.again {
		return true
	}
	for _, c := range a.calls {
		if c.byeOwed || !c.over {
			return true
		}
	}
	return false
}
