package stun

import (
	"encoding/binary"
	"net/netip"
)

// Append writes the message with FINGERPRINT, and with MESSAGE-INTEGRITY by a password;
// "" is without.
func (m *Message) Append(b []byte, password string) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint16(b, kindOf(m.Class))
	b = append(b, 0, 0)
	b = binary.BigEndian.AppendUint32(b, cookie)
	b = append(b, m.ID[:]...)
	b = m.appendAttributes(b)
	if password != "" {
		b = attribute(b, messageIntegrity, sign(b[start:], password))
	}
	length := len(b) - start - headerLen + 8
	binary.BigEndian.PutUint16(b[start+2:], uint16(length))
	return attribute(b, fingerprint, binary.BigEndian.AppendUint32(nil, checksum(b[start:])))
}

func (m *Message) appendAttributes(b []byte) []byte {
	if m.Username != "" {
		b = attribute(b, username, []byte(m.Username))
	}
	if m.Code != 0 {
		b = attribute(b, errorCode, append([]byte{0, 0, byte(m.Code / 100), byte(m.Code % 100)}, m.Reason...))
	}
	if len(m.Unknown) > 0 {
		var list []byte
		for _, kind := range m.Unknown {
			list = binary.BigEndian.AppendUint16(list, kind)
		}
		b = attribute(b, unknownAttributes, list)
	}
	if m.Mapped.IsValid() {
		b = attribute(b, xorMappedAddress, xored(m.Mapped, m.ID))
	}
	if m.Priority != 0 {
		b = attribute(b, priority, binary.BigEndian.AppendUint32(nil, m.Priority))
	}
	if m.UseCandidate {
		b = attribute(b, useCandidate, nil)
	}
	switch m.Role {
	case Controlling:
		b = attribute(b, iceControlling, binary.BigEndian.AppendUint64(nil, m.TieBreaker))
	case Controlled:
		b = attribute(b, iceControlled, binary.BigEndian.AppendUint64(nil, m.TieBreaker))
	}
	return b
}

// attribute appends one with its padding.
func attribute(b []byte, kind uint16, value []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	return append(b, make([]byte, padded(len(value))-len(value))...)
}

// xored is the value of XOR-MAPPED-ADDRESS (§14.2).
func xored(at netip.AddrPort, id ID) []byte {
	addr := at.Addr().Unmap()
	family := byte(ipv6)
	if addr.Is4() {
		family = ipv4
	}
	plain := addr.AsSlice()
	mask(plain, id)
	value := binary.BigEndian.AppendUint16([]byte{0, family}, at.Port()^cookie>>16)
	return append(value, plain...)
}
