// Package control is the door between the softphone program and the protocol
// of its control connection: the one that stays open while the app sleeps, or
// is opened anew when a push wakes it.
//
//	      commands (Register, Ring, Answer, …)
//	app ────────────────────────────────────▶ Agent ─ system.Effect ─▶ kernel
//	    ◀──────────────────────────────────── Agent ◀─ system.Signal ──
//	      notices (Registered, Offered, Ended, …)
//
// There are three rooms behind it: phone/sip, phone/xmpp and phone/raw, a
// server with a protocol of its own. The app decides when it rings, when it
// pings and what it does in the background; the agent decides what that is on
// the wire. Facts that are only to be known are events in the log.
//
// Why a call is refused is given as a status code of SIP (RFC 3261 §21),
// which the other protocols translate: 486 busy, 603 declined, 480 and the
// rest unavailable.
//
// What the three have in common of their connection is here once: how it is
// opened, secured, pinged, lost, formed anew and left for good, see [Conn]; and how
// often a server can have it all done again, see [Budget].
//
// An Agent is a pure machine; one goroutine owns it.
package control

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Output is what one step of an agent gives back, both lists in the order in
// which things happened.
type Output struct {
	Effects []system.Effect
	Notices []Notice
}

// An Agent is one end of a control protocol: an account, its connection to
// the server, and its calls.
type Agent interface {
	Namer

	// Deadline is when Advance wants to be called next; Advance does all
	// that is due. A program that was stopped calls it late.
	Deadline() time.Time
	Advance(now time.Time) Output
	// Receive takes in a signal about a socket of the agent; it ignores
	// others.
	Receive(now time.Time, s system.Signal) Output

	// Register makes the server know us: it connects if need be, signs on,
	// or refreshes what stands. [Registered] or [RegisterFailed] follows.
	Register(now time.Time) Output
	// Refill says that what follows is the wish of a person: what the server has
	// made us repeat before does not hold it up, see [Budget].
	Refill()
	// Unregister makes the server forget us.
	Unregister(now time.Time) Output
	// Ping asks the server for a sign of life; [Ponged] follows if it gives
	// one. If the connection is down it is opened first.
	Ping(now time.Time) Output
	// Leave says that the app has left the screen, or is back on it.
	Leave(now time.Time, left bool) Output
	// Rest closes a connection that no call needs, and opens none until it is
	// asked for something: the app sleeps and is reached by push.
	Rest(now time.Time) Output
	// Shutdown ends every call, unregisters and closes; [Down] follows.
	Shutdown(now time.Time) Output

	// Ring tells the caller that the user is being alerted to the call. Answer
	// accepts it, or a change to it, with our session description, nil in a
	// call without audio. Reject refuses it, or a change to it. Hangup ends
	// it, whatever its state.
	Ring(now time.Time, call int) Output
	Answer(now time.Time, call int, sdp []byte) Output
	Reject(now time.Time, call, status int) Output
	Hangup(now time.Time, call int) Output

	// User is who we are at the server.
	User() string
	// Awaits reports whether an answer of the server is outstanding;
	// AwaitsPong whether one to a ping is whose absence means that the
	// connection is dead.
	Awaits() bool
	AwaitsPong() bool
	// Opening reports whether the connection is being opened: the server is looked
	// for, connected to, or shaken hands with.
	Opening() bool

	// SetPush says where we can be pushed to, from the next Register on.
	SetPush(p push.Params)
	// Pushes reports whether we have asked to be pushed to, and whether the
	// server has said that it will, by that service.
	Pushes(service string) (asked, will bool)
	// Outbound reports whether we have asked the server to answer our pings
	// and to say so (RFC 5626), and whether it has promised.
	Outbound() (asked, promised bool)
}

