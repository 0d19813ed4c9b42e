package xmpp

import (
	"fmt"
	"time"

	"mellium.im/xmpp/jid"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// An Agent is one XMPP client: an account, its stream to the server, and its
// calls. It is stepped by one goroutine at a time.
type Agent struct {
	cfg     Config
	account jid.JID // with the resource that is asked for
	full    jid.JID // as the server has bound it
	wanted  bool    // the program wants to be reachable
	left    bool    // the app is off the screen
	conn    control.Conn
	flow    flow
	sm      management
	waiting []*Element // stanzas for when the stream is up, oldest first
	push    pushing
	calls   calls
}

var _ control.Agent = (*Agent)(nil)

// New makes an agent. It does nothing until it is asked to.
func New(cfg Config) (*Agent, error) {
	account, err := cfg.check()
	if err != nil {
		return nil, err
	}
	if cfg.Rand == nil || cfg.NextSocket == nil {
		return nil, fmt.Errorf("%s: no source of randomness, or of socket names", account)
	}
	a := &Agent{cfg: cfg, account: account, full: account, conn: control.NewConn(connConfig(&cfg, account))}
	a.calls = calls{account: account, max: cfg.MaxCalls, send: a.send, leaving: a.conn.Leaving}
	return a, nil
}

// connConfig is what the connection of an account needs to know. With TLS from
// the start the server shows the certificate of our domain, as with STARTTLS
// (RFC 6120 §13.7.2). The agent itself watches over how long it takes to open.
func connConfig(cfg *Config, account jid.JID) control.ConnConfig {
	c := control.ConnConfig{Server: cfg.Server, Rand: cfg.Rand, NextSocket: cfg.NextSocket}
	if cfg.Transport == TLS {
		c.TLS = account.Domainpart()
	}
	return c
}

// A part of the agent has one deadline at a time. advance does the oldest
// thing that is due, and moves its deadline beyond now.
type part interface {
	deadline() time.Time
	advance(a *Agent, s *step)
	// delay lets the part give nothing up before until.
	delay(until time.Time)
}

func (a *Agent) parts() []part {
	parts := []part{&a.flow, (*line)(&a.conn)}
	for _, c := range a.calls.list {
		parts = append(parts, c)
	}
	return parts
}

// next is the part with the earliest deadline.
func (a *Agent) next() (first part, at time.Time) {
	for _, p := range a.parts() {
		if d := p.deadline(); !d.IsZero() && (at.IsZero() || d.Before(at)) {
			first, at = p, d
		}
	}
	return first, at
}

// Deadline is when Advance wants to be called next.
func (a *Agent) Deadline() time.Time {
	_, at := a.next()
	return at
}

// Advance does what is due, each overdue thing once, oldest first. If it
// comes late, the rule of thawing in the package comment holds.
func (a *Agent) Advance(now time.Time) control.Output {
	s := newStep(now)
	if control.Thawed(a.Deadline(), now) {
		for _, p := range a.parts() {
			p.delay(now.Add(control.ThawGrace))
		}
	}
	for {
		p, at := a.next()
		if !system.Due(at, now) {
			return s.Out
		}
		p.advance(a, s)
	}
}

// Receive takes in a signal about the control socket; others are ignored.
func (a *Agent) Receive(now time.Time, sig system.Signal) control.Output {
	s := newStep(now)
	turn, err := a.conn.Receive(s, sig)
	if turn == control.Arrived {
		a.received(s, sig.(system.Received).Data)
	}
	a.turned(s, turn, err)
	return s.Out
}

// received takes in a piece of the stream.
func (a *Agent) received(s *step, data []byte) {
	frames := a.flow.framer.Push(data)
	sharing := whole(frames)
	socket, turn := a.conn.Socket(), a.flow.turn
	for _, f := range frames {
		switch {
		case !a.conn.On(socket):
			return
		case a.flow.turn != turn:
			a.injected(s)
			return
		}
		a.frame(s, f, sharing)
	}
	a.conn.Awaits(s.Now, a.flow.framer.Partial(), len(frames) > 0)
}

// whole is how many frames came whole in a read, if there is more than one.
func whole(frames []Frame) int {
	n := 0
	for _, f := range frames {
		switch f.(type) {
		case Opening, Stanza, Ending:
			n++
		}
	}
	if n < 2 {
		return 0
	}
	return n
}

func (a *Agent) frame(s *step, f Frame, sharing int) {
	switch f := f.(type) {
	case Opening:
		s.Log(event.Data{
			What: "stream", From: f.Element.attr("from"), Bytes: len(f.Raw), Segments: f.Segments, Sharing: sharing, Raw: string(f.Raw),
		})
		a.streamOpened(s, f.Element)
	case Stanza:
		if !a.isPing(f.Element) {
			d := trace(false, f.Element, f.Raw)
			d.Segments, d.Sharing = f.Segments, sharing
			s.Log(d)
		}
		a.element(s, f.Element)
	case Space:
		s.Log(event.Data{What: "white space", Bytes: f.Bytes})
	case Ending:
		s.Log(event.Data{What: "stream end", Bytes: len(endOfStream), Sharing: sharing, Raw: endOfStream})
		a.streamEnded(s)
	case Bad:
		a.bad(s, f)
	}
}

// bad reports data that is no XMPP, and says so to the server (RFC 6120
// §4.9.1.1: a stream error is not survived).
func (a *Agent) bad(s *step, b Bad) {
	s.Log(event.Error{
		Op: "read from " + a.cfg.Server, Err: b.Err.Error(),
		Hint: "the stream is closed (" + b.Condition + "); is this a server of XMPP, and its port for clients?", Rule: event.RuleMalformedMessage,
	})
	a.write(s, element(nsStream, "error").with(element(nsStreams, b.Condition)))
	a.endStream(s)
	a.abandon(s, event.SocketBroken, b.Err)
}

// injected is more in a read behind what begins a new stream: it has come
// without the protection that the new stream is to have (RFC 6120 §5.4.3.3).
func (a *Agent) injected(s *step) {
	s.Log(event.Error{
		Op: "read from " + a.cfg.Server, Err: errTrailing.Error(), Hint: "somebody on the way may have put it there; the connection is closed", Rule: event.RuleMalformedMessage,
	})
	a.abandon(s, event.SocketBroken, errTrailing)
}

// token is a name that nobody guesses by chance.
func (a *Agent) token() string { return fmt.Sprintf("%016x", a.cfg.Rand.Uint64()) }
