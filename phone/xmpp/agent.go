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
// calls. It is made of parts, each of which knows only those beneath it, and is
// stepped by one goroutine at a time.
type Agent struct {
	cfg  Config
	conn control.Conn

	stream    stream
	outbox    outbox
	signon    signon
	reg       registration
	screen    screen
	keepalive keepalive
	calls     calls
	service   service
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
	a := &Agent{cfg: cfg, conn: control.NewConn(connConfig(&cfg, account))}
	a.stream = stream{cfg: &a.cfg, account: account, full: account, conn: &a.conn}
	a.outbox = outbox{stream: &a.stream}
	a.reg = registration{outbox: &a.outbox, push: pushing{outbox: &a.outbox}}
	a.signon = signon{
		outbox: &a.outbox, sessionLost: a.reg.push.sessionLost,
		sasl: sasl{user: account.Localpart(), password: cfg.Password, nonce: a.stream.token},
	}
	a.screen = screen{stream: &a.stream}
	a.keepalive = keepalive{outbox: &a.outbox}
	a.calls = calls{account: account, max: cfg.MaxCalls, send: a.outbox.send, leaving: a.conn.Leaving, next: control.Env{NextCall: cfg.NextCall}.Numbers()}
	a.service = service{outbox: &a.outbox, keepalive: &a.keepalive, reg: &a.reg, calls: &a.calls}
	return a, nil
}

// connConfig is what the connection of an account needs to know. With TLS from
// the start the server shows the certificate of our domain, as with STARTTLS
// (RFC 6120 §13.7.2). The agent itself watches over how long it takes to open.
func connConfig(cfg *Config, account jid.JID) control.ConnConfig {
	c := control.ConnConfig{Server: cfg.Server, Clear: cfg.Clear, Rand: cfg.Rand, NextSocket: cfg.NextSocket}
	if cfg.Transport == TLS {
		c.TLS = account.Domainpart()
	}
	return c
}

// Deadline is when Advance wants to be called next.
func (a *Agent) Deadline() time.Time {
	return system.Earliest(a.reg.by, a.conn.Deadline(), a.calls.deadline())
}

// Advance does what is due, each overdue thing once, oldest first. If it
// comes late, the rule of thawing in the package comment holds.
func (a *Agent) Advance(now time.Time) control.Output {
	s := newStep(now)
	if control.Thawed(a.Deadline(), now) {
		until := now.Add(control.ThawGrace)
		control.Delay(until, &a.reg.by)
		a.conn.Delay(until)
		a.calls.delay(until)
	}
	for at := a.Deadline(); system.Due(at, now); at = a.Deadline() {
		switch {
		case at.Equal(a.reg.by):
			a.overdue(s)
		case at.Equal(a.conn.Deadline()):
			turn, err := a.conn.Advance(s)
			a.turned(s, turn, err)
		default:
			a.calls.advance(s)
		}
	}
	return s.Out
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
	frames := a.stream.framer.Push(data)
	sharing := whole(frames)
	socket, turn := a.conn.Socket(), a.stream.turn
	for _, f := range frames {
		switch {
		case !a.conn.On(socket):
			return
		case a.stream.turn != turn:
			a.injected(s)
			return
		}
		a.frame(s, f, sharing)
	}
	a.conn.Awaits(s.Now, a.stream.framer.Partial(), len(frames) > 0)
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
		if !a.keepalive.isPing(f.Element) {
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

// injected is more in a read behind what begins a new stream: it has come
// without the protection that the new stream is to have (RFC 6120 §5.4.3.3).
func (a *Agent) injected(s *step) {
	s.Log(event.Error{
		Op: "read from " + a.cfg.Server, Err: errTrailing.Error(), Hint: "somebody on the way may have put it there; the connection is closed", Rule: event.RuleMalformedMessage,
	})
	a.abandon(s, event.SocketBroken, errTrailing)
}
