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
	cfg  Config
	conn control.Conn // the flow: the one way to the server, in both directions (RFC 5626 §3.1)

	inlet     inlet
	bypass    bypass
	tidiness  Tidiness
	author    author
	wire      wire
	client    client
	keepalive keepalive
	peers     peers
	reg       registration
	callCommands
	transferCommands
	orders
	service service
}

// New makes an agent. It does nothing until it is asked to.
func New(cfg Config) (*Agent, error) {
	aor, err := cfg.check()
	if err != nil {
		return nil, err
	}
	a := &Agent{cfg: cfg, conn: connOf(&cfg)}
	a.author = author{cfg: &a.cfg, aor: aor, conn: &a.conn, outbound: cfg.Outbound}
	a.author.hidden = a.author.anonymousHost()
	a.wire = wire{author: &a.author, bypass: &a.bypass, reaches: reaches{}}
	a.peers = peers{any: cfg.AcceptAny, server: hostname(hostOf(cfg.Server))}
	a.client = client{wire: &a.wire, peers: &a.peers, tidiness: &a.tidiness, move: a.move, over: a.qualities.note}
	a.inlets()
	a.keepalive = keepalive{author: &a.author, framer: &a.inlet.framer}
	a.reg = registration{
		client: &a.client, keepalive: &a.keepalive, expires: cfg.Expires, locator: locatorOf(&cfg),
		seek:   func() { a.conn.Seek(a.reg.locator, a.adopt) },
		broken: func(s *step, err error) { a.abandon(s, event.SocketBroken, err) },
		depart: a.depart,
		busy:   func() bool { return len(a.calls.list) > 0 },
	}
	if a.reg.locator != nil {
		a.reg.seek()
	}
	a.calls = calls{client: &a.client, forced: &a.forced, next: control.Env{NextCall: cfg.NextCall}.Numbers()}
	a.transfers = transfers{client: &a.client, agent: a, calls: &a.calls}
	a.forced = forced{wire: &a.wire}
	a.watches = watches{client: &a.client, summary: a.service.notified}
	a.publication = publication{client: &a.client}
	a.qualities = qualities{client: &a.client, collector: cfg.collector}
	a.service = service{wire: &a.wire, calls: &a.calls, transfers: &a.transfers, tidiness: &a.tidiness, forced: &a.forced, watches: &a.watches}
	return a, nil
}

// A part of the agent, or of a call, has one deadline at a time. advance does the oldest
// thing that is due, and moves its deadline beyond now.
type part interface {
	deadline() time.Time
	advance(s *step)
	// delay lets the part give nothing up before until.
	delay(until time.Time)
}

// A soonest is the part with the earliest deadline of those that it has considered;
// of equal ones it is the first.
type soonest struct {
	part
	at time.Time // zero: none of them has one
}

func (n *soonest) consider(parts ...part) {
	for _, p := range parts {
		if at := p.deadline(); !at.IsZero() && (n.at.IsZero() || at.Before(n.at)) {
			n.part, n.at = p, at
		}
	}
}

// Deadline is when Advance wants to be called next.
func (a *Agent) Deadline() time.Time {
	return a.next().at
}

// parts are those of the agent besides its calls.
func (a *Agent) parts() [13]part {
	return [...]part{&line{a}, &a.inlet, &a.bypass, &a.bypass.inlet, &timers{&a.client}, &a.reg, &a.transfers, &a.forced, &a.watches, &a.publication, &a.wire.recent, &a.client.byes, &a.client.late}
}

// next is the part with the earliest deadline.
func (a *Agent) next() (next soonest) {
	parts := a.parts()
	next.consider(parts[:]...)
	for _, c := range a.calls.list {
		next.consider(c)
	}
	return next
}

// Advance does what is due, each overdue thing once, oldest first. If it
// comes late, the rule of thawing in the package comment holds.
func (a *Agent) Advance(now time.Time) control.Output {
	s := newStep(now)
	if control.Thawed(a.Deadline(), now) {
		a.delay(now.Add(control.ThawGrace))
	}
	for {
		next := a.next()
		if !system.Due(next.at, now) {
			return s.Out
		}
		next.advance(s)
	}
}

func (a *Agent) delay(until time.Time) {
	for _, p := range a.parts() {
		p.delay(until)
	}
	for _, c := range a.calls.list {
		c.delay(until)
	}
}

// Receive takes in a signal about the control socket, or about a name that was
// looked up; others are ignored.
func (a *Agent) Receive(now time.Time, sig system.Signal) control.Output {
	s := newStep(now)
	if r, ok := sig.(system.Resolved); ok {
		a.peers.resolved(s, r)
		return s.Out
	}
	if !a.bypass.receive(s, sig) {
		turn, err := a.conn.Receive(&s.Step, sig)
		if turn == control.Arrived {
			a.inlet.received(s, sig.(system.Received))
		}
		a.turned(s, turn, err)
	}
	a.settle(s)
	return s.Out
}

// message takes in one whole message.
func (a *Agent) message(s *step, m Message) {
	e := Trace(false, m.SIP, m.Raw, m.Segments)
	e.Socket = s.in.name
	s.Log(e)
	a.tidiness.warn(s, m)
	switch msg := m.SIP.(type) {
	case *sip.Response:
		a.client.response(s, msg)
	case *sip.Request:
		a.service.request(s, msg)
	}
}

// line is the connection as a part of the agent.
type line struct{ a *Agent }

func (l *line) deadline() time.Time   { return l.a.conn.Deadline() }
func (l *line) delay(until time.Time) { l.a.conn.Delay(until) }

func (l *line) advance(s *step) {
	turn, err := l.a.conn.Advance(&s.Step)
	l.a.turned(s, turn, err)
}

// timers is the transaction layer as a part of the agent.
type timers struct{ *client }

func (t *timers) deadline() time.Time   { return t.txs.Deadline() }
func (t *timers) delay(until time.Time) { t.txs.Delay(until) }

func (t *timers) advance(s *step) {
	client, server, what := t.txs.Advance(s.Now)
	if what.Send != nil {
		t.transmit(s, what.Send)
	}
	if client != nil && client.State() == StateTerminated {
		if x := t.forget(client); x != nil && what.Err != nil {
			t.timedOut(s, x, what.Err)
		}
	}
	if server != nil && what.Err != nil {
		s.Log(event.Error{
			Op: "answer to " + string(server.Request.Method), Err: what.Err.Error(),
			Hint: "the peer does not acknowledge our response; the call is over anyway", Rule: event.RuleUnacknowledged,
		})
	}
}
