package server

import (
	"bytes"
	"errors"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
)

// A leg is the server's end of a call between a SIP caller and a user of another
// protocol. Towards the caller the server is the phone that is called (RFC 3261
// §13.3); the other side carries no audio, so that the session is inactive.
//
//	INVITE ─▶ Call     180 ◀─ rings      BYE ─▶ End
//	CANCEL ─▶ End      200 ◀─ answers    BYE ◀─ hangs up
type leg struct {
	legs   *legs
	party  Party
	ctx    *context // the INVITE
	id     string   // its Call-ID, by which the server knows the call
	tag    string   // of our To
	sdp    sdp.Local
	answer []byte // to the caller's offer, or our own offer
	up     bool
	acked  bool
	hungUp bool   // by the user, before the caller has acknowledged the answer
	seq    uint32 // of our requests

	// Until the caller answers, timer C; then our 2xx, which is repeated
	// until it is acknowledged (RFC 3261 §13.3.1.4).
	alarm    loop.Alarm
	ok       *grammar.Response
	interval time.Duration
	giveUpAt time.Time
}

// discard is the port that the session description names, on which
// nothing listens (RFC 863).
const discard = 9

// maxLegs bounds the calls to other protocols at a time.
const maxLegs = 10000

// describe makes the session description for an INVITE, our own offer if there is
// none in it. A response refuses it.
func (g *leg) describe(x *context) (refusal *grammar.Response) {
	offer, untidy, bad := sip.SDPOf(x.req)
	if bad != nil {
		g.note(x, event.RuleBodyRefused, "its body is refused: "+bad.Reason)
		refusal = x.respond(415)
		refusal.AppendHeader(bad.Field)
		return refusal
	}
	body, agreed, err := g.speak(offer)
	g.note(x, event.RuleUntidyBody, untidy)
	g.note(x, event.RuleUntidySDP, agreed.Untidy)
	var not *sdp.Error
	if errors.As(err, &not) {
		refusal = x.respond(488)
		refusal.AppendHeader(sip.Warning(not.Warning, x.conn.local.String(), not.Reason))
		return refusal
	}
	if g.answer != nil && !bytes.Equal(g.answer, body) {
		g.sdp.Version++ // it says something new (RFC 3264 §8)
		body, _, _ = g.speak(offer)
	}
	g.answer = body
	return nil
}

// speak answers an offer, or makes one if there is none.
func (g *leg) speak(offer []byte) ([]byte, sdp.Negotiated, error) {
	if len(offer) == 0 {
		return g.sdp.Offer(), sdp.Negotiated{}, nil
	}
	return g.sdp.Answer(offer)
}

// note logs what is to be said of what a caller sends.
func (g *leg) note(x *context, rule event.Rule, what string) {
	if what != "" {
		g.legs.loop.Log(event.Warning{Rule: rule, Note: "INVITE from " + x.conn.name() + ": " + what})
	}
}

// answered is what the user's phone says, as [control.Answer] has it.
func (g *leg) answered(status int) {
	switch {
	case g.up && status == 0:
		g.bye()
	case g.up:
		// It has said so before.
	case status == 180:
		g.ctx.reply(g.response(180))
		g.party.Passed(180)
	case status == 200:
		g.up = true
		g.accept(g.ctx)
		g.party.Passed(200)
	default:
		if status < 300 {
			status = 480
		}
		g.over()
		g.ctx.reply(g.response(status))
	}
}

// response is one in the dialog of the call.
func (g *leg) response(status int) *grammar.Response {
	res := g.ctx.respond(status)
	res.To().Params.Add("tag", g.tag)
	return res
}

// accept answers an INVITE, the first or a later one, and repeats that until
// the caller acknowledges it.
func (g *leg) accept(x *context) {
	c := x.conn
	res := x.established(g.tag, "<"+c.uri(g.party.User())+">")
	add(res, "Content-Type", "application/sdp")
	res.SetBody(g.answer)
	x.reply(res)
	g.ok, g.acked, g.interval, g.giveUpAt = res, false, sip.T1, g.legs.loop.Now().Add(64*sip.T1)
	g.repeat(c)
}

func (g *leg) repeat(c *conn) {
	l := g.legs.loop
	l.Set(&g.alarm, g.interval, func() {
		if !l.Now().Before(g.giveUpAt) {
			l.Note("no ACK", c.name(), "call "+g.id)
			g.party.End(g.id)
			g.acked = true // nothing more is to come
			g.bye()
			return
		}
		c.send(g.ok)
		g.interval = min(2*g.interval, sip.T2)
		g.repeat(c)
	})
}

// acknowledged takes an ACK to our answer.
func (g *leg) acknowledged() {
	g.acked = true
	g.legs.loop.Clear(&g.alarm)
	if g.hungUp {
		g.bye()
	}
}

// request takes a request of the caller's in the call.
func (g *leg) request(x *context) {
	refusal := unsupported(g.legs.loop, x.req)
	switch {
	case refusal != nil:
		x.reply(refusal)
	case x.req.Method == grammar.BYE:
		x.reply(x.respond(200))
		g.over()
		if !g.legs.faults.NoBye {
			g.party.End(g.id)
		}
	case x.req.IsInvite() && g.up:
		if refusal := g.describe(x); refusal != nil {
			x.reply(refusal)
			return
		}
		g.accept(x)
	case x.req.Method == grammar.OPTIONS:
		x.reply(x.respond(200))
	default:
		x.reply(x.respond(501))
	}
}

// cancel takes the call back: the caller's wish, or timer C.
func (g *leg) cancel(status int) {
	if g.up {
		return // it came too late (RFC 3261 §9.2)
	}
	g.over()
	g.ctx.reply(g.response(status))
	end := func() { g.party.End(g.id) }
	if !g.legs.faults.LateCancel {
		end()
		return
	}
	g.legs.loop.Set(&g.alarm, lateness, end)
}

// over forgets the call.
func (g *leg) over() {
	delete(g.legs.byID, g.id)
	g.legs.loop.Clear(&g.alarm)
}

// bye hangs up on the caller, who must have acknowledged our answer first
// (RFC 3261 §15).
func (g *leg) bye() {
	g.hungUp = true
	if !g.acked {
		return
	}
	g.over()
	x := g.ctx
	contact := x.req.Contact()
	if contact == nil || x.conn.closed {
		return // nobody to send it to
	}
	g.seq++
	to, from := x.req.To(), x.req.From()
	tag, _ := tagsOf(x.req)
	g.legs.send(x.conn, own{
		method: grammar.BYE, target: contact.Address, routes: sip.Values(x.req, "record-route"), id: g.id, seq: g.seq,
		from: side{to.DisplayName, to.Address, g.tag}, to: side{from.DisplayName, from.Address, tag},
	}.over(x.conn, g.legs.loop))
}
