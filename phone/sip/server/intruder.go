package server

import (
	"fmt"
	"slices"
	"strconv"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
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
	if at, to := p.sentTo(tx); at != nil && !c.speaksFor(at, to) {
		if !c.sharesAddress(at) {
			p.say(tidiness.Intruded(now, tx.Request, res, c.remote, at.nameOf(to)))
			return true
		}
		p.moved(c, res, at.nameOf(to))
	}
	foreign, warnings := tidiness.Repeated(now, tx.Request, res, c.remote)
	p.say(warnings)
	return foreign
}

func (p *proxy) say(warnings []event.Warning) {
	for _, w := range warnings {
		p.loop.Log(w)
	}
}

// moved notes a response over UDP from another port than its request was sent to.
func (p *proxy) moved(c *conn, res *grammar.Response, to string) {
	if c.table.tidiness.News(p.loop.Now(), res, c.remote, sip.Untidy{Field: "response", Fault: "from port " + strconv.Itoa(int(c.remote.Port()))}) {
		p.loop.Note("another port", to, fmt.Sprintf("%d to %s comes from %s; it is taken, as a NAT may have changed the port", res.StatusCode, res.CSeq().MethodName, c.remote))
	}
}

// sharesAddress reports whether two peers over UDP have one IP address. Then they may be
// one phone, whose NAT has given it another port: a response may come from any (RFC 3261
// §17.1.3, §18.2.2), and a phone that rings has not registered over the new one yet.
func (c *conn) sharesAddress(at *conn) bool {
	return !c.transport.Reliable() && !at.transport.Reliable() && c.remote.Addr() == at.remote.Addr()
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
