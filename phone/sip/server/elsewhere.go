package server

import (
	"net/netip"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/internal/misbehave"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
)

// Elsewhere knows the users who can be reached by another protocol than SIP. One
// who is registered by SIP is called by SIP.
type Elsewhere interface {
	// Find is a user who is online; ok is false if there is none of that name.
	Find(user string) (p Party, ok bool)
}

// A Party is a user who is online elsewhere. What becomes of a call is said to
// [Server.Answered].
type Party interface {
	User() string
	Call(control.Incoming)
	// Passed is told that the caller has heard that the call rings, 180, or is
	// answered, 200.
	Passed(status int)
	End(call string)
	Text(control.Texted)
}

// legs are the calls between SIP and elsewhere.
type legs struct {
	loop      *loop.Loop
	elsewhere Elsewhere                     // nil: there is nobody
	send      func(*conn, *grammar.Request) // a request of our own
	faults    misbehave.Proxy
	byID      map[string]*leg // by Call-ID
}

// serve serves a request for a user who is elsewhere, and reports whether there
// is one.
func (ls *legs) serve(x *context) bool {
	if ls.elsewhere == nil {
		return false
	}
	party, ok := ls.elsewhere.Find(sip.User(&x.req.Recipient))
	if !ok || x.req.Method != grammar.MESSAGE && !x.isNewCall() {
		return false
	}
	refusal := unsupported(ls.loop, x.req) // a leg has no extension
	switch {
	case refusal != nil:
		x.reply(refusal)
	case x.req.Method == grammar.MESSAGE: // RFC 3428
		ls.message(party, x)
	default:
		ls.invite(party, x)
	}
	return true
}

// message sends a text on.
func (ls *legs) message(party Party, x *context) {
	if sip.Encoded(x.req) {
		x.reply(x.respondWith(415, "Accept-Encoding", "identity"))
		return
	}
	if sip.MediaType(x.req) != "text/plain" {
		x.reply(x.respondWith(415, "Accept", "text/plain"))
		return
	}
	from := x.req.From()
	x.reply(x.respond(200))
	party.Text(control.Texted{From: from.Address.Addr(), Name: from.DisplayName, Text: string(x.req.Body())})
}

// invite calls the user.
func (ls *legs) invite(party Party, x *context) {
	id, from := x.req.CallID().Value(), x.req.From()
	g := &leg{legs: ls, party: party, ctx: x, id: id, tag: ls.loop.Token(10)}
	g.sdp = sdp.Local{
		Addr: netip.AddrPortFrom(x.conn.local.Addr(), discard), Codecs: codec.All(), Direction: sdp.Inactive,
		SessionID: ls.loop.Rand.Uint64() >> 2, Version: 1,
	}
	var refusal *grammar.Response
	switch {
	case len(ls.byID) >= maxLegs:
		refusal = x.respond(503)
	case ls.byID[id] != nil:
		refusal = x.respond(482)
	default:
		refusal = g.describe(x)
	}
	if refusal != nil {
		x.reply(refusal)
		return
	}
	ls.byID[id], x.leg = g, g
	x.reply(x.respond(100))
	ls.loop.Set(&g.alarm, timerC, func() { g.cancel(408) })
	party.Call(control.Incoming{ID: id, From: from.Address.Addr(), Name: from.DisplayName})
}

// of is the call in which a request stands, or nil.
func (ls *legs) of(req *grammar.Request) *leg {
	tag, ok := req.To().Params.Get("tag")
	g := ls.byID[req.CallID().Value()]
	if !ok || g == nil || g.tag != tag {
		return nil
	}
	return g
}

// Answered is what a party says to a call, in the status codes of
// [control.Answer].
func (s *Server) Answered(call string, status int) {
	if g := s.legs.byID[call]; g != nil {
		g.answered(status)
	}
}
