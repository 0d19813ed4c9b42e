package world

import "github.com/sleeptalk/sleeptalk/phone/system"

// drainSocket opens the gate for one socket that the program has given up to the network.
func (n *Node) drainSocket(id system.Socket) {
	if s := n.sockets[id]; s != nil && !s.drained {
		s.drained = true
		s.trickle()
	}
}

// passes reports whether the gate lets a signal through to a frozen program: to a socket
// that is drained, behind what waits in it.
func (s *socket) passes() bool { return s.drained && s.node.gate.frozen && len(s.inbox) == 0 }

// trickle hands over what waits in a drained socket, a signal in a step of its own. When
// the program runs again, it gets the rest like everything else.
func (s *socket) trickle() {
	if len(s.inbox) == 0 {
		return
	}
	n := s.node
	n.world.at(n.world.now, func() {
		if s.gone || !n.gate.frozen || len(s.inbox) == 0 {
			return
		}
		sig := s.inbox[0]
		s.inbox = s.inbox[1:]
		if r, ok := sig.(system.Received); ok {
			s.bytes -= len(r.Data)
		}
		n.hand(s, sig)
		s.trickle()
	})
}
