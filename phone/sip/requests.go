package sip

import (
	"fmt"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A service answers the requests of others: those of a call are for its call.
type service struct {
	*wire
	calls     *calls
	transfers *transfers
	tidiness  *Tidiness
	forced    *forced
	watches   *watches
}

// maxTransactions bounds what a peer can make us remember (our own number).
const maxTransactions = 1000

// request finds out what a request belongs to: a transaction that we know, a
// dialog, or nothing yet.
func (v *service) request(s *step, req *sip.Request) {
	StampVia(req, s.from)
	if !v.cfg.Transport.Reliable() { // there are two ways, and the response takes that of the request (RFC 3261 §18.2.2)
		req.Via().Transport = s.in.over.Name()
	}
	tx, what := v.txs.Request(s.Now, req)
	if what.Send != nil {
		v.transmit(s, what.Send)
	}
	switch {
	case req.IsAck():
		if tx == nil || what.Pass {
			v.by(s, v.stray(req), func(v *service, s *step) { v.calls.acked(s, req) })
		}
		return
	case tx != nil:
		return // a copy
	}
	if v.txs.Len() >= maxTransactions {
		res := NewResponse(req, sip.StatusServiceUnavailable, v.token(1))
		v.finish(res, nil)
		v.transmit(s, res)
		turnedAway(s, event.RuleTurnedAway, req, res.StatusCode, fmt.Sprintf("%d others are under way", maxTransactions))
		return
	}
	tx = v.txs.Accept(req, s.in.over.Reliable())
	tx.way = v.wire
	if !v.forced.takes(s, tx) {
		v.serve(s, tx)
	}
}

// serve answers a new request.
func (v *service) serve(s *step, tx *ServerTransaction) {
	req := tx.Request
	if req.IsCancel() {
		v.cancelled(s, tx)
		return
	}
	if inNoDialog(req) {
		v.serveNew(s, tx)
		return
	}
	tx.owner = v.stray(req)
	v.by(s, tx.owner, func(v *service, s *step) { v.serveOld(s, tx) })
}

// cancelled takes a CANCEL (RFC 3261 §9.2). It is for whose INVITE that is.
func (v *service) cancelled(s *step, tx *ServerTransaction) {
	invite := v.txs.Server(InviteKey(tx.Request))
	if invite == nil {
		v.turnAway(s, tx, sip.StatusCallTransactionDoesNotExists, "it names no INVITE that is unanswered")
		return
	}
	if tx.Request.CSeq().SeqNo != invite.Request.CSeq().SeqNo {
		v.tidiness.warn(s, Message{SIP: tx.Request, Untidy: []Untidy{{"CSeq", otherNumber}}})
	}
	v.by(s, invite.owner, func(v *service, s *step) { v.calls.cancelled(s, tx, invite) })
}

// serveOld answers a request inside a dialog, or one that was.
func (v *service) serveOld(s *step, tx *ServerTransaction) {
	req := tx.Request
	c, d, e := v.calls.dialogOf(req)
	switch {
	case req.Method == sip.NOTIFY && v.refusesReport(s, tx):
	case req.Method == sip.NOTIFY && v.transfers.notified(s, tx): // perhaps after the end of the call
	case req.Method == sip.NOTIFY && v.watches.notified(s, tx):
	case c == nil && v.crossed(req):
		v.reply(s, tx, sip.StatusCallTransactionDoesNotExists)
	case c == nil:
		v.turnAway(s, tx, sip.StatusCallTransactionDoesNotExists, noDialog)
	case req.CSeq().SeqNo < d.remoteSeq:
		v.turnAway(s, tx, sip.StatusInternalServerError, outOfOrder)
	default:
		d.remoteSeq = req.CSeq().SeqNo
		v.serveInDialog(s, c, e, tx)
	}
}

// refusesReport refuses a NOTIFY that we have asked for if it has what no request may have,
// and reports whether it has.
func (v *service) refusesReport(s *step, tx *ServerTransaction) bool {
	w := v.watches.about(tx.Request)
	if w == nil && v.transfers.about(tx.Request) == nil || !v.turnsAway(s, tx) {
		return false
	}
	if w != nil {
		w.unread()
	}
	return true
}

// serveNew answers a request outside any dialog.
func (v *service) serveNew(s *step, tx *ServerTransaction) {
	if !serves(tx.Request.Method) {
		v.refuseMethod(s, tx) // before all else, RFC 3261 §8.2.1
		return
	}
	if v.turnsAway(s, tx) {
		return
	}
	if !v.isForUs(s, tx.Request) {
		v.reply(s, tx, sip.StatusNotFound)
		return
	}
	if v.merged(s, tx.Request) {
		v.turnAway(s, tx, sip.StatusLoopDetected, cameAlready)
		return
	}
	switch req := tx.Request; req.Method {
	case sip.INVITE:
		tx.owner = v.other(func(o *service) bool { return o.calls.named(req) != nil })
		v.by(s, tx.owner, func(v *service, s *step) { v.calls.offered(s, tx) })
	case sip.OPTIONS:
		v.describe(s, tx)
	case sip.MESSAGE:
		v.texted(s, tx)
	case sip.NOTIFY:
		v.notified(s, tx)
	case sip.REFER:
		v.transfers.referred(s, nil, tx)
	default: // what there is in a dialog only
		v.turnAway(s, tx, sip.StatusCallTransactionDoesNotExists, noDialog)
	}
}

// serves reports whether a method is one of those that the agent serves.
func serves(method sip.RequestMethod) bool {
	for one := range strings.SplitSeq(allowed, ", ") {
		if one == string(method) {
			return true
		}
	}
	return false
}

// isForUs reports whether a request is for us, and says so if it is doubtful.
func (v *service) isForUs(s *step, req *sip.Request) bool {
	ours, odd := v.addressed(req)
	hint := "it is taken for the phone's own all the same; another phone may answer 404"
	if !ours {
		hint = "it is answered 404; the server should send the phone what its binding is for"
	}
	if odd == "" {
		return ours
	}
	if w, news := v.tidiness.Odd(s.Now, req, s.from, odd, hint); news {
		s.Log(w)
	}
	return ours
}

// turnsAway refuses what no request may have, whatever its method (RFC 3261 §8.2.2), and
// reports whether it has.
func (v *service) turnsAway(s *step, tx *ServerTransaction) bool {
	req := tx.Request
	unknown := v.cfg.unsupported(req)
	switch scheme := req.Recipient.Scheme; {
	case scheme != "sip" && scheme != "sips" && scheme != "tel":
		v.turnAway(s, tx, statusUnsupportedScheme, fmt.Sprintf("its Request-URI has the scheme %q", shortText(scheme)))
	case len(unknown) > 0:
		list := strings.Join(unknown, ", ")
		v.turnAway(s, tx, sip.StatusBadExtension, "it requires "+shortText(list), sip.NewHeader("Unsupported", list))
	case len(req.Body()) > 0 && !describes(req) && Encoded(req):
		v.refuseBody(s, tx, encodedBody(encodingOf(req)))
	default:
		return false
	}
	return true
}

// describes reports whether the body of a request is about the session, which has a
// reader of its own: see [SDPOf].
func describes(req *sip.Request) bool {
	switch req.Method {
	case sip.INVITE, sip.UPDATE, sip.PRACK:
		return true
	}
	return false
}

// serveInDialog answers a request inside a call.
func (v *service) serveInDialog(s *step, c *call, e *early, tx *ServerTransaction) {
	if tx.Request.IsInvite() { // whatever is answered, it has our 2xx to the one before
		c.ok.implied(s, tx.Request)
		defer c.change.again(s)
	}
	if c.over && tx.Request.Method != sip.BYE { // it has crossed our BYE, or came before we could send one (RFC 5407 §3.2.2)
		v.reply(s, tx, sip.StatusCallTransactionDoesNotExists)
		return
	}
	if tx.Request.Method != sip.BYE && v.turnsAway(s, tx) { // a BYE ends the call in any case
		return
	}
	switch tx.Request.Method {
	case sip.PRACK:
		c.rel.pracked(s, tx)
	case sip.UPDATE:
		c.update.received(s, tx, e)
	case sip.INVITE:
		c.reoffered(s, tx)
		v.forced.early(s, c, tx)
	case sip.BYE:
		if e != nil { // the callee refuses an INVITE; it cannot hang up (RFC 3261 §15)
			v.turnAway(s, tx, sip.StatusCallTransactionDoesNotExists, "who was called refuses a call that is unanswered, and cannot hang it up (RFC 3261 §15)")
			return
		}
		c.hungUp(s, tx)
	case sip.OPTIONS:
		v.describe(s, tx)
	case sip.MESSAGE:
		v.texted(s, tx)
	case sip.INFO:
		v.told(s, tx)
	case sip.NOTIFY:
		v.notified(s, tx)
	case sip.REFER:
		v.transfers.referred(s, c, tx)
	default:
		v.refuseMethod(s, tx)
	}
}

// Statuses that the grammar package does not name.
const (
	statusUnsupportedScheme = 416 // RFC 3261 §8.2.2.1
	statusExtensionRequired = 421 // RFC 3261 §21.4.16
	statusBadInfoPackage    = 469 // RFC 6086 §4.2.2
	statusBadEvent          = 489 // RFC 6665 §8.3.2
)

// describe answers OPTIONS as it would an INVITE (RFC 3261 §11.2).
func (v *service) describe(s *step, tx *ServerTransaction) {
	status := sip.StatusOK
	if v.calls.full() {
		status = sip.StatusBusyHere
	}
	res := NewResponse(tx.Request, status, v.tagOf(tx))
	res.AppendHeader(sip.NewHeader("Contact", v.contact()))
	res.AppendHeader(sip.NewHeader("Allow", allowed))
	res.AppendHeader(sip.NewHeader("Accept", acceptable))
	res.AppendHeader(sip.NewHeader("Accept-Encoding", "identity"))
	res.AppendHeader(sip.NewHeader("Accept-Language", "en"))
	res.AppendHeader(sip.NewHeader("Supported", strings.Join(append(v.cfg.extensions(), "path", "outbound"), ", ")))
	v.finish(res, nil)
	v.respond(s, tx, res)
}

// refuseMethod answers a method that is known but not served, or not known at
// all (RFC 3261 §8.2.1, §21.5.2).
func (v *service) refuseMethod(s *step, tx *ServerTransaction) {
	status := sip.StatusNotImplemented
	switch tx.Request.Method {
	case sip.REGISTER, sip.SUBSCRIBE, sip.PUBLISH:
		status = sip.StatusMethodNotAllowed
	}
	v.turnAway(s, tx, status, "the phone does not serve the method here", sip.NewHeader("Allow", allowed))
}
