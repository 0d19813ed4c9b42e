package server

import (
	"fmt"
	"slices"
	"strings"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

// A gate asks the server's accounts who they are when they call, write, subscribe or ask
// anything else of somebody (RFC 3261 §22.3), and lets nobody else use their names:
//
//	INVITE From alice ─▶ 407 ─▶ INVITE with credentials of alice ─▶ on its way,
//	                           │   P-Asserted-Identity: <sip:alice@…> (RFC 3325 §5)
//	                           └─ with those of bob, or a wrong password ─▶ 403
//
// A guest is anybody whose From names no account of the server: it may call, and
// nothing is asserted of it. What stands in a dialog was asked for when it began, as
// in Kamailio's default configuration.
//
// News that nobody has asked for make a phone ring, blink or restart, so a NOTIFY
// outside of a dialog is from an account or it goes no further (RFC 6665 §4.1.3, where
// a phone answers 481 to it). Those of the server itself pass by.
type gate struct {
	loop      *loop.Loop
	off       bool
	registrar *registrar
	router    *router
	legs      *legs
	notifier  *notifier
}

// asks reports whether the sender of a request has to say who it is: whatever the method,
// a phone may show it, or act on it.
func (g *gate) asks(c *conn, req *grammar.Request) bool {
	switch req.Method {
	case grammar.ACK, grammar.CANCEL: // they cannot be asked (RFC 3261 §22.1)
		return false
	case grammar.BYE, grammar.PRACK, grammar.UPDATE: // only who is in the dialog knows its tags
		if req.To().Params.Has("tag") {
			return false
		}
	case grammar.REGISTER: // the registrar asks
		if g.router.domain.registers(c, req) {
			return false
		}
	case grammar.OPTIONS: // a phone that keeps its way open, and nobody hears it but the server
		if g.router.domain.itself(c, req) {
			return false
		}
	}
	return !g.trusts(c) && !g.began(c, req)
}

// trusts reports whether nobody is asked over a connection.
func (g *gate) trusts(c *conn) bool { return g.off || c.own() }

// began reports whether a request stands in a dialog that came about through the
// server, and is from who it says that it is from: its route is one that the server
// has signed for that call, and it comes over the connection at that end, or over one
// that the account has registered over. A call to elsewhere and a
// subscription are the server's own. A To tag alone proves nothing.
func (g *gate) began(c *conn, req *grammar.Request) bool {
	if !req.To().Params.Has("tag") {
		return false
	}
	who, id := g.registrar.claimed(c, req), req.CallID().Value()
	for _, route := range sip.Values(req, "route") {
		uri, err := uriOf(route)
		if err != nil {
			continue
		}
		f, signed := g.router.flow(uri.User, id)
		if signed && (c.serves(who) || f.has(c, g.router.pseudonym(who, id))) {
			return true
		}
	}
	s := g.notifier.of(req)
	return g.legs.of(req) != nil || s != nil && s.watcher == who
}

// serves reports whether an account has registered over a connection.
func (c *conn) serves(account string) bool {
	return slices.ContainsFunc(c.bindings, func(b *binding) bool { return b.user.name == account })
}

// sent reports whether whoever is at the other end of a connection has sent a request:
// over that connection, or by the account that it said to be from, or the connection is
// gone and the address is the same.
func (g *gate) sent(c *conn, x *context) bool {
	return x.conn == c || c.serves(g.registrar.claimed(x.conn, x.req)) || x.conn.closed && x.conn.remote.Addr() == c.remote.Addr()
}

// admit finds out who sends a request: an account, or "" for a guest; or it refuses
// the request.
func (g *gate) admit(c *conn, req *grammar.Request) (user string, refusal *grammar.Response) {
	if !g.asks(c, req) {
		return "", nil
	}
	name, v, why := g.judge(req)
	claimed := g.registrar.claimed(c, req)
	switch {
	case v == right && g.registrar.forged(c, req, name):
		return "", respond(g.loop, req, 403)
	case v == right:
		return name, nil
	case claimed == "" && req.Method == grammar.NOTIFY:
		return "", g.forbid(c, req, "forbidden", "a guest may not send a NOTIFY outside of a dialog")
	case claimed == "":
		return "", nil
	case v == malformed:
		g.loop.Note("bad credentials", c.name(), why)
		return "", respond(g.loop, req, 400)
	}
	return "", g.unproven(c, req, name, v)
}

// judge judges the credentials of a request.
func (g *gate) judge(req *grammar.Request) (name string, v verdict, why string) {
	return g.registrar.auth.judge(g.loop.Now(), req, "proxy-authorization", g.registrar)
}

// unproven refuses a request whose credentials are wrong, or else asks for some.
func (g *gate) unproven(c *conn, req *grammar.Request, name string, v verdict) *grammar.Response {
	if v == wrong {
		return g.forbid(c, req, "wrong password", fmt.Sprintf("user %s, in a %s", name, req.Method))
	}
	return g.registrar.auth.challenge(g.loop, req, 407, v == stale)
}

func (g *gate) forbid(c *conn, req *grammar.Request, what, why string) *grammar.Response {
	g.loop.Note(what, c.name(), why)
	return respond(g.loop, req, 403)
}

// deny refuses what is not for whoever asks; who has not shown who it is may still do
// so.
func (g *gate) deny(x *context, why string) *grammar.Response {
	name, v, _ := g.judge(x.req)
	if x.from != "" || v == right {
		return g.forbid(x.conn, x.req, "forbidden", why)
	}
	return g.unproven(x.conn, x.req, name, v)
}

// vouch has a request that leaves the server say who sent it, if the server knows and
// the sender does not want to be unknown (RFC 3325 §5, §7).
func (g *gate) vouch(fwd *grammar.Request, user string) {
	if user != "" && !slices.Contains(privacy(fwd), "id") {
		add(fwd, "P-Asserted-Identity", fmt.Sprintf("<sip:%s@%s>", user, g.router.domain))
	}
}

// privacy is what is to be kept from the receiver (RFC 3323 §4.2).
func privacy(req *grammar.Request) []string {
	return strings.FieldsFunc(strings.ToLower(sip.Text(req, "Privacy")), func(r rune) bool { return r == ';' || r == ' ' || r == '\t' })
}

// drops reports whether a header field of what came over a connection goes no
// further: whom an untrusted peer asserts to be (RFC 3325 §5), and credentials that
// were for the server (RFC 3261 §22.3: those for others stay).
func (g *gate) drops(c *conn, h grammar.Header) bool {
	switch grammar.HeaderToLower(h.Name()) {
	case "p-asserted-identity", "p-preferred-identity":
		return !c.own()
	case "proxy-authorization":
		cred, err := digest.ParseCredentials(h.Value())
		return err == nil && cred.Realm == g.registrar.auth.offer.Realm
	}
	return false
}

// strip does the same to a response that is passed on.
func (g *gate) strip(c *conn, res *grammar.Response) {
	for _, h := range slices.Clone(res.Headers()) {
		if g.drops(c, h) {
			res.RemoveHeader(h.Name())
		}
	}
}
