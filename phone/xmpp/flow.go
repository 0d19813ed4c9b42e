package xmpp

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// stage is where the connection to the server is.
//
//	down ─▶ connecting ─▶ greeting ─▶ starting TLS ─▶ securing ─▶ greeting
//	                         │
//	                         ├─▶ authenticating ─▶ greeting
//	                         ├─▶ resuming ─▶ up
//	                         └─▶ binding ──▶ up
type stage int

const (
	down           stage = iota
	connecting           // TCP is being opened
	greeting             // we have opened a stream, and wait for its features
	starting             // we have asked for TLS
	securing             // TLS shakes hands
	authenticating       // SASL is at work
	resuming             // we have asked for our session back
	binding              // we have asked for a new one
	up                   // stanzas flow
	ending               // we have closed our side of the stream
)

const (
	// loginTimeout is how long it may take from the first step until the
	// server knows us: as long as a transaction of SIP waits (our own number).
	loginTimeout = 32 * time.Second
	// partialTimeout is how long a stanza may lack its rest (our own number).
	partialTimeout = 32 * time.Second
)

const endOfStream = "</stream:stream>"

var (
	errServerEnded = errors.New("the server ended the stream")
	errTrailing    = errors.New("data behind what begins a new stream (RFC 6120 §5.4.3.3)")
)

// A flow is the connection to the server, and the stream on it.
type flow struct {
	stage     stage
	socket    system.Socket
	local     netip.AddrPort
	remote    netip.AddrPort
	framer    Framer
	turn      int // streams begun on this connection
	secure    bool
	authentic bool
	since     time.Time // when it began to open
	loginAt   time.Time // when we began to sign on
	loginBy   time.Time
	partialBy time.Time
	login     login
	keepalive keepalive
	offersCSI bool
	known     bool // the server has known us over it
	present   bool // and has our presence
}

// open reports whether there is a stream.
func (f *flow) open() bool { return f.stage >= greeting && f.stage != securing }

func (f *flow) is(socket system.Socket, stage stage) bool {
	return f.stage == stage && f.socket == socket
}

func (f *flow) deadline() time.Time {
	return system.Earliest(f.loginBy, f.partialBy, f.keepalive.pongBy)
}

func (f *flow) delay(until time.Time) {
	control.Delay(until, &f.loginBy, &f.partialBy, &f.keepalive.pongBy)
}

func (f *flow) advance(a *Agent, s *step) {
	switch at := f.deadline(); at {
	case f.loginBy:
		a.loginOverdue(s)
	case f.partialBy:
		a.abandon(s, "broken", fmt.Errorf("a stanza lacks its rest for %g s", partialTimeout.Seconds()))
	case f.keepalive.pongBy:
		a.abandon(s, "broken", errNoPong)
	}
}

// expectRest watches over a stanza of which only a part has arrived.
func (f *flow) expectRest(now time.Time) {
	switch {
	case !f.framer.Partial():
		f.partialBy = time.Time{}
	case f.partialBy.IsZero():
		f.partialBy = now.Add(partialTimeout)
	}
}

// loginOverdue gives up a server that does not let us in in time.
func (a *Agent) loginOverdue(s *step) {
	err, phase := fmt.Errorf("no connection within %g s", loginTimeout.Seconds()), "failed"
	if a.flow.stage != connecting {
		err, phase = fmt.Errorf("not signed on within %g s", loginTimeout.Seconds()), "broken"
		a.registrationFailed(s, event.RuleServerSilent, 0, err.Error(), "is "+a.cfg.Server+" an XMPP server, and does it answer?")
	}
	a.abandon(s, phase, err)
}

// connect opens the flow, unless it is open or opening.
func (a *Agent) connect(s *step) {
	if a.flow.stage != down || a.shutdown.on {
		return
	}
	a.recovery.RetryAt, a.resting = time.Time{}, false
	a.flow = flow{
		stage: connecting, socket: a.cfg.NextSocket(), since: s.now, loginBy: s.in(loginTimeout),
		keepalive: keepalive{again: a.flow.keepalive.again},
	}
	s.do(system.Connect{Socket: a.flow.socket, Target: a.cfg.Server})
	s.log(event.Socket{Name: "control", Phase: "connecting", Remote: a.cfg.Server})
}

// connected has a connection that is open: TLS comes next, if it is to be from
// the start.
func (a *Agent) connected(s *step, c system.Connected) {
	a.flow.local, a.flow.remote = c.Local, c.Remote
	if a.cfg.Transport == TLS {
		s.log(a.socketEvent(s, "securing"))
		a.startTLS(s)
		return
	}
	a.opened(s, "")
}

