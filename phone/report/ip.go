package report

import (
	"encoding/binary"
	"net/netip"
)

// The protocols that IP carries (RFC 9293, RFC 768).
const (
	protocolTCP = 6
	protocolUDP = 17
)

// A route is the source and the destination of a packet: both IPv4 or both
// IPv6.
type route struct{ src, dst netip.AddrPort }

// packet returns body in an IP packet. The id is for IPv4 only (RFC 791 §3.1).
func (r route) packet(protocol byte, id uint16, body []byte) []byte {
	if r.src.Addr().Is4() {
		return append(r.ipv4(protocol, id, len(body)), body...)
	}
	return append(r.ipv6(protocol, len(body)), body...)
}

func (r route) ipv4(protocol byte, id uint16, size int) []byte {
	b := []byte{0x45, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(20+size))
	b = binary.BigEndian.AppendUint16(b, id)
	b = append(b, 0x40, 0, 64, protocol, 0, 0) // do not fragment; 64 hops
	b = append(b, r.src.Addr().AsSlice()...)
	b = append(b, r.dst.Addr().AsSlice()...)
	binary.BigEndian.PutUint16(b[10:], checksum(b))
	return b
}

func (r route) ipv6(protocol byte, size int) []byte {
	b := []byte{0x60, 0, 0, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(size))
	b = append(b, protocol, 64)
	b = append(b, r.src.Addr().AsSlice()...)
	return append(b, r.dst.Addr().AsSlice()...)
}

// checksum returns the checksum of a TCP segment or a UDP datagram, which
// covers part of the IP header too.
func (r route) checksum(protocol byte, body []byte) uint16 {
	b := append(r.src.Addr().AsSlice(), r.dst.Addr().AsSlice()...)
	if r.src.Addr().Is4() {
		b = binary.BigEndian.AppendUint16(append(b, 0, protocol), uint16(len(body)))
	} else {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(body))), 0, 0, 0, protocol)
	}
	return checksum(append(b, body...))
}

// checksum returns the Internet checksum (RFC 1071).
func checksum(b []byte) uint16 {
	sum := uint32(0)
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(b[i])<<8 | uint32(b[i+1])
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	for sum > 0xFFFF {
		sum = sum>>16 + sum&0xFFFF
	}
	return ^uint16(sum)
}
