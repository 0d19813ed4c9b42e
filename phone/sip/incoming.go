package sip

import (
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// ring answers an incoming call 180: the phone rings.
func (c *call) ring(s *step) {
	c.ringAgain = s.In(ringInterval)
	res := c.newResponse(c.uas.Request, sip.StatusRinging)
	c.respond(s, c.uas, res)
}

// newResponse builds a response in a call's dialog, with a Contact where it
// makes or refreshes one.
func (c *call) newResponse(req *sip.Request, status int) *sip.Response {
	res := NewResponse(req, status, c.dialog.localTag)
	if status > sip.StatusTrying && status < 300 {
		res.AppendHeader(sip.NewHeader("Contact", c.dialogContact()))
		res.AppendHeader(sip.NewHeader("Allow", allowed))
	}
	if status < 200 || status >= 300 {
		c.finish(res, nil) // a 2xx gets its body first
	}
	return res
}

// answer accepts what the peer has asked: the call, or a change of its session
// (re-INVITE). The body answers its offer, or is an offer if it made none.
func (c *call) answer(s *step, sdp []byte) {
	tx := c.uas
	c.uas, c.ringAgain = nil, time.Time{}
	initial := c.state == callIncoming
	c.state = callUp
	res := c.newResponse(tx.Request, sip.StatusOK)
	c.finish(res, sdp)
	c.respond(s, tx, res)
	c.awaitAck(s, res, initial, len(sdp) > 0 && !hasSDP(tx.Request))
	if initial {
		c.log(s, event.CallAnswered)
	} else {
		c.dialog.refresh(tx.Request)
	}
}

// reject refuses what the peer has asked: a call, or a change of its session.
func (c *call) reject(s *step, status int, why ...sip.Header) {
	tx := c.uas
	c.uas = nil
	res := c.newResponse(tx.Request, status)
	for _, h := range why {
		res.AppendHeader(h)
	}
	c.respond(s, tx, res)
	if c.state == callIncoming {
		c.end(s, "us", status, Reason(status))
		c.gone(c)
	}
}

// cancelledByPeer is the CANCEL of an INVITE that we have not answered.
func (c *call) cancelledByPeer(s *step, cancel *sip.Request) {
	invite := c.uas
	c.uas = nil
	c.respond(s, invite, c.newResponse(invite.Request, sip.StatusRequestTerminated))
	if c.state == callIncoming {
		c.end(s, "peer", sip.StatusRequestTerminated, why(cancel, "cancelled"))
		c.gone(c)
	}
}

// why is the text of a Reason header field (RFC 3326), for instance "Call
// completed elsewhere", or else what is given.
func why(req *sip.Request, otherwise string) string {
	_, after, found := strings.Cut(text(req, "reason"), `text="`)
	reason, _, closed := strings.Cut(after, `"`)
	if !found || !closed || reason == "" {
		return otherwise
	}
	return reason
}
