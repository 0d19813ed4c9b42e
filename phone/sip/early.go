package sip

import (
	"slices"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxEarly bounds the early dialogs of one INVITE (our own number: a user has a
// few phones). A response from one more is shown, and begins none.
const maxEarly = 16

// An early dialog is what a provisional response to our INVITE begins (RFC 3261
// §12.1): one for each phone that a proxy has forked the INVITE to. Each has a
// target, a route set and a session of its own; the one that answers wins.
type early struct {
	n       int // 1 is the first
	dialog  dialog
	phase   event.CallPhase // the last one that the log has
	acked   uint32          // RSeq of the last reliable response that was acknowledged; 0: none
	gap     bool            // a response is known to be missing, and was named
	session []byte          // what it has said last of its session; nil: nothing yet
	agreed  bool            // that answers our offer for good: it came in a reliable response
	updates bool            // it takes UPDATE
}

// heard takes in what a provisional response says of the dialog that it is in,
// and of its session.
func (e *early) heard(res *sip.Response, session []byte) {
	if routes, _ := routesOf(res, "record-route"); len(routes) > 0 {
		slices.Reverse(routes)
		e.dialog.routes = routes
	}
	e.dialog.refresh(res)
	e.updates = e.updates || allows(res, sip.UPDATE)
	if session != nil {
		e.session, e.agreed = session, e.agreed || requires(res, tagReliable)
	}
}

// earlyOf is the early dialog with a remote tag, or nil.
func (i *invitation) earlyOf(remoteTag string) *early {
	for _, e := range i.early {
		if e.dialog.remoteTag == remoteTag {
			return e
		}
	}
	return nil
}

// earlyWith is the early dialog of an unanswered call that a request is in, or
// nil.
func (c *call) earlyWith(req *sip.Request) *early {
	if c.state != callCalling {
		return nil
	}
	tag, _ := req.From().Params.Get("tag")
	if e := c.invite.earlyOf(tag); e != nil && e.dialog.matches(req) {
		return e
	}
	return nil
}

// fork is the early dialog that a provisional response is in, a new one where
// its tag is new; nil if it has no tag, or is one too many. d is our half.
func (i *invitation) fork(d dialog, res *sip.Response) *early {
	tag, _ := res.To().Params.Get("tag")
	e := i.earlyOf(tag)
	if e != nil || tag == "" || len(i.early) >= maxEarly {
		return e
	}
	d.remoteTag, d.target, d.routes = tag, i.sent.tx.Request.Recipient, nil
	e = &early{n: len(i.early) + 1, dialog: d}
	i.early = append(i.early, e)
	return e
}

// leave forgets the early dialogs of an INVITE before, and that anybody has answered
// that. d is our half: it counts on, so that no number is used twice.
func (i *invitation) leave(d *dialog) {
	d.localSeq = i.lastSeq(d)
	i.early, i.playing, i.provisional = nil, nil, false
}

// lastSeq is the last number that we have used in a dialog of ours, or in an early one
// of those that it has become.
func (i *invitation) lastSeq(d *dialog) uint32 {
	last := d.localSeq
	for _, e := range i.early {
		last = max(last, e.dialog.localSeq)
	}
	return last
}

// forkNumber is the number of a fork for the log; 0 while there is only one.
func (i *invitation) forkNumber(e *early) int {
	if e == nil || len(i.early) < 2 {
		return 0
	}
	return e.n
}

// confirm makes the dialog of a 2xx: it counts on from its early one.
func (i *invitation) confirm(d dialog, res *sip.Response) dialog {
	d = d.confirm(i.sent.tx.Request, res)
	if e := i.earlyOf(d.remoteTag); e != nil {
		d.localSeq, d.remoteSeq = max(d.localSeq, e.dialog.localSeq), e.dialog.remoteSeq
	}
	return d
}

// counts reports whether a request belongs to a dialog that the call still has.
func (c *call) counts(x *exchange) bool {
	return x.cseq == &c.dialog.localSeq || c.state == callCalling &&
		slices.ContainsFunc(c.invite.early, func(e *early) bool { return x.cseq == &e.dialog.localSeq })
}

// won makes the dialog that answered the call's own. Requests of ours that it
// has not answered count on in it.
func (c *call) won(e *early, d dialog) {
	c.dialog = d
	if e == nil {
		return
	}
	c.fork = c.invite.forkNumber(e)
	for _, x := range c.exchanges {
		if x.cseq == &e.dialog.localSeq {
			x.cseq = &c.dialog.localSeq
		}
	}
}

// leaveEarly leaves the early dialogs behind that an INVITE before has begun.
func (c *call) leaveEarly(s *step) {
	c.invite.leave(&c.dialog)
	c.update.outrun(s, nil)
}
