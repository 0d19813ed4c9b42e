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
// arrivals wait in the sockets' inboxes, and the mobile system learns only that
// a watched socket is readable.
type gate struct {
	frozen   bool
	freezes  int // how many there have been
	watch    []system.Socket
	happened []happening // events of sockets, in order
	pending  []*socket   // those with something in their inbox, oldest first
	thawed   bool        // in this step: empty the inboxes
	draining bool        // the next drain is in the queue
}

// A happening is a signal that is not data in a socket: that it opened, or
// never did.
type happening struct {
	s   *socket
	sig system.Signal
}

// freeze closes the gate. A watched socket may already hold data, if the last
// thaw was too short to read it.
func (n *Node) freeze(watch []system.Socket) {
	n.gate.frozen, n.gate.thawed = true, false
	n.gate.freezes++
	n.repace(n.pace.Freeze())
	n.gate.watch = slices.Clone(watch)
	for _, id := range watch {
		if s := n.sockets[id]; s != nil {
			s.told = false
			if len(s.inbox) > 0 {
				n.announce(s)
			}
		}
	}
}

// thaw opens the gate. After this step the machine gets the events of its
// sockets, then the data in them, in the order of their numbers.
func (n *Node) thaw() {
	n.gate.frozen, n.gate.thawed = false, true
	n.repace(n.pace.Thaw())
	n.gate.watch = nil
	slices.SortFunc(n.gate.pending, func(a, b *socket) int { return cmp.Compare(a.id, b.id) })
}

// announce tells the mobile system that a watched socket is readable, once in a
// freeze.
func (n *Node) announce(s *socket) {
	if s.told || !slices.Contains(n.gate.watch, s.id) {
		return
	}
	s.told = true
	freeze := n.gate.freezes
	n.world.at(n.world.now, func() {
		if n.gate.frozen && n.gate.freezes == freeze {
			n.signal(system.Readable{Socket: s.id, Bytes: s.bytes})
		}
	})
}

// deliver gives the program a signal about s (nil: about no socket), or queues
// it behind those that already wait.
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
	if s.passes() {
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
		n.announce(s)
	}
}

// keep puts a signal into the inbox. Adjacent data of a stream is merged.
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

// drainSoon schedules the delivery of the next waiting signal in a step of its
// own.
func (n *Node) drainSoon() {
	if n.gate.draining || len(n.gate.happened)+len(n.gate.pending) == 0 {
		return
	}
	n.gate.draining = true
	n.world.at(n.world.now, n.drain)
}

// drain delivers one waiting signal.
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

// hand does the kernel's part of a signal about s, and then gives it to the
// program.
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
