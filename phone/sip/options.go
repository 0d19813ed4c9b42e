package sip

import (
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// Ask asks the server what it can do: OPTIONS outside of a dialog (RFC 3261
// §11.1). Whatever it answers is a sign of life, also of a server that takes
// pings for empty lines. If the flow is down it is opened first, which is one
// too.
func (a *Agent) Ask(now time.Time) control.Output {
	if !a.conn.Up() {
		return a.Ping(now)
	}
	s := newStep(now)
	server := sip.Uri{Scheme: a.aor.Scheme, Host: a.aor.Host, Port: a.aor.Port}
	req := a.newRequest(sip.OPTIONS, &server, nil)
	cseq := uint32(1)
	identify(req, a.self(a.token(1)), &sip.ToHeader{Address: *server.Clone()}, a.token(2), cseq)
	req.AppendHeader(sip.NewHeader("Contact", a.contact()))
	req.AppendHeader(sip.NewHeader("Accept", acceptable))
	a.finish(req, nil)
	a.authorize(req)
	a.send(s, &exchange{purpose: toAsk, cseq: &cseq}, req)
	return s.Out
}

// asks reports whether an answer to [Agent.Ask] is outstanding.
func (a *Agent) asks() bool {
	return slices.ContainsFunc(a.exchanges, func(x *exchange) bool { return x.purpose == toAsk })
}
