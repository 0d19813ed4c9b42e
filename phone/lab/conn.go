package lab

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// maxBacklog is how much a stalled connection may pile up before it is
	// closed.
	maxBacklog = 256 << 10
	// maxBad is how many bad messages a client may send before it is
	// closed.
	maxBad = 20
)

// A conn is the way to one phone: a stream, or an address that sends over UDP;
// or to a robot inside the lab.
type conn struct {
	lab           *Lab
	id            system.Socket
	robot         *robot // nil for a real one
	transport     sip.Transport
	local, remote netip.AddrPort
	framer        sip.Framer
	bindings      []*binding // registered over it
	branches      []*branch  // requests on their way over it
	pending       int        // requests from it that are not answered
	bad           int
	closed        bool
	spoken        bool // something has come
	shaking       bool // its TLS handshake goes on

	stalled bool
	backlog []byte

	heard time.Time // over UDP: the last datagram
	idle  alarm     // and that it is forgotten; over TLS, that a handshake takes too long

	pinger   alarm
	tardy    alarm     // a pong that is held back
	pingSent time.Time // zero if no pong is awaited
}

// accepted takes in a new connection, if there is room for it.
func (l *Lab) accepted(s system.Accepted) {
	if len(l.conns) >= l.cfg.MaxConns {
		l.ask(system.Close{Socket: s.Socket, Reset: true})
		l.note("refused", s.Remote.String(), fmt.Sprintf("%d connections are open", len(l.conns)))
		return
	}
	c := &conn{id: s.Socket, transport: sip.TCP, local: s.Local, remote: s.Remote}
	l.addConn(c)
	l.note("connected", s.Remote.String(), "")
	c.watchedSocket("open", "")
}

func (l *Lab) addConn(c *conn) {
	c.lab = l
	l.conns[c.id] = c
	c.pingLater()
}

// name is who is at the other end, as far as it is known.
func (c *conn) name() string {
	if len(c.bindings) > 0 {
		return c.bindings[0].user.name + " " + c.remote.String()
	}
	return c.remote.String()
}

// receive takes in bytes of the stream.
func (c *conn) receive(data []byte) {
	if c.stalled {
		c.backlog = append(c.backlog, data...)
		if len(c.backlog) > maxBacklog {
			c.close(true, "stalled, and sent more than fits")
		}
		return
	}
	if c.beginsTLS(data) {
		return
	}
	c.framer.Push(data)
	for !c.closed && !c.stalled {
		f := c.framer.Next()
		if f == nil {
			return
		}
		c.frame(f)
	}
}

func (c *conn) frame(f sip.Frame) {
	c.watched(true, f)
	switch f := f.(type) {
	case sip.Message:
		switch m := f.SIP.(type) {
		case *grammar.Request:
			c.request(m)
		case *grammar.Response:
			c.lab.response(c, m)
		}
	case sip.Ping:
		c.pinged()
	case sip.Pong:
		c.ponged()
	case sip.Bad:
		c.badMessage(f)
	}
}

// pinged answers a ping.
func (c *conn) pinged() {
	switch pong := []byte("\r\n"); {
	case c.closesAt(closeAtPing) || c.breaks(noPong):
	case c.breaks(latePong):
		c.pongLater(pong)
	default:
		c.write(pong)
	}
}

// badMessage answers what is no SIP message, and gives up on a client that
// goes on or whose stream cannot be told apart any more.
func (c *conn) badMessage(b sip.Bad) {
	c.bad++
	c.lab.note("bad message", c.name(), b.Err.Error())
	if b.Reply != nil {
		c.write(b.Reply)
	}
	if b.Fatal {
		c.close(false, "not SIP any more")
	} else if c.bad >= maxBad {
		c.close(false, fmt.Sprintf("%d bad messages", c.bad))
	}
}

// send writes a message. Over UDP a response goes where its Via says.
func (c *conn) send(m grammar.Message) {
	to := c.remote
	if res, ok := m.(*grammar.Response); ok && !c.transport.Reliable() {
		if at, ok := sip.ResponseTarget(res); ok {
			to = at
		}
	}
	c.writeTo(to, []byte(m.String()))
}

func (c *conn) write(data []byte) { c.writeTo(c.remote, data) }

func (c *conn) writeTo(to netip.AddrPort, data []byte) {
	switch {
	case c.closed || c.stalled || c.shaking:
		// A stalled server says nothing; a closed stream has nobody, and one
		// that is not secured yet is nobody's to write on.
	case c.robot != nil:
		c.robot.fromLab(c, data)
	case !c.transport.Reliable():
		c.watched(false, sip.ParseDatagram(data))
		c.lab.ask(system.Send{Socket: c.lab.udp, To: to, Data: data})
	default:
		c.watched(false, sip.ParseDatagram(data))
		c.lab.ask(system.Send{Socket: c.id, Data: data})
	}
}

// close ends the connection from our side.
func (c *conn) close(reset bool, why string) {
	if c.closed {
		return
	}
	c.lab.note("closed", c.name(), why)
	c.watchedSocket(map[bool]string{false: "closed", true: "reset"}[reset], "by the lab")
	switch {
	case c.robot != nil:
		c.robot.hungUp(c, reset)
	case c.transport.Reliable(): // over UDP nobody is told
		c.lab.ask(system.Close{Socket: c.id, Reset: reset})
	}
	c.forget()
}

// gone is the other side's end of the connection.
func (c *conn) gone(err error) {
	if c.closed {
		return
	}
	why := "by the phone"
	if err != nil {
		why = err.Error()
	}
	c.lab.note("connection lost", c.name(), why)
	c.watchedSocket("closed", why)
	c.forget()
}

// forget drops what hung on the connection: a phone whose flow is gone cannot
// be reached until it registers again (RFC 5626 §6), unless by push.
func (c *conn) forget() {
	c.closed, c.backlog = true, nil
	delete(c.lab.conns, c.id)
	if c.lab.peers[c.remote] == c {
		delete(c.lab.peers, c.remote)
	}
	for _, a := range []*alarm{&c.pinger, &c.tardy, &c.idle} {
		c.lab.alarms.clear(a)
	}
	for _, b := range slices.Clone(c.bindings) {
		if !b.wakeable() {
			b.remove()
		}
	}
	c.lab.flowFailed(c)
}

// stall makes the connection a server that hangs: it accepts bytes and
// answers nothing. Afterwards it works off what it has accepted.
func (c *conn) stall(on bool) {
	c.stalled = on
	if on {
		return
	}
	backlog := c.backlog
	c.backlog = nil
	c.receive(backlog)
}

// ping sends a CRLF ping of the server's own.
func (c *conn) ping() {
	c.write([]byte("\r\n\r\n"))
	c.pingSent = c.lab.now
	c.framer.AwaitPong(true)
	c.lab.note("ping", c.name(), "")
}

func (c *conn) ponged() {
	if c.pingSent.IsZero() {
		return // over UDP: nobody asked
	}
	c.lab.note("pong", c.name(), "after "+c.lab.now.Sub(c.pingSent).String())
	c.pingSent = time.Time{}
}

// pingLater keeps up the pings that the configuration asks for.
func (c *conn) pingLater() {
	if c.lab.cfg.PingEvery <= 0 {
		return
	}
	c.lab.alarms.set(&c.pinger, c.lab.now.Add(c.lab.cfg.PingEvery), func() {
		if !c.shaking && (c.transport.Reliable() || len(c.bindings) > 0) {
			c.ping()
		}
		c.pingLater()
	})
}
