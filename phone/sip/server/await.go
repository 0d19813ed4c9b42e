package server

import (
	"fmt"
	"slices"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// A change of a call, and its end, wait for the next connection of a phone whose flow is
// gone, and which has no other (RFC 5626 §7): it is back within a second mostly, and
// without them it would keep a call that is over, or one end would be held and the other
// not. The caller of a change hears 100 meanwhile, that of a BYE nothing, as there is
// nothing that could be said (RFC 4320 §4.1).
//
//	flow gone ── INVITE, BYE ─▶ held ──── the phone registers ─▶ sent there
//	INVITE sent ── flow gone ─▶ awaited ── the phone registers ─▶ sent again, as it was
//	BYE sent ───── flow gone ─▶ held          └─ 31.5 s after it came: 480
//
// However often the flow is gone, the time is counted from when the request came.
// Any other request is answered 480 at once: whoever sends it may send it again.

// comeback is how long after a request a phone may form a flow again: almost as long as
// its sender waits for a response (timer F, RFC 3261 §17.1.2.2), and as a phone repeats its
// 2xx (§13.3.1.4), for the 408 that follows then would end the call (RFC 5057 §5.1).
const comeback = 63 * sip.T1

// waits reports whether a request is one that waits for a phone that is not there.
func (x *context) waits() bool {
	return x.inDialog() && (x.req.IsInvite() || x.req.Method == grammar.BYE)
}

// awaits has a request wait whose phone is gone when it comes, and reports whether it
// does.
func (x *context) awaits() bool {
	gone, rest := x.proxy.router.gone(x.conn, x.req)
	if gone == nil || !x.waits() {
		return false
	}
	if x.req.IsInvite() {
		x.reply(x.respond(100))
	}
	x.keep(gone, rest)
	x.finish()
	return true
}

// keep holds a request for the next connection of a phone.
func (x *context) keep(gone *binding, rest []string) {
	h := x.holds(gone)
	h.awake = func(now *binding) { x.dispatch(h, now, rest) }
	h.giveUp = func() { x.abandon(h, 480) }
	wait := x.left()
	if wait == 0 || !x.proxy.edge.keep(h, wait) {
		x.consider(x.respond(480))
		return
	}
	x.late = true
	x.held = append(x.held, h)
	x.proxy.loop.Note("held", gone.user.name, fmt.Sprintf("%s: for its next connection, for %s", h.what, event.Round(wait)))
}

// left is how much of the time to wait is left for a request.
func (x *context) left() time.Duration {
	return max(0, x.came.Add(comeback).Sub(x.proxy.loop.Now()))
}

// unanswered is the status for a phone that has not answered. One that has waited for it
// may have left it too little time for that: the change has failed, and the call goes on.
func (x *context) unanswered() int {
	if x.late {
		return 480
	}
	return 408
}

// outlives has a branch go on whose connection is gone, of a change of a call, where the
// phone has no other flow: it may have come to the phone, and then must not come as
// another one. It reports whether it does.
func (b *branch) outlives() bool {
	next, _ := b.nextFlow()
	if b.cancelled || next != nil || b.to == nil || !b.req.IsInvite() || !b.ctx.waits() {
		return false
	}
	h := b.ctx.holds(b.to)
	h.awake, h.giveUp = b.goesOnOver, func() { b.lapse(480) }
	left := b.ctx.left()
	if left == 0 || !b.ctx.proxy.edge.keep(h, left) {
		return false
	}
	b.awaited, b.ctx.late = h, true
	b.ctx.proxy.loop.Note("answer awaited", b.conn.nameOf(b.to), fmt.Sprintf("%s: by its next connection, for %s", h.what, event.Round(left)))
	return true
}

// goesOnOver has such a branch go on over the phone's next connection: what else is sent to
// the phone takes that, too. The request is sent again as it was: who has had it knows it
// by its branch, and repeats the answer (RFC 3261 §17.2.1).
func (b *branch) goesOnOver(now *binding) {
	b.ctx.proxy.loop.Note("dispatched", now.user.name, b.awaited.what+" again, to "+now.conn.remote.String())
	b.conn.branches = without(b.conn.branches, b)
	b.awaited, b.conn, b.to = nil, now.conn, now
	now.conn.branches = append(now.conn.branches, b)
	b.transmit()
}

// owed reports whether a branch is the end of a call that waits for the phone's next
// connection, for its own is gone.
func (b *branch) owed() bool {
	return b.to != nil && !b.req.IsInvite() && b.ctx.waits()
}

// gone is the phone that a request in a call is for, as it was bound last, where that is
// not there and has an end of the call; nil if it is not known. rest is what is left of
// the request's route.
func (r *router) gone(c *conn, req *grammar.Request) (b *binding, rest []string) {
	rest, w, _ := r.follow(c, req)
	b = r.registrar.locations.former[contactKey(req.Recipient)]
	if b == nil || !w.has(r.pseudonym(b.user.name, req.CallID().Value())) {
		return nil, nil
	}
	return b, rest
}

// boundOver is the binding over the other end of a call, of who has that end; nil if there
// is none.
func (r *router) boundOver(w way, callID string) *binding {
	i := slices.IndexFunc(w.far.bindings, func(b *binding) bool { return w.has(r.pseudonym(b.user.name, callID)) })
	if i < 0 {
		return nil
	}
	return w.far.bindings[i]
}
