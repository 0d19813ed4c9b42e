package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// An invitation is our INVITE that begins a call, its CANCEL, and where else it goes. What
// an answer makes of the call is the call's.
type invitation struct {
	call        *call
	offer       []byte
	extra       []sip.Header // that this one INVITE has
	sent        *exchange    // the INVITE; nil while it waits for the flow
	provisional bool         // some response has come
	moving      bool         // it survives the loss of this flow, as there is another server
	moved       int          // how often, to another server: see maxMoves
	cancelled   bool         // hung up before there was an answer
	cancelBy    time.Time    // when we no longer wait for the 487
	elsewhere   redirection
	forks       forks
}

func (i *invitation) deadline() time.Time   { return system.Earliest(i.cancelBy, i.forks.tellAt) }
func (i *invitation) delay(until time.Time) { control.Delay(until, &i.cancelBy) }

func (i *invitation) advance(s *step) {
	switch i.deadline() {
	case i.cancelBy:
		i.cancelUnanswered(s)
	case i.forks.tellAt:
		i.forks.tell(s, i.call.peer)
	}
}

// begin sends the INVITE in a dialog that is yet to be. The call hears of the
// answers.
func (i *invitation) begin(s *step) {
	c := i.call
	req := c.inviteRequest(&c.dialog, i.offer, &c.timer, i.extra...)
	i.sent = &exchange{purpose: toInvite, user: c, cseq: &c.dialog.localSeq}
	c.authorize(req)
	c.send(s, i.sent, req)
}

// inviteRequest builds an INVITE or re-INVITE.
func (cl *client) inviteRequest(d *dialog, offer []byte, timer *sessionTimer, extra ...sip.Header) *sip.Request {
	d.localSeq++
	req := cl.inDialog(d, sip.INVITE, d.localSeq)
	cl.describeRequest(req)
	if cl.cfg.Reliable == ReliableAlways && d.remoteTag == "" {
		req.AppendHeader(sip.NewHeader("Require", tagReliable))
	}
	timer.ask(req)
	for _, h := range extra {
		req.AppendHeader(h)
	}
	cl.finish(req, offer)
	return req
}

// progress notes a provisional response, and sends the CANCEL that had to wait
// for it. It reports whether the call goes on.
func (i *invitation) progress(s *step) bool {
	i.provisional = true
	if i.cancelled {
		i.sendCancel(s)
	}
	return !i.cancelled
}

// accepted is the end of the invitation: there is a 2xx.
func (i *invitation) accepted() { i.cancelBy, i.offer = time.Time{}, nil }

// cancel gives up a call that is not answered. A CANCEL may only follow a
// provisional response (RFC 3261 §9.1); until then it waits.
func (i *invitation) cancel(s *step) {
	if i.cancelled {
		return
	}
	i.cancelled = true
	if i.provisional {
		i.sendCancel(s)
	}
}

func (i *invitation) sendCancel(s *step) {
	if !i.cancelBy.IsZero() {
		return
	}
	i.cancelBy = s.In(giveUp)
	invite := i.sent.tx.Request
	req := sip.NewRequest(sip.CANCEL, *invite.Recipient.Clone())
	req.AppendHeader(sip.HeaderClone(invite.Via()))
	hops := sip.MaxForwardsHeader(maxForwards)
	req.AppendHeader(&hops)
	for _, route := range Fields(invite, "route") {
		req.AppendHeader(sip.HeaderClone(route))
	}
	from, to := sip.HeaderClone(invite.From()).(*sip.FromHeader), sip.HeaderClone(invite.To()).(*sip.ToHeader)
	identify(req, from, to, invite.CallID().Value(), invite.CSeq().SeqNo)
	i.call.finish(req, nil)
	i.call.send(s, &exchange{purpose: toCancel, user: i.call}, req)
}

// cancelUnanswered is an INVITE without a final response 64*T1 after its
// CANCEL: the call is taken for cancelled (RFC 3261 §9.1).
func (i *invitation) cancelUnanswered(s *step) {
	c := i.call
	c.client.ended(s, i.sent, "cancelled, unanswered", tooLate)
	i.abandon()
	s.Log(event.Error{
		Op: "cancel the call to " + c.peer, Err: "no answer to the INVITE within 32 s of its CANCEL (64*T1)",
		Hint: "the call is taken for cancelled; the other phone may still ring", Rule: event.RuleServerSilent,
	})
	c.end(s, "us", 0, "cancelled, unanswered")
	c.gone(c)
}

// abandon ends the transaction of an INVITE that nobody answers.
func (i *invitation) abandon() {
	i.cancelBy = time.Time{}
	i.call.forget(i.sent.tx)
	i.call.txs.Fail(i.sent.tx)
}
