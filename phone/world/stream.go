package world

import (
	"net/netip"

	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Opening a stream, RFC 9293 §3.5:
//
//	dialing ── SYN ──▶ listener: a half-open socket
//	stream  ◀─ SYN ACK ──        (or RST: refused)
//	        ── ACK ──▶ stream, accepted
//
// The ACK is the first segment of the flow, so that it comes before the data.

// listen opens a listening socket.
func (n *Node) listen(c system.Listen) {
	s := n.open(c.Socket, listener)
	if s == nil {
		return
	}
	at, err := n.listenAddr(c.Addr)
	switch {
	case err != nil:
		s.fail(err)
		return
	case !at.Addr().IsUnspecified() && at.Addr() != n.addr:
		s.fail(system.NotLocal)
		return
	}
	port := at.Port()
	if port == 0 {
		var ok bool
		if port, ok = n.tcp.choose(1); !ok {
			s.fail(system.NoPort)
			return
		}
	}
	if !n.tcp.take(s, port) {
		s.fail(system.AddrInUse)
		return
	}
	s.reply(system.Bound{Socket: s.id, Local: s.local})
}

// listenAddr reads "host:port", where an empty host is any.
func (n *Node) listenAddr(addr string) (netip.AddrPort, error) {
	if len(addr) > 0 && addr[0] == ':' {
		addr = "0.0.0.0" + addr
	}
	all, port, err := n.world.resolve(addr)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(all[0], port), nil
}

// connect opens a stream to a server.
func (n *Node) connect(c system.Connect) {
	s := n.open(c.Socket, dialing)
	if s == nil {
		return
	}
	s.drained = c.Apart
	addrs, to, err := n.world.resolve(c.Target)
	if err != nil {
		s.fail(err)
		return
	}
	port, ok := n.tcp.choose(1)
	if !ok {
		s.fail(system.NoPort)
		return
	}
	n.tcp.take(s, port)
	s.addrs, s.dialWithin = addrs, link.ConnectTimeout
	if s.others = system.Places(addrs, to, c.Avoid); len(s.others) > 1 {
		s.dialBy = n.world.now + system.ConnectAll
	}
	s.redial.do = s.syn
	s.next()
}

// next tries the next address of the host, for its share of the time.
func (s *socket) next() {
	if s.dialBy > 0 {
		s.dialWithin = system.ConnectShare(s.dialBy-s.node.world.now, len(s.others))
	}
	s.remote, s.others, s.dial = s.others[0], s.others[1:], link.Stream{}
	s.syn()
}

// syn sends one SYN, and will send another unless an answer comes.
func (s *socket) syn() {
	w := s.node.world
	again, ok := s.dial.Lost(w.Now(), s.dialWithin)
	if !ok {
		s.giveUp(system.TimedOut)
		return
	}
	w.put(&s.redial, w.since(again))
	server := w.byAddr[s.remote.Addr()]
	if server == nil {
		return
	}
	if at, ok := s.node.route(server); ok {
		to := s.remote
		w.at(at, func() { server.synFrom(s, to) })
	}
}

// giveUp is the end of a try: the next address of the host has its turn.
func (s *socket) giveUp(err error) {
	if len(s.others) == 0 {
		s.fail(err)
		return
	}
	s.node.world.drop(&s.redial)
	s.next()
}

// synFrom answers a SYN to one of our addresses.
func (n *Node) synFrom(client *socket, to netip.AddrPort) {
	l := n.tcp.used[to.Port()]
	at, ok := n.route(client.node)
	switch {
	case !ok:
		// Lost; the client tries again.
	case to != client.remote:
		// Late; the client has gone on to another address, and drops the answer.
	case l == nil || l.kind != listener:
		n.world.at(at, func() { client.refused(to) })
	default:
		if client.peer == nil || client.peer.local != to {
			client.peer = &socket{node: n, kind: stream, local: to, remote: client.local, peer: client, redial: entry{index: -1}}
		}
		n.world.at(at, func() { client.synAck(to) })
	}
}

// refused is an RST from an address, for an answer to the SYN.
func (s *socket) refused(from netip.AddrPort) {
	if s.kind == dialing && from == s.remote {
		s.giveUp(system.Refused)
	}
}

// synAck opens the client's end, for an answer from an address.
func (s *socket) synAck(from netip.AddrPort) {
	if s.kind != dialing || s.gone || s.ended || from != s.remote {
		return // a duplicate, of an earlier try, or too late: the half-open end is dropped
	}
	s.node.world.drop(&s.redial)
	s.kind = stream
	s.out = &flow{from: s, to: s.peer}
	s.peer.in = s.out
	s.in = &flow{from: s.peer, to: s}
	s.peer.out = s.in
	s.out.push(segment{kind: opening})
	s.node.deliver(s, system.Connected{Socket: s.id, Local: s.local, Remote: s.remote, Addrs: s.addrs})
}

// accept opens the server's end.
func (n *Node) accept(s *socket) {
	l := n.tcp.used[s.local.Port()]
	if l == nil || l.kind != listener {
		s.gone = true
		s.reset()
		return
	}
	n.accepted--
	s.id = n.accepted
	n.sockets[s.id] = s
	n.deliver(l, system.Accepted{Listener: l.id, Socket: s.id, Local: s.local, Remote: s.remote})
}

// reset sends the peer an RST. A lost RST is not sent again: if the peer sends
// more, it gets another.
func (s *socket) reset() {
	if at, ok := s.node.route(s.peer.node); ok {
		w := s.node.world
		w.at(s.out.inOrder(at), func() { s.peer.end(system.Reset) })
	}
}
