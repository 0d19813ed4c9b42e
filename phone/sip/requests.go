package sip

import (
	"github.com/emiago/sipgo/sip"
)

// message takes in one whole message.
func (a *Agent) message(s *step, m Message) {
	s.Log(Trace(false, m.SIP, m.Raw, m.Segments))
	switch msg := m.SIP.(type) {
	case *sip.Response:
		a.response(s, msg)
	case *sip.Request:
		a.request(s, msg)
	}
}

// maxTransactions bounds what a peer can make us remember (our own number).
const maxTransactions = 1000

// request finds out what a request belongs to: a transaction that we know, a
// dialog, or nothing yet.
func (a *Agent) request(s *step, req *sip.Request) {
	StampVia(req, s.from)
	tx, what := a.txs.Request(s.Now, req)
	if what.Send != nil {
		a.transmit(s, what.Send)
	}
	switch {
	case req.IsAck():
		if tx == nil || what.Pass {
			a.acked(s, req)
		}
		return
	case tx != nil:
		return // a copy
	}
	if a.txs.Len() >= maxTransactions {
		res := NewResponse(req, sip.StatusServiceUnavailable, a.token(1))
		a.finish(res, nil)
		a.transmit(s, res)
		return
	}
	a.serve(s, a.txs.Accept(req, a.cfg.Transport.Reliable()))
}

// serve answers a new request.
func (a *Agent) serve(s *step, tx *ServerTransaction) {
	req := tx.Request
	if req.IsCancel() {
		a.cancelled(s, tx)
		return
	}
	if tag, _ := req.To().Params.Get("tag"); tag == "" {
		a.serveNew(s, tx)
		return
	}
	c := a.dialogOf(req)
	switch {
	case c == nil:
		a.reply(s, tx, sip.StatusCallTransactionDoesNotExists)
	case req.CSeq().SeqNo < c.dialog.remoteSeq:
		a.reply(s, tx, sip.StatusInternalServerError) // out of order, RFC 3261 §12.2.2
	default:
		c.dialog.remoteSeq = req.CSeq().SeqNo
		a.serveInDialog(s, c, tx)
	}
}

// dialogOf returns the call whose dialog a request of the peer is in.
func (a *Agent) dialogOf(req *sip.Request) *call {
	for _, c := range a.calls {
		if c.state >= callIncoming && c.dialog.matches(req) {
			return c
		}
	}
	return nil
}

// serveNew answers a request outside any dialog.
func (a *Agent) serveNew(s *step, tx *ServerTransaction) {
	switch req := tx.Request; req.Method {
	case sip.INVITE:
		a.offered(s, tx)
	case sip.OPTIONS:
		a.describe(s, tx)
	case sip.MESSAGE:
		a.take(s, tx, "text/plain")
	case sip.NOTIFY:
		a.notified(s, tx)
	case sip.BYE, sip.INFO:
		a.reply(s, tx, sip.StatusCallTransactionDoesNotExists)
	default:
		a.refuseMethod(s, tx)
	}
}

// serveInDialog answers a request inside a call.
func (a *Agent) serveInDialog(s *step, c *call, tx *ServerTransaction) {
	switch req := tx.Request; req.Method {
	case sip.INVITE:
		if c.over {
			a.reply(s, tx, sip.StatusCallTransactionDoesNotExists)
			return
		}
		a.reoffered(s, c, tx)
	case sip.BYE:
		a.hungUp(s, c, tx)
	case sip.OPTIONS:
		a.describe(s, tx)
	case sip.MESSAGE:
		a.take(s, tx, "text/plain")
	case sip.INFO:
		if text(req, "info-package") != "" {
			a.reply(s, tx, statusBadInfoPackage)
			return
		}
		a.ok(s, tx)
	case sip.NOTIFY:
		a.notified(s, tx)
	default:
		a.refuseMethod(s, tx)
	}
}

// Statuses that the grammar package does not name.
const (
	statusBadInfoPackage = 469 // RFC 6086 §4.2.2
	statusBadEvent       = 489 // RFC 6665 §8.3.2
)

// hungUp takes a BYE.
func (a *Agent) hungUp(s *step, c *call, tx *ServerTransaction) {
	a.ok(s, tx)
	if c.uas != nil { // RFC 3261 §15.1.2: what is pending is answered 487
		invite := c.uas
		c.uas = nil
		a.respond(s, invite, a.newResponse(c, invite.Request, sip.StatusRequestTerminated))
	}
	c.ok, c.byeOwed = unacked{}, false
	a.end(s, c, "peer", 0, why(tx.Request, ""))
	a.remove(c)
}

// describe answers OPTIONS as it would an INVITE (RFC 3261 §11.2).
func (a *Agent) describe(s *step, tx *ServerTransaction) {
	status := sip.StatusOK
	if len(a.calls) >= a.cfg.MaxCalls {
		status = sip.StatusBusyHere
	}
	res := NewResponse(tx.Request, status, a.token(1))
	res.AppendHeader(sip.NewHeader("Contact", a.contact()))
	res.AppendHeader(sip.NewHeader("Allow", allowed))
	res.AppendHeader(sip.NewHeader("Accept", acceptable))
	res.AppendHeader(sip.NewHeader("Accept-Encoding", "identity"))
	res.AppendHeader(sip.NewHeader("Accept-Language", "en"))
	res.AppendHeader(sip.NewHeader("Supported", "path, outbound"))
	a.finish(res, nil)
	a.respond(s, tx, res)
}

// take answers a MESSAGE: the SIP log shows it to whoever looks there.
func (a *Agent) take(s *step, tx *ServerTransaction, media string) {
	if got := mediaType(tx.Request); got != media && len(tx.Request.Body()) > 0 {
		a.reply(s, tx, sip.StatusUnsupportedMediaType, sip.NewHeader("Accept", media))
		return
	}
	a.ok(s, tx)
}

// notified answers a NOTIFY. Servers send these two without a subscription;
// the answer keeps them content.
func (a *Agent) notified(s *step, tx *ServerTransaction) {
	switch text(tx.Request, "event") {
	case "message-summary", "keep-alive":
		a.ok(s, tx)
	default:
		a.reply(s, tx, statusBadEvent, sip.NewHeader("Allow-Events", "message-summary, keep-alive"))
	}
}

// refuseMethod answers a method that is known but not served, or not known at
// all (RFC 3261 §8.2.1, §21.5.2).
func (a *Agent) refuseMethod(s *step, tx *ServerTransaction) {
	status := sip.StatusNotImplemented
	switch tx.Request.Method {
	case sip.REGISTER, sip.SUBSCRIBE, sip.REFER, sip.PRACK, sip.UPDATE, sip.PUBLISH:
		status = sip.StatusMethodNotAllowed
	}
	a.reply(s, tx, status, sip.NewHeader("Allow", allowed))
}

func (a *Agent) reply(s *step, tx *ServerTransaction, status int, why ...sip.Header) {
	res := NewResponse(tx.Request, status, a.token(1))
	for _, h := range why {
		res.AppendHeader(h)
	}
	a.finish(res, nil)
	a.respond(s, tx, res)
}

func (a *Agent) ok(s *step, tx *ServerTransaction) { a.reply(s, tx, sip.StatusOK) }
