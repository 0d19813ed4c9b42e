package sip

import (
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"
)

// byes are the dialogs in which we have sent a BYE a short while ago, oldest first. The
// peer's may have crossed it, and come when the call is forgotten already (RFC 5407 §3.2.1):
// it is answered 481 like any other, and nobody is to blame.
type byes struct{ list []sentBye }

type sentBye struct {
	dialog dialog
	until  time.Time
}

// note remembers a BYE, for as long as it may take to be answered, and one of the peer's
// from before to be given up (64*T1 each). Of more than maxTransactions the oldest is
// forgotten.
func (b *byes) note(s *step, d dialog) {
	b.list = slices.DeleteFunc(b.list, func(one sentBye) bool { return !one.until.After(s.Now) })
	if len(b.list) == maxTransactions {
		b.list = slices.Delete(b.list, 0, 1)
	}
	b.list = append(b.list, sentBye{d, s.In(2 * giveUp)})
}

// crossed reports whether a request is a BYE in one of the dialogs.
func (b *byes) crossed(now time.Time, req *sip.Request) bool {
	return req.Method == sip.BYE && slices.ContainsFunc(b.list, func(one sentBye) bool { return one.until.After(now) && one.dialog.matches(req) })
}

// crossed reports whether a request is a BYE that has crossed ours, be it by another flow of
// the account.
func (v *service) crossed(now time.Time, req *sip.Request) bool {
	return v.calls.byes.crossed(now, req) || slices.ContainsFunc(v.cfg.beside(), func(a *Agent) bool { return a.client.byes.crossed(now, req) })
}
