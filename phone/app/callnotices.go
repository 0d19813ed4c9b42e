package app

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/ice"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
)

// notice acts on what the agent says about a call that is known.
func (b *switchboard) notice(now time.Time, n control.Notice) {
	switch n := n.(type) {
	case control.Progress:
		b.with(n.ID, func(c *call) { b.progress(now, c, n.Body) })
	case control.Accepted:
		b.with(n.ID, func(c *call) {
			c.state = up
			b.handOver(c)
			b.answered(now, c, n.Body)
			b.recall(now, c)
		})
	case control.Confirmed:
		b.with(n.ID, func(c *call) { b.confirmed(now, c, n.Body) })
	case control.Modify:
		b.with(n.ID, func(c *call) { b.modify(now, c, n.Body) })
	case control.Modified:
		b.with(n.ID, func(c *call) { b.modified(now, c, n) })
	case control.ModifyAgain:
		b.with(n.ID, func(c *call) { b.reoffer(now, c, c.voice.changeLeft) })
	case control.ModifyFailed:
		b.with(n.ID, func(c *call) { b.modifyFailed(now, c, n) })
	case control.Again:
		b.with(n.ID, func(c *call) { c.again = &n })
	case control.Ended:
		b.with(n.ID, func(c *call) { b.ended(now, c, n) })
	}
}

// with does something with the call of a number, if there is one.
func (b *switchboard) with(id int, do func(c *call)) {
	if c := b.calls.byID(id); c != nil {
		do(c)
	}
}

// progress takes in that the other end rings, perhaps with audio already.
func (b *switchboard) progress(now time.Time, c *call, body []byte) {
	if c.state == calling {
		c.state = alerting
	}
	b.answered(now, c, body)
}

// confirmed takes in an ACK, which shows that the caller receives, and has the
// answer to an offer in our 200. A bad one is the end of a call that begins, and
// leaves another as it was.
func (b *switchboard) confirmed(now time.Time, c *call, body []byte) {
	begins := c.voice.session == nil
	if c.ackAnswers && !b.accepted(now, c, body) && begins {
		c.line.hangup(now, c.id)
		return
	}
	c.ackAnswers = false
	if v := &c.voice; v.wary && v.session != nil {
		v.wary = false
		v.session.Trust(now, c.source)
		v.finder.start(now)
		v.session.Answered(now)
	}
	b.recall(now, c)
}

// recall tells the peer of a call that is up where the audio is, if its sockets were
// lost between our description and its end of the handshake.
func (b *switchboard) recall(now time.Time, c *call) {
	if c.state == up && c.voice.strays() {
		b.reinvite(now, c)
	}
}

// invite begins a call, which only a [control.Caller] has let come so far.
func (b *switchboard) invite(now time.Time, c *call) {
	id, out, err := b.callFor(now, c)
	if err != nil {
		c.line.out.problem(event.RuleCallFailed, "call "+c.peer, err.Error(), "")
		b.release(now, c)
		return
	}
	c.id, c.state = id, calling
	c.line.do(now, out)
}

// reinvite offers the peer another session. Whoever has agreed on one can be
// offered another, if there are sockets for it; else they are offered when they are
// bound.
func (b *switchboard) reinvite(now time.Time, c *call) {
	b.reoffer(now, c, c.voice.change)
}

// reoffer is reinvite with an offer that is made when there is room for it.
func (b *switchboard) reoffer(now time.Time, c *call, offer func() []byte) {
	if c.voice.ready() {
		c.line.reinvite(now, c.id, offer)
	}
}

// answer accepts an incoming call, if its sockets are bound; else it is
// answered when they are.
func (b *switchboard) answer(now time.Time, c *call) {
	c.state = answering
	if !c.voice.none && !c.voice.ready() {
		return
	}
	c.state = up
	b.screen.answered(c.report)
	switch {
	case c.voice.none:
		c.line.answer(now, c.id, nil)
	case c.described: // in the ringing
		c.line.answer(now, c.id, nil)
		if p := c.promised; p != nil {
			b.startVoice(now, c, p.theirs, p.agreed)
		}
	case len(c.offer) == 0:
		c.ackAnswers = true
		c.line.answer(now, c.id, c.voice.offer())
	default:
		b.reply(now, c, c.offer)
		c.offer = nil
	}
}

// reply answers an offer, in an INVITE or a re-INVITE.
func (b *switchboard) reply(now time.Time, c *call, offer []byte) {
	body, agreed, err := c.voice.answer(offer)
	if err != nil {
		b.untidy(c, agreed.Untidy, refused)
		b.rejectOffer(now, c.line, c.id, c.peer, err)
		return
	}
	c.line.answer(now, c.id, body)
	b.startVoice(now, c, offer, agreed)
}

// rejectOffer refuses an offer that cannot be agreed with.
func (b *switchboard) rejectOffer(now time.Time, l *line, call int, peer string, err error) {
	l.out.problem(event.RuleNoCommonAudio, "agree on audio with "+peer, err.Error(), "see the offer in the SIP message")
	l.rejectOffer(now, call, sdp.Refusal(err))
}

