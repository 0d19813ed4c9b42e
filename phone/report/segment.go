package report

import (
	"encoding/binary"
	"net/netip"
)

// The flags of TCP (RFC 9293 §3.1).
const (
	tcpFIN = 0x01
	tcpSYN = 0x02
	tcpRST = 0x04
	tcpPSH = 0x08
	tcpACK = 0x10
)

const protocolTCP = 6

// A segment is a TCP segment.
type segment struct {
	src, dst netip.AddrPort // both IPv4 or both IPv6
	seq, ack uint32
	flags    byte
	data     []byte
}

// packet is the segment in an IP packet, checksums and all. The id is of IPv4
// only (RFC 791 §3.1).
func (s segment) packet(id uint16) []byte {
	body := s.encode()
	if s.src.Addr().Is4() {
		return append(s.ipv4(id, len(body)), body...)
	}
	return append(s.ipv6(len(body)), body...)
}

// encode is the TCP header and the data (RFC 9293 §3.1).
func (s segment) encode() []byte {
	b := binary.BigEndian.AppendUint16(nil, s.src.Port())
	b = binary.BigEndian.AppendUint16(b, s.dst.Port())
	b = binary.BigEndian.AppendUint32(b, s.seq)
	b = binary.BigEndian.AppendUint32(b, s.ack)
	b = append(b, 5<<4, s.flags)                // the header has five words
	b = binary.BigEndian.AppendUint16(b, 65535) // window
	b = append(b, 0, 0, 0, 0)                   // checksum, urgent pointer
	b = append(b, s.data...)
	binary.BigEndian.PutUint16(b[16:], checksum(append(s.pseudo(len(b)), b...)))
	return b
}

// pseudo is the header that is part of the checksum only.
func (s segment) pseudo(size int) []byte {
	b := append(s.src.Addr().AsSlice(), s.dst.Addr().AsSlice()...)
	if s.src.Addr().Is4() {
		return binary.BigEndian.AppendUint16(append(b, 0, protocolTCP), uint16(size))
	}
	return append(binary.BigEndian.AppendUint32(b, uint32(size)), 0, 0, 0, protocolTCP)
}

func (s segment) ipv4(id uint16, size int) []byte {
	b := []byte{0x45, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(20+size))
	b = binary.BigEndian.AppendUint16(b, id)
	b = append(b, 0x40, 0, 64, protocolTCP, 0, 0) // do not fragment; 64 hops
	b = append(b, s.src.Addr().AsSlice()...)
	b = append(b, s.dst.Addr().AsSlice()...)
	binary.BigEndian.PutUint16(b[10:], checksum(b))
	return b
}

func (s segment) ipv6(size int) []byte {
	b := []byte{0x60, 0, 0, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(size))
	b = append(b, protocolTCP, 64)
	b = append(b, s.src.Addr().AsSlice()...)
	return append(b, s.dst.Addr().AsSlice()...)
}

// checksum is the Internet checksum (RFC 1071).
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
