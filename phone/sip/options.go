package sip

import (
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
	server := sip.Uri{Scheme: a.author.aor.Scheme, Host: a.author.aor.Host, Port: a.author.aor.Port}
	cseq := uint32(1)
	req := a.client.outside(sip.OPTIONS, &server, cseq)
	req.AppendHeader(sip.NewHeader("Contact", a.author.contact()))
	req.AppendHeader(sip.NewHeader("Accept", sessionType))
	a.author.finish(req, nil)
	a.client.authorize(req)
	a.client.send(s, &exchange{purpose: toAsk, user: nobody{}, cseq: &cseq}, req)
	return s.Out
}

// nobody asks, whatever the answer is.
type nobody struct{}

func (nobody) answered(*step, *exchange, *sip.Response) {}
func (nobody) failed(*step, *exchange, error)           {}
func (nobody) wants(*exchange) bool                     { return true }
