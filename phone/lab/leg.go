package lab

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
)

// A leg is the lab's end of a call between a SIP caller and a user behind a
// door. Towards the caller the lab is the phone that is called (RFC 3261
// §13.3); the other side carries no audio, so that the session is inactive.
//
//	INVITE ─▶ Call     180 ◀─ rings      BYE ─▶ End
//	CANCEL ─▶ End      200 ◀─ answers    BYE ◀─ hangs up
type leg struct {
	lab    *Lab
	door   *door
	user   string
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
	alarm    alarm
	ok       *grammar.Response
	interval time.Duration
	giveUpAt time.Time
}

// discard is the port that the lab's session description names, on which
// nothing listens (RFC 863).
const discard = 9

// maxLegs bounds the calls through the doors at a time.
const maxLegs = 10000

// gateway serves a request for a user who is online at a door, and reports
// whether there is one.
func (l *Lab) gateway(x *context) bool {
	user := x.req.Recipient.User
	d, _ := l.guestsOf(user)
	switch {
	case d == nil:
		return false
	case x.req.Method == grammar.MESSAGE: // RFC 3428
		l.message(d, x)
	case x.req.IsInvite() && !x.req.To().Params.Has("tag"):
		l.invite(d, x)
	default:
		return false
	}
	return true
}

