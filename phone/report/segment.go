package report

import "encoding/binary"

// The flags of TCP (RFC 9293 §3.1).
const (
	tcpFIN = 0x01
	tcpSYN = 0x02
	tcpRST = 0x04
	tcpPSH = 0x08
	tcpACK = 0x10
)

// A segment is a TCP segment.
type segment struct {
	route
	seq, ack uint32
	flags    byte
	data     []byte
}

// encode returns the TCP header and the data (RFC 9293 §3.1).
func (s segment) encode() []byte {
	b := binary.BigEndian.AppendUint16(nil, s.src.Port())
	b = binary.BigEndian.AppendUint16(b, s.dst.Port())
	b = binary.BigEndian.AppendUint32(b, s.seq)
	b = binary.BigEndian.AppendUint32(b, s.ack)
	b = append(b, 5<<4, s.flags)                // the header has five words
	b = binary.BigEndian.AppendUint16(b, 65535) // window
	b = append(b, 0, 0, 0, 0)                   // checksum, urgent pointer
	b = append(b, s.data...)
	binary.BigEndian.PutUint16(b[16:], s.checksum(protocolTCP, b))
	return b
}
