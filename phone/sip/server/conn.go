package server

import (
	"container/list"
	"fmt"
	"net/netip"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxBad is how many bad messages in a row close a connection: who sends so many, and none
// between them that can be read, does not speak SIP (our own number).
const maxBad = 100

// A conn is the way to one phone: a stream, an address that sends over UDP, or a
// stream inside the program.
type conn struct {
	table         *conns
	id            system.Socket
	far           Far // nil for a real one
	transport     sip.Transport
	local, remote netip.AddrPort
	framer        sip.Framer
	rest          rest
	bindings      []*binding // registered over it
	branches      []*branch  // requests on their way over it
	pending       int        // requests from it that are not answered
	bad           int        // messages in a row
	closed        bool
	spoken        bool // something has come
	shaking       bool // its TLS handshake goes on

	stalled bool
	unread  unread

	reach sip.Reach     // over UDP: whether what is sent arrives where it is said to come from
	heard time.Time     // over UDP: the last datagram
	turn  *list.Element // over UDP: its place among the silent
	idle  loop.Alarm    // and that it is forgotten; over TLS, that a handshake takes too long

	pings pings
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
		c.hold(data)
		return
	}
	if c.beginsTLS(data) {
		return
	}
	c.rest.arrives(data)
	c.framer.Push(data)
	c.drain(false)
}

// drain handles the frames that are there. whole says that one was before.
func (c *conn) drain(whole bool) {
	for !c.closed && !c.stalled {
		f := c.framer.Next()
		if f == nil {
			c.rest.awaited(whole)
			return
		}
		_, message := f.(sip.Message)
		whole = whole || message
		c.frame(f)
	}
}

func (c *conn) frame(f sip.Frame) {
	c.witness().frame(true, f)
	switch f := f.(type) {
	case sip.Message:
		c.bad = 0
		c.tidy(f)
		switch m := f.SIP.(type) {
		case *grammar.Request:
			c.receiveRequest(m)
		case *grammar.Response:
			c.receiveResponse(m)
		}
	case sip.Ping:
		c.pings.answer()
	case sip.Pong:
		c.pings.answered()
	case sip.Bad:
		c.badMessage(f)
	}
}

// tidy says what is untidy in a message that was understood all the same.
func (c *conn) tidy(m sip.Message) {
	if c.own() {
		return
	}
	for _, w := range c.table.tidiness.Warnings(c.table.loop.Now(), m, c.remote) {
		c.table.loop.Log(w)
	}
}

// receiveRequest and receiveResponse are where a message meets what the server
// does wrong; then it is the upper layer's.
func (c *conn) receiveRequest(req *grammar.Request) {
	if req.Method == grammar.REGISTER && c.closesFor(c.table.faults.CloseAtRegister, "close at register") {
		return
	}
	c.table.upper.request(c, req)
}

func (c *conn) receiveResponse(res *grammar.Response) {
	faults := c.table.faults
	toInvite := res.CSeq() != nil && res.CSeq().MethodName == grammar.INVITE
	switch {
	case toInvite && res.StatusCode == 180 && c.closesFor(faults.CloseAtRinging, "close at ringing"):
	case toInvite && res.StatusCode == 200 && c.closesFor(faults.CloseAtAnswer, "close at answer"):
	default:
		c.table.upper.response(c, res)
	}
}

// closesFor closes the connection if that is what the server does wrong at this
// step.
func (c *conn) closesFor(fault bool, why string) bool {
	if !c.breaks(fault) {
		return false
	}
	c.Close(false, why)
	return true
}

// badMessage answers what is no SIP message, and gives up on a client that
// goes on or whose stream cannot be told apart any more.
func (c *conn) badMessage(b sip.Bad) {
	if !b.Again {
		c.bad++
	}
	c.table.loop.Note("bad message", c.name(), b.Err.Error())
	if b.Reply != nil {
		c.write(b.Reply)
	}
	if b.Fatal {
		c.Close(false, "not SIP any more")
	} else if c.bad >= maxBad {
		c.Close(false, fmt.Sprintf("%d bad messages in a row", c.bad))
	}
}

// send writes a message. Over UDP a response goes where its Via says.
func (c *conn) send(m grammar.Message) {
	to, data := c.remote, []byte(c.written(m))
	if c.transport.Reliable() {
		c.writeTo(to, data)
		return
	}
	if res, ok := m.(*grammar.Response); ok {
		if at, ok := sip.ResponseTarget(res); ok {
			to = at
		}
	}
	if c.reaches(m, len(data)) {
		c.writeTo(to, data)
	}
}

// reaches reports whether a message may go to the address that a peer over UDP says
// that it has.
func (c *conn) reaches(m grammar.Message, bytes int) bool {
	if c.reach.Allows(m, bytes) {
		return true
	}
	if warning := c.reach.Withheld(c.remote.String(), "the phone acknowledges our responses, or registers; then nothing is withheld"); warning != nil {
		c.table.loop.Log(warning)
	}
	return false
}

func (c *conn) write(data []byte) { c.writeTo(c.remote, data) }

func (c *conn) writeTo(to netip.AddrPort, data []byte) {
	switch {
	case c.closed || c.stalled || c.shaking:
		// A stalled server says nothing; a closed stream has nobody, and one
		// that is not secured yet is nobody's to write on.
	case c.own():
		c.far.Receive(data)
	case !c.transport.Reliable():
		c.witness().sent(data)
		c.table.loop.Ask(system.Send{Socket: c.table.ports.udp, To: to, Data: data})
	default:
		c.witness().sent(data)
		c.table.loop.Ask(system.Send{Socket: c.id, Data: data})
	}
}

// Close ends the connection from our side.
func (c *conn) Close(reset bool, why string) {
	if c.closed {
		return
	}
	c.table.loop.Note("closed", c.name(), why)
	c.witness().socket(map[bool]event.SocketPhase{false: event.SocketClosed, true: event.SocketReset}[reset], "by the lab")
	switch {
	case c.own():
		c.far.Closed(reset)
	case c.transport.Reliable(): // over UDP nobody is told
		c.table.loop.Ask(system.Close{Socket: c.id, Reset: reset})
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
	c.table.loop.Note("connection lost", c.name(), why)
	c.witness().socket(event.SocketClosed, why)
	c.forget()
}

// forget drops the connection, and what hangs on it.
func (c *conn) forget() {
	c.closed, c.unread = true, unread{}
	c.table.remove(c)
	for _, a := range []*loop.Alarm{&c.pings.next, &c.pings.tardy, &c.idle, &c.rest.alarm} {
		c.table.loop.Clear(a)
	}
	c.table.upper.lost(c)
}

// life is how long a peer over UDP is remembered after its last datagram.
func (c *conn) life() time.Duration {
	if c.reach.Proven() {
		return peerLife
	}
	return strangerLife
}

// busy reports whether somebody is registered over the connection, or something is
// on its way.
func (c *conn) busy() bool { return len(c.bindings) > 0 || len(c.branches) > 0 || c.pending > 0 }

// forgetLater drops a peer over UDP that has been silent for long, if nobody is
// registered there and nothing is on its way.
func (c *conn) forgetLater() {
	l := c.table.loop
	l.Set(&c.idle, c.life(), func() {
		if c.busy() || l.Now().Sub(c.heard) < c.life() {
			c.forgetLater()
			return
		}
		c.forget()
	})
}
