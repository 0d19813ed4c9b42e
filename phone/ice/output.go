package ice

import "net/netip"

// An Output is what one step of an agent gives back, both lists in their order.
type Output struct {
	Send []Datagram
	News []News
}

// A Datagram is to be sent from the socket of a component.
type Datagram struct {
	Component int
	To        netip.AddrPort
	Data      []byte
}

// News are what the owner of an agent acts on.
type News interface{ news() }

// Gathered says that the candidates of ours are known. Silent is the server of STUN that has
// not answered, if there is one.
type Gathered struct{ Silent netip.AddrPort }

// Selected says that media of a component goes to an address of the peer's from now on,
// which has answered a check of ours, or has nominated itself to a lite agent.
type Selected struct {
	Component     int
	Local, Remote Candidate
	// Answered says that the address has answered a check: what is sent there arrives.
	Answered bool
}

// Connected says that every component has a pair.
type Connected struct{ Checks, Answered int }

// Failed says that there is none for a component, and that none can be found any more.
type Failed struct {
	Component int
	Why       string
}

// Lost says that the peer no longer answers on a pair that was selected: nothing may be
// sent there (RFC 7675 §5.1).
type Lost struct {
	Component int
	Remote    netip.AddrPort
}

// Switched says that both ends had taken the same role, and that ours is the other now.
type Switched struct{ Controlling bool }

// Refused says that a request was not authentic.
type Refused struct {
	From netip.AddrPort
	Why  string
}

func (Gathered) news()  {}
func (Selected) news()  {}
func (Connected) news() {}
func (Failed) news()    {}
func (Lost) news()      {}
func (Switched) news()  {}
func (Refused) news()   {}

// A step is one step of an agent.
type step struct {
	out Output
}

func (s *step) tell(n News) { s.out.News = append(s.out.News, n) }

func (s *step) send(component int, to netip.AddrPort, data []byte) {
	s.out.Send = append(s.out.Send, Datagram{component, to, data})
}
