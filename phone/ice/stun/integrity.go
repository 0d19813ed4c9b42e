package stun

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"hash/crc32"
)

// Authentic reports whether a message that was read has a MESSAGE-INTEGRITY by a
// password, as a short-term credential (RFC 8489 §9.1, §14.5).
func (m *Message) Authentic(password string) bool {
	if m.integrity == 0 || password == "" {
		return false
	}
	sum := m.raw[m.integrity+4 : m.integrity+4+sha1.Size]
	return hmac.Equal(sum, sign(m.raw[:m.integrity], password))
}

// Signed reports whether a message that was read has a MESSAGE-INTEGRITY at all.
func (m *Message) Signed() bool { return m.integrity != 0 }

// sign is the HMAC of what stands before MESSAGE-INTEGRITY, whose length counts that as
// well.
func sign(before []byte, password string) []byte {
	h := hmac.New(sha1.New, []byte(password))
	h.Write(before[:2])
	h.Write(binary.BigEndian.AppendUint16(nil, uint16(len(before)-headerLen+4+sha1.Size)))
	h.Write(before[4:])
	return h.Sum(nil)
}

// printXOR is what the CRC of FINGERPRINT is taken by exclusive or with (§14.7).
const printXOR = 0x5354554e

// printed checks FINGERPRINT, which is the last attribute.
func (m *Message) printed(at int, value []byte) error {
	if len(value) != 4 || at+8 != len(m.raw) {
		return errSize
	}
	if binary.BigEndian.Uint32(value) != checksum(m.raw[:at]) {
		return errPrint
	}
	return nil
}

// checksum is the value of FINGERPRINT after what stands before it.
func checksum(before []byte) uint32 { return crc32.ChecksumIEEE(before) ^ printXOR }
