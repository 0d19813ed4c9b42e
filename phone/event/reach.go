package event

import (
	"maps"
	"time"
)

// A Mark is a record that something goes back to.
type Mark struct {
	Seq uint64        // its number; 0: there is none
	At  time.Duration // its device time
}

// A Cut is why nothing that the server sends gets to the app, as only the emulator can
// know: the phone itself believes that all is well.
type Cut struct {
	Mark
	Why string // the fault, such as "nat expired"
	// Of a NAT: how long it remembers a flow, and how long that one had been silent; 0: not
	// known.
	Limit, Idle time.Duration
	Local       string // the phone's end of what is cut
}

// reaching is what the records of a phone say of whether it can be reached: by the ways
// that it believes to be open, and by its registrations. The zero value is a phone of
// which nothing is known.
type reaching struct {
	pushed   bool // by a push, which finds its own way
	unpushed bool // though none will come, as has been said
	wayless  Mark // since when nothing but a push would get to it
	accounts map[string]Account
	ways     map[wayName]*way
	bindings map[string]*bound // by the account, or flow
	offline  Mark
	stalled  Mark
	life     Mark // when its process was gone; 0: there is one
}

// A wayName is a socket of an account that brings calls, or the line that wakes the app.
type wayName struct{ account, name string }

// A way is such a socket while the app believes it to be open.
type way struct {
	local string
	cut   Cut // Seq 0: it is not
}

// bound is a registration.
type bound struct {
	active bool
	last   Mark          // when it was accepted last
	until  time.Duration // when it lapses; 0: never
	gone   Mark          // since when it is not there any more
	wish   bool          // and that by our own wish
	failed bool          // and that as the server has refused it, or not answered
}

// clone returns a copy that goes on by itself.
func (r *reaching) clone() reaching {
	c := *r
	c.accounts = maps.Clone(r.accounts)
	c.ways, c.bindings = cloned(r.ways), cloned(r.bindings)
	return c
}

func cloned[K comparable, V any](m map[K]*V) map[K]*V {
	c := maps.Clone(m)
	for k, v := range c {
		other := *v
		c[k] = &other
	}
	return c
}

// apply takes a record of the phone into account.
func (r *reaching) apply(seq uint64, at time.Duration, account string, e Event) {
	now := Mark{seq, at}
	switch e := e.(type) {
	case Start:
		r.start(e)
	case Socket:
		r.socket(now, account, e)
	case Mapping:
		r.mapping(now, e)
	case Network:
		r.offline = markIf(e.Name == "offline", r.offline, now)
	case Fault:
		if e.Name == "server stall" {
			r.stalled = markIf(e.On, r.stalled, now)
		}
	case Registration:
		r.registration(now, account, e)
	case Warning:
		r.unpushed = r.unpushed || e.Rule == RuleNotWakeable
	case Push:
		r.unpushed = r.unpushed && e.Phase != PushDelivered
	case Killed:
		r.life, r.ways, r.wayless = now, nil, now
	case Launch:
		r.life = Mark{}
	}
}

// markIf is the mark of what lasts since before, begins now, or is over.
func markIf(on bool, before, now Mark) Mark {
	switch {
	case !on:
		return Mark{}
	case before.Seq != 0:
		return before
	}
	return now
}

func (r *reaching) start(e Start) {
	r.pushed = e.Pushed()
	r.accounts = map[string]Account{"": {Transport: e.Transport}}
	for _, a := range e.Accounts {
		r.accounts[a.Name] = a
	}
	if r.bindings == nil {
		r.bindings = map[string]*bound{}
	}
}

// socket follows those over which the phone hears of calls.
func (r *reaching) socket(now Mark, account string, e Socket) {
	if e.Name != "control" && e.Name != "wake" {
		return
	}
	if r.ways == nil {
		r.ways = map[wayName]*way{}
	}
	name := wayName{account, e.Name}
	switch e.Phase {
	case SocketOpen:
		r.ways[name] = &way{local: e.Local}
	case SocketSecuring: // it is open already, and says so when that is done
	default:
		if delete(r.ways, name); len(r.ways) == 0 {
			r.wayless = now
		}
	}
}

