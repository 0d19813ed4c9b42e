package control

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Phase is where a control connection is.
//
//	down ─▶ connecting ─▶ open ◀─▶ securing
//	                └─▶ securing ─▶ upgrading ─▶ open
//
// Any of them ends in down: closed by us, or lost.
type Phase int

const (
	// PhaseDown: there is no connection. Where one is wanted, the next try is
	// due at once, or after the wait of RFC 5626 §4.5.
	PhaseDown Phase = iota
	// PhaseConnecting: the kernel is opening the socket (RFC 9293 §3.5).
	PhaseConnecting
	// PhaseSecuring: the socket is open, and TLS shakes hands (RFC 8446 §2).
	// Nothing may be sent.
	PhaseSecuring
	// PhaseUpgrading: the handshake of WebSocket is under way (RFC 6455 §4).
	// Nothing may be sent.
	PhaseUpgrading
	// PhaseOpen: what the protocol has to say can be sent and received.
	PhaseOpen
)

// Patience is how long a connection may take to open, and what has begun to
// arrive may lack its rest: as long as a transaction of SIP waits (64*T1, RFC
// 3261 §17.1.1.2; our own choice, as kernels try longer).
const Patience = 32 * time.Second

// ConnConfig is what a [Conn] needs to know.
type ConnConfig struct {
	Server     string        // "host:port"
	Datagrams  bool          // over UDP
	TLS        string        // whose certificate the server must show; "": no TLS from the start
	WebSocket  WebSocket     // what is spoken above it; the zero value: a stream
	Clear      Clear         // whether a secret may be sent without TLS
	OpenWithin time.Duration // 0: the agent watches over it
	Rand       *rand.Rand
	NextSocket func() system.Socket
}

// A WebSocket is one that a server is asked for.
type WebSocket struct{ Path, Protocol string }

// Conn is the life of one agent's connection to its server, over as many
// sockets as it takes: it is opened and secured, it breaks and recovers, it is
// pinged, it rests, and in the end it is shut down. What is sent on it is the
// agent's business: it has a Conn as a field, hands it the signals and the time,
// and acts on the [Turn] that comes back. A Conn writes its own events.
type Conn struct {
	Pings Pings

	cfg           ConnConfig
	phase         Phase
	socket        system.Socket
	local, remote netip.AddrPort
	secure        bool // TLS is spoken
	by            system.Secured
	announced     bool // the program knows of the socket
	told          bool // it has been said that a secret goes in clear
	resting       bool // no connection is wanted before the program asks for something
	since         time.Time
	openBy        time.Time
	restBy        time.Time
	recovery      recovery
	budget        Budget // for signing on
	leaving       leaving
}

// NewConn makes a Conn that is down.
func NewConn(cfg ConnConfig) Conn { return Conn{cfg: cfg} }

// A Turn is what a signal or a deadline means to the agent.
type Turn int

const (
	// Nothing: the agent has nothing to do.
	Nothing Turn = iota
	// Opened: the connection can be used.
	Opened
	// Resecured: a connection that was open before speaks TLS now.
	Resecured
	// Arrived: the signal is data.
	Arrived
	// Lost: the connection is gone; the error says why.
	Lost
	// RestMissing: what has begun to arrive has lacked its rest for [Patience].
	RestMissing
	// PongMissing: the pong to our ping has not come in time.
	PongMissing
	// PingDue: it is time for a ping of our own accord.
	PingDue
	// RetryDue: it is time to try again.
	RetryDue
	// GoodbyesLate: the answers to our goodbyes have not come in time.
	GoodbyesLate
)

// Phase is where the connection is; Up reports whether it is open, and Gone
// whether it is down.
func (c *Conn) Phase() Phase { return c.phase }
func (c *Conn) Up() bool     { return c.phase == PhaseOpen }
func (c *Conn) Gone() bool   { return c.phase == PhaseDown }

// Socket is the socket of the connection; Local and Remote are its ends, once
// it is open.
func (c *Conn) Socket() system.Socket  { return c.socket }
func (c *Conn) Local() netip.AddrPort  { return c.local }
func (c *Conn) Remote() netip.AddrPort { return c.remote }

