package control

import (
	"net/netip"
	"time"

	"sleeptalk/phone/system"
)

// A Server is the other end of a control protocol that is not SIP: the lab has
// one for each, so that a scenario runs in virtual time. The lab owns the
// listener and hands it the connections; whoever calls one of its users calls
// by SIP, and the lab stands between (a call without audio on that side).
//
// A Server is a pure machine.
type Server interface {
	Deadline() time.Time
	Advance(now time.Time) Served
	// Accept takes a new connection, Receive data on it, Closed its end.
	Accept(now time.Time, s system.Socket, from netip.AddrPort) Served
	Receive(now time.Time, s system.Socket, data []byte) Served
	Closed(now time.Time, s system.Socket, err error) Served

	// Online reports whether a user is known to be there, or is there after
	// all once a broken connection is resumed.
	Online(user string) bool
	// Call rings a user. Its answers name it by c.ID.
	Call(now time.Time, user string, c Incoming) Served
	// End takes a call back that has not been answered, or hangs up.
	End(now time.Time, id string) Served
	// Text sends a user a text.
	Text(now time.Time, user string, t Texted) Served
}

// Incoming is a call for a user of a [Server].
type Incoming struct {
	ID         string // its Call-ID
	From, Name string
}

// Served is what one step of a server gives back.
type Served struct {
	Calls   []system.Call
	Answers []Answer
}

// Answer is what a called user's phone says, in the status codes of SIP: 180
// rings, 200 answered, 4xx and 6xx refused. 0: it has hung up.
type Answer struct {
	ID     string
	Status int
}
