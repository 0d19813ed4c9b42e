package server

import (
	"fmt"
	"strings"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/internal/misbehave"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// What the lab serves, and the bodies that it passes on, for whoever asks.
const (
	allowed = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, SUBSCRIBE, PUBLISH"
	bodies  = "application/sdp"
)

// maxPending is how many requests of one connection may wait for their final
// response; more hear 503. A load generator that puts all its calls on one
// connection needs a few hundred.
const maxPending = 1000

// A proxy sends the requests of phones on (RFC 3261 §16): it keeps the state of
// each transaction, stays in the way of dialogs, and forks.
type proxy struct {
	loop      *loop.Loop
	cfg       *Config
	router    router
	gate      gate
	registrar *registrar
	pushes    *pushes
	edge      *edge
	legs      *legs
	notifier  notifier
	published publications
	qualities qualities
	calls     calls
	answers   answers
	waker     Waker // nil: there is none
	faults    misbehave.Proxy

	tx       sip.Transactions
	contexts map[*sip.ServerTransaction]*context
	branches map[*sip.ClientTransaction]*branch
	cancels  map[*sip.ClientTransaction]*branch // by that of their CANCEL
	asked    map[*sip.ClientTransaction]*asked  // requests of the server's own
}

// request takes in a request from a phone.
func (p *proxy) request(c *conn, req *grammar.Request) {
	sip.StampVia(req, c.remote)
	if tx, step := p.tx.Request(p.loop.Now(), req); tx != nil {
		if step.Send != nil {
			c.send(step.Send)
		}
		if step.Pass && req.IsAck() {
			p.forwardAck(c, req)
		}
		p.settleServer(tx)
		return
	}
	switch {
	case req.IsAck():
		p.forwardAck(c, req)
	case req.IsCancel():
		p.cancel(c, req)
	default:
		p.serve(c, req)
	}
}

// serve takes in a new request that wants a response.
func (p *proxy) serve(c *conn, req *grammar.Request) {
	ctx := &context{proxy: p, conn: c, req: req, tx: p.tx.Accept(req, c.transport.Reliable()), came: p.loop.Now()}
	p.contexts[ctx.tx] = ctx
	c.pending++
	if res := p.check(c, req); res != nil {
		ctx.reply(res)
		return
	}
	if p.forces(ctx) {
		return
	}
	user, refusal := p.gate.admit(c, req)
	if refusal != nil {
		ctx.reply(refusal)
		return
	}
	ctx.from = user
	if res := p.own(c, req); res != nil {
		ctx.reply(res)
		return
	}
	p.dispatch(ctx)
}

// dispatch sends a request on to wherever it leads now.
func (p *proxy) dispatch(x *context) {
	p.watch(x)
	if g := p.legs.of(x.req); g != nil {
		g.request(x)
		return
	}
	if p.notifier.serve(x) || p.qualities.serve(x) || p.published.serve(x) || p.redirects(x) {
		return
	}
	rest, targets, status := p.router.route(x.conn, x.req)
	if status == 480 && (x.awaits() || p.legs.serve(x)) {
		return
	}
	if status != 0 {
		x.reply(x.respond(status))
		return
	}
	if x.req.IsInvite() && !x.woken {
		x.reply(x.respond(100))
	}
	if x.wakes(targets) {
		return
	}
	for _, t := range p.misroute(x, targets) {
		x.send(t, rest)
	}
	x.finish()
}

// check refuses what cannot be served (RFC 3261 §16.3).
func (p *proxy) check(c *conn, req *grammar.Request) *grammar.Response {
	hops := req.MaxForwards()
	scheme := req.Recipient.Scheme
	switch {
	case c.pending > maxPending:
		return respond(p.loop, req, 503)
	case scheme != "sip" && scheme != "sips":
		return respond(p.loop, req, 416)
	case hops != nil && *hops == 0 && req.Method != grammar.OPTIONS && !p.router.domain.registers(c, req): // who serves it sends it on to nobody
		return respond(p.loop, req, 483)
	case p.loops(req):
		p.loop.Note("loop", c.name(), fmt.Sprintf("%s %s comes back for %s", req.Method, req.CallID().Value(), req.Recipient.String()))
		return respond(p.loop, req, 482)
	}
	if lacks := sip.Values(req, "proxy-require"); len(lacks) > 0 {
		return respondWith(p.loop, req, 420, "Unsupported", strings.Join(lacks, ", "))
	}
	return nil
}

// own answers what is for the server itself; nil means that it is not.
func (p *proxy) own(c *conn, req *grammar.Request) *grammar.Response {
	switch domain := p.router.domain; {
	case domain.registers(c, req):
		return p.registrar.register(c, req)
	case domain.itself(c, req):
		return p.itself(req)
	}
	return nil
}

// misroute changes the targets of a new call as the proxy does wrong.
func (p *proxy) misroute(x *context, targets []target) []target {
	if !x.isNewCall() {
		return targets
	}
	var out []target
	for _, t := range targets {
		if first := t.conn.firstOfUser(); t.conn.breaks(p.faults.StaleConnection) && first != nil {
			t.conn = first
		}
		out = append(out, t)
		if t.conn.breaks(p.faults.DoubleInvite) {
			out = append(out, t)
		}
	}
	return out
}

// firstOfUser is the first connection that the user of this one registered
// over, open or not.
func (c *conn) firstOfUser() *conn {
	if len(c.bindings) == 0 {
		return nil
	}
	return c.bindings[0].user.first
}

// forwardAck passes on the ACK to a 2xx, which is no transaction.
func (p *proxy) forwardAck(c *conn, req *grammar.Request) {
	if hops := req.MaxForwards(); hops != nil && *hops == 0 {
		return
	}
	if g := p.legs.of(req); g != nil {
		g.acknowledged()
		return
	}
	rest, targets, _ := p.router.route(c, req)
	for _, t := range targets {
		t.conn.send(p.outgoing(c, req, t, rest))
	}
}

// cancel takes in a CANCEL (RFC 3261 §16.10). One whose answer is forced does nothing.
func (p *proxy) cancel(c *conn, req *grammar.Request) {
	ctx := p.contexts[p.tx.Server(sip.InviteKey(req))]
	tx := p.tx.Accept(req, c.transport.Reliable())
	res, after := p.answers.forced(c, req)
	switch {
	case res != nil:
		ctx = nil
	case ctx == nil || !p.gate.sent(c, ctx):
		ctx, res = nil, respond(p.loop, req, 481)
	default:
		res = respond(p.loop, req, 200)
	}
	answer := func() {
		if step := p.tx.Respond(p.loop.Now(), tx, res); step.Send != nil {
			c.send(step.Send)
		}
	}
	if after > 0 {
		p.loop.Set(&loop.Alarm{}, after, answer)
	} else {
		answer()
	}
	if ctx != nil {
		ctx.cancelled = true
		ctx.cancelAll(reasons(req)...)
		ctx.stopWaiting()
		ctx.abandonAll(487)
		if ctx.leg != nil {
			ctx.leg.cancel(487)
		}
	}
}
