package sip

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// connOf is the connection of an agent. It wants the certificate of the
// server that is configured (RFC 5922 §7.3), not of the domain that we register
// at: no certificate says which other domains a proxy may answer for.
func connOf(cfg *Config) control.Conn {
	c := control.ConnConfig{
		Server: cfg.Server, Datagrams: cfg.Transport == UDP, OpenWithin: control.Patience,
		Rand: cfg.Rand, NextSocket: cfg.NextSocket, Flow: cfg.Flow,
	}
	c.TLS, c.SIPDomain = certificateOf(cfg.Transport, cfg.Server), true
	c.WebSocket = websocketOf(cfg)
	return control.NewConn(c)
}

// certificateOf is whose certificate a server must show; "" without TLS.
func certificateOf(over Transport, server string) string {
	if !over.Secure() {
		return ""
	}
	return hostOf(server)
}

// inlets makes what reads the flow, and the TCP connection beside it.
func (a *Agent) inlets() {
	a.inlet = inlet{a: a, channel: &a.conn.Channel, over: a.cfg.Transport, broken: func(s *step, err error) { a.abandon(s, event.SocketBroken, err) }}
	a.bypass = bypass{
		Channel: control.NewChannel(control.ConnConfig{Name: bypassName, OpenWithin: bypassPatience, NextSocket: a.cfg.NextSocket}),
		client:  &a.client, calls: func() bool { return len(a.calls.list) > 0 }, bound: a.reg.active, broke: a.bypassBroke,
	}
	a.bypass.inlet = inlet{a: a, channel: &a.bypass.Channel, over: TCP, name: bypassName, broken: a.bypass.abandon}
}

// bypassBroke is the end of the TCP connection beside a flow over UDP: calls that have
// come over it cannot be answered any more, and the binding may have gone with it.
func (a *Agent) bypassBroke(s *step, err error, bound bool) {
	a.calls.stranded(s, err, func(tx *ServerTransaction) bool { return a.bypass.carries(tx.Request) })
	if bound {
		a.reg.unbound(s, err)
	}
}

// target is where a message goes over UDP: a response to who asked, all else to
// the server, which is our outbound proxy.
func target(m sip.Message, server netip.AddrPort) netip.AddrPort {
	if res, ok := m.(*sip.Response); ok {
		if to, ok := ResponseTarget(res); ok {
			return to
		}
	}
	return server
}

// turned acts on what a signal or a deadline means to the connection.
func (a *Agent) turned(s *step, turn control.Turn, err error) {
	switch turn {
	case control.Opened:
		a.opened(s)
	case control.Lost:
		a.flowLost(s, err)
	case control.RestMissing:
		a.inlet.restMissing(s)
	case control.PongMissing:
		if a.keepalive.missed(s) {
			a.abandon(s, event.SocketBroken, errNoPong)
		}
	case control.PingDue:
		a.keepalive.ping(s)
	case control.RetryDue:
		a.retry(s)
	case control.GoodbyesLate:
		a.leave(s)
	}
}

// opened begins to use the flow: everything that waited for it goes out.
func (a *Agent) opened(s *step) {
	a.peers.open(s, a.conn.Remote().Addr())
	if a.reg.wanted || a.reg.held() {
		a.reg.sendRegister(s)
	}
	a.transfers.resume(s)
	for _, c := range a.calls.snapshot() {
		c.resume(s)
	}
	a.client.onward.resume(s)
	a.watches.resume(s)
	a.publication.resume(s)
	a.qualities.resume(s)
	if a.conn.Pings.Wanted() {
		a.keepalive.ping(s)
	}
	a.keepalive.schedule(s.Now)
}

// retry is the next try to register, or to open the flow.
func (a *Agent) retry(s *step) {
	switch {
	case a.reg.wanted && a.conn.Up():
		a.reg.sendRegister(s)
	case a.needsFlow():
		a.conn.Dial(&s.Step)
	}
}

// abandon closes the socket and gives up the flow on it.
func (a *Agent) abandon(s *step, phase event.SocketPhase, err error) {
	a.conn.Abandon(&s.Step, phase, err)
	a.flowLost(s, err)
}

