package lab

import (
	"fmt"
	"net/netip"
	"strings"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// maxPending is how many requests of one connection may wait for their final
// response; more hear 503. A load generator that puts all its calls on one
// connection needs a few hundred.
const maxPending = 1000

// maxForwards is what a request begins with (RFC 3261 §8.1.1.6).
const maxForwards = 70

// request takes in a request from a phone.
func (c *conn) request(req *grammar.Request) {
	l := c.lab
	if c.betray(req) {
		return
	}
	sip.StampVia(req, c.remote)
	if tx, step := l.tx.Request(l.now, req); tx != nil {
		if step.Send != nil {
			c.send(step.Send)
		}
		if step.Pass && req.IsAck() {
			l.forwardAck(c, req)
		}
		l.settleServer(tx)
		return
	}
	switch {
	case req.IsAck():
		l.forwardAck(c, req)
	case req.IsCancel():
		l.cancel(c, req)
	default:
		l.serve(c, req)
	}
}

// serve takes in a new request that wants a response.
func (l *Lab) serve(c *conn, req *grammar.Request) {
	ctx := &context{lab: l, conn: c, req: req, tx: l.tx.Accept(req, c.transport.Reliable())}
	l.contexts[ctx.tx] = ctx
	c.pending++
	if res := l.check(c, req); res != nil {
		ctx.reply(res)
		return
	}
	if res := l.own(c, req); res != nil {
		ctx.reply(res)
		return
	}
	l.dispatch(ctx)
}

// dispatch sends a request on to wherever it leads now.
func (l *Lab) dispatch(x *context) {
	if g := l.legOf(x.req); g != nil {
		g.request(x)
		return
	}
	rest, targets, status := l.route(x.conn, x.req)
	if status == 480 && l.gateway(x) {
		return
	}
	if status != 0 {
		x.reply(l.respond(x.req, status))
		return
	}
	if x.req.IsInvite() && !x.rung {
		x.reply(l.respond(x.req, 100))
	}
	if x.wakes(targets) {
		return
	}
	for _, t := range l.misroute(x.req, targets) {
		x.send(t, rest)
	}
	x.finish()
}

// check refuses what cannot be served (RFC 3261 §16.3).
func (l *Lab) check(c *conn, req *grammar.Request) *grammar.Response {
	hops := req.MaxForwards()
	scheme := req.Recipient.Scheme
	switch {
	case c.pending > maxPending:
		return l.respond(req, 503)
	case scheme != "sip" && scheme != "sips":
		return l.respond(req, 416)
	case hops != nil && *hops == 0 && req.Method != grammar.OPTIONS:
		return l.respond(req, 483)
	case text(req, "Proxy-Require") != "":
		res := l.respond(req, 420)
		add(res, "Unsupported", text(req, "Proxy-Require"))
		return res
	}
	return nil
}

// own answers what is for the lab itself; nil means that it is not.
func (l *Lab) own(c *conn, req *grammar.Request) *grammar.Response {
	uri := req.Recipient
	hops := req.MaxForwards()
	last := hops != nil && *hops == 0
	switch {
	case req.Method == grammar.REGISTER && l.ours(c, uri):
		return l.register(c, req)
	case !last && (uri.User != "" || !l.ours(c, uri) || len(sip.Values(req, "route")) > 1):
		return nil
	case req.Method == grammar.OPTIONS:
		res := l.respond(req, 200)
		add(res, "Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER")
		add(res, "Accept", "application/sdp")
		return res
	}
	return l.respond(req, 404)
}

// ours reports whether the host of a URI is the lab: its domain, or the
// address of the connection.
func (l *Lab) ours(c *conn, uri grammar.Uri) bool {
	if strings.EqualFold(uri.Host, l.cfg.Domain) {
		return true
	}
	if uri.Port != 0 && uri.Port != int(c.local.Port()) {
		return false
	}
	if strings.EqualFold(uri.Host, "localhost") {
		return c.local.Addr().IsLoopback()
	}
	addr, err := netip.ParseAddr(strings.Trim(uri.Host, "[]"))
	return err == nil && addr.Unmap() == c.local.Addr().Unmap()
}

// outgoing is a copy of a request as it leaves for a target (RFC 3261 §16.6).
func (l *Lab) outgoing(from *conn, req *grammar.Request, t target, rest []string) *grammar.Request {
	fwd := copyRequest(req, *t.uri.Clone(), rest)
	hops := grammar.MaxForwardsHeader(maxForwards)
	if was := req.MaxForwards(); was != nil {
		hops = min(*was, maxForwards) - 1
		fwd.RemoveHeader("Max-Forwards")
	}
	fwd.PrependHeader(&hops)
	local := t.conn.local
	switch req.Method {
	case grammar.INVITE, grammar.SUBSCRIBE, grammar.REFER:
		l.recordRoute(fwd, from, t.conn)
	}
	fwd.PrependHeader(&grammar.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: t.conn.transport.Name(),
		Host: local.Addr().String(), Port: int(local.Port()),
		Params: grammar.HeaderParams{{K: "branch", V: "z9hG4bK" + l.token(16)}},
	})
	return fwd
}

// recordRoute keeps the lab in the dialog: in one entry, or in one for each
// side where they speak over different transports (RFC 5658 §5).
func (l *Lab) recordRoute(fwd *grammar.Request, from, to *conn) {
	token := l.flowToken(from, to)
	sides := []*conn{to}
	if from.transport != to.transport {
		sides = []*conn{from, to}
	}
	for _, c := range sides {
		fwd.PrependHeader(grammar.NewHeader("Record-Route", fmt.Sprintf("<sip:%s@%s;transport=%s;lr>", token, c.local, c.transport)))
	}
}

// forwardAck passes on the ACK to a 2xx, which is no transaction.
func (l *Lab) forwardAck(c *conn, req *grammar.Request) {
	if hops := req.MaxForwards(); hops != nil && *hops == 0 {
		return
	}
	if g := l.legOf(req); g != nil {
		g.acknowledged()
		return
	}
	rest, targets, _ := l.route(c, req)
	for _, t := range targets {
		t.conn.send(l.outgoing(c, req, t, rest))
	}
}

// cancel takes in a CANCEL (RFC 3261 §16.10).
func (l *Lab) cancel(c *conn, req *grammar.Request) {
	ctx := l.contexts[l.tx.Server(sip.InviteKey(req))]
	tx := l.tx.Accept(req, c.transport.Reliable())
	status := 481
	if ctx != nil {
		status = 200
	}
	step := l.tx.Respond(l.now, tx, l.respond(req, status))
	if step.Send != nil {
		c.send(step.Send)
	}
	if ctx != nil {
		ctx.cancelled = true
		ctx.cancelAll()
		ctx.stopWaiting()
		ctx.releaseAll(487)
		if ctx.leg != nil {
			ctx.leg.cancel(487)
		}
	}
}
