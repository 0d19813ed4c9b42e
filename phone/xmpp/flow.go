package xmpp

import (
	"errors"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// stage is where the stream on the connection is.
//
//	none ─▶ greeting ─▶ starting TLS ─▶ greeting
//	           │
//	           ├─▶ authenticating ─▶ greeting
//	           ├─▶ resuming ─▶ up
//	           └─▶ binding ──▶ up ─▶ ending
type stage int

const (
	none           stage = iota // there is no stream
	greeting                    // we have opened one, and wait for its features (RFC 6120 §4.3.2)
	starting                    // we have asked for TLS (RFC 6120 §5.4.2.1), or it shakes hands
	authenticating              // SASL is at work (RFC 6120 §6)
	resuming                    // we have asked for our session back (XEP-0198 §5)
	binding                     // we have asked for a new one (RFC 6120 §7)
	up                          // stanzas flow
	ending                      // we have closed our side of the stream (RFC 6120 §4.4)
)

// loginTimeout is how long it may take from the first step until the server
// knows us: as long as a transaction of SIP waits (our own number).
const loginTimeout = control.Patience

const endOfStream = "</stream:stream>"

var (
	errServerEnded = errors.New("the server ended the stream")
	errTrailing    = errors.New("data behind what begins a new stream (RFC 6120 §5.4.3.3)")
)

// A flow is what the agent knows of one connection, and of the stream on it.
type flow struct {
	stage     stage
	framer    Framer
	turn      int // streams begun on this connection
	authentic bool
	loginAt   time.Time // when we began to sign on
	loginBy   time.Time
	login     login
	ping      string // the name of the ping that was sent last
	offersCSI bool
	known     bool // the server has known us over it
	present   bool // and has our presence
}

func (f *flow) deadline() time.Time   { return f.loginBy }
func (f *flow) delay(until time.Time) { control.Delay(until, &f.loginBy) }

func (*flow) advance(a *Agent, s *step) { a.loginOverdue(s) }

// line is the connection as a part of the agent.
type line control.Conn

func (l *line) deadline() time.Time   { return (*control.Conn)(l).Deadline() }
func (l *line) delay(until time.Time) { (*control.Conn)(l).Delay(until) }

func (l *line) advance(a *Agent, s *step) {
	turn, err := a.conn.Advance(s)
	a.turned(s, turn, err)
}

// turned acts on what a signal or a deadline means to the connection.
func (a *Agent) turned(s *step, turn control.Turn, err error) {
	switch turn {
	case control.Opened:
		a.opened(s)
	case control.Resecured: // the stream begins anew (RFC 6120 §5.4.3.3)
		a.openStream(s)
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

// loginOverdue gives up a server that does not let us in in time.
func (a *Agent) loginOverdue(s *step) {
	err, phase := fmt.Errorf("no connection within %g s", loginTimeout.Seconds()), event.SocketFailed
	if a.conn.Phase() != control.PhaseConnecting {
		err, phase = fmt.Errorf("not signed on within %g s", loginTimeout.Seconds()), event.SocketBroken
		a.registrationFailed(s, event.RuleServerSilent, 0, err.Error(), "is "+a.cfg.Server+" an XMPP server, and does it answer?")
	}
	a.abandon(s, phase, err)
}

// connect opens the flow, unless it is open or opening.
func (a *Agent) connect(s *step) {
	if a.conn.Gone() && !a.conn.Leaving() {
		a.flow = flow{loginBy: s.In(loginTimeout)}
		a.conn.Dial(s)
	}
}

// opened begins to use the connection.
func (a *Agent) opened(s *step) {
	a.flow.loginAt = s.Now
	s.Log(event.Registration{Phase: event.RegistrationSending, Contact: a.account.String()})
	a.openStream(s)
}

// startTLS has the connection speak TLS, with a server that shows the
// certificate of our domain (RFC 6120 §13.7.2).
func (a *Agent) startTLS(s *step) {
	a.flow.turn++
	a.conn.StartTLS(s, a.account.Domainpart())
}

// openStream opens a stream on the connection. Our own name is said only where
// nobody listens in (RFC 6120 §4.7.1).
func (a *Agent) openStream(s *step) {
	from := ""
	if a.conn.Secure() {
		from = " from='" + escape(a.account.Bare().String()) + "'"
	}
	a.flow.stage, a.flow.framer = greeting, Framer{}
	a.flow.turn++
	a.writeRaw(s, "stream", fmt.Sprintf("<?xml version='1.0'?><stream:stream to='%s'%s version='1.0' xml:lang='en' xmlns='%s' xmlns:stream='%s'>",
		escape(a.account.Domainpart()), from, nsClient, nsStream))
}

// writeRaw sends what is no element.
func (a *Agent) writeRaw(s *step, what, text string) {
	s.Do(system.Send{Socket: a.conn.Socket(), Data: []byte(text)})
	s.Log(event.Data{Out: true, What: what, Bytes: len(text), Raw: text})
}

// write sends an element.
func (a *Agent) write(s *step, e *Element) { a.transmit(s, e, nil) }

// transmit sends an element. as makes another event of its length than the
// element's own, if it is not nil.
func (a *Agent) transmit(s *step, e *Element, as func(bytes int) event.Event) {
	data := e.encode(nsClient)
	s.Do(system.Send{Socket: a.conn.Socket(), Data: data})
	if as != nil {
		s.Log(as(len(data)))
		return
	}
	s.Log(trace(true, e, data))
}

// endStream closes our side of the stream: the server then keeps no session
// for us.
func (a *Agent) endStream(s *step) {
	a.writeRaw(s, "stream end", endOfStream)
	a.sm = management{}
}

// streamEnded is the server's end of the stream.
func (a *Agent) streamEnded(s *step) {
	switch {
	case a.conn.Leaving():
		a.leave(s)
	default:
		s.Do(system.Send{Socket: a.conn.Socket(), Data: []byte(endOfStream)})
		a.abandon(s, event.SocketClosed, errServerEnded)
	}
}

// abandon closes the socket and gives up the flow on it.
func (a *Agent) abandon(s *step, phase event.SocketPhase, err error) {
	a.conn.Abandon(s, phase, err)
	a.flowLost(s, err)
}

// flowLost is the end of a flow whose socket is gone: a new one is formed, if
// it is needed. What was sent and is not acknowledged is kept for that one.
func (a *Agent) flowLost(s *step, err error) {
	known, present := a.flow.known, a.flow.present
	a.forgetFlow()
	if !a.wanted {
		a.conn.Pings.Forget()
	}
	if present {
		s.Log(event.Registration{Phase: event.RegistrationLost, Reason: "the flow failed: " + err.Error(), Rule: event.RuleFlowBroken})
	}
	switch {
	case a.conn.Leaving():
		a.leave(s)
	case (a.wanted && !a.conn.Resting() || a.conn.Pings.Wanted()) && a.conn.Recover(s, known, err):
		a.connect(s)
	}
}

// forgetFlow forgets a flow, and what hung on it.
func (a *Agent) forgetFlow() {
	a.flow = flow{}
	a.sm.on, a.sm.counting = false, false
	a.push.flowFailed()
}
