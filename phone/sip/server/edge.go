package server

import (
	"fmt"
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The edge is where a request waits for its phone (RFC 8599): the binding of a
// phone that can be pushed to is kept when its connection is gone, and an INVITE
// for it is held until the phone has registered again.
//
//	INVITE ─▶ 100 ─▶ push ─▶ … ─▶ REGISTER ─▶ INVITE over the new connection
//	                   │      └─ push-wait is over: 480
//	                   └─ the push service refuses it: 480
//
// So is a request in a call, if the phone has named its binding in the call's
// Contact (see [locations]).

// maxHeld bounds the requests that wait for one user's phones.
const maxHeld = 16

// A held is a request, mostly an INVITE, that waits for a phone to register.
type held struct {
	ctx   *context
	of    *binding // as it was when the INVITE came
	rest  []string // of the request's route
	alarm loop.Alarm
}

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

// hold pushes to a phone and keeps the request until it registers.
func (x *context) hold(b *binding, rest []string) {
	l, u := x.proxy.loop, b.user
	if len(u.held) >= maxHeld {
		l.Note("refused", u.name, fmt.Sprintf("%d calls wait for its phones", maxHeld))
		x.consider(x.respond(503))
		return
	}
	h := &held{ctx: x, of: b, rest: rest}
	u.held = append(u.held, h)
	x.held = append(x.held, h)
	l.Note("held", u.name, h.name())
	x.proxy.pushes.call(b, x.tells())
	wait := x.proxy.pushes.waitFor(x.req)
	l.Set(&h.alarm, wait, func() {
		l.Note("gave up", u.name, fmt.Sprintf("it has not registered within %s", wait))
		h.end(x.unreached())
	})
}

func (h *held) name() string { return string(h.ctx.req.Method) + " " + h.ctx.req.CallID().Value() }

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

// leave takes a held request off the lists.
func (h *held) leave() {
	x := h.ctx
	x.proxy.loop.Clear(&h.alarm)
	x.held = without(x.held, h)
	h.of.user.held = without(h.of.user.held, h)
}

// end gives a held request up.
func (h *held) end(status int) {
	h.leave()
	h.ctx.consider(h.ctx.respond(status))
	h.ctx.finish()
}

// releaseAll gives up what a context holds, because the call is over.
func (x *context) releaseAll(status int) {
	for _, h := range slices.Clone(x.held) {
		h.end(status)
	}
}

// bound dispatches what was held for a phone that has registered. It comes
// after the answer to the REGISTER.
func (p *proxy) bound(b *binding) {
	for _, h := range slices.Clone(b.user.held) {
		if h.of.same(b) {
			p.loop.Then(func() { h.dispatch(b) })
		}
	}
}

// dispatch sends a held request over the phone's new connection.
func (h *held) dispatch(b *binding) {
	x := h.ctx
	if !slices.Contains(x.held, h) || b.conn.closed || b.conn.breaks(x.proxy.pushes.faults.Ghost) {
		return // over meanwhile, or gone again
	}
	h.leave()
	t := target{b.conn, b.uri, b}
	if x.inDialog() {
		t.uri = x.req.Recipient // the phone knows it by that
	}
	if b.conn.breaks(x.proxy.pushes.faults.StaleFlow) {
		t.conn = h.of.conn
	}
	x.proxy.loop.Note("dispatched", b.user.name, h.name()+" to "+t.conn.remote.String())
	x.forward(t, h.rest)
	if b.conn.breaks(x.proxy.pushes.faults.CancelAtOnce) {
		x.cancelAll()
	}
}

// pushRefused is the push service's answer that it does not take a push: who
// waits for the phone waits in vain (RFC 8599 §5.6.2). A token that is no longer
// valid is not pushed to again.
func (p *proxy) pushRefused(s system.PushRefused) {
	for _, name := range p.registrar.names() {
		u := p.registrar.users[name]
		for _, h := range slices.Clone(u.held) {
			if h.of.push.PRID == s.Token {
				h.end(h.ctx.unreached())
			}
		}
		for _, b := range slices.Clone(u.bindings) {
			if b.push.PRID != s.Token {
				continue
			}
			p.loop.Note("not woken", u.name, "the push service refused: "+s.Why)
			if push.TokenGone(s.Why) {
				p.registrar.unpushable(b)
			}
		}
	}
}
