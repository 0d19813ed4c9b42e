package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// asked does what a caller wishes who asks to be answered without a user, and
// reports whether that is at once. It is the wish of whoever calls: an app that
// has not been told to obey it lets the call ring, as does one whose user talks
// to somebody.
func (d *reception) asked(now time.Time, c *call, wish *control.AutoAnswer) bool {
	why := ""
	switch {
	case wish == nil || d.auto != Manual:
		return false
	case !d.obeys:
		why = "auto-answer-header is off"
	case d.board.calls.talking() != nil:
		why = "another call is up"
	case wish.After > 0:
		c.answerAt = now.Add(wish.After)
		return false
	default:
		return true
	}
	d.out.note(event.Warning{
		Rule: event.RuleAutoAnswerIgnored, Note: "the caller asks to be answered at once (" + wish.By + "); the call rings, for " + why,
		Hint: "auto-answer-header=on obeys whoever calls",
	})
	return false
}

// answerDue answers the calls that ring and were to be answered by now.
func (b *switchboard) answerDue(now time.Time) {
	for _, c := range b.calls {
		if system.Due(c.answerAt, now) {
			c.answerAt = time.Time{}
			if c.rings() {
				b.pickUp(now, c)
			}
		}
	}
}
