package server

import (
	"slices"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// locations find the binding that a request is for by what its URI says: a
// contact of now, a contact of before, or a PURR.
//
// A PURR (Proxy Unique Registration Reference, RFC 8599 §6) is the name of a
// binding that a phone puts in the Contact of its calls: a request in a call has
// no token in it, and the address in it may be one that the phone had before it
// slept. Nobody else can tell whose it is, or make one: it is drawn at random,
// anew for each connection.
type locations struct {
	contacts map[string][]*binding // by contactKey, current ones of one user, oldest first
	former   map[string]*binding   // by contactKey, those that were replaced, the last of each
	purrs    map[string]*binding   // by PURR, current ones and those that were replaced
}

const (
	// maxFormer is how many old contacts of an account are remembered: a
	// phone that registered anew over another connection is still reached
	// in calls that began before.
	maxFormer = 16
	// purrLength is how many letters and digits of [loop.Loop.Token]: 124 bits.
	purrLength = 24
	// maxPURRs is how many of one user are remembered, for calls that began
	// with them.
	maxPURRs = 32
)

func newLocations() locations {
	return locations{map[string][]*binding{}, map[string]*binding{}, map[string]*binding{}}
}

// add finds a binding by its contact from now on, unless it is that of another user: it
// would be called in the place of that one.
func (ls *locations) add(b *binding) {
	key := contactKey(b.uri)
	if others := ls.contacts[key]; len(others) == 0 || others[0].user == b.user {
		ls.contacts[key] = append(others, b)
	}
}

// remove remembers whose the contact was.
func (ls *locations) remove(b *binding) {
	key := contactKey(b.uri)
	if !slices.Contains(ls.contacts[key], b) {
		return
	}
	if drop(ls.contacts, key, b); len(ls.contacts[key]) == 0 {
		ls.remember(b, key)
	}
}

func (ls *locations) remember(b *binding, key string) {
	u, was := b.user, ls.former[key]
	if was != nil && was.user != u {
		return
	}
	ls.former[key] = b
	if slices.Contains(u.former, key) {
		return
	}
	if len(u.former) == maxFormer {
		delete(ls.former, u.former[0])
		u.former = u.former[1:]
	}
	u.former = append(u.former, key)
}

// bindingAt is the binding of a contact, or nil. A user may have several with one key: they
// differ in a parameter, or are those of two phones that believe to have one address. The
// one that is the same URI is taken, then the one over far, then the newest; and none if
// no URI is the same and far, the other end of a call, leads to another phone of the user.
func (ls *locations) bindingAt(uri grammar.Uri, far *conn) *binding {
	all := ls.contacts[contactKey(uri)]
	if len(all) == 0 {
		return nil
	}
	exact := slices.DeleteFunc(slices.Clone(all), func(b *binding) bool { return !sip.SameURI(withoutPush(b.uri), withoutPush(uri)) })
	if len(exact) > 0 {
		all = exact
	}
	if i := slices.IndexFunc(all, func(b *binding) bool { return b.conn == far }); i >= 0 {
		return all[i]
	}
	if len(exact) == 0 && far != nil && far.serves(all[0].user.name) {
		return nil
	}
	return all[len(all)-1]
}

// movedFrom is the binding of the phone that used to be at a contact, the newest one, of
// those that are open if there are any; or nil.
func (ls *locations) movedFrom(uri grammar.Uri) (found *binding) {
	was := ls.former[contactKey(uri)]
	if was == nil {
		return nil
	}
	for _, b := range was.user.bindings {
		if was.followedBy(b) && (found == nil || found.conn.closed || !b.conn.closed) {
			found = b
		}
	}
	return found
}

// followedBy reports whether another binding of the user may be that of the same phone.
// Those without an instance cannot be told apart.
func (b *binding) followedBy(other *binding) bool {
	nameless := func(b *binding) bool {
		_, _, named := b.device()
		return !named
	}
	return b.ofPhone(other) || b.user == other.user && nameless(b) && nameless(other)
}

// name names a binding.
func (ls *locations) name(b *binding, purr string) {
	if u := b.user; !slices.Contains(u.purrs, purr) {
		if len(u.purrs) == maxPURRs {
			delete(ls.purrs, u.purrs[0])
			u.purrs = u.purrs[1:]
		}
		u.purrs = append(u.purrs, purr)
	}
	b.purr = purr
	ls.purrs[purr] = b
}

// named is the binding that a request names: the one of today of the phone that
// once had that name; nil if there is none.
func (ls *locations) named(req *grammar.Request) *binding {
	purr, _ := sip.URIParam(&req.Recipient, push.PURRKey)
	old := ls.purrs[purr]
	if old == nil {
		return nil
	}
	for _, b := range old.user.bindings {
		if old.same(b) {
			return b
		}
	}
	return nil
}
