package lab

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The edge is the lab's part of RFC 8599: it keeps the binding of a phone that
// can be pushed to when its connection is gone, and holds an INVITE for it
// until the phone has registered again.
//
//	INVITE ─▶ 100 ─▶ push ─▶ … ─▶ REGISTER ─▶ INVITE over the new connection
//	                   │      └─ push-wait is over: 480
//	                   └─ the push service refuses it: 480
//
// So is a request in a call, if the phone has named its binding in the call's
// Contact (see purr.go).

const (
	// defaultPushWait is how long an INVITE is held: our own number, longer
	// than a slow REGISTER takes, and shorter than 64*T1, after which callers
	// give up who have only heard 100. OpenSIPS waits 6 s (registrar,
	// pn_refresh_timeout), an Asterisk dial plan in the wild 8 s
	// (linphone-iphone issue 308), Flexisip 90 s (call-fork-timeout).
	defaultPushWait = 30 * time.Second
	// defaultPushExpires is the longest registration of a phone that can be
	// pushed to: one that sleeps without a connection cannot refresh, and a
	// push to have it do so would ring. Flexisip's max-expires is a day.
	defaultPushExpires = 24 * time.Hour
	// maxRequestWait bounds how long a request is held that is no INVITE: its
	// sender gives it up after 64*T1, and must have our answer before (RFC 8599
	// §5.6.2).
	maxRequestWait = 64*sip.T1 - 2*time.Second
	// maxHeld bounds the INVITEs that wait for one user's phones.
	maxHeld = 16
)

// A held is a request, mostly an INVITE, that waits for a phone to register.
type held struct {
	ctx   *context
	of    *binding // as it was when the INVITE came
	rest  []string // of the request's route
	alarm alarm
}

// wakeable reports whether the phone can be pushed to.
func (b *binding) wakeable() bool { return b.push.Wakes() }

// sleeps reports whether the only way to a target is a push.
func (t target) sleeps() bool { return t.binding != nil && t.binding.wakeable() && t.conn.closed }

// forgetSleepers drops the phones that are there only by push.
func (u *user) forgetSleepers() {
	for _, b := range slices.Clone(u.bindings) {
		if b.conn.closed {
			b.remove()
		}
	}
}

// send sends a request on to a target, or holds it until that is awake.
func (x *context) send(t target, rest []string) {
	switch {
	case !t.sleeps():
		x.forward(t, rest)
	case !x.wakesFor():
		x.consider(x.lab.respond(x.req, x.unreached()))
	case t.conn.breaks(pushTrustsFlow):
		x.forward(t, rest)
	case t.conn.breaks(pushTooEarly):
		x.lab.pushFor(t.binding, x.tells())
		x.forward(t, rest)
	default:
		x.hold(t.binding, rest)
	}
}

// hold pushes to a phone and keeps the request until it registers.
func (x *context) hold(b *binding, rest []string) {
	l, u := x.lab, b.user
	if len(u.held) >= maxHeld {
		l.note("refused", u.name, fmt.Sprintf("%d calls wait for its phones", maxHeld))
		x.consider(l.respond(x.req, 503))
		return
	}
	h := &held{ctx: x, of: b, rest: rest}
	u.held = append(u.held, h)
	x.held = append(x.held, h)
	l.note("held", u.name, h.name())
	l.pushFor(b, x.tells())
	wait := x.pushWait()
	l.alarms.set(&h.alarm, l.now.Add(wait), func() {
		l.note("gave up", u.name, fmt.Sprintf("it has not registered within %s", wait))
		h.end(x.unreached())
	})
}

func (h *held) name() string { return string(h.ctx.req.Method) + " " + h.ctx.req.CallID().Value() }

// crossed reports whether a request that is worth a push has met the end of its
// connection, at a phone that can be pushed to.
func (b *branch) crossed() bool {
	return b.to != nil && b.to.wakeable() && !b.heard && !b.cancelled && b.ctx.wakesFor() && !b.conn.breaks(pushTrustsFlow)
}

// wakesFor reports whether a request is worth a push: a new call is, and in a
// call whatever the phone has let itself be woken for.
func (x *context) wakesFor() bool {
	return x.isNewCall() || x.inDialog() && x.lab.purrOf(x.req) != nil && !x.lab.bad[pushNotInCalls]
}

func (x *context) isNewCall() bool { return x.req.IsInvite() && !x.inDialog() }
func (x *context) inDialog() bool  { return x.req.To().Params.Has("tag") }

