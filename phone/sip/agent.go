package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// An Agent is one SIP user agent: an account, its flow to the server, its
// registration and its calls. It is stepped by one goroutine at a time.
type Agent struct {
	cfg       Config
	aor       sip.Uri
	flow      flow
	recovery  recovery
	reg       registration
	auth      []*credential
	txs       Transactions
	exchanges []*exchange // of client transactions that are alive, oldest first
	calls     []*call     // oldest first
	lastCall  int
	shutdown  shutdown
}

// New makes an agent. It does nothing until it is told to.
func New(cfg Config) (*Agent, error) {
	aor, err := cfg.check()
	if err != nil {
		return nil, err
	}
	a := &Agent{cfg: cfg, aor: aor}
	a.reg.outbound = cfg.Outbound
	a.reg.expires = cfg.Expires
	return a, nil
}

// A part of the agent has one deadline at a time. advance does the oldest
// thing that is due, and moves its deadline beyond now.
type part interface {
	deadline() time.Time
	advance(a *Agent, s *step)
	// delay lets the part give nothing up before until.
	delay(until time.Time)
}

// Deadline is when Advance wants to be called next.
func (a *Agent) Deadline() time.Time {
	_, at := a.next()
	return at
}

// next is the part with the earliest deadline.
func (a *Agent) next() (part, time.Time) {
	var first part
	var at time.Time
	consider := func(p part) {
		if d := p.deadline(); !d.IsZero() && (at.IsZero() || d.Before(at)) {
			first, at = p, d
		}
	}
	consider(&a.flow)
	consider((*timers)(&a.txs))
	consider(&a.recovery)
	consider(&a.reg)
	consider(&a.shutdown)
	for _, c := range a.calls {
		consider(c)
	}
	return first, at
}

// Advance does what is due, each overdue thing once, oldest first. If it
// comes late, the rule of thawing in the package comment holds.
func (a *Agent) Advance(now time.Time) control.Output {
	s := &step{now: now}
	if control.Thawed(a.Deadline(), now) {
		a.delay(now.Add(control.ThawGrace))
	}
	for {
		p, at := a.next()
		if !system.Due(at, now) {
			return s.out
		}
		p.advance(a, s)
	}
}

func (a *Agent) delay(until time.Time) {
	a.flow.delay(until)
	a.txs.Delay(until)
	for _, c := range a.calls {
		c.delay(until)
	}
}

// Receive takes in a signal about the control socket; others are ignored.
func (a *Agent) Receive(now time.Time, sig system.Signal) control.Output {
	s := &step{now: now}
	switch sig := sig.(type) {
	case system.Connected:
		if a.flow.is(sig.Socket, flowConnecting) {
			a.connected(s, sig.Local, sig.Remote)
		}
	case system.Bound: // a flow over UDP is open when its socket is
		if a.flow.is(sig.Socket, flowConnecting) {
			a.connected(s, sig.Local, sig.Remote)
		}
	case system.Secured:
		if a.flow.is(sig.Socket, flowConnecting) {
			a.opened(s, sig.String())
		}
	case system.Failed:
		if a.flow.is(sig.Socket, flowConnecting) {
			a.failFlow(s, "failed", sig.Err)
		}
	case system.Received:
		if a.flow.is(sig.Socket, flowOpen) {
			a.received(s, sig)
		}
	case system.Closed:
		if a.flow.is(sig.Socket, flowOpen) || a.flow.is(sig.Socket, flowConnecting) {
			phase, err := control.Closing(sig.Err)
			a.failFlow(s, phase, err)
		}
	}
	a.shutdown.settle(a, s)
	return s.out
}

// received takes in what lay in the flow's socket: a piece of the stream, or
// one datagram.
func (a *Agent) received(s *step, r system.Received) {
	if a.cfg.Transport.Reliable() {
		s.from = a.flow.remote
		a.read(s, r.Data)
		return
	}
	s.from = r.From
	a.frame(s, ParseDatagram(r.Data))
}

// read cuts the stream into frames and handles each.
func (a *Agent) read(s *step, data []byte) {
	socket := a.flow.socket
	a.flow.framer.Push(data)
	for a.flow.is(socket, flowOpen) {
		f := a.flow.framer.Next()
		if f == nil {
			a.flow.expectRest(s.now)
			return
		}
		a.frame(s, f)
	}
}

func (a *Agent) frame(s *step, f Frame) {
	switch f := f.(type) {
	case Message:
		a.flow.partialBy = time.Time{}
		a.message(s, f)
	case Ping:
		a.pinged(s)
	case Pong:
		a.ponged(s)
	case Bad:
		a.bad(s, f)
	}
}

// bad reports data that is no message, answers it where that is possible, and
// closes the flow if the next message cannot be found.
func (a *Agent) bad(s *step, b Bad) {
	from, hint := a.cfg.Server, "the message was skipped; the connection goes on"
	if !a.cfg.Transport.Reliable() {
		from, hint = s.from.String(), "the datagram was dropped; anybody can send one"
	}
	if b.Fatal {
		hint = "the connection is closed, because the next message cannot be found; is the server speaking SIP over TCP here?"
	}
	s.log(event.Error{Op: "read from " + from, Err: b.Err.Error(), Hint: hint, Rule: event.RuleMalformedMessage})
	if b.Reply != nil {
		s.do(system.Send{Socket: a.flow.socket, To: s.from, Data: b.Reply})
		s.log(event.Message{Out: true, Status: b.Status, Reason: Reason(b.Status), Bytes: len(b.Reply), Raw: Redact(b.Reply)})
	}
	if b.Fatal {
		a.abandon(s, "broken", b.Err)
	}
}

// timers is the transaction layer as a part of the agent.
type timers Transactions

func (t *timers) deadline() time.Time   { return (*Transactions)(t).Deadline() }
func (t *timers) delay(until time.Time) { (*Transactions)(t).Delay(until) }

func (t *timers) advance(a *Agent, s *step) {
	client, server, what := a.txs.Advance(s.now)
	if what.Send != nil {
		a.transmit(s, what.Send)
	}
	if client != nil && client.State() == StateTerminated {
		if x := a.forget(client); x != nil && what.Err != nil {
			a.failed(s, x, what.Err)
		}
	}
	if server != nil && what.Err != nil {
		s.log(event.Error{
			Op: "answer to " + string(server.Request.Method), Err: what.Err.Error(),
			Hint: "the peer does not acknowledge our response; the call is over anyway", Rule: event.RuleUnacknowledged,
		})
	}
}
