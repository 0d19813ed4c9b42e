package control

// A Flow is one of several connections of an account (RFC 5626 §4.2), each of which
// has an agent, and what that agent has to know of the others. The zero value is the
// only one.
type Flow struct {
	Number int // from 1; 0: it is the only one
	// Others reports whether another flow of the account is registered.
	Others func() bool
	// Merged reports whether a request is under way on another flow of the account.
	Merged func(Request) bool
}

// A Request names a request by what is the same on whatever way it comes (RFC 3261
// §8.2.2.2).
type Request struct {
	CallID, Tag string // the tag of its From
	CSeq        uint32
}

// A Merger is an agent that knows what is under way.
type Merger interface {
	Agent
	// Serves reports whether a request that began a call is being answered, or has
	// been, and the call goes on.
	Serves(Request) bool
}

// An Unsent is an order that came to nothing because its flow broke before there was
// an answer, while another flow of the account is registered.
type Unsent struct {
	Order Order
	Err   error
}

func (Unsent) notice() {}

// Backed reports whether another flow of the account is registered.
func (f Flow) Backed() bool { return f.Others != nil && f.Others() }
