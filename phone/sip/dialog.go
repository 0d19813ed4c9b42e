package sip

import (
	"slices"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip/quoted"
)

// A dialog is what two user agents remember of each other between requests
// (RFC 3261 §12).
type dialog struct {
	callID     string
	localTag   string
	remoteTag  string
	local      sip.Uri
	remote     sip.Uri
	remoteName string
	target     sip.Uri  // the peer's Contact
	routes     []string // Route header field values, in the order to send them
	localSeq   uint32
	remoteSeq  uint32
}

// uasDialog is the dialog that a request asks for (RFC 3261 §12.1.1). The routes are those
// of its Record-Route.
func uasDialog(req *sip.Request, localTag string, routes []string) dialog {
	tag, _ := req.From().Params.Get("tag")
	d := dialog{
		callID: req.CallID().Value(), localTag: localTag, remoteTag: tag,
		local: req.To().Address, remote: req.From().Address, remoteName: req.From().DisplayName,
		routes: routes, remoteSeq: req.CSeq().SeqNo,
	}
	d.refresh(req)
	return d
}

// uacDialog is our half of the dialog that a request of ours is to begin (RFC 3261
// §8.1.1).
func (a *author) uacDialog(target sip.Uri) dialog {
	return dialog{callID: a.token(2), localTag: a.token(1), local: a.aor, remote: target, target: target}
}

// confirm makes the dialog that a 2xx to our INVITE begins (RFC 3261
// §12.1.2). The INVITE's own half is in d already.
func (d dialog) confirm(invite *sip.Request, res *sip.Response) dialog {
	d.remoteTag, _ = res.To().Params.Get("tag")
	d.routes, _ = routesOf(res, "record-route") // else see lacks
	slices.Reverse(d.routes)
	d.target = invite.Recipient
	d.refresh(res)
	return d
}

// refresh takes the Contact of a target refresh request or response (RFC 3261
// §12.2).
func (d *dialog) refresh(m sip.Message) {
	if c := contactOf(m); c != nil {
		d.target = *c.Address.Clone()
	}
}

// contactOf is the first Contact that one can send a request to, or nil.
func contactOf(m sip.Message) *sip.ContactHeader {
	for _, h := range Fields(m, "contact") {
		if c, ok := h.(*sip.ContactHeader); ok && !c.Address.Wildcard && c.Address.Host != "" {
			return c
		}
	}
	return nil
}

// matches reports whether a request of the peer is in this dialog.
func (d *dialog) matches(req *sip.Request) bool {
	to, _ := Param(req.To().Params, "tag")
	from, _ := Param(req.From().Params, "tag")
	return to == d.localTag && from == quoted.Text(d.remoteTag) && req.CallID().Value() == d.callID
}

// way is the hosts by which the requests of the peer come to us: the proxies of
// the route set or, if there are none, the peer's own.
func (d *dialog) way() []string {
	if len(d.routes) > 0 {
		return hostsOf(d.routes)
	}
	return []string{hostname(d.target.Host)}
}

// inDialog begins a request in a dialog (RFC 3261 §12.2.1.1). An ACK carries
// the number of its INVITE.
func (a *author) inDialog(d *dialog, method sip.RequestMethod, seq uint32) *sip.Request {
	to, routes := d.target, d.routes
	if len(routes) > 0 && !looseRoute(routes[0]) {
		to, routes = strictRoute(d)
	}
	req := a.newRequest(method, &to, routes)
	from := &sip.FromHeader{Address: *d.local.Clone(), Params: sip.HeaderParams{{K: "tag", V: d.localTag}}}
	if d.local.User == a.aor.User {
		from.DisplayName = quoted.Escape(a.cfg.Display)
	}
	peer := &sip.ToHeader{DisplayName: d.remoteName, Address: *d.remote.Clone()}
	if d.remoteTag != "" {
		peer.Params = sip.HeaderParams{{K: "tag", V: d.remoteTag}}
	}
	identify(req, from, peer, d.callID, seq)
	return req
}

// looseRoute reports whether a route names a loose router: its URI has "lr".
func looseRoute(route string) bool {
	_, uri, _, err := ParseAddress(route)
	_, loose := URIParam(&uri, "lr")
	return loose || err != nil
}

// strictRoute sends to the first route itself and puts the target last, as
// routers of RFC 2543 want it (RFC 3261 §12.2.1.1).
func strictRoute(d *dialog) (sip.Uri, []string) {
	_, first, _, err := ParseAddress(d.routes[0])
	if err != nil {
		return d.target, d.routes
	}
	return first, append(slices.Clone(d.routes[1:]), "<"+d.target.String()+">")
}

// begunBy makes the dialog that a NOTIFY begins, whose SUBSCRIBE is in it already (RFC
// 6665 §4.4.1).
func (d *dialog) begunBy(notify *sip.Request) {
	d.remoteTag, _ = notify.From().Params.Get("tag")
	d.routes, _ = routesOf(notify, "record-route")
	d.refresh(notify)
}
