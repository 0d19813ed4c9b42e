package control

import "time"

// A Teller is an agent that can also be told what no call needs: what a tester has
// a phone do. The protocols that carry none of it are no Tellers.
type Teller interface {
	Agent
	// Check says why an order that is [Lasting] cannot be carried out now; nil if it
	// can. Where several agents are told the same, all are asked before any is told.
	Check(o Order) error
	// Tell carries out an order. An error says why it cannot be; what comes of one
	// that can is in the log.
	Tell(now time.Time, o Order) (Output, error)
}

// An Order is something that a [Teller] is told.
type Order interface{ order() }

// Lasting reports whether an order holds from now on, and asks for nothing to be sent
// itself.
func Lasting(o Order) bool {
	switch o.(type) {
	case Force, Unforce, AddHeader:
		return true
	}
	return false
}

// SendText sends a text to somebody.
type SendText struct{ To, Text string }

// Force has the agent answer requests of a method with a status, whatever it would
// have answered, until it is told another for that method or the program ends.
type Force struct {
	Method string
	Status int // 0: no answer at all
	// RetryAfter is how long the answer says to stay away (RFC 3261 §20.33); 0: it
	// does not say.
	RetryAfter time.Duration
	After      time.Duration
	Times      int // how often; 0: always
}

// Use counts the order as carried out once more, and reports whether that was the last
// time.
func (f *Force) Use() (spent bool) {
	if f.Times == 0 {
		return false
	}
	f.Times--
	return f.Times == 0
}

// Unforce has the agent answer requests of a method as it would again; of all, if none
// is named.
type Unforce struct{ Method string }

// AddHeader has a header field stand in what the agent sends from now on, until the
// program ends. It is in no 100, in no ACK to a refusal, and in no 400 to a message
// that could not be read.
type AddHeader struct {
	On    string // a method, for its requests, "any" for all, or a status, for responses
	Name  string
	Value string // "": take it out again
}

// Subscribe subscribes to a package of events of somebody (RFC 6665).
type Subscribe struct {
	Package string        // such as message-summary, dialog, presence
	To      string        // "": our own account
	For     time.Duration // 0: an hour
}

// Unsubscribe ends a subscription.
type Unsubscribe struct{ Package, To string }

// Publish has the server tell others whether we are there (RFC 3903).
type Publish struct {
	Basic string // "open" or "closed"; "": nothing any more
	Note  string // for people
}

func (SendText) order()    {}
func (Force) order()       {}
func (Unforce) order()     {}
func (AddHeader) order()   {}
func (Subscribe) order()   {}
func (Unsubscribe) order() {}
func (Publish) order()     {}
