package control

import (
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// ConnConfig is what a [Conn] or a [Channel] needs to know.
type ConnConfig struct {
	Name       string        // of the socket in the log; "" is "control"
	Server     string        // "host:port"
	Datagrams  bool          // over UDP
	TLS        string        // whose certificate the server must show; "": no TLS from the start
	SIPDomain  bool          // that is the name of a SIP domain, unless it is asked for a WebSocket
	WebSocket  WebSocket     // what is spoken above it; the zero value: a stream
	Clear      Clear         // whether a secret may be sent without TLS
	OpenWithin time.Duration // 0: the agent watches over it
	Flow       Flow          // which of several it is
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
	Way
	Pings Pings

	told     bool // it has been said that a secret goes in clear
	resting  bool // no connection is wanted before the program asks for something
	recovery recovery
	budget   Budget // for signing on
	leaving  leaving
}

// NewConn makes a Conn that is down.
func NewConn(cfg ConnConfig) Conn { return Conn{Way: Way{Channel: NewChannel(cfg)}} }

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

// Dial opens the connection, if it is down. A server that has had us open too
// many has to wait.
func (c *Conn) Dial(s *Step) {
	if !c.Gone() || !c.Afford(s) {
		return
	}
	c.recovery.retryAt, c.resting = time.Time{}, false
	c.find(s)
}

// Opening reports whether the connection is neither down nor open yet.
func (c *Conn) Opening() bool { return !c.Gone() && !c.Up() }

// Receive takes in a signal about the connection; others mean nothing.
func (c *Conn) Receive(s *Step, sig system.Signal) (Turn, error) {
	turn, err := c.Way.Receive(s, sig)
	switch turn {
	case Lost:
		c.lost(s, err)
	case Opened:
		s.Notice(Connected{Socket: c.Socket()})
	}
	return turn, err
}

// Abandon closes the socket and takes the connection for lost.
func (c *Conn) Abandon(s *Step, phase event.SocketPhase, err error) {
	c.Way.Abandon(s, phase, err)
	c.lost(s, err)
}

// Close ends the connection from our side.
func (c *Conn) Close(s *Step, why string) {
	if !c.Gone() {
		c.Way.Close(s, why)
		c.Pings.lost()
	}
}

// lost is the end of a connection whose socket is gone.
func (c *Conn) lost(s *Step, err error) {
	c.Pings.lost()
	s.Notice(FlowFailed{Err: err})
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
	return system.Earliest(c.Way.Deadline(), c.Pings.pongBy, c.Pings.next, c.recovery.retryAt, c.leaving.by)
}

// Delay lets the connection be given up before until by nothing that may lie
// unread in the kernel. To try again late, or to leave, is no harm.
func (c *Conn) Delay(until time.Time) {
	c.Way.Delay(until)
	Delay(until, &c.Pings.pongBy)
}

// Advance does what is due: one thing, which the agent acts on.
func (c *Conn) Advance(s *Step) (Turn, error) {
	switch c.Deadline() {
	case c.Way.Deadline():
		turn, err := c.Way.Advance(s)
		if turn == Lost {
			c.lost(s, err)
		}
		return turn, err
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
