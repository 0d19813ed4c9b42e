package live

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxRead is how much is read from one socket before the others get their
// turn: 64 KiB, the largest datagram and the largest SIP message.
const maxRead = 64 << 10

// maxPackets is how many datagrams are read from one socket before the others
// get their turn: 640 ms of a call's RTP, at 20 ms a packet.
const maxPackets = 32

// A socket is an entry of the machine's socket table: a stream, a datagram
// socket, a listener, or one that is being opened.
type socket interface {
	gate() *gate
	// receive reads a bounded amount from the socket, hands it to the
	// machine, and arms the gate again. It never blocks.
	receive(h *Host)
	// shut closes the socket; its gate's goroutine ends.
	shut(reset bool)
}

// A gate tells the loop that a socket is readable, and then waits to be armed
// again. It never reads.
type gate struct {
	id  system.Socket
	arm chan time.Duration // arms it again, after a pause; never blocks the loop

	// The loop's own:
	waiting bool // it has told the loop, and waits
	closed  bool // the socket is out of the table
}

// watchGate starts the gate of s, armed. wait returns when the socket is
// readable.
func (c *crew) watchGate(s socket, wait func() error) {
	g := s.gate()
	g.arm = make(chan time.Duration, 1)
	c.safego("gate", func() {
		for pause := time.Duration(0); ; {
			if !c.pause(pause) {
				return
			}
			// An error is the socket's own; reading will meet it too.
			_ = wait()
			if !c.post(arrival{s}) {
				discard(arrival{s})
				return
			}
			var open bool
			if pause, open = <-g.arm; !open {
				return
			}
		}
	})
}

// rearm makes the gate wait again.
func (g *gate) rearm(pause time.Duration) {
	if !g.closed {
		g.arm <- pause
	}
}

// close takes the socket out of use. It reports false if it already was.
func (g *gate) close() bool {
	if g.closed {
		return false
	}
	g.closed = true
	if g.arm != nil {
		close(g.arm)
	}
	return true
}

// forget takes a socket out of the machine's table.
func (h *Host) forget(id system.Socket) {
	delete(h.sockets, id)
	delete(h.watch, id)
	delete(h.drained, id)
}
