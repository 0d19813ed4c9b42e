package server

import (
	"slices"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// drops reports whether a response is dropped, and says why: it is to another request
// than the one whose branch it has, or from somebody whom that was not sent to. Its caller
// would take it for the answer of whom it has called.
func (p *proxy) drops(c *conn, res *grammar.Response) bool {
	tx := p.tx.SentWith(res)
	if tx == nil || c.own() {
		return false
	}
	now, tidiness := p.loop.Now(), &c.table.tidiness
	at, to := p.sentTo(tx)
	foreign, warnings := tidiness.Repeated(now, tx.Request, res, c.remote)
	if at != nil && !c.speaksFor(at, to) {
		foreign, warnings = true, tidiness.Intruded(now, tx.Request, res, c.remote, at.nameOf(to))
	}
	for _, w := range warnings {
		p.loop.Log(w)
	}
	return foreign
}

// sentTo is where a request went: over which connection, and to which binding of a user;
// nil is none.
func (p *proxy) sentTo(tx *sip.ClientTransaction) (*conn, *binding) {
	b := p.branches[tx]
	if b == nil {
		b = p.cancels[tx]
	}
	if b != nil {
		return b.conn, b.to
	}
	if asked := p.asked[tx]; asked != nil {
		return asked.conn, nil
	}
	return nil, nil
}

// speaksFor reports whether who is at the other end of a connection may answer what was
// sent over another one, to a binding if it was one of a user: it is the same one, or one
// that the same phone has registered over (RFC 5626 §4.2).
func (c *conn) speaksFor(at *conn, to *binding) bool {
	return c == at || slices.ContainsFunc(c.bindings, func(b *binding) bool {
		return to != nil && b.ofPhone(to) || slices.ContainsFunc(at.bindings, b.ofPhone)
	})
}

// ofPhone reports whether two bindings are of one phone of one user, be it over different
// flows.
func (b *binding) ofPhone(other *binding) bool {
	if b.user != other.user {
		return false
	}
	mine, _, named := b.device()
	its, _, alike := other.device()
	return named && alike && mine == its || b.same(other)
}

// nameOf is who was at the other end when a request for a binding was sent there.
func (c *conn) nameOf(to *binding) string {
	if to == nil {
		return c.name()
	}
	return to.user.name + " " + c.remote.String()
}
