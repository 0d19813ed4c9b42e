package server

import (
	"fmt"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
)

// maxForwards is what a request begins with (RFC 3261 §8.1.1.6).
const maxForwards = 70

// outgoing is a copy of a request as it leaves for a target (RFC 3261 §16.6).
func (p *proxy) outgoing(from *conn, req *grammar.Request, t target, rest []string) *grammar.Request {
	fwd := copyRequest(req, requestURI(t.uri), rest, func(h grammar.Header) bool { return p.gate.drops(from, h) })
	hops := grammar.MaxForwardsHeader(maxForwards)
	if was := req.MaxForwards(); was != nil {
		hops = min(*was, maxForwards) - 1
		fwd.RemoveHeader("Max-Forwards")
	}
	fwd.PrependHeader(&hops)
	switch req.Method {
	case grammar.INVITE, grammar.SUBSCRIBE, grammar.REFER:
		p.router.recordRoute(fwd, from, p.registrar.claimed(from, req), t)
	}
	fwd.PrependHeader(t.conn.via(p.loop))
	return fwd
}

// recordRoute keeps the server in the dialog: in one entry, or in one for each
// side where they speak over different transports (RFC 5658 §5).
func (r *router) recordRoute(fwd *grammar.Request, from *conn, caller string, t target) {
	callee, to := "", t.conn
	if t.binding != nil {
		callee = t.binding.user.name
	}
	token := r.flowToken(from, to, caller, callee, fwd.CallID().Value())
	sides := []*conn{to}
	if from.transport != to.transport {
		sides = []*conn{from, to}
	}
	for _, c := range sides {
		fwd.PrependHeader(grammar.NewHeader("Record-Route", "<"+c.uri(token)+";lr>"))
	}
}

// An own is a request of the server's own.
type own struct {
	method   grammar.RequestMethod
	target   grammar.Uri
	routes   []string
	from, to side
	id       string
	seq      uint32
}

// A side is one of the two ends of a dialog.
type side struct {
	name string // to be shown
	uri  grammar.Uri
	tag  string // "": none yet
}

func (s side) params() (all grammar.HeaderParams) {
	if s.tag != "" {
		all.Add("tag", s.tag)
	}
	return all
}

// over builds it for a connection (RFC 3261 §8.1.1, §12.2.1.1). It has no body yet.
func (o own) over(c *conn, l *loop.Loop) *grammar.Request {
	req := grammar.NewRequest(o.method, requestURI(o.target))
	req.AppendHeader(c.via(l))
	for _, route := range o.routes {
		add(req, "Route", route)
	}
	hops, id := grammar.MaxForwardsHeader(maxForwards), grammar.CallIDHeader(o.id)
	req.AppendHeader(&hops)
	req.AppendHeader(&grammar.FromHeader{DisplayName: o.from.name, Address: *o.from.uri.Clone(), Params: o.from.params()})
	req.AppendHeader(&grammar.ToHeader{DisplayName: o.to.name, Address: *o.to.uri.Clone(), Params: o.to.params()})
	req.AppendHeader(&id)
	req.AppendHeader(&grammar.CSeqHeader{SeqNo: o.seq, MethodName: o.method})
	req.SetBody(nil)
	return req
}

// uri is where a peer reaches the server over a connection.
func (c *conn) uri(user string) string {
	return fmt.Sprintf("sip:%s@%s;transport=%s", user, c.local, c.transport.Param())
}

// via is the Via of a new request over a connection.
func (c *conn) via(l *loop.Loop) *grammar.ViaHeader {
	return &grammar.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: c.transport.Name(),
		Host: c.local.Addr().String(), Port: int(c.local.Port()),
		Params: grammar.HeaderParams{{K: "branch", V: "z9hG4bK" + l.Token(16)}},
	}
}
