package lab

import (
	"slices"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// A context is one request that the exchange has forwarded, until its final
// response has gone back (the "response context" of RFC 3261 §16.2).
type context struct {
	lab  *Lab
	conn *conn // whence it came
	req  *grammar.Request
	tx   *sip.ServerTransaction

	branches  []*branch
	held      []*held           // copies that wait for their phones
	best      *grammar.Response // the final response to give, so far
	answered  bool              // a final response has gone back
	cancelled bool              // by the caller
	rung      bool              // the wake sockets were
	wait      alarm             // for who was woken
	leg       *leg              // the call through a door, if it is one
}

// forward sends a copy of the request to a target.
func (x *context) forward(t target, rest []string) {
	l := x.lab
	b := &branch{ctx: x, to: t.binding, rest: rest, conn: t.conn, req: l.outgoing(x.conn, x.req, t, rest), sent: l.now}
	b.tx = l.tx.Send(l.now, b.req, t.conn.transport.Reliable())
	l.branches[b.tx] = b
	x.branches = append(x.branches, b)
	t.conn.branches = append(t.conn.branches, b)
	if x.req.IsInvite() {
		b.timerC()
	}
	b.transmit()
}

// reply gives a response back to where the request came from.
func (x *context) reply(res *grammar.Response) {
	if !x.answered && res.StatusCode >= 200 {
		x.answered = true
		x.conn.pending--
	}
	step := x.lab.tx.Respond(x.lab.now, x.tx, res)
	if step.Send != nil {
		x.conn.send(step.Send)
	}
	x.lab.settleServer(x.tx)
}

// finish gives the best of the final responses back when all branches have
// ended (RFC 3261 §16.7 step 6).
func (x *context) finish() {
	if x.answered || len(x.held) > 0 || slices.ContainsFunc(x.branches, func(b *branch) bool { return !b.ended }) {
		return
	}
	x.reply(x.best)
}

// consider keeps the better of two final responses: a 6xx, else one of the
// lowest class.
func (x *context) consider(res *grammar.Response) {
	rank := func(r *grammar.Response) int {
		if r.StatusCode >= 600 {
			return 0
		}
		return r.StatusCode / 100
	}
	if x.best == nil || rank(res) < rank(x.best) {
		x.best = res
	}
}

// cancelAll cancels what still runs.
func (x *context) cancelAll() {
	for _, b := range x.branches {
		b.cancel()
	}
}

// response takes in a response from a phone.
func (l *Lab) response(c *conn, res *grammar.Response) {
	if c.repay(res) {
		return
	}
	tx, step := l.tx.Response(l.now, res)
	if tx == nil {
		return // RFC 6026 §8.3: a response that nobody awaits is dropped
	}
	b := l.branches[tx]
	if step.Send != nil && b != nil { // an ACK goes where its INVITE went
		b.conn.send(step.Send)
	}
	if b != nil && step.Pass {
		b.receive(res)
	}
	l.settleClient(tx)
}

// flowFailed ends the branches that went over a connection that is gone. A
// call that met the phone's closing it waits for the next one.
func (l *Lab) flowFailed(c *conn) {
	for _, b := range slices.Clone(c.branches) {
		l.tx.Fail(b.tx)
		if b.crossed() {
			b.end()
			b.ctx.hold(b.to, b.rest)
		} else {
			b.fail(480)
		}
		l.settleClient(b.tx)
	}
}

// advanceTransaction does one thing that a transaction has due.
func (l *Lab) advanceTransaction() {
	client, server, step := l.tx.Advance(l.now)
	switch {
	case client != nil:
		l.advanceClient(client, step)
		l.settleClient(client)
	case server != nil:
		if ctx := l.contexts[server]; ctx != nil && step.Send != nil {
			ctx.conn.send(step.Send)
		}
		l.settleServer(server)
	}
}

// advanceClient repeats a request that a phone has not answered, or gives it
// up.
func (l *Lab) advanceClient(tx *sip.ClientTransaction, step sip.Step) {
	switch b, cancelled, asked := l.branches[tx], l.cancels[tx], l.asked[tx]; {
	case step.Send != nil && b != nil:
		b.transmit()
	case step.Send != nil && cancelled != nil:
		cancelled.conn.send(step.Send)
	case step.Send != nil && asked != nil:
		asked.send(step.Send)
	case step.Err != nil && b != nil:
		b.fail(408)
	}
}

// settleClient forgets a transaction that is over.
func (l *Lab) settleClient(tx *sip.ClientTransaction) {
	if tx.State() == sip.StateTerminated {
		delete(l.branches, tx)
		delete(l.cancels, tx)
		delete(l.asked, tx)
	}
}

func (l *Lab) settleServer(tx *sip.ServerTransaction) {
	if tx.State() == sip.StateTerminated {
		delete(l.contexts, tx)
	}
}
