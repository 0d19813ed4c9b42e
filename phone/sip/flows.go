package sip

import (
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// A dialog belongs to the account, and not to the flow on which it began (RFC 5626
// §4.2): the requests in it may come by any of them, and one that dies leaves its calls
// to another.
//
//	request by flow 2 ─▶ agent 2 ── Stray ──▶ agent 1, which has the call
//	                        ◀── its response ──┘
//	flow 1 dies       ─▶ agent 2 takes over what is up, and owes a BYE

// beside are the agents of the account's other flows.
func (c *Config) beside() (list []*Agent) {
	if c.Flow.Beside == nil {
		return nil
	}
	for _, other := range c.Flow.Beside() {
		if a, ok := other.(*Agent); ok {
			list = append(list, a)
		}
	}
	return list
}

// has reports whether a request is in the dialog of a call that this agent has, or is a
// NOTIFY of what it has subscribed to.
func (v *service) has(req *sip.Request) bool {
	c, _, _ := v.calls.dialogOf(req)
	return c != nil || req.Method == sip.NOTIFY && (v.transfers.about(req) != nil || v.watches.about(req) != nil)
}

// other is the agent of another flow that something holds of; nil if it holds of this
// one, or of none.
func (v *service) other(holds func(*service) bool) *Agent {
	others := v.cfg.beside()
	if len(others) == 0 || holds(v) {
		return nil
	}
	if i := slices.IndexFunc(others, func(a *Agent) bool { return holds(&a.service) }); i >= 0 {
		return others[i]
	}
	return nil
}

// stray is the agent of another flow that has the dialog of a request; nil if none has,
// or this one.
func (v *service) stray(req *sip.Request) *Agent {
	return v.other(func(o *service) bool { return o.has(req) })
}

// by has the agent of another flow serve something; this one does so if that is nil.
func (v *service) by(s *step, owner *Agent, serve func(*service, *step)) {
	if owner == nil || &owner.service == v {
		serve(v, s)
		return
	}
	in, from := s.in, s.from
	s.hand(owner, func(there *step) {
		there.in, there.from = in, from
		serve(&owner.service, there)
	})
}

// hand has the agent of another flow do something, in a step of its own.
func (s *step) hand(to *Agent, what func(*step)) {
	s.Notice(control.Stray{To: to, Serve: func(now time.Time) control.Output { return to.does(now, what) }})
}

// does has the agent do something of its own in a step of another's.
func (a *Agent) does(now time.Time, what func(*step)) control.Output {
	s := newStep(now)
	what(s)
	a.settle(s)
	return s.Out
}

// TakeOver goes on with the calls of another flow that is gone. See [control.Heir].
func (a *Agent) TakeOver(now time.Time, from control.Agent) control.Output {
	s := newStep(now)
	if other, ok := from.(*Agent); ok && a.conn.Up() && !other.conn.Up() {
		left := other.calls.leave()
		a.transfers.follow(&other.transfers, left)
		for _, c := range left {
			if c.uas != nil {
				c.uas.owner = a
			}
			a.calls.inherit(s, c)
		}
		for _, r := range other.transfers.leaveFollowed() {
			a.transfers.inherit(s, r)
		}
	}
	return s.Out
}

// follow goes on with the transfers that we have asked for, of calls that have left.
func (t *transfers) follow(from *transfers, left []*call) {
	for _, sub := range takeOut(&from.ours, func(sub *subscription) bool { return slices.Contains(left, sub.call) }) {
		sub.transfers = t
		t.ours = append(t.ours, sub)
	}
}

// leave gives away the calls that are up, those that owe a BYE, and those whose INVITE has
// come by a flow that stands.
func (cs *calls) leave() []*call {
	return takeOut(&cs.list, func(c *call) bool {
		return c.state == callUp && (!c.over || c.bye.owed) || c.uas != nil && c.uas.way.conn.Up()
	})
}

// takeOut removes from a list what leaves it, and returns that.
func takeOut[T any](list *[]T, leaves func(T) bool) (left []T) {
	*list = slices.DeleteFunc(*list, func(one T) bool {
		if !leaves(one) {
			return false
		}
		left = append(left, one)
		return true
	})
	return left
}

// inherit goes on with a call of another flow.
func (cs *calls) inherit(s *step, c *call) {
	c.client, c.gone = cs.client, cs.remove
	cs.list = append(cs.list, c)
	c.entered(s, &c.dialog)
	if !c.over {
		s.Notice(control.Inherited{ID: c.id})
	}
	c.resume(s)
}
