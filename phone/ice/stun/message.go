package stun

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
)

// MaxSize is the longest message that is read, in octets: what fits every path (RFC 8489
// §6.1 has 1280 less the headers). One of ICE has about 100.
const MaxSize = 1280

// headerLen is the length of the header, and cookie what stands in it (§5).
const (
	headerLen = 20
	cookie    = 0x2112A442
)

// A Class is what a message is (§5).
type Class uint8

// The classes.
const (
	Request Class = iota
	Indication
	Success
	Failure // "error response"
)

// maxUnknown is how many attributes that are not understood are named (our own number).
const maxUnknown = 8

// binding is the one method that is spoken (§3).
const binding = 1

// An ID names a transaction: 96 bits that nobody can guess (§5).
type ID [12]byte

// The attributes that are read and written (§18.3, RFC 8445 §16.1).
const (
	mappedAddress     = 0x0001
	username          = 0x0006
	messageIntegrity  = 0x0008
	errorCode         = 0x0009
	unknownAttributes = 0x000A
	xorMappedAddress  = 0x0020
	priority          = 0x0024
	useCandidate      = 0x0025
	fingerprint       = 0x8028
	iceControlled     = 0x8029
	iceControlling    = 0x802A
	optional          = 0x8000 // those from here on need not be understood
)

// A Role is who chooses the pair (RFC 8445 §6.1.1), as a check says it of its sender.
type Role uint8

// The roles.
const (
	NoRole Role = iota
	Controlling
	Controlled
)

// A Message is one of the Binding method.
type Message struct {
	Class Class
	ID    ID

	Username     string
	Mapped       netip.AddrPort // where a request came from, in a success
	Code         int            // of a failure
	Reason       string
	Priority     uint32 // 0: not there
	UseCandidate bool
	Role         Role
	TieBreaker   uint64
	// Unknown are the attributes that must be understood and are not.
	Unknown []uint16

	raw       []byte // of a message that was read
	integrity int    // where its MESSAGE-INTEGRITY begins; 0: it has none
}

// The errors of Parse.
var (
	errNone    = errors.New("not STUN")
	errSize    = errors.New("not as long as it says")
	errMethod  = errors.New("another method than Binding")
	errPrint   = errors.New("FINGERPRINT is wrong")
	errAddress = errors.New("an address that is none")
)

// Is reports whether a datagram may be STUN, among others on one port (§6.3, RFC 7983).
func Is(data []byte) bool {
	return len(data) >= headerLen && data[0] <= 3 && binary.BigEndian.Uint32(data[4:]) == cookie
}

// Parse reads a message, which keeps the data.
func Parse(data []byte) (Message, error) {
	if !Is(data) {
		return Message{}, errNone
	}
	kind := binary.BigEndian.Uint16(data)
	size := int(binary.BigEndian.Uint16(data[2:]))
	if size%4 != 0 || size != len(data)-headerLen || len(data) > MaxSize {
		return Message{}, errSize
	}
	if methodOf(kind) != binding {
		return Message{}, errMethod
	}
	m := Message{Class: classOf(kind), ID: ID(data[8:headerLen]), raw: data}
	return m, m.attributes()
}

// The bits of the method and of the class stand among each other (§5).
func methodOf(kind uint16) uint16 { return kind&0xF | kind>>1&0x70 | kind>>2&0xF80 }
func classOf(kind uint16) Class   { return Class(kind>>4&1 | kind>>7&2) }
func kindOf(class Class) uint16   { return binding | uint16(class&1)<<4 | uint16(class&2)<<7 }

// attributes reads what follows the header.
func (m *Message) attributes() error {
	kinds := make([]uint16, 0, 16)
	for at := headerLen; at < len(m.raw); {
		if len(m.raw)-at < 4 {
			return errSize
		}
		kind, size := binary.BigEndian.Uint16(m.raw[at:]), int(binary.BigEndian.Uint16(m.raw[at+2:]))
		if size > len(m.raw)-at-4 {
			return errSize
		}
		value := m.raw[at+4 : at+4+size]
		if kind == fingerprint {
			return m.printed(at, value)
		}
		if m.integrity == 0 && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
			if err := m.attribute(kind, value, at); err != nil {
				return err
			}
		}
		at += 4 + padded(size)
	}
	return nil
}

// padded is a length up to the next multiple of 4 (§14).
func padded(n int) int { return (n + 3) &^ 3 }

// attribute reads one. An attribute of another length than it must have is an error.
func (m *Message) attribute(kind uint16, value []byte, at int) error {
	switch kind {
	case username:
		m.Username = string(value)
	case messageIntegrity:
		m.integrity = at
		return fits(value, 20)
	case errorCode:
		return m.failure(value)
	case mappedAddress, xorMappedAddress:
		return m.mapped(kind, value)
	case priority:
		if err := fits(value, 4); err != nil {
			return err
		}
		m.Priority = binary.BigEndian.Uint32(value)
	case useCandidate:
		m.UseCandidate = true
	case iceControlling:
		return m.role(Controlling, value)
	case iceControlled:
		return m.role(Controlled, value)
	case unknownAttributes:
	default:
		if kind < optional && len(m.Unknown) < maxUnknown {
			m.Unknown = append(m.Unknown, kind)
		}
	}
	return nil
}

func fits(value []byte, size int) error {
	if len(value) != size {
		return errSize
	}
	return nil
}

func (m *Message) role(r Role, value []byte) error {
	if err := fits(value, 8); err != nil {
		return err
	}
	m.Role, m.TieBreaker = r, binary.BigEndian.Uint64(value)
	return nil
}

// failure reads ERROR-CODE (§14.8).
func (m *Message) failure(value []byte) error {
	if len(value) < 4 {
		return errSize
	}
	m.Code, m.Reason = int(value[2]&7)*100+int(value[3]), string(value[4:])
	return nil
}

// mapped reads an address. The one that is written by exclusive or counts, as some
// routers rewrite the other (§14.2).
func (m *Message) mapped(kind uint16, value []byte) error {
	if kind == mappedAddress && m.Mapped.IsValid() {
		return nil
	}
	if len(value) < 4 {
		return errAddress
	}
	port, plain := binary.BigEndian.Uint16(value[2:]), append([]byte(nil), value[4:]...)
	if kind == xorMappedAddress {
		port ^= cookie >> 16
		mask(plain, m.ID)
	}
	addr, ok := netip.AddrFromSlice(plain)
	if family := value[1]; !ok || addr.Is4() != (family == ipv4) || addr.Is6() != (family == ipv6) {
		return errAddress
	}
	m.Mapped = netip.AddrPortFrom(addr.Unmap(), port)
	return nil
}

// The families of an address (§14.1).
const ipv4, ipv6 = 1, 2

// mask takes an address by exclusive or with the cookie and the transaction (§14.2).
func mask(addr []byte, id ID) {
	var key [16]byte
	binary.BigEndian.PutUint32(key[:], cookie)
	copy(key[4:], id[:])
	for i := range min(len(addr), len(key)) {
		addr[i] ^= key[i]
	}
}
