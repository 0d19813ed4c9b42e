package world

import (
	"net/netip"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// udpBuffer is how many bytes of datagrams wait for a program that does not
// read: Linux's net.core.rmem_default.
const udpBuffer = 212992

// bind opens a pair of UDP sockets, or one socket.
func (n *Node) bind(c system.Bind) {
	if c.RTCP == 0 {
		n.bindSingle(c)
		return
	}
	rtp := n.open(c.RTP, datagram)
	if rtp == nil {
		return
	}
	rtcp := n.open(c.RTCP, datagram)
	if rtcp == nil {
		rtp.forget()
		return
	}
	if !n.isLocal(c.Addr) {
		rtcp.forget()
		rtp.fail(system.NotLocal)
		return
	}
	port, ok := n.udp.choose(2)
	if !ok {
		rtcp.forget()
		rtp.fail(system.NoPort)
		return
	}
	n.udp.take(rtp, port)
	n.udp.take(rtcp, port+1)
	rtp.reply(system.Bound{Socket: rtp.id, Local: rtp.local})
}

// bindSingle opens one UDP socket.
func (n *Node) bindSingle(c system.Bind) {
	s := n.open(c.RTP, datagram)
	if s == nil {
		return
	}
	bound := system.Bound{Socket: s.id}
	var err error
	if c.Target != "" {
		var port uint16
		if bound.Addrs, port, err = n.world.resolve(c.Target); err == nil {
			bound.Remote = system.Places(bound.Addrs, port, c.Avoid)[0]
		}
	}
	switch {
	case err != nil:
		s.fail(err)
		return
	case !n.isLocal(c.Addr):
		s.fail(system.NotLocal)
		return
	}
	port, ok := c.Port, true
	if port == 0 {
		port, ok = n.udp.choose(1)
	}
	switch {
	case !ok:
		s.fail(system.NoPort)
		return
	case !n.udp.take(s, port):
		s.fail(system.AddrInUse)
		return
	}
	bound.Local = s.local
	s.reply(bound)
}

// isLocal reports whether a socket of the node can be bound to an address.
func (n *Node) isLocal(addr netip.Addr) bool {
	return !addr.IsValid() || addr.IsUnspecified() || addr.Unmap() == n.addr
}

// sendDatagram sends one datagram. The sender does not learn whether it
// arrives.
func (n *Node) sendDatagram(s *socket, c system.Send) {
	n.tapped(s, c.To, true, c.Data)
	to := n.world.byAddr[c.To.Addr().Unmap()]
	if to == nil {
		return
	}
	at, ok := n.route(to)
	if !ok {
		return
	}
	from, port := s.local, c.To.Port()
	n.world.at(at, func() { to.receiveDatagram(from, port, c.Data) })
}

func (n *Node) receiveDatagram(from netip.AddrPort, port uint16, data []byte) {
	s := n.udp.used[port]
	if s == nil || s.bytes+len(data) > udpBuffer {
		return
	}
	n.deliver(s, system.Received{Socket: s.id, From: from, Data: data})
}
