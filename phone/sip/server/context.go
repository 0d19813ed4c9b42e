package server

import (
	"slices"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// A context is one request that wants a response, from when it has come until its final
// response has gone back: answered by the server itself, or forwarded (then it is the
// "response context" of RFC 3261 §16.2).
type context struct {
	proxy *proxy
	conn  *conn // whence it came
	req   *grammar.Request
	tx    *sip.ServerTransaction
	came  time.Time
	from  string // the account that has shown that it sent it; "": a guest

	branches  []*branch
	held      []*held           // copies that wait for their phones
	best      *grammar.Response // the final response to give, so far
	answered  bool              // a final response has gone back
	cancelled bool              // by the caller
	woken     bool              // whom it is for, by a Waker
	late      bool              // it has waited for the next connection of a phone that was gone
	wait      loop.Alarm        // for who was woken, or until a forced answer is due
	leg       *leg              // the call to another protocol, if it is one
	call      *watchedCall      // the call, if it is one that is watched
}

// forward sends a copy of the request to a target.
func (x *context) forward(t target, rest []string) {
	p := x.proxy
	b := &branch{ctx: x, to: t.binding, spares: t.spares, rest: rest, conn: t.conn, req: p.outgoing(x.conn, x.req, t, rest), sent: p.loop.Now()}
	p.gate.vouch(b.req, x.from)
	b.tx = p.tx.Send(p.loop.Now(), b.req, t.conn.transport.Reliable())
	p.branches[b.tx] = b
	x.branches = append(x.branches, b)
	t.conn.branches = append(t.conn.branches, b)
	if x.req.IsInvite() {
		b.timerC()
	}
	b.transmit()
}

// respond builds a response to the request.
func (x *context) respond(status int) *grammar.Response {
	return respond(x.proxy.loop, x.req, status)
}

// respondWith builds one with a header field.
func (x *context) respondWith(status int, name, value string) *grammar.Response {
	return respondWith(x.proxy.loop, x.req, status, name, value)
}

// established is the 200 by which the server is the other end of a dialog, with that tag
// (RFC 3261 §12.1.1).
func (x *context) established(tag, contact string) *grammar.Response {
	res := x.respond(200)
	res.To().Params.Add("tag", tag) // in the place of any other
	grammar.CopyHeaders("Record-Route", x.req, res)
	add(res, "Contact", contact)
	return res
}

// reply gives back a response of the server's own to where the request came from.
func (x *context) reply(res *grammar.Response) {
	x.conn.reach.Made(x.req, res)
	x.relay(res)
}

// relay gives back a response that somebody else may have made.
func (x *context) relay(res *grammar.Response) {
	if !x.answered && res.StatusCode >= 200 {
		x.answered = true
		x.conn.pending--
	}
	x.proxy.calls.heard(x.call, res)
	step := x.proxy.tx.Respond(x.proxy.loop.Now(), x.tx, res)
	if step.Send != nil {
		x.conn.send(step.Send)
	}
	x.proxy.settleServer(x.tx)
}

// finish gives the best of the final responses back when all branches have
// ended (RFC 3261 §16.7 step 6).
func (x *context) finish() {
	if x.answered || len(x.held) > 0 || slices.ContainsFunc(x.branches, func(b *branch) bool { return !b.ended }) {
		return
	}
	x.relay(x.best)
}

// consider keeps the better of two final responses. The challenges of several are
// answered together (RFC 3261 §16.7 step 7).
func (x *context) consider(res *grammar.Response) {
	switch {
	case x.best == nil || rank(res) < rank(x.best):
		x.best = res
	case challenges(res) && challenges(x.best):
		for _, name := range []string{"WWW-Authenticate", "Proxy-Authenticate"} {
			for _, h := range sip.Fields(res, name) {
				x.best.AppendHeader(grammar.HeaderClone(h))
			}
		}
	}
}

// rank orders final responses: a 6xx is the best, then one of the lowest class; of
// the 4xx those that say how the request would do (RFC 3261 §16.7 step 6; 422:
// RFC 4028 §7.3).
func rank(res *grammar.Response) int {
	switch res.StatusCode {
	case 401, 407, 415, 420, 422, 484:
		return 39
	}
	if res.StatusCode >= 600 {
		return 0
	}
	return res.StatusCode / 100 * 10
}

func challenges(res *grammar.Response) bool { return res.StatusCode == 401 || res.StatusCode == 407 }

// cancelAll cancels what still runs, and says why.
func (x *context) cancelAll(why ...string) {
	for _, b := range x.branches {
		b.cancel(why...)
	}
}
