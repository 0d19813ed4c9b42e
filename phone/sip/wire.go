package sip

import (
	"fmt"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A wire carries our messages: over the flow, and through the transactions
// that hang on it.
type wire struct {
	*author
	txs    Transactions
	warned bool // of requests that are too large for this flow
}

// cut is the end of the flow.
func (w *wire) cut() { w.txs, w.warned = Transactions{}, false }

// transmit writes a message to the flow and to the log.
func (w *wire) transmit(s *step, m sip.Message) {
	if !w.conn.Up() {
		return // the transaction learns of the failed flow by itself
	}
	raw := Encode(m)
	to := w.conn.Remote()
	if !w.cfg.Transport.Reliable() {
		to = target(m, to)
	}
	s.Do(system.Send{Socket: w.conn.Socket(), To: to, Data: raw})
	s.Log(Trace(true, m, raw, 0))
	w.tooLarge(s, m, len(raw))
}

// tooLarge warns, once a flow, of a request that the path may not carry in one
// piece. RFC 3261 §18.1.1 would have it go over TCP; a phone that was told to
// use UDP stays there, as most do.
func (w *wire) tooLarge(s *step, m sip.Message, size int) {
	if _, isRequest := m.(*sip.Request); !isRequest || w.cfg.Transport.Reliable() || size <= maxRequest || w.warned {
		return
	}
	w.warned = true
	s.Log(event.Warning{
		Rule: event.RuleLargeRequest, Note: fmt.Sprintf("%s of %d bytes over UDP: more than %d may not arrive in one piece", m.CSeq().MethodName, size, maxRequest),
		Hint: "transport=tcp",
	})
}

// respond gives a response to its transaction, and sends what comes of it.
func (w *wire) respond(s *step, tx *ServerTransaction, res *sip.Response) {
	if what := w.txs.Respond(s.Now, tx, res); what.Send != nil {
		w.transmit(s, what.Send)
	}
}

// reply answers a request outside of a call.
func (w *wire) reply(s *step, tx *ServerTransaction, status int, why ...sip.Header) {
	res := NewResponse(tx.Request, status, w.token(1))
	for _, h := range why {
		res.AppendHeader(h)
	}
	w.finish(res, nil)
	w.respond(s, tx, res)
}

func (w *wire) ok(s *step, tx *ServerTransaction) { w.reply(s, tx, sip.StatusOK) }
