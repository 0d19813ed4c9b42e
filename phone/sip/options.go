package sip

import (
	"errors"
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
	a.client.send(s, &exchange{purpose: toAsk, user: &asking{client: &a.client}, cseq: &cseq}, req)
	return s.Out
}

// An asking is an OPTIONS of ours. What is answered does not matter, unless the server is
// to be left for another one: the flow to that is a sign of life, and nothing is asked there.
type asking struct{ *client }

func (a *asking) answered(s *step, _ *exchange, res *sip.Response) {
	a.turnedAway(s, patient(func(*step) {}), res)
}

func (a *asking) failed(s *step, _ *exchange, err error) {
	if !errors.Is(err, ErrFlow) {
		a.goesOn(s, patient(func(*step) {}), 0, err)
	}
}

func (a *asking) wants(*exchange) bool { return true }
