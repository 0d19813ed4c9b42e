package server

import (
	"slices"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// response takes in a response from a phone.
func (p *proxy) response(c *conn, res *grammar.Response) {
	if p.drops(c, res) {
		return
	}
	tx, step := p.tx.Response(p.loop.Now(), res)
	if tx == nil {
		return // RFC 6026 §8.3: a response that nobody awaits is dropped
	}
	b := p.branches[tx]
	if step.Send != nil && b != nil { // an ACK goes where its INVITE went
		b.conn.send(step.Send)
	}
	if b != nil && step.Pass {
		b.receive(res)
	}
	if asked := p.asked[tx]; asked != nil && step.Pass && !res.IsProvisional() {
		asked.done(res)
	}
	p.settleClient(tx)
}

// lost ends the branches that went over a connection that is gone. A
// call that met the phone's closing it waits for the next one.
func (p *proxy) lost(c *conn) {
	for _, b := range slices.Clone(c.branches) {
		if !b.crossed() && b.outlives() {
			continue
		}
		p.tx.Fail(b.tx)
		switch {
		case b.flowFailed("the connection is gone"):
		case b.crossed():
			b.end()
			b.ctx.hold(b.to, b.rest)
		case b.owed():
			b.end()
			b.ctx.keep(b.to, b.rest)
			b.ctx.finish()
		default:
			b.fail(480)
		}
		p.settleClient(b.tx)
	}
}

// advanceTransaction does one thing that a transaction has due.
func (p *proxy) advanceTransaction() {
	client, server, step := p.tx.Advance(p.loop.Now())
	switch {
	case client != nil:
		p.advanceClient(client, step)
		p.settleClient(client)
	case server != nil:
		if ctx := p.contexts[server]; ctx != nil && step.Send != nil {
			ctx.conn.send(step.Send)
		}
		p.settleServer(server)
	}
}

// advanceClient repeats a request that a phone has not answered, or gives it
// up.
func (p *proxy) advanceClient(tx *sip.ClientTransaction, step sip.Step) {
	switch b, cancelled, asked := p.branches[tx], p.cancels[tx], p.asked[tx]; {
	case step.Send != nil && b != nil:
		b.transmit()
	case step.Send != nil && cancelled != nil:
		cancelled.conn.send(step.Send)
	case step.Send != nil && asked != nil:
		asked.conn.send(step.Send)
	case step.Err != nil && asked != nil:
		asked.done(nil)
	case step.Err != nil && b != nil && !b.flowFailed("no answer"):
		b.fail(b.ctx.unanswered())
	}
}

// settleClient forgets a transaction that is over.
func (p *proxy) settleClient(tx *sip.ClientTransaction) {
	if tx.State() == sip.StateTerminated {
		delete(p.branches, tx)
		delete(p.cancels, tx)
		delete(p.asked, tx)
	}
}

func (p *proxy) settleServer(tx *sip.ServerTransaction) {
	if tx.State() == sip.StateTerminated {
		delete(p.contexts, tx)
	}
}

// advance does what the transactions have due.
func (p *proxy) advance() {
	for system.Due(p.tx.Deadline(), p.loop.Now()) {
		p.advanceTransaction()
	}
}

// An asked is a request of the server's own, and who is told of its answer; nil is
// none.
type asked struct {
	conn *conn
	done func(*grammar.Response)
}

// ask sends a request of the server's own over a connection.
func (p *proxy) ask(c *conn, req *grammar.Request, done func(*grammar.Response)) {
	p.calls.bye(req)
	p.asked[p.tx.Send(p.loop.Now(), req, c.transport.Reliable())] = &asked{c, done}
	c.send(req)
}

// send sends one whose answer is for nobody.
func (p *proxy) send(c *conn, req *grammar.Request) { p.ask(c, req, func(*grammar.Response) {}) }
