package sip

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// Whoever writes a body must not make us see a message in it while the rest of it is
// on its way. So there has to be a pause (our own numbers; in each a segment that was
// lost has been repeated).
const (
	// swallowAfter is how long a body lacks its rest before it is looked into.
	swallowAfter = T2
	// anewAfter is how long, before a read that begins like a message is one.
	anewAfter = 2 * T1
)

// A swallow watches for a Content-Length that is too large: the message waits for its
// rest, and takes those that follow it for its body. If one is to be seen there, or if
// one comes after a pause, the message is given up for it. Else the flow waits on, as
// [Agent.restMissing] says.
type swallow struct {
	a     *Agent
	since time.Time // that the message at the front waits, zero if none does
	at    time.Time // to look into it
}

func (w *swallow) deadline() time.Time   { return w.at }
func (w *swallow) delay(until time.Time) { control.Delay(until, &w.at) }

// awaits notes that a message lacks its rest, or that none does. whole says that
// another began meanwhile.
func (w *swallow) awaits(now time.Time, partial, whole bool) {
	switch {
	case !partial:
		w.since, w.at = time.Time{}, time.Time{}
	case whole || w.since.IsZero():
		w.since, w.at = now, now.Add(swallowAfter)
	}
}

// advance looks into the body.
func (w *swallow) advance(s *step) {
	w.at = time.Time{}
	if w.a.framer.Swallows() {
		w.a.restMissing(s)
	}
}

// arrives looks at a read before it is taken for the rest of a body.
func (w *swallow) arrives(s *step, data []byte) {
	if !w.since.IsZero() && s.Now.Sub(w.since) >= anewAfter && w.a.framer.Interrupted(data) {
		w.a.restMissing(s)
	}
}