// unreached is the status with which a request is given up: in a call one that
// leaves the call as it is (RFC 8599 §6.2.3, RFC 5057 §5.1).
func (x *context) unreached() int {
	switch {
	case x.inDialog():
		return 504
	case x.lab.bad[pushUnavailable]:
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
	x.lab.alarms.clear(&h.alarm)
	x.held = without(x.held, h)
	h.of.user.held = without(h.of.user.held, h)
}

// end gives a held request up.
func (h *held) end(status int) {
	h.leave()
	h.ctx.consider(h.ctx.lab.respond(h.ctx.req, status))
	h.ctx.finish()
}

// releaseAll gives up what a context holds, because the call is over.
func (x *context) releaseAll(status int) {
	for _, h := range slices.Clone(x.held) {
		h.end(status)
	}
}

// awake dispatches what was held for a phone that has registered. It comes
// after the answer to the REGISTER.
func (l *Lab) awake(b *binding) {
	for _, h := range slices.Clone(b.user.held) {
		if h.of.same(b) {
			l.then(func() { h.dispatch(b) })
		}
	}
}

// same reports whether two bindings are of one phone: of one instance, or of
// one token.
func (b *binding) same(other *binding) bool {
	return b.id == other.id || b.wakeable() && b.push.PRID == other.push.PRID
}

// dispatch sends a held request over the phone's new connection.
func (h *held) dispatch(b *binding) {
	x := h.ctx
	if !slices.Contains(x.held, h) || b.conn.closed || b.conn.breaks(pushGhost) {
		return // over meanwhile, or gone again
	}
	h.leave()
	t := target{b.conn, b.uri, b}
	if x.inDialog() {
		t.uri = x.req.Recipient // the phone knows it by that
	}
	if b.conn.breaks(pushStaleFlow) {
		t.conn = h.of.conn
	}
	x.lab.note("dispatched", b.user.name, h.name()+" to "+t.conn.remote.String())
	x.forward(t, h.rest)
	if b.conn.breaks(pushCancelAtOnce) {
		x.cancelAll()
	}
}

// pushFor pushes to a phone for a call.
func (l *Lab) pushFor(b *binding, what push.Payload) {
	if l.bad[pushLate] {
		l.alarms.set(&alarm{}, l.now.Add(lateness), func() { l.sendPush(b, true, what, time.Hour) })
		return
	}
	l.sendPush(b, true, what, l.cfg.PushTTL.duration)
}

// sendPush hands a push to the service; with a ttl of zero it is tried once.
func (l *Lab) sendPush(b *binding, high bool, what push.Payload, ttl time.Duration) {
	p := system.Push{Token: b.push.PRID, Provider: b.push.Provider, Param: b.push.Param, High: high, Payload: what.Map()}
	switch {
	case l.bad[pushLost]:
		p.Token = "not-" + p.Token
	case l.bad[pushOldToken]:
		p.Token = b.user.firstToken
	}
	if ttl > 0 {
		p.Expires = l.now.Add(ttl)
	}
	l.ask(system.SendPush{Push: p})
}

// pushWait is how long the request is held.
func (x *context) pushWait() time.Duration {
	wait := x.lab.cfg.PushWait
	switch bad := x.lab.bad; {
	case bad[pushNoWait] || bad[pushUnavailable]:
		wait = 0
	case bad[pushShortWait]:
		wait = shortWait
	}
	if !x.req.IsInvite() {
		wait = min(wait, maxRequestWait)
	}
	return wait
}

// pushRefused is the push service's answer that it does not take a push: who
// waits for the phone waits in vain (RFC 8599 §5.6.2). A token that is none any
// more is not pushed to again.
func (l *Lab) pushRefused(s system.PushRefused) {
	for _, name := range l.userNames() {
		u := l.users[name]
		for _, h := range slices.Clone(u.held) {
			if h.of.push.PRID == s.Token {
				h.end(h.ctx.unreached())
			}
		}
		for _, b := range slices.Clone(u.bindings) {
			if b.push.PRID != s.Token {
				continue
			}
			l.note("not woken", u.name, "the push service refused: "+s.Why)
			if push.TokenGone(s.Why) {
				l.unpushable(b)
			}
		}
	}
}

// unpushable is a phone whose token is none any more.
func (l *Lab) unpushable(b *binding) {
	b.push = push.Params{}
	l.alarms.clear(&b.refresh)
	if b.conn.closed {
		b.remove()
	}
}

// pushByHand is the verb "push".
func (l *Lab) pushByHand(args []string) error {
	u := l.users[args[0]]
	if u == nil {
		return fmt.Errorf("no user %q%s", args[0], hint(args[0], l.userNames()))
	}
	high := len(args) == 1 || args[1] == push.Priority(true)
	pushed := false
	for _, b := range u.bindings {
		if b.wakeable() {
			l.sendPush(b, high, push.Payload{Name: "the lab", Peer: "sip:lab@" + l.cfg.Domain}, l.cfg.PushWait)
			pushed = true
		}
	}
	if !pushed {
		return fmt.Errorf("%s has not registered to be pushed to", u.name)
	}
	return nil
}
