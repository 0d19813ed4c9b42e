package world

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// kind is what a socket is.
type kind uint8

const (
	datagram kind = iota
	listener
	dialing // a stream whose handshake is not over
	stream
)

// A socket is one socket in a node's kernel.
type socket struct {
	node          *Node
	id            system.Socket
	kind          kind
	local, remote netip.AddrPort

	peer    *socket // of a stream: the far end, once it has seen our SYN
	in, out *flow   // of a stream: the two directions, once it is open
	dial    link.Stream

	// Of a dialing stream: the next SYN, and the addresses of the host.
	redial     entry
	addrs      []netip.Addr
	others     []netip.AddrPort // that are yet to be tried
	dialWithin time.Duration    // how long one is tried
	dialBy     time.Duration    // the virtual time at which none is tried any more; 0: there is one address

	inbox   []system.Signal // what waits for a frozen program
	bytes   int             // in the inbox
	told    bool            // the mobile system knows that it is readable
	drained bool            // it is read in a freeze too: see [system.Drain], [system.Connect]
	ended   bool            // the last signal has been delivered or waits
	gone    bool
}

// open adds a socket under the number that the program chose; it returns nil
// if that is taken.
func (n *Node) open(id system.Socket, k kind) *socket {
	if n.sockets[id] != nil {
		n.misused("open a socket", fmt.Sprintf("socket %d is in use", id))
		return nil
	}
	s := &socket{node: n, id: id, kind: k, redial: entry{index: -1}}
	n.sockets[id] = s
	return s
}

// reply schedules the delivery of a signal about s in a step of its own, at
// this instant.
func (s *socket) reply(sig system.Signal) {
	s.node.world.at(s.node.world.now, func() { s.node.deliver(s, sig) })
}

// fail ends a socket that never opened.
func (s *socket) fail(err error) {
	if s.gone || s.ended {
		return
	}
	s.ended = true
	s.node.world.drop(&s.redial)
	s.reply(system.Failed{Socket: s.id, Err: err})
}

// end ends an open stream. The program learns of it in a step of its own,
// because end may be called in the middle of another.
func (s *socket) end(err error) {
	if s.gone || s.ended {
		return
	}
	s.ended = true
	s.reply(system.Closed{Socket: s.id, Err: err})
}

// close is the program closing the socket.
func (s *socket) close(reset bool) {
	unread := s.bytes > 0
	waiting := s.inbox
	s.forget()
	switch {
	case s.kind == listener:
		for _, sig := range waiting {
			if a, ok := sig.(system.Accepted); ok {
				s.node.sockets[a.Socket].close(true)
			}
		}
	case s.kind != stream || s.ended:
	case reset || unread:
		// A socket closed with unread data resets its connection (RFC
		// 1122 §4.2.2.13).
		s.out.abandon()
		s.reset()
	default:
		s.out.finish()
	}
}

// forget takes the socket out of its node.
func (s *socket) forget() {
	n := s.node
	s.gone = true
	s.inbox, s.bytes = nil, 0
	delete(n.sockets, s.id)
	n.world.drop(&s.redial)
	n.tcp.free(s)
	n.udp.free(s)
	if s.in != nil {
		s.in.reopen()
	}
}

// route sends one packet to another node and returns the virtual time of its
// arrival. A packet to the node itself crosses no link.
func (n *Node) route(to *Node) (at time.Duration, ok bool) {
	if n == to {
		return n.world.now, true
	}
	arrives, ok := link.Across(n.world.Now(), n.up, to.down)
	return n.world.since(arrives), ok
}
