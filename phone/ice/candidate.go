package ice

import (
	"net/netip"
)

// A Type is how a candidate was found (RFC 8445 §5.1.1).
type Type string

// The types, as a session description has them (RFC 8839 §5.1).
const (
	Host      Type = "host"
	Reflexive Type = "srflx" // by a server of STUN
	Peer      Type = "prflx" // by a check
	Relayed   Type = "relay"
)

// The components of a stream (RFC 8445 §13).
const (
	RTP  = 1
	RTCP = 2
)

// A Candidate is an address at which a component may be reached.
type Candidate struct {
	Foundation string
	Component  int
	Priority   uint32
	At         netip.AddrPort
	Type       Type
	Related    netip.AddrPort // of one that is not the host's own: what it stands for
}

// String names a candidate for people.
func (c Candidate) String() string { return c.At.String() + " " + string(c.Type) }

// preference is that of a type, as §5.1.2.2 recommends it.
func (t Type) preference() uint32 {
	switch t {
	case Host:
		return 126
	case Peer:
		return 110
	case Reflexive:
		return 100
	}
	return 0
}

// onlyAddress is the local preference of a host with one address (§5.1.2.1).
const onlyAddress = 65535

// priorityOf is that of a candidate of ours (§5.1.2.1).
func priorityOf(t Type, component int) uint32 {
	return t.preference()<<24 | onlyAddress<<8 | uint32(256-component)
}

// host is the candidate of a socket.
func host(component int, at netip.AddrPort) Candidate {
	return Candidate{Foundation: "1", Component: component, Priority: priorityOf(Host, component), At: at, Type: Host}
}

// reflexive is the candidate of a socket as a server of STUN sees it.
func reflexive(component int, at, base netip.AddrPort) Candidate {
	return Candidate{Foundation: "2", Component: component, Priority: priorityOf(Reflexive, component), At: at, Type: Reflexive, Related: base}
}

// pairPriority is that of a pair, which both ends reckon alike (§6.1.2.3).
func pairPriority(controlling, controlled uint32) uint64 {
	g, d := uint64(controlling), uint64(controlled)
	p := min(g, d)<<32 + 2*max(g, d)
	if g > d {
		p++
	}
	return p
}
