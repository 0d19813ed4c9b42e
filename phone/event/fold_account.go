package event

import (
	"cmp"
	"slices"
	"time"
)

// Online is how a phone stands with a server: by one of its accounts or, of a phone
// with several, by the one that is worst off, so that none is overlooked.
type Online struct {
	Registration Binding
	Mailbox      MessageWaiting // as the server has told it
	Socket       ControlSocket
	Mark         MarkRow
	Recovery     Recovery // the last wait before a new flow
	RecoveryAt   time.Duration
}

// As is how the phone stands by one of its accounts, or of its flows: with the calls of
// that alone. The lists are shared with s.
func (s *Fold) As(account string) *Fold {
	one := *s
	one.Online = Online{}
	if own := s.standing(account); len(own) > 0 {
		one.Online = unite(own, best)
	}
	one.Calls = slices.DeleteFunc(slices.Clone(s.Calls), func(c CallRow) bool { return !s.Has(account, c.Account) })
	return &one
}

// By is how the phone stands by one of its accounts, or, if none is named, altogether.
func (s *Fold) By(account string) *Fold {
	if account == "" {
		return s
	}
	return s.As(account)
}

// Others reports whether something holds of all accounts but one, or the one of a flow.
func (s *Fold) Others(but string, holds func(*Fold) bool) bool {
	return !slices.ContainsFunc(s.Users(), func(user string) bool { return !s.Has(user, but) && !holds(s.As(user)) })
}

// Any reports whether something holds of some account or flow but one: of that account,
// if one is named.
func (s *Fold) Any(account, but string, holds func(*Fold) bool) bool {
	return slices.ContainsFunc(s.Accounts, func(a AccountRow) bool {
		return a.Name != but && (account == "" || s.Has(account, a.Name)) && holds(s.As(a.Name))
	})
}

// Worst is the name of the account whose binding is worst off, of several.
func (s *Fold) Worst() string {
	for _, a := range s.Accounts {
		if a.Registration == s.Registration {
			return a.Name
		}
	}
	return ""
}

// begin notes what a phone is, which a new strategy says again.
func (s *Fold) begin(e Start) {
	s.Start = e
	if len(s.Accounts) == len(e.Accounts) {
		return
	}
	s.Accounts = nil
	for _, a := range e.Accounts {
		s.Accounts = append(s.Accounts, AccountRow{Account: a})
	}
}

// applyAs applies an event that is about one account of several.
func (s *Fold) applyAs(account string, seq uint64, at time.Duration, e Event) {
	a := s.Account(account)
	if a == nil {
		s.apply(seq, at, e)
		return
	}
	s.Online, s.about = a.Online, account
	s.apply(seq, at, e)
	a.Online, s.about = s.Online, ""
	s.Online = s.together()
}

// How the one compares that counts.
const (
	worst = 1
	best  = -1
)

// unite is how several stand: as the worst or the best of them. Whatever is lost was
// lost by some of them.
func unite(list []Online, first int) Online {
	o := list[0]
	losses := o.Socket.Losses
	for _, a := range list[1:] {
		losses += a.Socket.Losses
		if a.Registration.compare(o.Registration)*first < 0 {
			o.Registration, o.Recovery, o.RecoveryAt = a.Registration, a.Recovery, a.RecoveryAt
		}
		if cmp.Compare(a.Socket.standing(), o.Socket.standing())*first < 0 {
			o.Socket = a.Socket
		}
		if cmp.Compare(a.Mark.standing(), o.Mark.standing())*first < 0 {
			o.Mark = a.Mark
		}
		if a.Mailbox.Waiting && !o.Mailbox.Waiting {
			o.Mailbox = a.Mailbox
		}
	}
	o.Socket.Losses = losses
	return o
}

// compare is negative where a binding is worse off than another: it is not there, or it
// lapses sooner.
func (b Binding) compare(other Binding) int {
	d := cmp.Compare(b.standing(), other.standing())
	if d == 0 && b.Active {
		d = cmp.Compare(b.Until, other.Until)
	}
	return d
}

// Pending reports whether a registration is under way.
func (b Binding) Pending() bool {
	return b.Phase == RegistrationSending || b.Phase == RegistrationChallenged || b.Phase == RegistrationRedirected
}

// standing is how well a binding is off: it is gone or was refused, nobody has asked
// for it, it is under way, it is there.
func (b Binding) standing() int {
	switch {
	case b.Active:
		return 3
	case b.Pending():
		return 2
	case b.Phase == "":
		return 1
	}
	return 0
}

// standing is how well a socket is off: it is gone, there was none, it opens, it is
// open.
func (c ControlSocket) standing() int {
	switch {
	case c.Open():
		return 3
	case c.Phase == SocketConnecting || c.Phase == SocketSecuring:
		return 2
	case c.Phase == "":
		return 1
	}
	return 0
}
