package sip

import (
	"fmt"
	"net/netip"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A wire carries our messages: over the flow, and through the transactions
// that hang on it.
type wire struct {
	*author
	txs     Transactions
	bypass  *bypass
	reaches reaches // over UDP
	recent  recent
	warned  bool // of requests that are too large for this flow
}

// cut is the end of the flow.
func (w *wire) cut() {
	w.txs, w.recent, w.warned = Transactions{}, recent{}, false
	clear(w.reaches)
}

// transmit writes a message to the flow and to the log.
func (w *wire) transmit(s *step, m sip.Message) {
	if !w.conn.Up() {
		return // the transaction learns of the failed flow by itself
	}
	if w.bypass.carries(m) {
		w.bypass.send(s, m)
		return
	}
	raw := Encode(m)
	to := w.conn.Remote()
	if !w.cfg.Transport.Reliable() {
		if to = target(m, to); !w.mayReach(s, to.Addr(), m, len(raw)) {
			return
		}
	}
	s.Do(system.Send{Socket: w.conn.Socket(), To: to, Data: raw})
	s.Do(system.Log{Account: w.cfg.Flow.Name, Event: Trace(true, m, string(raw), 0)})
	w.tooLarge(s, m, len(raw))
}

// heard takes in what has come over UDP, from whom it says it is.
func (w *wire) heard(s *step, f Frame, bytes int) {
	m, _ := f.(Message)
	w.reaches.of(s.from.Addr()).Heard(m.SIP, bytes)
}

// mayReach reports whether a message may go to a host. Requests go to the server
// only, at the user's wish.
func (w *wire) mayReach(s *step, host netip.Addr, m sip.Message, bytes int) bool {
	r := w.reaches.of(host)
	if _, is := m.(*sip.Request); is {
		r.Sent(m, bytes)
		return true
	}
	if r.Allows(m, bytes) {
		return true
	}
	if warning := r.Withheld(host.Unmap().String(), "the caller acknowledges our responses; then nothing is withheld"); warning != nil {
		s.Log(warning)
	}
	return false
}

// tooLarge warns, once a flow, of a request that the path may not carry in one
// piece, and that could not go over TCP.
func (w *wire) tooLarge(s *step, m sip.Message, size int) {
	if _, isRequest := m.(*sip.Request); !isRequest || w.cfg.Transport.Reliable() || size <= maxRequest || w.warned {
		return
	}
	w.warned = true
	s.Log(event.Warning{
		Rule: event.RuleLargeRequest, Note: fmt.Sprintf("%s of %d bytes over UDP, for %s takes no TCP connection (%s): more than %d may not arrive in one piece", m.CSeq().MethodName, size, w.conn.Remote(), w.bypass.why, maxRequest),
		Hint: "have the server take TCP at the same port",
	})
}

// respond gives a response to its transaction, and sends what comes of it.
//
// It goes by the flow that the request has come by, which may be another than that of
// the dialog: see flows.go.
func (w *wire) respond(s *step, tx *ServerTransaction, res *sip.Response) {
	if tx.way != nil && tx.way != w {
		tx.way.respond(s, tx, res)
		return
	}
	if !w.cfg.Transport.Reliable() {
		w.reaches.of(target(res, w.conn.Remote()).Addr()).Made(tx.Request, res)
	}
	if what := w.txs.Respond(s.Now, tx, res); what.Send != nil {
		w.transmit(s, what.Send)
	}
}

// reply answers a request outside of a call.
func (w *wire) reply(s *step, tx *ServerTransaction, status int, why ...sip.Header) {
	res := NewResponse(tx.Request, status, w.tagOf(tx))
	for _, h := range why {
		res.AppendHeader(h)
	}
	w.finish(res, nil)
	w.respond(s, tx, res)
}

// tagOf is our tag in the responses to a request outside of a call: the same in each
// (RFC 3261 §8.2.6.2).
func (w *wire) tagOf(tx *ServerTransaction) string {
	if tx.tag == "" {
		tx.tag = w.token(1)
	}
	return tx.tag
}

// trying tells the sender of an INVITE that it has come (RFC 3261 §17.2.1).
func (w *wire) trying(s *step, tx *ServerTransaction) {
	res := NewResponse(tx.Request, sip.StatusTrying, "")
	setBody(res, nil)
	w.respond(s, tx, res)
}

func (w *wire) ok(s *step, tx *ServerTransaction) { w.reply(s, tx, sip.StatusOK) }
