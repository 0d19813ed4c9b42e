package sip

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// A change is ours of the session of a call: the one that is under way, and the next,
// which has to wait.
type change struct {
	call *call

	sent   *exchange     // our re-INVITE
	offer  []byte        // that has no answer
	later  bool          // another one waits
	until  time.Time     // both sides have asked at once: no sooner than then; else zero
	glares int           // since an offer was decided on, see maxGlares
	losses int           // of flows since then, see maxLosses
	then   func(s *step) // what waits until no change is under way; nil: nothing does
}

// drop gives it up, and the next. A re-INVITE that was sent still wants its answer.
func (w *change) drop() { *w = change{call: w.call, sent: w.sent, then: w.then} }

func (w *change) deadline() time.Time { return w.until }
func (w *change) delay(time.Time)     {} // nothing is given up by then

func (w *change) advance(s *step) {
	w.until = time.Time{}
	w.again(s)
}

// blocked reports whether no offer can be made now: the flow is down, one is under way, in
// whichever direction, or a request that leaves no room for one, or both sides have just
// asked.
func (w *change) blocked() bool {
	c := w.call
	return !c.conn.Up() || w.sent != nil || c.update.sent != nil || c.update.asked != nil || c.ok.res != nil || c.uas != nil || !w.until.IsZero()
}

// again tells the program that a change which had to wait can be offered now. It
// makes the offer anew: the session may be another by then. What else has waited is for
// later, then.
func (w *change) again(s *step) {
	switch {
	case w.blocked():
	case w.later:
		w.later = false
		s.Notice(control.ModifyAgain{ID: w.call.id})
	default:
		w.over(s)
	}
}

// over goes on with what has waited for the change, if anything has.
func (w *change) over(s *step) {
	if then := w.then; then != nil {
		w.then = nil
		then(s)
	}
}

// made is a change that the peer has taken: the session is what was offered.
func (w *change) made(offer []byte) {
	w.call.session, w.offer = offer, nil
	w.decided()
}

// decided notes that the peer has taken an offer, or refused it: what was in the way of it
// has not gone on for ever.
func (w *change) decided() { w.glares, w.losses = 0, 0 }
