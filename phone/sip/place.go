package sip

import (
	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A place is which call a new one is to take the place of (RFC 3891), and whether another
// has taken its own.
type place struct {
	call   *call
	wanted *call // in: whose place it is to take; nil: nobody's
	left   bool  // its own is taken
}

// wants notes that a new call is to replace another when it is answered.
func (p *place) wants(s *step, old *call, req *sip.Request) {
	c := p.call
	p.wanted = old
	s.Log(event.Transfer{Phase: event.TransferAsked, Role: event.RoleTarget, Call: old.id, Next: c.id, Target: c.peer, By: referredBy(req)})
}

// take ends the call that this one replaces, now that it is answered (RFC 3891 §3).
func (p *place) take(s *step) {
	c, old := p.call, p.wanted
	if old == nil {
		return
	}
	p.wanted = nil
	s.Log(event.Transfer{Phase: event.TransferCompleted, Role: event.RoleTarget, Call: old.id, Next: c.id, Target: c.peer})
	if !old.over {
		old.place.leave(s)
	}
}

// miss notes that a call is over that was to replace another, and has not been answered.
func (p *place) miss(s *step, status int, reason string) {
	if c, old := p.call, p.wanted; old != nil {
		s.Log(event.Transfer{Phase: event.TransferFailed, Role: event.RoleTarget, Call: old.id, Next: c.id, Target: c.peer, Status: status, Reason: reason})
	}
}

// leave ends a call whose place another has taken.
func (p *place) leave(s *step) {
	p.left = true
	p.call.hangup(s)
}
