package server

import (
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// sleeps reports whether the only way to a target is a push.
func (t target) sleeps() bool { return t.binding != nil && t.binding.wakeable() && t.conn.closed }

// send sends a request on to a target, or holds it until that is awake.
func (x *context) send(t target, rest []string) {
	switch {
	case !t.sleeps():
		x.forward(t, rest)
	case !x.wakesFor():
		x.consider(x.respond(x.unreached()))
	case t.conn.breaks(x.proxy.pushes.faults.TrustsFlow):
		x.forward(t, rest)
	case t.conn.breaks(x.proxy.pushes.faults.TooEarly):
		x.proxy.pushes.call(t.binding, x.tells())
		x.forward(t, rest)
	default:
		x.hold(t.binding, rest)
	}
}

// holds returns the request as one that waits for a phone.
func (x *context) holds(of *binding) *held {
	id := x.req.CallID().Value()
	h := &held{of: of, what: string(x.req.Method) + " " + id}
	if x.inDialog() {
		h.call = id
	}
	return h
}

// hold has the edge hold the request for a phone.
func (x *context) hold(b *binding, rest []string) {
	p := x.proxy
	h := x.holds(b)
	h.awake = func(now *binding) { x.dispatch(h, now, rest) }
	h.giveUp = func() { x.abandon(h, x.unreached()) }
	if !p.edge.hold(h, x.tells(), p.pushes.waitFor(x.req)) {
		x.consider(x.respond(503))
		return
	}
	x.held = append(x.held, h)
}

// dispatch sends the request over the new connection of the phone that it was
// held for.
func (x *context) dispatch(h *held, b *binding, rest []string) {
	faults := x.proxy.pushes.faults
	x.held = without(x.held, h)
	t := target{conn: b.conn, uri: b.uri, binding: b}
	if x.inDialog() {
		t.uri = x.req.Recipient // the phone knows it by that
	}
	if h.pushed && b.conn.breaks(faults.StaleFlow) {
		t.conn = h.of.conn
	}
	x.proxy.loop.Note("dispatched", b.user.name, h.what+" to "+t.conn.remote.String())
	x.forward(t, rest)
	if h.pushed && b.conn.breaks(faults.CancelAtOnce) {
		x.cancelAll()
	}
}

// abandon gives up a copy of the request that was held.
func (x *context) abandon(h *held, status int) {
	x.proxy.edge.release(h)
	x.held = without(x.held, h)
	x.consider(x.respond(status))
	x.finish()
}

// abandonAll gives up what is held, because the call is over.
func (x *context) abandonAll(status int) {
	for _, h := range slices.Clone(x.held) {
		x.recall(h)
		x.abandon(h, status)
	}
}

// recall has a phone that was pushed to for a call told that it is over.
func (x *context) recall(h *held) {
	pushes := x.proxy.pushes
	if !pushes.cancels || !x.isNewCall() {
		return
	}
	what := x.tells()
	what.Purpose = push.Cancelled
	if x.answered {
		what.Purpose = push.Elsewhere
	}
	pushes.cancel(h.of, what)
}

// crossed reports whether a request that is worth a push has met the end of its
// connection, at a phone that can be pushed to.
func (b *branch) crossed() bool {
	return b.to != nil && b.to.wakeable() && !b.heard && !b.cancelled && b.ctx.wakesFor() && !b.conn.breaks(b.ctx.proxy.pushes.faults.TrustsFlow)
}

// wakesFor reports whether a request is worth a push: a new call is, and in a
// call whatever the phone has let itself be woken for.
func (x *context) wakesFor() bool {
	return x.isNewCall() || x.inDialog() && x.proxy.registrar.locations.named(x.req) != nil && !x.proxy.pushes.faults.NotInCalls
}

func (x *context) isNewCall() bool { return x.req.IsInvite() && !x.inDialog() }
func (x *context) inDialog() bool  { return x.req.To().Params.Has("tag") }

// unreached is the status with which a request is given up: in a call one that
// leaves the call as it is (RFC 8599 §6.2.3, RFC 5057 §5.1).
func (x *context) unreached() int {
	switch {
	case x.inDialog():
		return 504
	case x.proxy.pushes.faults.Unavailable:
		return 503
	}
	return 480
}

// tells is what a push says about the request.
func (x *context) tells() push.Payload {
	from := x.req.From()
	p := push.Payload{CallID: x.req.CallID().Value(), Peer: from.Address.Addr(), Name: from.DisplayName}
	if x.inDialog() {
		p.Purpose = push.InCall(string(x.req.Method))
	}
	return p
}

// bound dispatches what was held for a phone.
func (p *proxy) bound(b *binding) { p.edge.bound(b) }

// pushRefused is the push service's answer that it does not take a push: who
// waits for the phone waits in vain.
func (p *proxy) pushRefused(s system.PushRefused) {
	for _, name := range p.registrar.names() {
		u := p.registrar.users[name]
		p.edge.refused(u, s.Token)
		p.registrar.pushRefused(u, s)
	}
}
