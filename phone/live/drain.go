package live

import "github.com/sleeptalk/sleeptalk/phone/system"

// drainSocket has a socket read in spite of a freeze: the program has given it up to the
// network.
func (h *Host) drainSocket(id system.Socket) {
	s, ok := h.sockets[id]
	if !ok || h.drained[id] {
		return
	}
	h.drained[id] = true
	if h.frozen && s.gate().waiting {
		h.ready = append(h.ready, s)
	}
}

// stillReady are the sockets that are read in a freeze, of those that are ready before it.
func (d *doze) stillReady() (rest []socket) {
	for _, s := range d.ready {
		if d.drained[s.gate().id] {
			rest = append(rest, s)
		}
	}
	return rest
}
