package server

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
)

// pongLateness is how much too late a pong comes: later than a keepalive
// handler waits, and than a wake window lasts in which the ping was sent 9 s
// after its beginning. A wake every 15 s is then what kills an app after
// 225 s.
const pongLateness = 6 * time.Second

// pings are the CRLF pings on a connection, of both sides (RFC 5626 §4.4.1).
type pings struct {
	conn  *conn
	next  loop.Alarm // when the server's next is due
	tardy loop.Alarm // a pong that is held back
	sent  time.Time  // zero if no pong is awaited
}

// answer answers a ping.
func (p *pings) answer() {
	c := p.conn
	faults := c.table.faults
	switch pong := []byte("\r\n"); {
	case c.closesFor(faults.CloseAtPing, "close at ping") || c.breaks(faults.NoPong):
	case c.breaks(faults.LatePong):
		p.answerLate(pong)
	default:
		c.write(pong)
	}
}

// answerLate answers a ping when it is too late. Of several pings it answers the
// first.
func (p *pings) answerLate(pong []byte) {
	if !p.tardy.IsSet() {
		p.conn.table.loop.Set(&p.tardy, pongLateness, func() { p.conn.write(pong) })
	}
}

// Ping sends a CRLF ping of the server's own.
func (c *conn) Ping() {
	c.write([]byte("\r\n\r\n"))
	c.pings.sent = c.table.loop.Now()
	c.framer.AwaitPong(true)
	c.table.loop.Note("ping", c.name(), "")
}

// answered takes a pong.
func (p *pings) answered() {
	if p.sent.IsZero() {
		return // over UDP: nobody asked
	}
	l := p.conn.table.loop
	l.Note("pong", p.conn.name(), "after "+l.Now().Sub(p.sent).String())
	p.sent = time.Time{}
}

// keepUp keeps up the pings that the configuration asks for.
func (p *pings) keepUp() {
	c := p.conn
	if c.table.pingEvery <= 0 {
		return
	}
	c.table.loop.Set(&p.next, c.table.pingEvery, func() {
		if !c.shaking && (c.transport.Reliable() || len(c.bindings) > 0) {
			c.Ping()
		}
		p.keepUp()
	})
}
