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

const (
	// maxHeld bounds the new calls that wait for one user's phones, and apart from those
	// the requests in calls: whoever is in a call keeps nobody else from calling.
	maxHeld = 16
	// maxHeldOfCall bounds those of one call: a change and its end, and a few more.
	maxHeldOfCall = 4
)

// A held is a request, mostly an INVITE, that waits for a phone to register.
type held struct {
	of     *binding // as it was when the request came
	what   string   // the request, for the log
	awake  func(now *binding)
	giveUp func()
	pushed bool   // the phone was pushed to for it
	call   string // the Call-ID of a request in a call; "": it is none
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
	if why := e.full(h); why != "" {
		e.loop.Note("refused", u.name, why)
		return false
	}
	e.held[u] = append(e.held[u], h)
	e.loop.Set(&h.alarm, wait, func() {
		e.loop.Note("gave up", u.name, fmt.Sprintf("it has not registered within %s", wait.Round(100*time.Millisecond)))
		h.giveUp()
	})
	return true
}

// full says why there is no room for one more request to wait; "" is that there is.
func (e *edge) full(h *held) string {
	alike, ofCall := 0, 0
	for _, other := range e.held[h.of.user] {
		if (other.call == "") == (h.call == "") {
			alike++
		}
		if other.call == h.call {
			ofCall++
		}
	}
	switch {
	case h.call == "" && alike >= maxHeld:
		return fmt.Sprintf("%d calls wait for its phones", maxHeld)
	case alike >= maxHeld:
		return fmt.Sprintf("%d requests in calls wait for its phones", maxHeld)
	case h.call != "" && ofCall >= maxHeldOfCall:
		return fmt.Sprintf("%d requests in the call wait for its phone", maxHeldOfCall)
	}
	return ""
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
