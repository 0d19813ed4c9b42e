package world

import (
	"net/netip"

	"sleeptalk/phone/system"
)

// udpBuffer is how many bytes of datagrams wait for a program that does not
// read: Linux's net.core.rmem_default.
const udpBuffer = 212992

// bind opens a pair of UDP sockets.
func (n *Node) bind(c system.Bind) {
	rtp := n.open(c.RTP, datagram)
	if rtp == nil {
		return
	}
	rtcp := n.open(c.RTCP, datagram)
	if rtcp == nil {
		rtp.forget()
		return
	}
	if c.Addr.IsValid() && !c.Addr.IsUnspecified() && c.Addr.Unmap() != n.addr {
		rtcp.forget()
		rtp.fail(errNotLocal)
		return
	}
	port, ok := n.udp.choose(2)
	if !ok {
		rtcp.forget()
		rtp.fail(errNoPorts)
		return
	}
	n.udp.take(rtp, port)
	n.udp.take(rtcp, port+1)
	rtp.reply(system.Bound{Socket: rtp.id, Local: rtp.local})
}

// sendDatagram sends one datagram. Nobody says whether it arrives.
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
