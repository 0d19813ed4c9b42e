package sip

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The timer base values (RFC 3261 §17.1.1.1, table 4).
const (
	T1 = 500 * time.Millisecond // estimate of the round-trip time
	T2 = 4 * time.Second        // longest interval between retransmissions
	T4 = 5 * time.Second        // how long a message may live in the network

	// giveUp is 64*T1, 32 s: timers B, F, H, L and M.
	giveUp = 64 * T1
	// timerDUnreliable is how long a client absorbs copies of a final
	// response over UDP (RFC 3261 §17.1.1.2: at least 32 s).
	timerDUnreliable = 32 * time.Second
)

// State is where a transaction is.
type State string

// The states of RFC 3261 §17 and RFC 6026 §7.
const (
	StateCalling    State = "calling"    // INVITE sent, nothing heard
	StateTrying     State = "trying"     // request sent or received, no response yet
	StateProceeding State = "proceeding" // a provisional response has passed
	StateAccepted   State = "accepted"   // a 2xx to an INVITE has passed; copies still go to the user
	StateCompleted  State = "completed"  // a final response has passed; copies are absorbed
	StateConfirmed  State = "confirmed"  // the ACK to a non-2xx final response has arrived
	StateTerminated State = "terminated"
)

// A Step is what a transaction wants done after an input.
type Step struct {
	Send sip.Message // to send now, nil for nothing
	Pass bool        // the input is for the transaction user
	Err  error       // the transaction gave up, a *TimeoutError
}

// A TimeoutError says that the peer did not answer in time. It is ours, not
// the peer's: it names the timer.
type TimeoutError struct {
	Timer string // as RFC 3261 names it: "B", "F", "H"
	After time.Duration
	What  string // what did not come
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("no %s within %g s (timer %s)", e.What, e.After.Seconds(), e.Timer)
}

// Timeout reports that time was up, as that of a [net.Error] does.
func (*TimeoutError) Timeout() bool { return true }

// unanswered is the rule of a request that was not answered: the server was
// silent, or the connection failed under it.
func unanswered(err error) event.Rule {
	var timeout *TimeoutError
	if errors.As(err, &timeout) {
		return event.RuleServerSilent
	}
	return event.RuleFlowBroken
}

// ErrFlow says that the connection failed under a transaction.
var ErrFlow = errors.New("the connection failed")

// A Key names a transaction (RFC 3261 §17.1.3, §17.2.3).
type Key struct {
	Branch, SentBy, Method string
}

// magicCookie begins every branch that is unique by itself (RFC 3261
// §8.1.1.7).
const magicCookie = "z9hG4bK"

// ClientKey is the key of the client transaction that a request begins, or
// that a response belongs to.
func ClientKey(m sip.Message) Key {
	branch, _ := m.Via().Params.Get("branch")
	return Key{Branch: branch, Method: string(m.CSeq().MethodName)}
}

// ServerKey is the key of the server transaction of a request. An ACK has
// that of its INVITE.
func ServerKey(req *sip.Request) Key {
	method := req.Method
	if method == sip.ACK {
		method = sip.INVITE
	}
	via := req.Via()
	branch, _ := via.Params.Get("branch")
	if !strings.HasPrefix(branch, magicCookie) {
		// A branch of RFC 2543: the request itself has to tell it apart.
		tag, _ := req.From().Params.Get("tag")
		branch = fmt.Sprintf("%s|%s|%s|%d|%s", req.Recipient.String(), tag, req.CallID().Value(), req.CSeq().SeqNo, branch)
	}
	return Key{Branch: branch, SentBy: strings.ToLower(via.SentBy()), Method: string(method)}
}

// InviteKey is the key of the INVITE that a CANCEL is for (RFC 3261 §9.2).
func InviteKey(cancel *sip.Request) Key {
	key := ServerKey(cancel)
	key.Method = string(sip.INVITE)
	return key
}

// unless is d, or zero if the transport is reliable: most timers that absorb
// copies are for UDP only.
func unless(reliable bool, d time.Duration) time.Duration {
	if reliable {
		return 0
	}
	return d
}
