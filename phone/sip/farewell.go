package sip

import (
	"errors"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxByes bounds how often a BYE is sent on yet another flow.
const maxByes = 3

// A farewell is our BYE, which ends the session of a call.
type farewell struct {
	call  *call
	owed  bool // it is to be sent when it can be
	tries int
}

// send sends the BYE of a call that is over, or owes it to the next flow.
func (f *farewell) send(s *step) {
	c := f.call
	if !c.conn.Up() {
		f.owed = true
		c.conn.Dial(&s.Step)
		return
	}
	f.owed = false
	f.tries++
	f.sendIn(s, &c.dialog)
}

func (f *farewell) sendIn(s *step, d *dialog) {
	c := f.call
	d.localSeq++
	req := c.inDialog(d, sip.BYE, d.localSeq)
	c.finish(req, nil)
	c.authorize(req)
	c.byes.sent(s, *d)
	c.send(s, &exchange{purpose: toBye, user: c, cseq: &d.localSeq}, req)
}

// failed is a BYE without an answer.
func (f *farewell) failed(s *step, err error) {
	c := f.call
	if errors.Is(err, ErrFlow) && f.tries > 0 && f.tries < maxByes {
		f.owed = true
		return
	}
	s.Log(event.Error{Op: "hang up on " + c.peer, Err: err.Error(), Hint: "the call is over on our side; the other side may not know", Rule: unanswered(err)})
	c.gone(c)
}
