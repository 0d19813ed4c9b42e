package report

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// udp returns the packet of a UDP datagram (RFC 768).
func (r route) udp(data []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, r.src.Port())
	b = binary.BigEndian.AppendUint16(b, r.dst.Port())
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(data)))
	b = append(b, 0, 0)
	b = append(b, data...)
	sum := r.checksum(protocolUDP, b)
	if sum == 0 {
		sum = 0xFFFF // zero means that there is none
	}
	binary.BigEndian.PutUint16(b[6:], sum)
	return b
}

// before writes the datagrams from before a time.
func (c *capture) before(t time.Time) {
	for len(c.wire) > 0 && c.wire[0].At.Before(t) {
		c.datagram(c.wire[0])
		c.wire = c.wire[1:]
	}
}

// datagram appends a packet of a call.
func (c *capture) datagram(d system.Datagram) {
	ours, theirs := c.home(d), unmapped(d.Remote)
	r := route{ours, theirs}
	if !d.Out {
		r = route{theirs, ours}
	}
	c.add(d.At, r.packet(protocolUDP, uint16(c.n), r.udp(d.Data)))
}

// home returns our end of a datagram. The sockets of a call are bound to no
// address; the log has the one that the peer was told. For a socket that the
// log does not mention it returns the unspecified address.
func (c *capture) home(d system.Datagram) netip.AddrPort {
	addr := unmapped(d.Local).Addr()
	if known, ok := c.homes[d.Local.Port()&^1]; ok && addr.IsUnspecified() {
		addr = known // RTCP has the port above that of RTP (RFC 3550 §11)
	}
	switch four := unmapped(d.Remote).Addr().Is4(); {
	case addr.IsValid() && addr.Is4() == four:
	case four:
		addr = netip.IPv4Unspecified()
	default:
		addr = netip.IPv6Unspecified()
	}
	return netip.AddrPortFrom(addr, d.Local.Port())
}

// homesOf returns the addresses that the log names for RTP ports.
func homesOf(log *event.Log) map[uint16]netip.Addr {
	homes := make(map[uint16]netip.Addr)
	for r := range log.From(0) {
		if e, ok := r.Event.(event.Media); ok {
			if at, err := netip.ParseAddrPort(e.Local); err == nil {
				homes[at.Port()] = unmapped(at).Addr()
			}
		}
	}
	return homes
}

// about describes the RTP in the file.
func (c *capture) about() string {
	clear := ""
	if c.opened > 0 {
		clear = fmt.Sprintf(", but for %d of SRTP and SRTCP that are written as they were opened", c.opened)
	}
	switch {
	case c.left > 0:
		return fmt.Sprintf("the RTP and RTCP of the phone under test are its first %d packets (%d MiB with what it takes to keep them)%s; the %d after them are left out",
			c.kept, MaxWire>>20, clear, c.left)
	case c.kept > 0:
		return fmt.Sprintf("the RTP and RTCP of the phone under test is as it passed its sockets, %d packets%s", c.kept, clear)
	}
	return "there is no RTP"
}