// mapping cuts the way whose flow the network has forgotten. A new mapping mends nothing:
// the server knows the old one until the phone has registered again.
func (r *reaching) mapping(now Mark, e Mapping) {
	if e.Phase != MappingForgotten {
		return
	}
	c := Cut{now, e.Why, e.Limit.D(), e.Idle.D(), e.Local}
	for name, w := range r.ways {
		if w.local == e.Local && w.cut.Seq == 0 && r.transport(name) == e.Transport {
			w.cut = c
		}
	}
}

// forgot is when the network forgot the flow of the phone with that end, if the phone still
// uses it: one that it has left, and that the server uses, has not cut the phone off.
func (r *reaching) forgot(local string) Mark {
	for _, w := range r.ways {
		if w.local == local {
			return w.cut.Mark
		}
	}
	return Mark{}
}

// transport is what carries a way: UDP is that of an account alone.
func (r *reaching) transport(name wayName) string {
	if name.name == "control" && r.accounts[name.account].Transport == "udp" {
		return "udp"
	}
	return "tcp"
}

// registration notes that the server knows the phone, by a way that works then, or that it
// does not any more.
func (r *reaching) registration(now Mark, account string, e Registration) {
	b := r.bindings[account]
	if b == nil && r.bindings != nil {
		b = new(bound)
		r.bindings[account] = b
	}
	if b == nil {
		return
	}
	switch e.Phase {
	case RegistrationActive:
		*b = bound{active: true, last: now}
		if e.Expires > 0 {
			b.until = now.At + e.Expires.D()
		}
		if w := r.ways[wayName{account, "control"}]; w != nil {
			w.cut = Cut{}
		}
	case RegistrationFailed, RegistrationLost, RegistrationRemoved:
		if b.active || b.gone.Seq == 0 {
			b.gone = now
		}
		b.active, b.wish, b.failed = false, e.Phase == RegistrationRemoved, e.Phase == RegistrationFailed
	}
}

// cut is why nothing gets to the app by an account, though it believes so: all of its
// flows are cut, or the line that wakes it. An empty account is any of several.
func (r *reaching) cut() (c Cut, is bool) {
	if r.offline.Seq != 0 {
		return Cut{Mark: r.offline, Why: "offline"}, true
	}
	if r.pushed {
		none := r.unpushed && len(r.ways) == 0 && r.wayless.Seq != 0
		return Cut{Mark: r.wayless, Why: "no push"}, none
	}
	if r.stalled.Seq != 0 && len(r.ways) > 0 {
		return Cut{Mark: r.stalled, Why: "server stall"}, true
	}
	open := map[string]bool{} // the accounts that something gets through to
	cuts := map[string]Cut{}
	for name, w := range r.ways {
		user := r.user(name.account)
		if name.name == "wake" {
			if w.cut.Seq != 0 {
				return w.cut, true
			}
			continue
		}
		open[user] = open[user] || w.cut.Seq == 0
		if w.cut.Seq > cuts[user].Seq {
			cuts[user] = w.cut
		}
	}
	for user, one := range cuts {
		if one.Seq != 0 && !open[user] && (!is || one.Seq < c.Seq) {
			c, is = one, true
		}
	}
	return c, is
}

// user is the account of a flow.
func (r *reaching) user(account string) string {
	if a, ok := r.accounts[account]; ok {
		return a.User()
	}
	return account
}

// cause is what has made the phone unreachable: Seq is 0 where nothing of the kind is
// known. wish says that the phone does not want to be reached: it has not registered, or
// has taken that back.
func (r *reaching) cause(now time.Duration) (m Mark, wish bool) {
	if c, cut := r.cut(); cut {
		return c.Mark, false
	}
	tried, active := false, false
	for _, b := range r.bindings {
		if b.active && b.until > 0 && now > b.until {
			m, tried = Mark{b.last.Seq, b.until}, true
			continue
		}
		active = active || b.active
		tried = tried || b.active || b.gone.Seq != 0 && !b.wish
		if !b.active && !b.wish && b.gone.Seq > m.Seq {
			m = b.gone
		}
	}
	switch {
	case !tried:
		return Mark{}, true
	case r.life.Seq != 0:
		return r.life, false
	case active:
		return Mark{}, false
	}
	return m, false
}

// failed reports whether that cause is a registration that failed: no keepalive mends it, as
// the connection is there, but what the app says of its next try.
func (r *reaching) failed(cause Mark) bool {
	for _, b := range r.bindings {
		if b.failed && b.gone == cause {
			return true
		}
	}
	return false
}
