package control

import "time"

// A Flow is one of several connections of an account (RFC 5626 §4.2), each of which
// has an agent, and what that agent has to know of the others. The zero value is the
// only one.
type Flow struct {
	Number int // from 1; 0: it is the only one
	Name   string
	// Others reports whether another flow of the account is registered.
	Others func() bool
	// Beside are the agents of the account's other flows.
	Beside func() []Agent
}

// Backed reports whether another flow of the account is registered.
func (f Flow) Backed() bool { return f.Others != nil && f.Others() }

// An Unsent is an order that came to nothing because its flow broke before there was
// an answer, while another flow of the account is registered.
type Unsent struct {
	Order Order
	Err   error
}

// A Stray is a request that has come by one flow and is in a dialog of another, whose
// agent serves it. It is answered by the flow that it has come by. The loss of one that is
// not answered is a Stray as well.
type Stray struct {
	To    Agent
	Serve func(now time.Time) Output
}

// An Again says that a call ends, as [Ended] then says, which somebody has asked for
// ([Referred]), and which another flow may make. Who has asked hears nothing before the
// program has done one of the two.
type Again struct {
	ID int
	// Follow makes it by the agent of another flow, as [Transferrer] does.
	Follow func(now time.Time, by Agent, offer []byte) (call int, out Output, err error)
	// GiveUp says that it has failed.
	GiveUp func(now time.Time) Output
}

// An Heir is an agent that can go on with the calls of another flow.
type Heir interface {
	Agent
	// TakeOver takes the calls that can go on from an agent whose flow is gone. An
	// [Inherited] follows for each.
	TakeOver(now time.Time, from Agent) Output
}

// Inherited says that the agent has taken over a call of another flow.
type Inherited struct{ ID int }

func (Unsent) notice()    {}
func (Stray) notice()     {}
func (Inherited) notice() {}
func (Again) notice()     {}
