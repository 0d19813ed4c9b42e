package lab

import (
	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/push"
)

// A PURR (Proxy Unique Registration Reference, RFC 8599 §6) is the name of a
// binding that a phone puts in the Contact of its calls: a request in a call has
// no token in it, and the address in it may be one that the phone had before it
// slept. Nobody else can tell whose it is, or make one: it is drawn at random,
// anew for each connection.

const (
	// purrLength is how many letters and digits of [Lab.token]: 124 bits.
	purrLength = 24
	// maxPURRs is how many of one user are remembered, for calls that began
	// with them.
	maxPURRs = 32
)

// giveName names a binding: again by the name that it had over this connection,
// else by a new one.
func (l *Lab) giveName(b *binding, purr string) {
	u := b.user
	if purr == "" {
		purr = l.token(purrLength)
		if len(u.purrs) == maxPURRs {
			delete(l.purrs, u.purrs[0])
			u.purrs = u.purrs[1:]
		}
		u.purrs = append(u.purrs, purr)
	}
	b.purr = purr
	l.purrs[purr] = b
}

// purrOf is the binding that a request names: the one of today of the phone that
// once had that name; nil if there is none.
func (l *Lab) purrOf(req *grammar.Request) *binding {
	purr, _ := req.Recipient.UriParams.Get(push.PURRKey)
	old := l.purrs[purr]
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
