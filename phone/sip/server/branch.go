package server

import (
	"fmt"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

const (
	// timerC is how long an INVITE may ring. It must be more than three
	// minutes (RFC 3261 §16.6 step 11).
	timerC = 5 * time.Minute
	// cancelWait is how long a cancelled branch may take to say so: 64*T1
	// (RFC 3261 §9.1).
	cancelWait = 64 * sip.T1
)

// A branch is one copy of the request, on its way to one phone.
type branch struct {
	ctx        *context
	to         *binding // nil: it is no contact of a user
	spares     []string // other flows of the same phone, see [binding.id]
	rest       []string // of the request's route
	conn       *conn    // whither it went
	req        *grammar.Request
	tx         *sip.ClientTransaction
	sent       time.Time
	heard      bool // a provisional response came
	rang       bool // so did one of the phone's own, above 100
	cancelled  bool
	why        []string // its CANCEL says so, in Reason (RFC 3326)
	cancelSent bool
	delayed    bool // its CANCEL was put off
	ended      bool
	awaited    *held      // its connection is gone, and it waits for the phone's next one; nil: it does not
	alarm      loop.Alarm // timer C, then the wait for the end of a cancelled branch
}

// transmit sends the request, or a copy of it.
func (b *branch) transmit() {
	if b.withheld() {
		return
	}
	if b.conn.breaks(b.ctx.proxy.faults.UntidySDP) {
		spoilSession(b.req)
	}
	b.conn.send(b.req)
	if b.req.IsInvite() && !b.conn.transport.Reliable() && b.conn.breaks(b.ctx.proxy.faults.RepeatInvite) {
		b.conn.send(b.req)
	}
	if b.req.IsInvite() {
		b.conn.closesFor(b.conn.table.faults.CloseAtInvite, "close at invite")
	}
}

// withheld reports whether the request is not sent to the phone at all, though
// everybody is told that it was.
func (b *branch) withheld() bool {
	switch faults := b.ctx.proxy.faults; b.req.Method {
	case grammar.INVITE:
		return b.conn.breaks(faults.NoInvite)
	case grammar.BYE:
		return b.conn.breaks(faults.NoBye)
	case grammar.NOTIFY:
		return b.conn.breaks(faults.NoReport)
	}
	return false
}

// delays puts off the CANCEL of a branch, once.
func (b *branch) delays() bool {
	if b.delayed || !b.conn.breaks(b.ctx.proxy.faults.LateCancel) {
		return false
	}
	b.delayed = true
	b.ctx.proxy.loop.Set(&b.alarm, lateness, b.sendCancel)
	return true
}

// receive handles a response of the phone (RFC 3261 §16.7).
func (b *branch) receive(res *grammar.Response) {
	x := b.ctx
	up := stripVia(res)
	x.proxy.gate.strip(b.conn, up)
	switch {
	case res.IsProvisional():
		b.progress(up)
	case !b.led(up.StatusCode) && b.flowFailed(fmt.Sprintf("%d %s", up.StatusCode, sip.Reason(up.StatusCode))):
	case res.IsSuccess():
		b.end()
		b.giveBack(up)
		x.cancelAll(elsewhere(up.StatusCode))
		x.abandonAll(487)
	default:
		b.end()
		b.unavailable(up)
		x.consider(up)
		if res.IsGlobalError() {
			x.cancelAll(elsewhere(up.StatusCode))
			x.abandonAll(487)
		}
		x.finish()
	}
}

// unavailable has a 503 go back as 500: that one phone can do nothing now does not make
// the server unable to serve anything, which a 503 of the server's would say, and its
// Retry-After is about the phone alone (RFC 3261 §16.7 step 6).
func (b *branch) unavailable(up *grammar.Response) {
	if up.StatusCode != 503 {
		return
	}
	detail := fmt.Sprintf("%s %s: %d %s goes back as 500", b.req.Method, b.req.CallID().Value(), up.StatusCode, up.Reason)
	if wait := sip.Text(up, "Retry-After"); wait != "" {
		detail += ", without its Retry-After: " + wait
	}
	b.ctx.proxy.loop.Note("phone unavailable", b.conn.name(), event.Printable(detail))
	up.StatusCode, up.Reason = 500, sip.Reason(500)
	up.RemoveHeader("Retry-After")
}

func (b *branch) progress(up *grammar.Response) {
	b.heard = true
	b.rang = b.rang || up.StatusCode > 100
	switch {
	case b.cancelled:
		b.sendCancel()
	case up.StatusCode > 100:
		b.timerC()
		if !b.ctx.answered {
			b.giveBack(up)
		}
	}
}

// giveBack passes a response on to the caller. One of the server's own robots is the
// server's own.
func (b *branch) giveBack(up *grammar.Response) {
	if b.conn.own() {
		b.ctx.reply(up)
		return
	}
	b.ctx.relay(up)
}

// lapse ends a branch from which nothing is to come any more.
func (b *branch) lapse(status int) {
	b.ctx.proxy.tx.Fail(b.tx)
	b.fail(status)
	b.ctx.proxy.settleClient(b.tx)
}

// fail ends a branch without a response of the phone.
func (b *branch) fail(status int) {
	if b.ended {
		return
	}
	if b.ctx.cancelled {
		status = 487
	}
	b.end()
	b.ctx.consider(b.ctx.respond(status))
	b.ctx.finish()
}

// end marks that nothing more is to come of a branch, except copies of a 2xx.
func (b *branch) end() {
	b.ended = true
	b.ctx.proxy.loop.Clear(&b.alarm)
	if b.awaited != nil {
		b.ctx.proxy.edge.release(b.awaited)
	}
	b.conn.branches = without(b.conn.branches, b)
}

// elsewhere is the Reason for phones that ring no longer because one of them has
// answered, or refused for all (RFC 3326 §2).
func elsewhere(status int) string {
	text := "Call completed elsewhere"
	if status >= 300 {
		text = "Refused elsewhere"
	}
	return fmt.Sprintf(`SIP;cause=%d;text="%s"`, status, text)
}

// cancel ends a branch that runs, and says why. Before a provisional response it has
// to wait (RFC 3261 §9.1).
func (b *branch) cancel(why ...string) {
	if b.ended || b.cancelled || !b.ctx.req.IsInvite() {
		return
	}
	b.cancelled, b.why = true, why
	switch {
	case b.awaited != nil: // there is nowhere to send it
		b.lapse(487)
	case b.heard:
		b.sendCancel()
	}
}

func (b *branch) sendCancel() {
	p := b.ctx.proxy
	if b.cancelSent || b.delays() {
		return
	}
	b.cancelSent = true
	cancel := cancelFor(b.req)
	for _, why := range b.why {
		add(cancel, "Reason", why)
	}
	p.cancels[p.tx.Send(p.loop.Now(), cancel, b.conn.transport.Reliable())] = b
	b.conn.send(cancel)
	p.loop.Set(&b.alarm, cancelWait, func() { b.lapse(487) })
}

// cancelFor builds the CANCEL of a request that we sent (RFC 3261 §9.1).
func cancelFor(req *grammar.Request) *grammar.Request {
	cancel := grammar.NewRequest(grammar.CANCEL, *req.Recipient.Clone())
	cancel.AppendHeader(grammar.HeaderClone(req.Via()))
	for _, name := range []string{"Route", "From", "To", "Call-ID"} {
		grammar.CopyHeaders(name, req, cancel)
	}
	hops := grammar.MaxForwardsHeader(maxForwards)
	cancel.AppendHeader(&hops)
	cancel.AppendHeader(&grammar.CSeqHeader{SeqNo: req.CSeq().SeqNo, MethodName: grammar.CANCEL})
	cancel.SetBody(nil)
	return cancel
}

// timerC bounds the ringing.
func (b *branch) timerC() {
	b.ctx.proxy.loop.Set(&b.alarm, timerC, func() { b.cancel() })
}