// flowLost is the end of a flow whose socket is gone: whatever hung on it hears
// of it, and a new flow is formed if one is needed.
func (a *Agent) flowLost(s *step, err error) {
	wasRegistered := a.reg.onFlow
	if !a.reg.wanted {
		a.conn.Pings.Forget()
	}
	if a.reg.active() {
		s.Log(event.Registration{Phase: event.RegistrationLost, Reason: "the flow failed: " + err.Error(), Rule: event.RuleFlowBroken})
	}
	a.severed(s, err)
	for _, c := range a.calls.snapshot() {
		c.orphan(s, err)
	}
	a.client.onward.orphan(s, err)
	if a.needsFlow() && a.conn.Recover(&s.Step, wasRegistered, err) {
		a.conn.Dial(&s.Step)
	}
}

// severed is the end of a flow, whoever has closed it: requests of ours that were
// under way fail, and those of others are not answered.
func (a *Agent) severed(s *step, err error) {
	if a.reg.removing {
		a.reg.keptBinding(s, err)
	}
	for _, x := range a.forgetFlow(s) {
		if x.purpose != toRegister {
			a.client.ended(s, x, err.Error(), flowGone)
			x.user.failed(s, x, fmt.Errorf("%w: %w", ErrFlow, err))
		}
	}
	a.calls.stranded(s, err, func(*ServerTransaction) bool { return true })
}

// needsFlow reports whether anything waits for a connection.
func (a *Agent) needsFlow() bool {
	if a.conn.Leaving() {
		return false
	}
	return a.reg.wanted && !a.conn.Resting() || a.conn.Pings.Wanted() || a.calls.owing() || a.transfers.owing() || len(a.client.onward.waiting) > 0
}

// Rest closes the flow and forms no other by itself, until the program asks
// for something. It is for a program that is reached by push while it sleeps:
// the binding stays at the registrar. A flow that calls still need stays open.
func (a *Agent) Rest(now time.Time) control.Output {
	s := newStep(now)
	if a.conn.Up() && len(a.calls.list) == 0 {
		a.conn.Rest(&s.Step)
		a.severed(s, errDeparted{why: "by us, to rest"})
	}
	return s.Out
}

// An errDeparted is the error of what was under way on a flow that we closed ourselves: no
// server is to blame.
type errDeparted struct {
	why    string
	onward bool // what was under way goes on at the next server
}

func (e errDeparted) Error() string { return "closed " + e.why }

// depart closes the flow, and leaves everything that hung on it: the binding, too, by
// which nobody reaches us any more. The program hears that it is gone, as of one that has
// failed: it is not registered until the next one is.
func (a *Agent) depart(s *step, why errDeparted) {
	if a.reg.active() {
		s.Log(event.Registration{Phase: event.RegistrationLost, Reason: "the flow is " + why.Error(), Rule: event.RuleFlowBroken})
	}
	if !a.conn.Gone() {
		s.Notice(control.FlowFailed{Err: why})
	}
	a.conn.Close(&s.Step, why.why)
	a.severed(s, why)
}

// forgetFlow forgets a flow that is gone, and what hung on it. It returns the
// requests of ours that are lost with it.
func (a *Agent) forgetFlow(s *step) []*exchange {
	a.inlet.reset()
	a.bypass.cut(s)
	a.keepalive.timer = 0
	a.forced.cut()
	a.reg.flowFailed()
	return a.client.cut()
}

// Shutdown ends every call, removes the registration and closes the flow.
// [control.Down] follows, at the latest after four seconds.
func (a *Agent) Shutdown(now time.Time) control.Output {
	s := newStep(now)
	if !a.conn.Leave(&s.Step) {
		return s.Out
	}
	for _, c := range a.calls.snapshot() {
		if !c.over {
			c.hangup(s)
		}
	}
	a.forced.leave(s)
	a.reg.unregister(s)
	a.settle(s)
	return s.Out
}

// settle finishes the shutdown as soon as nothing is left to wait for.
func (a *Agent) settle(s *step) {
	if a.conn.Leaving() && !a.conn.Left() && len(a.calls.list) == 0 && a.reg.pending == nil && !a.qualities.asks() && (!a.reg.bound || a.conn.Gone()) {
		a.leave(s)
	}
}

// leave ends the shutdown. Nobody waits for what was under way.
func (a *Agent) leave(s *step) {
	a.forgetFlow(s)
	a.calls.list = nil
	a.transfers.leave()
	a.client.onward.waiting = nil
	a.qualities.leave(s)
	a.client.byes, a.client.late = byes{}, late{}
	a.peers.left(s)
	a.conn.Finish(&s.Step)
}