// Secure reports whether TLS is spoken on it.
func (c *Conn) Secure() bool { return c.secure }

// On reports whether a socket is that of the connection.
func (c *Conn) On(s system.Socket) bool { return c.phase != PhaseDown && c.socket == s }

// Serve has the connection lead to another server from the next time on that it is
// opened, and want the certificate of that host; "" is none.
func (c *Conn) Serve(server, certificate string) {
	c.cfg.Server, c.cfg.TLS = server, certificate
}

// Dial opens the connection, if it is down. A server that has had us open too
// many has to wait.
func (c *Conn) Dial(s *Step) {
	if c.phase != PhaseDown || !c.Afford(s) {
		return
	}
	c.recovery.retryAt, c.resting = time.Time{}, false
	c.phase, c.socket, c.since = PhaseConnecting, c.cfg.NextSocket(), s.Now
	if c.cfg.OpenWithin > 0 {
		c.openBy = s.In(c.cfg.OpenWithin)
	}
	if c.cfg.Datagrams {
		s.Do(system.Bind{RTP: c.socket, Target: c.cfg.Server})
	} else {
		s.Do(system.Connect{Socket: c.socket, Target: c.cfg.Server})
	}
	s.Log(event.Socket{Name: "control", Phase: event.SocketConnecting, Remote: c.cfg.Server})
}

// Receive takes in a signal about the connection; others mean nothing.
func (c *Conn) Receive(s *Step, sig system.Signal) (Turn, error) {
	if id, ok := system.SocketOf(sig); !ok || !c.On(id) {
		return Nothing, nil
	}
	switch sig := sig.(type) {
	case system.Connected:
		return c.connected(s, sig.Local, sig.Remote), nil
	case system.Bound: // a connection over UDP is open when its socket is
		return c.connected(s, sig.Local, sig.Remote), nil
	case system.Secured:
		if c.phase == PhaseSecuring {
			c.secure, c.by = true, sig
			return c.upgrade(s), nil
		}
	case system.Upgraded:
		if c.phase == PhaseUpgrading {
			return c.opened(s), nil
		}
	case system.Failed:
		return c.lose(s, event.SocketFailed, sig.Err), sig.Err
	case system.Received:
		if c.phase == PhaseOpen {
			return Arrived, nil
		}
	case system.Closed:
		phase, err := Closing(sig.Err)
		return c.lose(s, phase, err), err
	}
	return Nothing, nil
}

// connected has a socket that is open: TLS comes next, if it is to be.
func (c *Conn) connected(s *Step, local, remote netip.AddrPort) Turn {
	if c.phase != PhaseConnecting {
		return Nothing
	}
	c.local, c.remote = local, remote
	if c.cfg.TLS == "" {
		return c.upgrade(s)
	}
	s.Log(c.event(s, event.SocketSecuring))
	c.StartTLS(s, c.cfg.TLS)
	return Nothing
}

// StartTLS has the connection speak TLS from now on, with a server that shows
// the certificate of host.
func (c *Conn) StartTLS(s *Step, host string) {
	c.phase = PhaseSecuring
	s.Do(system.StartTLS{Socket: c.socket, Name: host})
}

// upgrade has a connection speak WebSocket, if it is to; else it is open.
func (c *Conn) upgrade(s *Step) Turn {
	if c.cfg.WebSocket.Protocol == "" {
		return c.opened(s)
	}
	c.phase = PhaseUpgrading
	s.Do(system.StartWebSocket{Socket: c.socket, Host: c.cfg.Server, Path: c.cfg.WebSocket.Path, Protocol: c.cfg.WebSocket.Protocol})
	return Nothing
}

// opened begins to use the connection.
func (c *Conn) opened(s *Step) Turn {
	c.phase, c.openBy = PhaseOpen, time.Time{}
	e := c.event(s, event.SocketOpen)
	if c.secure {
		e.Security, e.Resumed = c.by.String(), c.by.Resumed
	}
	s.Log(e)
	if c.announced {
		return Resecured
	}
	c.announced = true
	s.Notice(Connected{Socket: c.socket})
	return Opened
}

