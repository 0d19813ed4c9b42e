package control

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Server is the other end of a control protocol that is not SIP: the lab has
// one for each, so that a scenario runs in virtual time. The lab owns the
// listener and hands it the connections; whoever calls one of its users calls
// by SIP, and the lab stands between (a call without audio on that side).
//
// A Server is a pure machine.
type Server interface {
	Deadline() time.Time
	Advance(now time.Time) ServerOutput
	// Accept takes a new connection, Receive data on it, Closed its end.
	Accept(now time.Time, s system.Socket, from netip.AddrPort) ServerOutput
	Receive(now time.Time, s system.Socket, data []byte) ServerOutput
	Closed(now time.Time, s system.Socket, err error) ServerOutput

	// Online reports whether a user is known to be there, or is there after
	// all once a broken connection is resumed. Connections are those that the
	// user is signed on over, for what the lab does to them.
	Online(user string) bool
	Connections(user string) []system.Socket
	// Call rings a user. Its answers name it by c.ID.
	Call(now time.Time, user string, c Incoming) ServerOutput
	// End takes a call back that has not been answered, or hangs up.
	End(now time.Time, id string) ServerOutput
	// Text sends a user a text.
	Text(now time.Time, user string, t Texted) ServerOutput
	// Ping sends a user a ping of the server's own, if the protocol has one.
	Ping(now time.Time, user string) ServerOutput
}

// A Host is what a server needs of the lab: who may sign on, and what to break.
type Host struct {
	// Password is a user's; ok is false if there is no such user, or nobody
	// is to be let in.
	Password func(user string) (password string, ok bool)
	// Domain is that of the users, and Rand gives all that is left to chance.
	Domain string
	Rand   *rand.Rand
	// Breaks reports whether a rule is to be broken now, such as [NoPong].
	Breaks func(rule string) bool
}

// NoPong is a server that answers no ping.
const NoPong = "no-pong"

// Incoming is a call for a user of a [Server].
type Incoming struct {
	ID         string // its Call-ID
	From, Name string
}

// A ServerOutput is what one step of a server gives back.
type ServerOutput struct {
	Effects []system.Effect
	Answers []Answer
}

// Answer is what a called user's phone says, in the status codes of SIP: 180
// rings, 200 answered, 4xx and 6xx refused. 0: it has hung up.
type Answer struct {
	ID     string
	Status int
}
