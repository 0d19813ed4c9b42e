package sip

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// A change is ours of the session of a call: the one that is under way, and the next,
// which has to wait.
type change struct {
	offer  []byte    // that has no answer
	later  bool      // another one waits
	until  time.Time // both sides have asked at once: no sooner than then; else zero
	glares int       // in a row, see maxGlares
}

// changing reports whether an offer is under way, in whichever direction, or a request
// that leaves no room for one.
func (c *call) changing() bool {
	return c.modify != nil || c.update.sent != nil || c.update.asked != nil || c.ok.res != nil || c.uas != nil
}

// offerAgain tells the program that a change which had to wait can be offered now. It
// makes the offer anew: the session may be another by then.
func (c *call) offerAgain(s *step) {
	w := &c.change
	if !w.later || c.changing() || !w.until.IsZero() {
		return
	}
	w.later = false
	s.Notice(control.ModifyAgain{ID: c.id})
}
