package control

import (
	"cmp"
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Phase is where a control connection is.
//
//	  ┌─▶ finding ─┐
//	down ───────▶ connecting ─▶ open ◀─▶ securing
//	                └─▶ securing ─▶ upgrading ─▶ open
//
// Any of them ends in down: closed by us, or lost.
type Phase int

const (
	// PhaseDown: there is no connection. Where one is wanted, the next try is
	// due at once, or after the wait of RFC 5626 §4.5.
	PhaseDown Phase = iota
	// PhaseFinding: the DNS is asked where the connection leads (RFC 3263). There is no
	// socket yet.
	PhaseFinding
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

// A Channel is one socket at a time to a server: it is opened and secured, and in the
// end it is closed or lost. It writes its own events. A [Conn] is one that recovers.
type Channel struct {
	cfg           ConnConfig
	phase         Phase
	socket        system.Socket
	local, remote netip.AddrPort
	secure        bool // TLS is spoken
	used          bool // it has been open
	by            system.Secured
	since         time.Time
	openBy        time.Time
	within        time.Duration // from the beginning to that
	restBy        time.Time
}

// NewChannel makes a Channel that is down.
func NewChannel(cfg ConnConfig) Channel { return Channel{cfg: cfg} }

// Phase is where the connection is; Up reports whether it is open, and Gone
// whether it is down.
func (c *Channel) Phase() Phase { return c.phase }
func (c *Channel) Up() bool     { return c.phase == PhaseOpen }
func (c *Channel) Gone() bool   { return c.phase == PhaseDown }

// Socket is the socket of the connection; Local and Remote are its ends, once
// it is open.
func (c *Channel) Socket() system.Socket  { return c.socket }
func (c *Channel) Local() netip.AddrPort  { return c.local }
func (c *Channel) Remote() netip.AddrPort { return c.remote }

// Server is where the connection leads, "host:port": the server that was named or found
// last, or the domain while that is asked for its servers.
func (c *Channel) Server() string { return c.cfg.Server }

// Secure reports whether TLS is spoken on it.
func (c *Channel) Secure() bool { return c.secure }

// On reports whether a socket is that of the connection.
func (c *Channel) On(s system.Socket) bool { return c.phase > PhaseFinding && c.socket == s }

// Serve has the connection lead to another server from the next time on that it is
// opened, and want the certificate of that host; "" is none.
func (c *Channel) Serve(server, certificate string) {
	c.cfg.Server, c.cfg.TLS = server, certificate
}

// Lead has it lead to a server that was found, and go over what that wants.
func (c *Channel) Lead(server, certificate string, datagrams bool, websocket WebSocket) {
	c.Serve(server, certificate)
	c.cfg.Datagrams, c.cfg.WebSocket = datagrams, websocket
}

// ask begins to look for the servers of a domain, before there is a socket.
func (c *Channel) ask(s *Step, domain string) {
	c.phase, c.since, c.cfg.Server = PhaseFinding, s.Now, domain
	c.openIn(s, Patience)
}

// Connect opens the socket, to other addresses of the server than those that are to be
// avoided if it has any; why, if it is not empty, is for the log.
func (c *Channel) Connect(s *Step, why string, avoid ...netip.AddrPort) {
	c.phase, c.socket, c.since = PhaseConnecting, c.cfg.NextSocket(), s.Now
	if c.cfg.OpenWithin > 0 {
		c.openIn(s, c.cfg.OpenWithin)
	}
	if c.cfg.Datagrams {
		s.Do(system.Bind{RTP: c.socket, Target: c.cfg.Server, Avoid: avoid})
	} else {
		s.Do(system.Connect{Socket: c.socket, Target: c.cfg.Server, Avoid: avoid})
	}
	s.Log(event.Socket{Name: c.name(), Phase: event.SocketConnecting, Remote: c.cfg.Server, Why: why})
}

// openIn gives the connection so long to open.
func (c *Channel) openIn(s *Step, within time.Duration) { c.openBy, c.within = s.In(within), within }

func (c *Channel) name() string { return cmp.Or(c.cfg.Name, "control") }

// Receive takes in a signal about the socket; others mean nothing.
func (c *Channel) Receive(s *Step, sig system.Signal) (Turn, error) {
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
func (c *Channel) connected(s *Step, local, remote netip.AddrPort) Turn {
	if c.phase != PhaseConnecting {
		return Nothing
	}
	c.local, c.remote = local, remote
	s.Notice(Reached{Socket: c.socket})
	if c.cfg.TLS == "" {
		return c.upgrade(s)
	}
	s.Log(c.event(s, event.SocketSecuring))
	c.StartTLS(s, c.cfg.TLS)
	return Nothing
}

// StartTLS has the connection speak TLS from now on, with a server that shows
// the certificate of host.
func (c *Channel) StartTLS(s *Step, host string) {
	c.phase = PhaseSecuring
	s.Do(system.StartTLS{Socket: c.socket, Name: host, Domain: c.cfg.SIPDomain && c.cfg.WebSocket.Protocol == ""})
}

// upgrade has a connection speak WebSocket, if it is to; else it is open.
func (c *Channel) upgrade(s *Step) Turn {
	if c.cfg.WebSocket.Protocol == "" {
		return c.opened(s)
	}
	c.phase = PhaseUpgrading
	s.Do(system.StartWebSocket{Socket: c.socket, Host: c.cfg.Server, Path: c.cfg.WebSocket.Path, Protocol: c.cfg.WebSocket.Protocol})
	return Nothing
}

// opened begins to use the connection, or goes on with it.
func (c *Channel) opened(s *Step) Turn {
	again := c.used
	c.phase, c.openBy, c.used = PhaseOpen, time.Time{}, true
	e := c.event(s, event.SocketOpen)
	if c.secure {
		e.Security, e.Resumed = c.by.String(), c.by.Resumed
	}
	s.Log(e)
	if again {
		return Resecured
	}
	return Opened
}

// event is one about the socket, as long as it is there.
func (c *Channel) event(s *Step, phase event.SocketPhase) event.Socket {
	return event.Socket{
		Name: c.name(), Phase: phase, Local: c.local.String(), Remote: c.remote.String(), Took: event.Millis(s.Now.Sub(c.since)),
	}
}

// Awaits watches over what arrives: partial says that a frame has begun to
// arrive which is not whole, and whole that one has become so.
func (c *Channel) Awaits(now time.Time, partial, whole bool) {
	switch {
	case !partial:
		c.restBy = time.Time{}
	case whole || c.restBy.IsZero():
		c.restBy = now.Add(Patience)
	}
}

// Abandon closes the socket, if there is one, and takes the connection for lost.
func (c *Channel) Abandon(s *Step, phase event.SocketPhase, err error) {
	if c.phase != PhaseFinding {
		s.Do(system.Close{Socket: c.socket})
	}
	c.lose(s, phase, err)
}

// lose is the end of a connection whose socket is gone.
func (c *Channel) lose(s *Step, phase event.SocketPhase, err error) Turn {
	c.down()
	s.Log(event.Socket{Name: c.name(), Phase: phase, Remote: c.cfg.Server, Error: err.Error()})
	return Lost
}

// Close ends the connection from our side.
func (c *Channel) Close(s *Step, why string) {
	if c.phase <= PhaseFinding {
		c.down()
		return
	}
	s.Do(system.Close{Socket: c.socket})
	s.Log(event.Socket{Name: c.name(), Phase: event.SocketClosed, Remote: c.cfg.Server, Error: why, By: "us"})
	c.down()
}

// down forgets the socket.
func (c *Channel) down() { *c = Channel{cfg: c.cfg} }

// Deadline is when Advance wants to be called next.
func (c *Channel) Deadline() time.Time { return system.Earliest(c.openBy, c.restBy) }

// Delay lets the connection be given up before until by nothing that may lie
// unread in the kernel.
func (c *Channel) Delay(until time.Time) { Delay(until, &c.openBy, &c.restBy) }

// Advance does what is due: the connection is not open in time, or what has begun to
// arrive lacks its rest.
func (c *Channel) Advance(s *Step) (Turn, error) {
	if c.Deadline() == c.openBy {
		err := c.notOpen()
		c.Abandon(s, event.SocketFailed, err)
		return Lost, err
	}
	c.restBy = time.Time{}
	return RestMissing, nil
}

func (c *Channel) notOpen() error {
	switch c.phase {
	case PhaseFinding:
		return errNoDNS
	case PhaseUpgrading:
		return fmt.Errorf("no answer to the WebSocket handshake within %g s: does the server speak it on that port?", c.within.Seconds())
	case PhaseSecuring:
		return fmt.Errorf("no TLS handshake within %g s: does the server speak TLS on that port?", c.within.Seconds())
	}
	return fmt.Errorf("no connection within %g s", c.within.Seconds())
}
