package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// A lapse is the end that a caller has set to an INVITE with Expires (RFC 3261
// §13.3.1 step 1): if it is not answered by then, it is answered 487.
type lapse struct {
	call *call
	at   time.Time
}

// begin takes the Expires of an INVITE. One that cannot be read sets no end.
func (l *lapse) begin(s *step, invite *sip.Request) {
	if life, ok := Seconds(invite, "expires"); ok {
		l.at = s.In(life)
	}
}

func (l *lapse) deadline() time.Time   { return l.at }
func (l *lapse) delay(until time.Time) { control.Delay(until, &l.at) }
func (l *lapse) stop()                 { l.at = time.Time{} }

// advance refuses an INVITE whose time is over.
func (l *lapse) advance(s *step) {
	l.stop()
	c := l.call
	if c.uas == nil {
		return
	}
	invite := c.uas
	c.uas = nil
	c.respond(s, invite, c.newResponse(invite.Request, sip.StatusRequestTerminated))
	c.end(s, "peer", sip.StatusRequestTerminated, "the Expires of the INVITE is over")
	c.gone(c)
}
