package server

import (
	"slices"
	"strings"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// itself answers a request that is for the server and none of its users, after looking at
// the method and what is required, in this order (RFC 3261 §8.2).
func (p *proxy) itself(req *grammar.Request) *grammar.Response {
	if !slices.Contains(strings.Split(allowed, ", "), string(req.Method)) { // RFC 3261 §8.2.1
		return respondWith(p.loop, req, 405, "Allow", allowed)
	}
	if refusal := unsupported(p.loop, req); refusal != nil {
		return refusal
	}
	switch {
	case req.Method == grammar.OPTIONS:
		res := respond(p.loop, req, 200)
		add(res, "Allow", allowed)
		add(res, "Allow-Events", allowEvents())
		add(res, "Accept", bodies)
		return res
	case req.To().Params.Has("tag"), req.Method == grammar.BYE: // RFC 3261 §12.2.2, §15.1.2
		return respond(p.loop, req, 481)
	}
	return respond(p.loop, req, 404)
}

// unsupported refuses a request that the server is to serve, and that requires an
// extension other than those that are known for it (RFC 3261 §8.2.2.3); nil means that
// it requires none. A request that is sent on may require what it likes.
func unsupported(l *loop.Loop, req *grammar.Request, known ...string) *grammar.Response {
	lacks := slices.DeleteFunc(sip.Values(req, "require"), func(tag string) bool { return slices.Contains(known, strings.ToLower(tag)) })
	if len(lacks) == 0 {
		return nil
	}
	return respondWith(l, req, 420, "Unsupported", strings.Join(lacks, ", "))
}

// loops reports whether a request is one that the server has sent on itself, and that
// has come back as it was: one of its Vias is the server's, of a request that is still
// under way, and it leads where that came to (RFC 3261 §16.3 step 4, RFC 5393 §4.2). One
// that has come back for somebody else is a spiral, which is allowed.
func (p *proxy) loops(req *grammar.Request) bool {
	for _, h := range req.Headers() {
		via, is := h.(*grammar.ViaHeader)
		if !is {
			continue
		}
		branch, _ := via.Params.Get("branch")
		b := p.branches[p.tx.Client(sip.Key{Branch: branch, Method: string(req.Method)})]
		if b != nil && sameWay(b.ctx.req, req) {
			return true
		}
	}
	return false
}

// sameWay reports whether two requests are routed alike.
func sameWay(a, b *grammar.Request) bool {
	return a.Recipient.String() == b.Recipient.String() && slices.Equal(sip.Values(a, "route"), sip.Values(b, "route"))
}
