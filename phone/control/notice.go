package control

import (
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Notice is something that the program above the agent must act on. The
// facts that are only to be known are events in the log.
type Notice interface{ notice() }

// Reached says that the server has taken the connection, and that nothing has gone
// over it yet, not even the handshake of TLS: this is when a mobile program marks its
// socket. It is acted on before the effects of the step are.
type Reached struct{ Socket system.Socket }

// Connected says that the control connection is open.
type Connected struct{ Socket system.Socket }

// Registered says that the server knows us, for Expires; 0: for as long as the
// connection stands.
type Registered struct{ Expires time.Duration }

// ServerKey is the key with which the server signs pushes of Web Push (RFC 8599 §8.3:
// sip.vapid), as it says before [Registered].
type ServerKey struct{ VAPID string }

// RegisterFailed says that the server refused to know us, or did not answer
// (Status is then 0). Whether and when the agent tries again is in its events.
type RegisterFailed struct {
	Status int
	Reason string
}

// Unregistered says that the server has forgotten us at our wish.
type Unregistered struct{}

// Ponged says that our ping was answered.
type Ponged struct{ RTT time.Duration }

// FlowFailed says that the control connection is gone or could not be opened.
type FlowFailed struct{ Err error }

// Offered is an incoming call. Body is its session description, nil if the
// caller leaves the offer to us. The program answers with [Agent.Ring],
// [Agent.Answer] or [Agent.Reject].
type Offered struct {
	ID   int
	From string // the caller's address
	Name string // the caller's display name, if there is one
	// CallID is what both ends and a push name the call by.
	CallID string
	// AutoAnswer says that the caller asks to be answered without a user; nil: it
	// does not.
	AutoAnswer *AutoAnswer
	Body       []byte
	// Source is the host that the call came from, for whom the session
	// description may name another: see phone/media. The zero Addr is a server
	// that answers for its callers.
	Source netip.Addr
	// Describe says that the caller wants our offer before the answer: the
	// program gives it with [Caller.RingOffering].
	Describe bool
	// NoAudio says that the protocol carries no audio of ours: the call is
	// answered by a word, and there is no session to describe.
	NoAudio bool
}

// Replacing is an incoming call that is to take the place of another. The
// program answers it at once, or rejects it; when it is answered the agent ends
// the other.
type Replacing struct {
	Offered
	Call int // whose place it takes
}

// Referred says that somebody wants us to call somebody else: the peer of a
// call, which is thereby handed over, or, where Call is 0, anybody. The program
// answers with [Transferrer.Consider], [Transferrer.Follow] or
// [Transferrer.Refuse].
type Referred struct {
	ID   int    // names the request
	Call int    // that is to be handed over
	To   string // the address to call
	By   string // who asks
}

// ReferralLapsed says that a referral is over that was not decided in time.
type ReferralLapsed struct {
	ID int // of [Referred]
}

// AutoAnswer is a caller's wish to be answered without a user, after a time, and
// the words that ask for it.
type AutoAnswer struct {
	By    string
	After time.Duration
	Must  bool // or not at all: the call is to be refused with 403 else (RFC 5373 §4.3)
}

// Texted is a text that somebody has sent us.
type Texted struct {
	From string // the sender's address
	Name string // the sender's display name, if there is one
	Text string
}

// Missed is a call that was refused before the user has heard of it.
type Missed struct {
	From string // the caller's address
	Name string // the caller's display name, if there is one
}

// MaxText bounds the text of a message that is shown, in bytes (our own number).
const MaxText = 4 << 10

// Shown is the text of a message, or a name in one, as it is shown: printable,
// and cut off where it is too long.
func Shown(text string) string { return event.Printable(event.Brief(text, MaxText)) }

// MessageWaiting is what waits in a mailbox of the user: voice messages that are
// new, and old ones, and other messages.
type MessageWaiting struct {
	Account      string
	Waiting      bool
	*event.Tally // of the voice messages; nil: not known
	Others       []event.MailCount
}

// Progress is a provisional response (180, 183 and the like) to our INVITE.
type Progress struct {
	ID, Status int
	Body       []byte
}

// Accepted is the 200 to our INVITE; the ACK has been sent.
type Accepted struct {
	ID   int
	Body []byte
}

// Confirmed is the ACK to our 200, or an acknowledgement of our ringing that
// answers our offer. Body is not empty if it answers an offer of ours.
type Confirmed struct {
	ID   int
	Body []byte
}

// Modify is an offer of the peer for another session, in a re-INVITE or an
// UPDATE. The program answers with [Agent.Answer]
// or [Agent.Reject].
type Modify struct {
	ID   int
	Body []byte
}

// Modified is the 200 to our re-INVITE or UPDATE; the ACK has been sent.
type Modified struct {
	ID   int
	Body []byte
	Kept bool // it has kept the session alive, and changes nothing on our side
}

// ModifyAgain says that a change which the program has asked for was not made, because
// another was under way, and that there is room for it now: the program offers it anew
// by Reinvite, as it wants the session by now (RFC 3261 §14.1).
type ModifyAgain struct{ ID int }

// ModifyFailed says that our re-INVITE was refused or not answered (Status
// 408). The session goes on as it was (RFC 3261 §14.1).
type ModifyFailed struct {
	ID, Status int
	Reason     string
}

// Ended says that a call is over. By is "us", "peer", "timeout" or "network".
type Ended struct {
	ID     int
	By     string
	Status int
	Reason string
	// Elsewhere says that an incoming call was dealt with at another phone of the
	// user: nobody has missed it.
	Elsewhere Elsewhere
}

// Elsewhere is what became of an incoming call at another phone of the user.
type Elsewhere string

// What can become of it; "" if nothing did.
const (
	AnsweredElsewhere Elsewhere = "answered elsewhere"
	DeclinedElsewhere Elsewhere = "declined elsewhere"
)

// Down says that [Agent.Shutdown] is complete, or was given up: nothing more
// will come.
type Down struct{}

func (Reached) notice()        {}
func (Connected) notice()      {}
func (Registered) notice()     {}
func (ServerKey) notice()      {}
func (RegisterFailed) notice() {}
func (Unregistered) notice()   {}
func (Ponged) notice()         {}
func (FlowFailed) notice()     {}
func (Offered) notice()        {}
func (Referred) notice()       {}
func (ReferralLapsed) notice() {}
func (Texted) notice()         {}
func (Missed) notice()         {}
func (MessageWaiting) notice() {}
func (Progress) notice()       {}
func (Accepted) notice()       {}
func (Confirmed) notice()      {}
func (Modify) notice()         {}
func (Modified) notice()       {}
func (ModifyAgain) notice()    {}
func (ModifyFailed) notice()   {}
func (Ended) notice()          {}
func (Down) notice()           {}
