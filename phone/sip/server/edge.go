package server

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/push"
)

// An edge is where a request waits for its phone (RFC 8599): the binding of a
// phone that can be pushed to is kept when its connection is gone, and an INVITE
// for it is held until the phone has registered again.
//
//	INVITE ─▶ 100 ─▶ push ─▶ … ─▶ REGISTER ─▶ INVITE over the new connection
//	                   │      └─ push-wait is over: 480
//	                   └─ the push service refuses it: 480
//
// So is a request in a call, if the phone has named its binding in the call's
// Contact (see [locations]).
type edge struct {
	loop   *loop.Loop
	pushes *pushes
	held   map[*user][]*held
}

// maxHeld bounds the requests that wait for one user's phones.
const maxHeld = 16

// A held is a request, mostly an INVITE, that waits for a phone to register.
type held struct {
	of     *binding // as it was when the request came
	what   string   // the request, for the log
	awake  func(now *binding)
	giveUp func()
	pushed bool // the phone was pushed to for it
	alarm  loop.Alarm
}

// hold pushes to a phone and keeps a request until it registers. It reports false
// if too many wait for that user.
func (e *edge) hold(h *held, tells push.Payload, wait time.Duration) bool {
	h.pushed = true
	if !e.keep(h, wait) {
		return false
	}
	e.loop.Note("held", h.of.user.name, h.what)
	e.pushes.call(h.of, tells)
	return true
}

// keep keeps a request until its phone registers, and reports false if too many wait for
// that user.
func (e *edge) keep(h *held, wait time.Duration) bool {
	u := h.of.user
	if len(e.held[u]) >= maxHeld {
		e.loop.Note("refused", u.name, fmt.Sprintf("%d calls wait for its phones", maxHeld))
		return false
	}
	e.held[u] = append(e.held[u], h)
	e.loop.Set(&h.alarm, wait, func() {
		e.loop.Note("gave up", u.name, fmt.Sprintf("it has not registered within %s", wait.Round(100*time.Millisecond)))
		h.giveUp()
	})
	return true
}

// isFor reports whether a request waits for the phone that has made a binding.
func (h *held) isFor(b *binding) bool {
	if h.pushed {
		return h.of.same(b)
	}
	return h.of.followedBy(b)
}

// release takes a request out, because it is sent or given up.
func (e *edge) release(h *held) {
	e.loop.Clear(&h.alarm)
	drop(e.held, h.of.user, h)
}

// bound dispatches what was held for a phone that has registered. It comes
// after the answer to the REGISTER.
func (e *edge) bound(b *binding) {
	for _, h := range slices.Clone(e.held[b.user]) {
		if h.isFor(b) {
			e.loop.Then(func() { e.dispatch(h, b) })
		}
	}
}

func (e *edge) dispatch(h *held, b *binding) {
	if !slices.Contains(e.held[b.user], h) || b.conn.closed || h.pushed && b.conn.breaks(e.pushes.faults.Ghost) {
		return // over meanwhile, or gone again
	}
	e.release(h)
	h.awake(b)
}

// refused gives up what has waited for a push that the push service does not take
// (RFC 8599 §5.6.2).
func (e *edge) refused(u *user, token string) {
	for _, h := range slices.Clone(e.held[u]) {
		if h.pushed && h.of.push.PRID == token {
			h.giveUp()
		}
	}
}