// event is one about the socket, as long as it is there.
func (c *Conn) event(s *Step, phase event.SocketPhase) event.Socket {
	return event.Socket{
		Name: "control", Phase: phase, Local: c.local.String(), Remote: c.remote.String(), Took: event.Millis(s.Now.Sub(c.since)),
	}
}

// Awaits watches over what arrives: partial says that a frame has begun to
// arrive which is not whole, and whole that one has become so.
func (c *Conn) Awaits(now time.Time, partial, whole bool) {
	switch {
	case !partial:
		c.restBy = time.Time{}
	case whole || c.restBy.IsZero():
		c.restBy = now.Add(Patience)
	}
}

// Abandon closes the socket and takes the connection for lost.
func (c *Conn) Abandon(s *Step, phase event.SocketPhase, err error) {
	s.Do(system.Close{Socket: c.socket})
	c.lose(s, phase, err)
}

// lose is the end of a connection whose socket is gone.
func (c *Conn) lose(s *Step, phase event.SocketPhase, err error) Turn {
	c.down()
	s.Log(event.Socket{Name: "control", Phase: phase, Remote: c.cfg.Server, Error: err.Error()})
	s.Notice(FlowFailed{Err: err})
	return Lost
}

// Close ends the connection from our side.
func (c *Conn) Close(s *Step, why string) {
	if c.phase == PhaseDown {
		return
	}
	s.Do(system.Close{Socket: c.socket})
	s.Log(event.Socket{Name: "control", Phase: event.SocketClosed, Remote: c.cfg.Server, Error: why, By: "us"})
	c.down()
}

// down forgets the socket. What the agent has learned of the server stays.
func (c *Conn) down() {
	c.Pings.lost()
	*c = Conn{cfg: c.cfg, Pings: c.Pings, resting: c.resting, recovery: c.recovery, budget: c.budget, leaving: c.leaving, told: c.told}
}

// Rest closes the connection, and has the agent open no other before the
// program asks for something: it is reached by push while it sleeps.
func (c *Conn) Rest(s *Step) {
	c.Close(s, "by us: nothing is held while asleep")
	c.StopRecovering()
	c.Pings.Forget()
	c.resting = true
}

// Resting reports whether no connection is wanted now.
func (c *Conn) Resting() bool { return c.resting }

// Deadline is when Advance wants to be called next.
func (c *Conn) Deadline() time.Time {
	return system.Earliest(c.openBy, c.restBy, c.Pings.pongBy, c.Pings.next, c.recovery.retryAt, c.leaving.by)
}

// Delay lets the connection be given up before until by nothing that may lie
// unread in the kernel. To try again late, or to leave, is no harm.
func (c *Conn) Delay(until time.Time) {
	Delay(until, &c.openBy, &c.restBy, &c.Pings.pongBy)
}

// Advance does what is due: one thing, which the agent acts on.
func (c *Conn) Advance(s *Step) (Turn, error) {
	switch c.Deadline() {
	case c.openBy:
		err := c.notOpen()
		c.Abandon(s, event.SocketFailed, err)
		return Lost, err
	case c.restBy:
		c.restBy = time.Time{}
		return RestMissing, nil
	case c.Pings.pongBy:
		c.Pings.Missed()
		return PongMissing, nil
	case c.Pings.next:
		c.Pings.next = time.Time{}
		return PingDue, nil
	case c.recovery.retryAt:
		c.recovery.retryAt = time.Time{}
		return RetryDue, nil
	}
	c.leaving.by = time.Time{}
	goodbyesLate(s)
	return GoodbyesLate, nil
}

func (c *Conn) notOpen() error {
	switch c.phase {
	case PhaseUpgrading:
		return fmt.Errorf("no answer to the WebSocket handshake within %g s: does the server speak it on that port?", c.cfg.OpenWithin.Seconds())
	case PhaseSecuring:
		return fmt.Errorf("no TLS handshake within %g s: does the server speak TLS on that port?", c.cfg.OpenWithin.Seconds())
	}
	return fmt.Errorf("no connection within %g s", c.cfg.OpenWithin.Seconds())
}
