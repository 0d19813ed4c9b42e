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

// earlies are the early dialogs of our INVITE, and which of them has become the call's.
type earlies struct {
	call    *call
	list    []*early // in their order
	playing *early   // the last one that has described a session; nil: none
	won     int      // which of the forks has answered; 0: there was one
}

// of is the early dialog with a remote tag, or nil.
func (es *earlies) of(remoteTag string) *early {
	for _, e := range es.list {
		if e.dialog.remoteTag == remoteTag {
			return e
		}
	}
	return nil
}

// with is the early dialog of an unanswered call that a request is in, or nil.
func (es *earlies) with(req *sip.Request) *early {
	if es.call.state != callCalling {
		return nil
	}
	tag, _ := req.From().Params.Get("tag")
	if e := es.of(tag); e != nil && e.dialog.matches(req) {
		return e
	}
	return nil
}

// dialogOf is the dialog that a response is in: an early one while the call is not answered.
func (es *earlies) dialogOf(res sip.Message) *dialog {
	tag, _ := res.To().Params.Get("tag")
	if e := es.of(tag); e != nil && es.call.state == callCalling {
		return &e.dialog
	}
	return &es.call.dialog
}

// fork is the early dialog that a provisional response is in, a new one where
// its tag is new; nil if it has no tag, or is one too many.
func (es *earlies) fork(res *sip.Response) *early {
	tag, _ := res.To().Params.Get("tag")
	e := es.of(tag)
	if e != nil || tag == "" || len(es.list) >= maxEarly {
		return e
	}
	d := es.call.dialog // our half
	d.remoteTag, d.target, d.routes = tag, es.call.invite.sent.tx.Request.Recipient, nil
	e = &early{n: len(es.list) + 1, dialog: d}
	es.list = append(es.list, e)
	return e
}

// heard notes which fork describes a session: it is the one that is heard from now on, of
// all that do the last (RFC 3960 §3.1), until one of them answers. Whenever that is
// another one, the log says so.
func (es *earlies) heard(s *step, e *early) {
	if e != nil && es.playing != e {
		e.phase = ""
	}
	es.playing = e
	es.call.logFork(s, event.CallEarly, e)
}

// number is that of a fork for the log; 0 while there is only one.
func (es *earlies) number(e *early) int {
	if e == nil || len(es.list) < 2 {
		return 0
	}
	return e.n
}

// lastSeq is the last number that we have used in the call's dialog, or in an early one of
// those that it has become.
func (es *earlies) lastSeq() uint32 {
	last := es.call.dialog.localSeq
	for _, e := range es.list {
		last = max(last, e.dialog.localSeq)
	}
	return last
}

// leave leaves those behind that an INVITE before has begun, and forgets that anybody has
// answered that. Our half counts on, so that no number is used twice.
func (es *earlies) leave(s *step) {
	c := es.call
	c.dialog.localSeq = es.lastSeq()
	es.list, es.playing, c.invite.provisional = nil, nil, false
	c.update.outrun(s, nil)
}

// counts reports whether a request belongs to a dialog that the call still has.
func (es *earlies) counts(x *exchange) bool {
	c := es.call
	return x.cseq == &c.dialog.localSeq || c.state == callCalling &&
		slices.ContainsFunc(es.list, func(e *early) bool { return x.cseq == &e.dialog.localSeq })
}

// confirm makes the dialog of a 2xx: it counts on from its early one.
func (es *earlies) confirm(res *sip.Response) dialog {
	d := es.call.dialog.confirm(es.call.invite.sent.tx.Request, res)
	if e := es.of(d.remoteTag); e != nil {
		d.localSeq, d.remoteSeq = max(d.localSeq, e.dialog.localSeq), e.dialog.remoteSeq
	}
	return d
}

// answered makes the dialog that answered the call's own, and returns its early one, nil if
// it had none. Requests of ours that it has not answered count on in it.
func (es *earlies) answered(d dialog) *early {
	c, e := es.call, es.of(d.remoteTag)
	c.dialog = d
	if e == nil {
		return nil
	}
	es.won = es.number(e)
	for _, x := range c.exchanges {
		if x.cseq == &e.dialog.localSeq {
			x.cseq = &c.dialog.localSeq
		}
	}
	return e
}
