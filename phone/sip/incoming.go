package sip

import (
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// ringInterval is how often an INVITE that rings is answered 180 again, so
// that no proxy on the way gives up (RFC 3261 §13.3.1.1: every minute).
const ringInterval = time.Minute

// ringing is our 180 to the INVITE of the peer, and its repetition.
type ringing struct {
	call  *call
	again time.Time
}

func (r *ringing) deadline() time.Time { return r.again }
func (r *ringing) delay(time.Time)     {} // nothing is given up by then
func (r *ringing) advance(s *step)     { r.ring(s) }
func (r *ringing) stop()               { r.again = time.Time{} }

// ring answers an incoming call 180: the phone rings.
func (r *ringing) ring(s *step) {
	r.again = s.In(ringInterval)
	c := r.call
	switch {
	case c.rel.waits == nil:
		r.send(s, nil)
	case c.rel.waits.StatusCode != sip.StatusRinging: // one reliable response at a time (RFC 3262 §3)
		c.rel.rings = true
	}
}

// offer answers it 180 with our offer.
func (r *ringing) offer(s *step, offer []byte) {
	r.again = s.In(ringInterval)
	r.send(s, offer)
}

// send answers 180, with our offer where the first reliable response has
// to have it (RFC 3262 §5).
func (r *ringing) send(s *step, offer []byte) {
	c := r.call
	res := c.newResponse(c.uas.Request, sip.StatusRinging)
	c.rel.number(s, res, offer)
	if len(offer) > 0 {
		res.AppendHeader(sip.NewHeader("Content-Type", sessionType))
		res.SetBody(offer)
	}
	c.respond(s, c.uas, res)
}

// newResponse builds a response in a call's dialog, with a Contact where it
// makes or refreshes one. why are header fields that go with the status.
func (c *call) newResponse(req *sip.Request, status int, why ...sip.Header) *sip.Response {
	res := NewResponse(req, status, c.dialog.localTag)
	if status > sip.StatusTrying && status < 300 {
		res.AppendHeader(sip.NewHeader("Contact", c.dialogContact()))
		res.AppendHeader(sip.NewHeader("Allow", allowed))
		c.cfg.supported(res)
	}
	for _, h := range why {
		res.AppendHeader(h)
	}
	if status < 200 || status >= 300 {
		c.finish(res, nil) // a 2xx gets its body first
	}
	return res
}

// answer accepts what the peer has asked: the call, or a change of its session
// (re-INVITE). The body answers its offer, or is an offer if it made none.
//
// It waits for the PRACK to a response that describes a session (RFC 3262 §3).
func (c *call) answer(s *step, sdp []byte) {
	defer c.change.again(s)
	switch {
	case c.update.asked != nil:
		c.update.answer(s, sdp)
		return
	case c.rel.offers():
		c.rel.answer = &held{sdp}
		return
	}
	c.rel.rest()
	tx := c.uas
	c.uas = nil
	c.ringing.stop()
	c.lapse.stop()
	initial := c.state == callIncoming
	c.state = callUp
	res := c.newResponse(tx.Request, sip.StatusOK)
	c.timer.grant(s, tx.Request, res)
	c.finish(res, sdp)
	c.respond(s, tx, res)
	c.ok.await(s, tx, res, initial, len(sdp) > 0 && !hasSDP(tx.Request) || initial && c.rel.unanswered())
	if len(sdp) > 0 {
		c.session = sdp
	}
	if initial {
		c.log(s, event.CallAnswered)
		c.place.take(s)
	} else {
		c.dialog.refresh(tx.Request)
	}
}

// reject refuses what the peer has asked: a call, or a change of its session.
func (c *call) reject(s *step, status int, why ...sip.Header) {
	defer c.change.again(s)
	if c.update.asked != nil {
		c.update.reject(s, status, why...)
		return
	}
	tx := c.uas
	c.uas = nil
	c.respond(s, tx, c.newResponse(tx.Request, status, why...))
	if c.state == callIncoming {
		tx.way.recent.came(s, tx.Request)
		c.end(s, "us", status, Reason(status))
		c.gone(c)
	}
}

// cancelledByPeer is the CANCEL of an INVITE that we have not answered.
func (c *call) cancelledByPeer(s *step, cancel *sip.Request) {
	defer c.change.again(s)
	invite := c.uas
	c.uas = nil
	c.respond(s, invite, c.newResponse(invite.Request, sip.StatusRequestTerminated))
	unask(s, c.id)
	if c.state == callIncoming {
		c.ended = causeOf(cancel)
		c.end(s, "peer", sip.StatusRequestTerminated, c.ended.words("cancelled"))
		c.gone(c)
	}
}

// unask takes back what the program has not yet been told of: a change of the
// session of a call that the peer has asked for and taken back, or that has ended
// with the call, in the same read.
func unask(s *step, id int) {
	s.Out.Notices = slices.DeleteFunc(s.Out.Notices, func(n control.Notice) bool {
		m, ok := n.(control.Modify)
		return ok && m.ID == id
	})
}