// A Caller is an agent that can also begin calls with audio, and change them.
type Caller interface {
	Agent
	// Address is whom a word that the user dials means. An error says what
	// is wrong with it.
	Address(to string) (string, error)
	// Invite calls somebody; id is the call's from then on.
	Invite(now time.Time, to string, offer []byte) (id int, out Output, err error)
	// RejectOffer refuses a call, or a change to it, because what its session
	// description asks for is not spoken: 488, with a warning and its code (RFC
	// 3261 §20.43).
	RejectOffer(now time.Time, call, warning int, text string) Output
	// RingOffering is Ring with our offer, see [Offered].
	RingOffering(now time.Time, call int, offer []byte) Output
	// Reinvite offers the peer of a call that is up another session. The offer is made
	// when it is sent, and not if it has to wait, see [ModifyAgain]; nil: there is nothing
	// to offer any more.
	Reinvite(now time.Time, call int, offer func() []byte) Output
	// Knows reports whether an address is the server's or a proxy's that it has
	// named: audio may come from there, whatever a call has agreed on.
	Knows(addr netip.Addr) bool
	// TakeSpare returns how many bytes may go to a host before the caller acknowledges that
	// we have answered, and counts them as sent. It is called once for each call.
	// Free says that there is no bound: a connection has shown that the caller receives.
	TakeSpare(host netip.Addr) (bytes int, free bool)
	// Private reports whether nobody on the way to the server reads what is said.
	Private() bool
}

// A Transferrer is a caller whose calls can be handed over to somebody else.
type Transferrer interface {
	Caller
	// Transfer asks the peer of a call to call an address instead.
	Transfer(now time.Time, call int, to string) (Output, error)
	// TransferTo asks the peer of a call to take our place in another.
	TransferTo(now time.Time, call, other int) (Output, error)
	// Consider says that the user is asked whether to do what was asked by
	// [Referred]; Follow does it, in a call of which it gives the number; Refuse
	// does not.
	Consider(now time.Time, referral int) Output
	Follow(now time.Time, referral int, offer []byte) (call int, out Output, err error)
	Refuse(now time.Time, referral, status int) Output
}

// An Asker is an agent that can also ask the server for a sign of life that a
// server gives which answers no pings.
type Asker interface {
	Agent
	Ask(now time.Time) Output
}

// A Parter is an agent that says what it waits for to be gone in order: the answer to
// a BYE, or to the end of its registration; "": nothing.
type Parter interface {
	Agent
	Parting() string
}

// An Account is what an agent is made from. It does not change; a relaunched
// app opens it anew.
type Account interface {
	// Open makes the agent, which does nothing until it is asked to.
	Open(env Env) (Agent, error)
	// Identity says who is called by it, where.
	Identity() Identity
}

// Env is what a program lends its agent.
type Env struct {
	// Rand gives everything that is left to chance.
	Rand *rand.Rand
	// NextSocket names a socket that this program has never used.
	NextSocket func() system.Socket
	// NextCall numbers a call, where several agents share the numbers; nil: the
	// agent counts its own.
	NextCall func() int
	// Datagrams asks for signalling over UDP, where the account does not say
	// what it is to go over.
	Datagrams bool
	// Expires is for how long to register, where the account does not say.
	Expires time.Duration
	// Flow is the number of the flow, from 1, where an account has several (RFC 5626
	// §4.2), each with its agent; 0: it has the one.
	Flow Flow
}

// The protocols, as the log, the settings and the lab's doors name them.
const (
	SIP  = "sip"
	Raw  = "raw"
	XMPP = "xmpp"
)

// Identity is who an agent is, for the log.
type Identity struct {
	Protocol  string // [SIP], [Raw] or [XMPP]
	Raw       string // name of a raw protocol
	Address   string // "sip:alice@example.com"
	Server    string // "host:port"
	Transport string // "tcp", "tls", "ws", "wss" or "udp"
	Display   string
	Expires   time.Duration // to register for; 0: not given
}

// Numbers is NextCall or, without it, a source of the numbers 1, 2, 3, …
func (e Env) Numbers() func() int {
	if e.NextCall != nil {
		return e.NextCall
	}
	last := 0
	return func() int {
		last++
		return last
	}
}