// opened begins to use the connection.
func (a *Agent) opened(s *step, security string) {
	e := a.socketEvent(s, "open")
	e.Security = security
	s.log(e)
	s.notice(control.Connected{Socket: a.flow.socket})
	a.flow.loginAt = s.now
	s.log(event.Registration{Phase: "sending", Contact: a.account.String()})
	a.openStream(s)
}

func (a *Agent) socketEvent(s *step, phase string) event.Socket {
	f := &a.flow
	return event.Socket{
		Name: "control", Phase: phase, Local: f.local.String(), Remote: f.remote.String(), Took: event.Millis(s.now.Sub(f.since)),
	}
}

// startTLS has the connection speak TLS, with a server that shows the
// certificate of our domain (RFC 6120 §13.7.2).
func (a *Agent) startTLS(s *step) {
	a.flow.stage = securing
	a.flow.turn++
	s.do(system.StartTLS{Socket: a.flow.socket, Name: a.account.Domainpart()})
}

// secured is the end of the handshake: the stream begins, or begins anew (RFC
// 6120 §5.4.3.3).
func (a *Agent) secured(s *step, t system.Secured) {
	a.flow.secure = true
	security := fmt.Sprintf("%s, %s, certificate of %s, signed by %s", t.Version, t.CipherSuite, t.Subject, t.Issuer)
	if a.cfg.Transport == TLS {
		a.opened(s, security)
		return
	}
	e := a.socketEvent(s, "open")
	e.Security = security
	s.log(e)
	a.openStream(s)
}

// openStream opens a stream on the connection. Our own name is said only where
// nobody listens in (RFC 6120 §4.7.1).
func (a *Agent) openStream(s *step) {
	from := ""
	if a.flow.secure {
		from = " from='" + escape(a.account.Bare().String()) + "'"
	}
	a.flow.stage, a.flow.framer = greeting, Framer{}
	a.flow.turn++
	a.writeRaw(s, "stream", fmt.Sprintf("<?xml version='1.0'?><stream:stream to='%s'%s version='1.0' xml:lang='en' xmlns='%s' xmlns:stream='%s'>",
		escape(a.account.Domainpart()), from, nsClient, nsStream))
}

// writeRaw sends what is no element.
func (a *Agent) writeRaw(s *step, what, text string) {
	s.do(system.Send{Socket: a.flow.socket, Data: []byte(text)})
	s.log(event.Data{Out: true, What: what, Bytes: len(text), Raw: text})
}

// write sends an element.
func (a *Agent) write(s *step, e *Element) { a.transmit(s, e, nil) }

// transmit sends an element. as makes another event of its length than the
// element's own, if it is not nil.
func (a *Agent) transmit(s *step, e *Element, as func(bytes int) event.Event) {
	data := e.encode(nsClient)
	s.do(system.Send{Socket: a.flow.socket, Data: data})
	if as != nil {
		s.log(as(len(data)))
		return
	}
	s.log(trace(true, e, data))
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
	case a.shutdown.on:
		a.shutdown.finish(a, s)
	default:
		s.do(system.Send{Socket: a.flow.socket, Data: []byte(endOfStream)})
		a.abandon(s, "closed", errServerEnded)
	}
}

// abandon closes the socket and gives up the flow on it.
func (a *Agent) abandon(s *step, phase string, err error) {
	s.do(system.Close{Socket: a.flow.socket})
	a.failFlow(s, phase, err)
}

// failFlow is the end of a flow whose socket is gone: a new one is formed, if
// it is needed. What was sent and is not acknowledged is kept for that one.
func (a *Agent) failFlow(s *step, phase string, err error) {
	known, present, again := a.flow.known, a.flow.present, a.flow.keepalive.again
	a.closeFlow()
	a.flow.keepalive.again = again && a.wanted
	s.log(event.Socket{Name: "control", Phase: phase, Remote: a.cfg.Server, Error: err.Error()})
	s.notice(control.FlowFailed{Err: err})
	if present {
		s.log(event.Registration{Phase: "lost", Reason: "the flow failed: " + err.Error(), Rule: event.RuleFlowBroken})
	}
	switch {
	case a.shutdown.on:
		a.shutdown.finish(a, s)
	case a.wanted && !a.resting || a.flow.keepalive.again:
		a.recover(s, known, err)
	}
}

// closeFlow forgets a flow, and what hung on it.
func (a *Agent) closeFlow() {
	a.flow = flow{}
	a.sm.on, a.sm.counting = false, false
	a.push.flowFailed()
}
