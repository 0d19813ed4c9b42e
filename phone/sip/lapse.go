package sip

import (
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A lapse is the end that a caller has set to an INVITE with Expires (RFC 3261
// §13.3.1 step 1): if it is not answered by then, it is answered 487.
type lapse struct {
	call *call
	at   time.Time
}

// begin takes the Expires of an INVITE. One that cannot be read sets no end, and one that
// can be as far as it is a number is named as well.
func (l *lapse) begin(s *step, invite *sip.Request) {
	life, ok := Seconds(invite, "expires")
	if ok {
		l.at = s.In(life)
	}
	odd := Text(invite, "expires")
	if _, tidy := DeltaSeconds(odd); tidy || len(Fields(invite, "expires")) == 0 {
		return
	}
	believed := "the call may ring for as long as it likes"
	if ok {
		believed = fmt.Sprintf("%g s are believed", life.Seconds())
	}
	s.Log(event.Warning{
		Rule: event.RuleOddExpiry, Note: fmt.Sprintf("the INVITE of %s expires in %.100q, which is no time in seconds: %s", l.call.peer, odd, believed),
		Hint: "another phone may take it for something else",
	})
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
