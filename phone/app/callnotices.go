package app

import (
	"errors"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
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
			b.accepted(now, c, n.Body)
		})
	case control.Confirmed:
		b.with(n.ID, func(c *call) { b.confirmed(now, c, n.Body) })
	case control.Modify:
		b.with(n.ID, func(c *call) { b.modify(now, c, n.Body) })
	case control.Modified:
		b.with(n.ID, func(c *call) {
			b.accepted(now, c, n.Body)
			b.holdAgreed(c)
		})
	case control.ModifyFailed:
		b.with(n.ID, func(c *call) { b.modifyFailed(now, c, n) })
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
	b.accepted(now, c, body)
}

// confirmed takes in an ACK, which shows that the caller receives, and has the
// answer to an offer in our 200.
func (b *switchboard) confirmed(now time.Time, c *call, body []byte) {
	if c.ackAnswers {
		c.ackAnswers = false
		b.accepted(now, c, body)
	}
	if v := &c.voice; v.wary && v.session != nil {
		v.wary = false
		v.session.Trust(now, c.source)
	}
}

// invite begins a call, which only a [control.Caller] has let come so far.
func (b *switchboard) invite(now time.Time, c *call) {
	id, out, err := b.line.caller().Invite(now, c.to, c.voice.sdp.Offer())
	if err != nil {
		b.out.problem(event.RuleCallFailed, "call "+c.peer, err.Error(), "")
		b.release(now, c)
		return
	}
	c.id, c.state = id, calling
	b.line.do(now, out)
}

// reinvite offers the peer another session. Whoever has agreed on one can be
// offered another.
func (b *switchboard) reinvite(now time.Time, c *call) {
	b.line.do(now, b.line.caller().Reinvite(now, c.id, c.voice.nextSDP().Offer()))
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
		b.line.answer(now, c.id, nil)
	case len(c.offer) == 0:
		c.ackAnswers = true
		b.line.answer(now, c.id, c.voice.sdp.Offer())
	default:
		b.reply(now, c, c.offer)
		c.offer = nil
	}
}

// reply answers an offer, in an INVITE or a re-INVITE.
func (b *switchboard) reply(now time.Time, c *call, offer []byte) {
	body, agreed, err := c.voice.nextSDP().Answer(offer)
	if err != nil {
		b.out.problem(event.RuleNoCommonAudio, "agree on audio with "+c.peer, err.Error(), "see the offer in the SIP message")
		b.line.reject(now, c.id, refusal(err))
		return
	}
	b.line.answer(now, c.id, body)
	b.startVoice(now, c, agreed)
}

// refusal is the status that refuses an offer: 400 if it cannot be read, 488
// if there is nothing in it that we speak.
func refusal(err error) int {
	var bad *sdp.Error
	if errors.As(err, &bad) {
		return bad.Status
	}
	return statusServerError
}

// accepted takes in the answer to our offer. Where there is none yet (a 180
// without a body), or it is the one that we know, nothing changes.
func (b *switchboard) accepted(now time.Time, c *call, body []byte) {
	defer b.tune(now)
	if len(body) == 0 {
		return
	}
	agreed, err := c.voice.sdp.Accept(body)
	if err != nil {
		b.out.problem(event.RuleNoCommonAudio, "agree on audio with "+c.peer, err.Error(), "see the answer in the SIP message")
		b.line.hangup(now, c.id)
		return
	}
	b.startVoice(now, c, agreed)
}

func (b *switchboard) startVoice(now time.Time, c *call, agreed sdp.Negotiated) {
	b.voicing.start(now, c.id, &c.voice, agreed)
	b.tune(now)
}

// modify answers a re-INVITE. Without an offer in it, ours is sent again
// (RFC 3261 §14.2).
func (b *switchboard) modify(now time.Time, c *call, offer []byte) {
	if len(offer) == 0 {
		c.ackAnswers = true
		b.line.answer(now, c.id, c.voice.nextSDP().Offer())
		return
	}
	b.reply(now, c, offer)
}

// holdAgreed logs that the peer has agreed to a hold, or to its end: nothing
// else is ever changed in a call that is up.
func (b *switchboard) holdAgreed(c *call) {
	if c.voice.held {
		b.out.note(c.step(event.CallHeld))
	} else {
		b.out.note(c.step(event.CallResumed))
	}
}

// modifyFailed takes back a hold, or the end of one, that the peer refused.
func (b *switchboard) modifyFailed(now time.Time, c *call, n control.ModifyFailed) {
	c.voice.held = !c.voice.held
	b.out.problem(event.RuleChangeRefused, "change the call with "+c.peer, fmt.Sprintf("%d %s", n.Status, n.Reason), "the call goes on as it was")
	b.tune(now)
}

// ended takes in the end of a call. A notification that nobody answered
// becomes a missed call.
func (b *switchboard) ended(now time.Time, c *call, n control.Ended) {
	c.banner.withdraw(b.out, c.rings() && n.By != "us")
	b.screen.over(c.report, n, c.rings())
	b.release(now, c)
}
