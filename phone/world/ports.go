package world

import "net/netip"

// Ports that the kernel chooses come from the dynamic range (RFC 6335 §6), in
// turn, so that a port that was just closed rests as long as possible.
const (
	firstPort = 49152
	lastPort  = 65535
)

// portTable maps the ports of one node and protocol to sockets.
type portTable struct {
	used map[uint16]*socket
	last uint16
}

// take gives s the port, if it is free.
func (t *portTable) take(s *socket, port uint16) bool {
	if t.used == nil {
		t.used = map[uint16]*socket{}
	}
	if t.used[port] != nil {
		return false
	}
	t.used[port] = s
	s.local = netip.AddrPortFrom(s.node.addr, port)
	return true
}

// free releases the port of s, if it is in this table.
func (t *portTable) free(s *socket) {
	if t.used[s.local.Port()] == s {
		delete(t.used, s.local.Port())
	}
}

// choose finds a run of n free ports, the first of them a multiple of n.
func (t *portTable) choose(n uint16) (first uint16, ok bool) {
	port := t.last
	for range (lastPort - firstPort + 1) / int(n) {
		port += n
		if port < firstPort || port > lastPort-n+1 {
			port = firstPort
		}
		port -= port % n
		free := true
		for p := port; p < port+n; p++ {
			free = free && t.used[p] == nil
		}
		if free {
			t.last = port
			return port, true
		}
	}
	return 0, false
}