// message sends a text on.
func (l *Lab) message(d *door, x *context) {
	if kind, _, _ := strings.Cut(text(x.req, "Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(kind), "text/plain") {
		x.reply(l.respond(x.req, 415))
		return
	}
	from := x.req.From()
	x.reply(l.respond(x.req, 200))
	l.text(d, x.req.Recipient.User, control.Texted{From: from.Address.Addr(), Name: from.DisplayName, Text: string(x.req.Body())})
}

// invite calls the user.
func (l *Lab) invite(d *door, x *context) {
	id := x.req.CallID().Value()
	g := &leg{lab: l, door: d, user: x.req.Recipient.User, ctx: x, id: id, tag: l.token(10)}
	g.sdp = sdp.Local{
		Addr: netip.AddrPortFrom(x.conn.local.Addr(), discard), Codecs: codec.All(), Direction: sdp.Inactive,
		SessionID: l.cfg.Rand.Uint64() >> 2,
	}
	status := 0
	switch {
	case len(l.legs) >= maxLegs:
		status = 503
	case l.legs[id] != nil:
		status = 482
	default:
		status = g.describe(x.req.Body())
	}
	if status != 0 {
		x.reply(l.respond(x.req, status))
		return
	}
	l.legs[id], x.leg = g, g
	x.reply(l.respond(x.req, 100))
	l.alarms.set(&g.alarm, l.now.Add(timerC), func() { g.cancel(408) })
	g.call()
}

// describe makes the session description for an offer, or our own if there is
// none; a status refuses it.
func (g *leg) describe(offer []byte) (status int) {
	g.sdp.Version++
	if len(offer) == 0 {
		g.answer = g.sdp.Offer()
		return 0
	}
	body, _, err := g.sdp.Answer(offer)
	if err != nil {
		return 488
	}
	g.answer = body
	return 0
}

// call has the server ring the user.
func (g *leg) call() {
	l, from := g.lab, g.ctx.req.From()
	in := control.Incoming{ID: g.id, From: from.Address.Addr(), Name: from.DisplayName}
	l.note("calls", g.user, g.door.cfg.Protocol+", from "+in.From)
	if l.bad[noInvite] {
		return
	}
	g.door.served(l, g.door.server.Call(l.now, g.user, in))
	if l.bad[doubleInvite] {
		g.door.served(l, g.door.server.Call(l.now, g.user, in))
	}
	l.betrayed(g.user, closeAtInvite)
}

// answered is what the user's phone says, as [control.Answer] has it.
func (g *leg) answered(status int) {
	l := g.lab
	switch {
	case g.up && status == 0:
		g.bye()
	case g.up:
		// It has said so before.
	case status == 180:
		g.ctx.reply(g.response(180))
		l.betrayed(g.user, closeAtRinging)
	case status == 200:
		g.up = true
		g.accept(g.ctx)
		l.betrayed(g.user, closeAtAnswer)
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
	res := g.lab.respond(g.ctx.req, status)
	res.To().Params.Add("tag", g.tag)
	return res
}

// accept answers an INVITE, the first or a later one, and repeats that until
// the caller acknowledges it.
func (g *leg) accept(x *context) {
	l, c := g.lab, x.conn
	res := l.respond(x.req, 200)
	res.To().Params.Add("tag", g.tag)
	grammar.CopyHeaders("Record-Route", x.req, res)
	add(res, "Contact", fmt.Sprintf("<sip:%s@%s;transport=%s>", g.user, c.local, c.transport))
	add(res, "Content-Type", "application/sdp")
	res.SetBody(g.answer)
	x.reply(res)
	g.ok, g.acked, g.interval, g.giveUpAt = res, false, sip.T1, l.now.Add(64*sip.T1)
	g.repeat(c)
}

func (g *leg) repeat(c *conn) {
	l := g.lab
	l.alarms.set(&g.alarm, l.now.Add(g.interval), func() {
		if !l.now.Before(g.giveUpAt) {
			l.note("no ACK", c.name(), "call "+g.id)
			g.end()
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
	g.lab.alarms.clear(&g.alarm)
	if g.hungUp {
		g.bye()
	}
}

// request takes a request of the caller's in the call.
func (g *leg) request(x *context) {
	l := g.lab
	switch {
	case x.req.Method == grammar.BYE:
		x.reply(l.respond(x.req, 200))
		g.over()
		if !l.bad[noBye] {
			g.end()
		}
	case x.req.IsInvite() && g.up:
		if status := g.describe(x.req.Body()); status != 0 {
			x.reply(l.respond(x.req, status))
			return
		}
		g.accept(x)
	case x.req.Method == grammar.OPTIONS:
		x.reply(l.respond(x.req, 200))
	default:
		x.reply(l.respond(x.req, 501))
	}
}

// cancel takes the call back: the caller's wish, or timer C.
func (g *leg) cancel(status int) {
	if g.up {
		return // it came too late (RFC 3261 §9.2)
	}
	g.over()
	g.ctx.reply(g.response(status))
	if !g.lab.bad[lateCancel] {
		g.end()
		return
	}
	g.lab.alarms.set(&g.alarm, g.lab.now.Add(lateness), g.end)
}

// end tells the user that the call is over.
func (g *leg) end() { g.door.served(g.lab, g.door.server.End(g.lab.now, g.id)) }

// over forgets the call.
func (g *leg) over() {
	delete(g.lab.legs, g.id)
	g.lab.alarms.clear(&g.alarm)
}

// bye hangs up on the caller, who must have acknowledged our answer first
// (RFC 3261 §15).
func (g *leg) bye() {
	g.hungUp = true
	if !g.acked {
		return
	}
	g.over()
	l, x := g.lab, g.ctx
	contact := x.req.Contact()
	if contact == nil || x.conn.closed {
		return // nobody to send it to
	}
	g.seq++
	req := grammar.NewRequest(grammar.BYE, *contact.Address.Clone())
	local := x.conn.local
	req.AppendHeader(&grammar.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: x.conn.transport.Name(),
		Host: local.Addr().String(), Port: int(local.Port()),
		Params: grammar.HeaderParams{{K: "branch", V: "z9hG4bK" + l.token(16)}},
	})
	for _, route := range sip.Values(x.req, "record-route") {
		add(req, "Route", route)
	}
	to, from := x.req.To(), x.req.From()
	req.AppendHeader(&grammar.FromHeader{DisplayName: to.DisplayName, Address: *to.Address.Clone(), Params: grammar.HeaderParams{{K: "tag", V: g.tag}}})
	req.AppendHeader(&grammar.ToHeader{DisplayName: from.DisplayName, Address: *from.Address.Clone(), Params: from.Params.Clone()})
	grammar.CopyHeaders("Call-ID", x.req, req)
	hops := grammar.MaxForwardsHeader(maxForwards)
	req.AppendHeader(&hops)
	req.AppendHeader(&grammar.CSeqHeader{SeqNo: g.seq, MethodName: grammar.BYE})
	req.SetBody(nil)
	l.asked[l.tx.Send(l.now, req, x.conn.transport.Reliable())] = x.conn
	x.conn.send(req)
}

// legOf is the call in which a request stands, or nil.
func (l *Lab) legOf(req *grammar.Request) *leg {
	tag, ok := req.To().Params.Get("tag")
	g := l.legs[req.CallID().Value()]
	if !ok || g == nil || g.tag != tag {
		return nil
	}
	return g
}
