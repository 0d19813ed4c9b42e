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
	switch why := d.ignores(wish); {
	case wish == nil || d.auto != Manual:
		return false
	case why != "":
		d.sayIgnored(c.line, wish, "the call rings, for "+why)
		return false
	case wish.After > 0:
		c.answerAt = now.Add(wish.After)
		return false
	}
	return true
}

// forbids reports whether a call is refused because its caller wants it answered
// without a user or not at all, which is not done here.
func (d *reception) forbids(l *line, wish *control.AutoAnswer) bool {
	why := d.ignores(wish)
	if why == "" || !wish.Must {
		return false
	}
	d.sayIgnored(l, wish, "the call is refused with 403, for "+why)
	return true
}

// ignores says why nobody is answered without a user now; "" if the wish can be
// obeyed, or there is none to obey.
func (d *reception) ignores(wish *control.AutoAnswer) string {
	switch {
	case wish == nil || d.auto != Manual:
		return ""
	case !d.obeys:
		return "auto-answer-header is off"
	case d.board.calls.talking() != nil:
		return "another call is up"
	}
	return ""
}

func (d *reception) sayIgnored(l *line, wish *control.AutoAnswer, what string) {
	l.out.note(event.Warning{
		Rule: event.RuleAutoAnswerIgnored, Note: "the caller asks to be answered at once (" + wish.By + "); " + what,
		Hint: "auto-answer-header=on obeys whoever calls",
	})
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
