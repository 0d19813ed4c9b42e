package world

import (
	"cmp"
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxLump is how much of a stream one read gives a program that finds it
// waiting.
const maxLump = 64 << 10

// gate stands between a node's kernel and its program. While it is closed,
// what arrives waits in the sockets' inboxes, and the mobile system is told of
// the watched sockets only that something is there.
type gate struct {
	frozen   bool
	freezes  int // how many there have been
	watch    []system.Socket
	happened []happening // what became of sockets, in order
	pending  []*socket   // those with something in their inbox, oldest first
	thawed   bool        // in this step: the inboxes are to be emptied
	draining bool        // the next drain is in the queue
}

// A happening is a signal that is not data in a socket: that it opened, or
// never did.
type happening struct {
	s   *socket
	sig system.Signal
}

// freeze closes the gate. Something may wait in a watched socket already, if
// the last thaw was too short to read it.
func (n *Node) freeze(watch []system.Socket) {
	n.gate.frozen, n.gate.thawed = true, false
	n.gate.freezes++
	n.repace(n.pace.Freeze())
	n.gate.watch = slices.Clone(watch)
	for _, id := range watch {
		if s := n.sockets[id]; s != nil {
			s.told = false
			if len(s.inbox) > 0 {
				n.tell(s)
			}
		}
	}
}

// thaw opens the gate. After this step the machine is told what became of its
// sockets, then what lies in them, in the order of their numbers.
func (n *Node) thaw() {
	n.gate.frozen, n.gate.thawed = false, true
	n.repace(n.pace.Thaw())
	n.gate.watch = nil
	slices.SortFunc(n.gate.pending, func(a, b *socket) int { return cmp.Compare(a.id, b.id) })
}

// tell tells the mobile system that a watched socket is readable, once in a
// freeze.
func (n *Node) tell(s *socket) {
	if s.told || !slices.Contains(n.gate.watch, s.id) {
		return
	}
	s.told = true
	freeze := n.gate.freezes
	n.world.at(n.world.now, func() {
		if n.gate.frozen && n.gate.freezes == freeze {
			n.signal(system.Readable{Socket: s.id})
		}
	})
}

// deliver brings the program a signal about s (nil: about none of its
// sockets), or lets it wait behind what waits already.
func (n *Node) deliver(s *socket, sig system.Signal) {
	if s == nil {
		s = n.self
	}
	if s.gone {
		return
	}
	if !n.gate.frozen && len(n.gate.happened)+len(n.gate.pending) == 0 {
		n.hand(s, sig)
		return
	}
	readable := true // as poll(2) says: data, an end, an error, a connection to accept
	switch sig.(type) {
	case system.Received, system.Closed, system.Accepted:
		if len(s.inbox) == 0 {
			n.gate.pending = append(n.gate.pending, s)
		}
		s.keep(sig)
	default:
		n.gate.happened = append(n.gate.happened, happening{s, sig})
		_, readable = sig.(system.Failed)
	}
	if n.gate.frozen && readable {
		n.tell(s)
	}
}

// keep puts a signal into the inbox. The bytes of a stream run together.
func (s *socket) keep(sig system.Signal) {
	r, isData := sig.(system.Received)
	if !isData {
		s.inbox = append(s.inbox, sig)
		return
	}
	s.bytes += len(r.Data)
	if last := len(s.inbox) - 1; s.kind == stream && last >= 0 {
		before, ok := s.inbox[last].(system.Received)
		if ok && len(before.Data)+len(r.Data) <= maxLump {
			before.Data = append(before.Data, r.Data...)
			s.inbox[last] = before
			return
		}
	}
	s.inbox = append(s.inbox, sig)
}

// drainSoon has the next signal that waits delivered in a step of its own.
func (n *Node) drainSoon() {
	if n.gate.draining || len(n.gate.happened)+len(n.gate.pending) == 0 {
		return
	}
	n.gate.draining = true
	n.world.at(n.world.now, n.drain)
}

// drain delivers one signal that waits.
func (n *Node) drain() {
	n.gate.draining = false
	if n.gate.frozen {
		return
	}
	if len(n.gate.happened) > 0 {
		h := n.gate.happened[0]
		n.gate.happened = n.gate.happened[1:]
		if !h.s.gone {
			n.hand(h.s, h.sig)
		}
	} else if s, sig := n.nextUnread(); s != nil {
		n.hand(s, sig)
	}
	n.drainSoon()
}

// nextUnread takes the first signal out of the first inbox.
func (n *Node) nextUnread() (*socket, system.Signal) {
	for len(n.gate.pending) > 0 {
		s := n.gate.pending[0]
		if len(s.inbox) == 0 { // closed by the program in the meantime
			n.gate.pending = n.gate.pending[1:]
			continue
		}
		sig := s.inbox[0]
		s.inbox = s.inbox[1:]
		if r, ok := sig.(system.Received); ok {
			s.bytes -= len(r.Data)
		}
		if len(s.inbox) == 0 {
			n.gate.pending = n.gate.pending[1:]
		}
		return s, sig
	}
	return nil, nil
}

// hand gives the program a signal about s, and does the kernel's own part of
// it first.
func (n *Node) hand(s *socket, sig system.Signal) {
	switch sig := sig.(type) {
	case system.Received:
		if s.in != nil {
			s.in.read(len(sig.Data))
		}
		if s.kind == datagram {
			n.tapped(s, sig.From, false, sig.Data)
		}
	case system.Closed, system.Failed:
		s.forget()
	}
	n.signal(sig)
}