// judge says what there is to agree on in the offer of a new call, before its audio has
// sockets: it need not ring for nothing. Without an offer there is nothing to judge.
func (b *switchboard) judge(l *line, offer []byte) (agreed sdp.Negotiated, err error) {
	if len(offer) == 0 {
		return agreed, nil
	}
	ours := b.voicing.local(l.here)
	if b.find.ice == ICERequired {
		ours.ICE, ours.RequireICE = &ice.Description{}, true
	}
	return ours.Judge(offer)
}

// answered takes in the answer to the offer that began a call. A bad one is the
// end of it.
func (b *switchboard) answered(now time.Time, c *call, body []byte) {
	if !b.accepted(now, c, body) {
		c.line.hangup(now, c.id)
	}
}

// accepted takes in the answer to our offer, and reports whether it can be agreed
// with. Where there is none yet (a 180 without a body), or it is the one that we
// know, nothing changes.
func (b *switchboard) accepted(now time.Time, c *call, body []byte) bool {
	defer b.tune(now)
	if len(body) == 0 {
		return true
	}
	agreed, err := c.voice.terms.offer.Accept(body)
	if err != nil {
		b.untidy(c, agreed.Untidy, refused)
		c.line.out.problem(event.RuleNoCommonAudio, "agree on audio with "+c.peer, err.Error(), "see the answer in the SIP message")
		return false
	}
	c.voice.terms.taken = c.voice.terms.ours
	b.startVoice(now, c, body, agreed)
	return true
}

// startVoice starts or changes the audio, as agreed on by a description of the
// peer's. Before the user has answered nobody is heard.
func (b *switchboard) startVoice(now time.Time, c *call, theirs []byte, agreed sdp.Negotiated) {
	if c.rings() {
		c.promised = &promise{theirs, agreed}
		return
	}
	v := &c.voice
	untidy := agreed.Untidy
	if c.state == up {
		untidy = v.terms.follow(theirs, agreed)
	}
	b.untidy(c, untidy, understood)
	if v.terms.agree(agreed, v.local) {
		b.voicing.start(now, c.id, v, agreed)
	}
	if c.state == up && !v.wary {
		v.session.Answered(now)
	}
	b.heldByPeer(c)
	b.tune(now)
}

// What becomes of an untidy description.
const (
	understood = "it was understood; another phone may refuse it"
	refused    = "it was refused, for what the error says; another phone may refuse it for this"
)

// untidy writes down what was wrong with a description of the peer's besides what it was
// refused for, if it was: once, if it goes on like that.
func (b *switchboard) untidy(c *call, what, became string) {
	if what == "" || what == c.voice.terms.untidy {
		return
	}
	c.voice.terms.untidy = what
	c.line.out.note(event.Warning{
		Rule: event.RuleUntidySDP, Note: "session description of " + c.peer + ": " + what,
		Hint: became,
	})
}

// heldByPeer logs that the peer holds the call, or no longer does. An offer of ours
// that is inactive is one of a call that the peer holds already.
func (b *switchboard) heldByPeer(c *call) {
	t := &c.voice.terms
	if c.state != up || t.agreed.Held == t.heldByPeer {
		return
	}
	t.heldByPeer = t.agreed.Held
	c.line.out.note(c.hold(t.heldByPeer, "peer"))
}

// modify answers a re-INVITE. Without an offer in it, ours is sent again
// (RFC 3261 §14.2).
func (b *switchboard) modify(now time.Time, c *call, offer []byte) {
	if len(offer) == 0 {
		c.ackAnswers = true
		c.line.answer(now, c.id, c.voice.offer())
		return
	}
	b.reply(now, c, offer)
}

// modified takes in the answer to an offer of ours in a call that is up. After a
// bad one the call goes on as it was.
func (b *switchboard) modified(now time.Time, c *call, n control.Modified) {
	v := &c.voice
	switch {
	case len(n.Body) == 0:
		b.unchanged(now, c, event.RuleNoSession, "the 200 has no session description")
	case !b.accepted(now, c, n.Body):
		b.unchanged(now, c, event.RuleChangeRefused, "the answer cannot be agreed with")
	case !n.Kept && v.terms.holds() != v.terms.onHold: // the user may want something else by now
		v.terms.onHold = v.terms.holds()
		c.line.out.note(c.hold(v.terms.onHold, "us"))
	}
}

// modifyFailed takes in that the peer has refused a change.
func (b *switchboard) modifyFailed(now time.Time, c *call, n control.ModifyFailed) {
	why := n.Reason
	if n.Status != 0 { // else nobody has answered
		why = fmt.Sprintf("%d %s", n.Status, n.Reason)
	}
	b.unchanged(now, c, event.RuleChangeRefused, why)
}

// unchanged takes back a hold, or the end of one, that came to nothing.
func (b *switchboard) unchanged(now time.Time, c *call, rule event.Rule, why string) {
	c.voice.held = c.voice.terms.onHold
	c.line.out.problem(rule, "change the call with "+c.peer, why, "the call goes on as it was")
	b.tune(now)
}

// ended takes in the end of a call. A notification that nobody answered
// becomes a missed call, unless another phone of the user has dealt with it.
func (b *switchboard) ended(now time.Time, c *call, n control.Ended) {
	if b.failsOver(now, c, n) {
		return
	}
	c.giveUp(now)
	c.banner.end(b.out, c.rings() && n.By != "us" && n.Elsewhere == "", string(n.Elsewhere))
	b.screen.over(c.report, n, c.rings())
	b.release(now, c)
}
