package lab

import (
	"fmt"
	"slices"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"sleeptalk/phone/push"
	"sleeptalk/phone/system"
)

// The edge is the lab's part of RFC 8599: it keeps the binding of a phone that
// can be pushed to when its connection is gone, and holds an INVITE for it
// until the phone has registered again.
//
//	INVITE ─▶ 100 ─▶ push ─▶ … ─▶ REGISTER ─▶ INVITE over the new connection
//	                          └─ push-wait is over: 480

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
	// refreshBefore is told to phones as +sip.pnsreg: who is awake refreshes
	// by itself, so long before the end (OpenSIPS: 130 s).
	refreshBefore = "130"
	// maxHeld bounds the INVITEs that wait for one user's phones.
	maxHeld = 16
)

// A held is an INVITE that waits for a phone to register.
type held struct {
	ctx   *context
	of    *binding // as it was when the INVITE came
	rest  []string // of the INVITE's route
	alarm alarm
}

// wakeable reports whether the phone can be pushed to.
func (b *binding) wakeable() bool { return b.push.Provider != "" }

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

// pushOf reads where a contact wants to be pushed to. A status refuses a push
// service that nobody knows.
func (l *Lab) pushOf(contact *grammar.ContactHeader) (p push.Params, status int) {
	p, ok := push.ReadParams(contact.Address.UriParams.Get)
	if !ok || l.cfg.NoPush {
		return push.Params{}, 0
	}
	if push.CheckProvider(p.Provider) != nil {
		return p, 555
	}
	return p, 0
}

// send sends a request on to a target, or holds it until that is awake.
func (x *context) send(t target, rest []string) {
	switch {
	case !t.sleeps():
		x.forward(t, rest)
	case !x.isNewCall():
		x.consider(x.lab.respond(x.req, 480))
	case t.conn.breaks(pushTrustsFlow):
		x.forward(t, rest)
	default:
		x.hold(t.binding, rest)
	}
}

// hold pushes to a phone and keeps the INVITE until it registers.
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
	l.note("held", u.name, "INVITE "+x.req.CallID().Value())
	l.pushFor(b, callOf(x.req))
	l.alarms.set(&h.alarm, l.now.Add(l.pushWait()), func() {
		l.note("gave up", u.name, fmt.Sprintf("it has not registered within %s", l.pushWait()))
		h.end(480)
	})
}

// crossed reports whether a new call has met the end of its connection, at a
// phone that can be pushed to.
func (b *branch) crossed() bool {
	return b.to != nil && b.to.wakeable() && !b.heard && !b.cancelled && b.ctx.isNewCall() && !b.conn.breaks(pushTrustsFlow)
}

// isNewCall reports whether a request is worth a push: nothing else wakes
// anybody.
func (x *context) isNewCall() bool { return x.req.IsInvite() && !x.req.To().Params.Has("tag") }

// callOf is what a push says about an INVITE.
func callOf(req *grammar.Request) push.Payload {
	from := req.From()
	return push.Payload{CallID: req.CallID().Value(), Peer: from.Address.Addr(), Name: from.DisplayName}
}

// leave takes a held INVITE off the lists.
func (h *held) leave() {
	x := h.ctx
	x.lab.alarms.clear(&h.alarm)
	x.held = without(x.held, h)
	h.of.user.held = without(h.of.user.held, h)
}

// end gives a held INVITE up.
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

// dispatch sends a held INVITE over the phone's new connection.
func (h *held) dispatch(b *binding) {
	x := h.ctx
	if !slices.Contains(x.held, h) || b.conn.closed || b.conn.breaks(pushGhost) {
		return // over meanwhile, or gone again
	}
	h.leave()
	t := target{b.conn, b.uri, b}
	if b.conn.breaks(pushStaleFlow) {
		t.conn = h.of.conn
	}
	x.lab.note("dispatched", b.user.name, "INVITE "+x.req.CallID().Value()+" to "+t.conn.remote.String())
	x.forward(t, h.rest)
	if b.conn.breaks(pushCancelAtOnce) {
		x.cancelAll()
	}
}

// pushFor pushes to a phone for a call.
func (l *Lab) pushFor(b *binding, what push.Payload) {
	ttl := orDefault(l.cfg.PushTTL, l.cfg.PushWait)
	if l.bad[pushLate] {
		l.alarms.set(&alarm{}, l.now.Add(lateness), func() { l.sendPush(b, true, what, time.Hour) })
		return
	}
	l.sendPush(b, true, what, ttl)
}

// sendPush hands a push to the service; a ttl that is not positive has it tried
// once.
func (l *Lab) sendPush(b *binding, high bool, what push.Payload, ttl time.Duration) {
	p := system.Push{Token: b.push.PRID, Provider: b.push.Provider, Param: b.push.Param, High: high, Payload: what.Map()}
	if l.bad[pushLost] {
		p.Token = "not-" + p.Token
	}
	if ttl > 0 {
		p.Expires = l.now.Add(ttl)
	}
	l.ask(system.SendPush{Push: p})
}

// pushWait is how long an INVITE is held.
func (l *Lab) pushWait() time.Duration {
	switch {
	case l.bad[pushNoWait]:
		return 0
	case l.bad[pushShortWait]:
		return shortWait
	}
	return l.cfg.PushWait
}

// pushByHand is the verb "push".
func (l *Lab) pushByHand(args []string) error {
	if len(args) == 0 || len(args) > 2 {
		return fmt.Errorf("it is %q", "push USER [high|normal]")
	}
	u := l.users[args[0]]
	if u == nil {
		return fmt.Errorf("no user %q%s", args[0], hint(args[0], l.userNames()))
	}
	priorities := []string{push.Priority(true), push.Priority(false)}
	if len(args) == 2 && !slices.Contains(priorities, args[1]) {
		return fmt.Errorf("no priority %q%s", args[1], hint(args[1], priorities))
	}
	high := len(args) == 1 || args[1] == priorities[0]
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
