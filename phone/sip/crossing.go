package sip

import (
	"slices"

	"github.com/emiago/sipgo/sip"
)

// byes are the dialogs in which we have sent a BYE a short while ago. The peer's may have
// crossed it, and come when the call is forgotten already (RFC 5407 §3.2.1): it is answered
// 481 like any other, and nobody is to blame.
type byes struct{ memory[dialog] }

// sent remembers a BYE, for as long as it may take to be answered, and one of the peer's
// from before to be given up (64*T1 each).
func (b *byes) sent(s *step, d dialog) { b.note(d, s.In(2*giveUp)) }

// crossed reports whether a request is a BYE in one of the dialogs.
func (b *byes) crossed(req *sip.Request) bool {
	return req.Method == sip.BYE && b.has(func(d *dialog) bool { return d.matches(req) })
}

// crossed reports whether a request is a BYE that has crossed ours, be it by another flow of
// the account.
func (v *service) crossed(req *sip.Request) bool {
	return v.calls.byes.crossed(req) || slices.ContainsFunc(v.cfg.beside(), func(a *Agent) bool { return a.client.byes.crossed(req) })
}
