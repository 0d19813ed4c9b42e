package sip

import (
	"fmt"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// purpose is what a request of ours is for.
type purpose int

const (
	toRegister purpose = iota
	toInvite
	toModify // a re-INVITE
	toCancel
	toBye
	toAsk // an OPTIONS
	toPrack
	toUpdate
	toRefer
	toNotify // a report of what a REFER has led to
	toTell   // what the agent was told to send: see [Agent.Tell]
)

// A user of the client hears what comes of its requests.
type user interface {
	answered(s *step, x *exchange, res *sip.Response)
	// failed says that no answer will come.
	failed(s *step, x *exchange, err error)
	// wants reports whether the request is to be sent again with credentials.
	wants(x *exchange) bool
}

// An exchange is a request of ours and its answers, over as many transactions
// as it takes to satisfy a server that wants credentials.
type exchange struct {
	purpose purpose
	user    user    // who asks
	cseq    *uint32 // the last CSeq number used where the request belongs
	tx      *ClientTransaction
	sent    time.Time
	realms  []string      // that were given credentials
	answers int           // how often it was sent again with credentials
	afresh  bool          // it was sent again because its connection broke
	anew    func(s *step) // is called before that; nil: nothing else changes by it
}

// A client sends requests of ours, with the credentials that they need, and
// gives the answers to who asked.
type client struct {
	*wire
	peers     *peers
	tidiness  *Tidiness
	move      func(s *step, c *call, rest time.Duration, why error) bool // see [Agent.move]
	over      func(c *call)                                              // hears of calls that have ended
	late      late
	byes      byes
	auth      []*credential
	onward    onward
	refreshes control.Budget // of what keeps subscriptions and publications, besides the registration
	exchanges []*exchange    // of client transactions that are alive, oldest first
}

// affords takes a refresh from what servers get of them, and returns how long it is to
// wait if there is none left, which it names.
func (cl *client) affords(s *step, what string) (wait time.Duration) {
	if wait = cl.refreshes.Spend(s.Now); wait > 0 && cl.refreshes.News() {
		s.Log(control.Overspent(what))
	}
	return wait
}

// repeats takes from the same what an answer has us send once more.
func (cl *client) repeats(s *step) { cl.refreshes.Charge(s.Now) }

// cut is the end of the flow: it returns whose requests went with it.
func (cl *client) cut() []*exchange {
	lost := cl.exchanges
	cl.exchanges = nil
	cl.wire.cut()
	return lost
}

// send starts a transaction for the request.
func (cl *client) send(s *step, x *exchange, req *sip.Request) {
	x.sent = s.Now
	x.tx = cl.txs.Send(s.Now, req, cl.bypass.diverts(s, req) || cl.cfg.Transport.Reliable())
	cl.exchanges = append(cl.exchanges, x)
	cl.transmit(s, req)
}

// forget drops the exchange of a transaction and returns it.
func (cl *client) forget(tx *ClientTransaction) *exchange {
	for i, x := range cl.exchanges {
		if x.tx == tx {
			cl.exchanges = append(cl.exchanges[:i], cl.exchanges[i+1:]...)
			if len(cl.exchanges) == 0 {
				cl.exchanges = nil
			}
			return x
		}
	}
	return nil
}

func (cl *client) exchangeOf(tx *ClientTransaction) *exchange {
	for _, x := range cl.exchanges {
		if x.tx == tx {
			return x
		}
	}
	return nil
}

// response gives a response to its exchange.
func (cl *client) response(s *step, res *sip.Response) {
	if cl.drops(s, res) {
		return
	}
	tx, what := cl.txs.Response(s.Now, res)
	if res.IsSuccess() && (tx == nil || tx.State() == StateCompleted && !what.Pass) {
		cl.answeredLate(s, res)
	}
	if tx == nil {
		return // a copy of a final response, or one that was never asked for
	}
	x := cl.exchangeOf(tx)
	if tx.State() == StateTerminated {
		cl.forget(tx)
	}
	if what.Send != nil {
		cl.transmit(s, what.Send)
	}
	if x == nil || !what.Pass {
		return
	}
	if res.StatusCode >= 300 {
		cl.ended(s, x, fmt.Sprintf("%d %s", res.StatusCode, event.Printable(res.Reason)), passedOn)
	}
	if isChallenge(res) && cl.challenged(s, x, res) {
		return
	}
	if res.IsSuccess() {
		cl.informed(s, x.tx.Request, res)
	}
	x.user.answered(s, x, res)
}

// ended notes that an INVITE which was to begin a call has ended without one: its 2xx may
// come yet, be it by the next flow. The INVITE of a call that is up has had it.
func (cl *client) ended(s *step, x *exchange, what, hint string) {
	if c, ok := x.user.(*call); ok && x.purpose == toInvite && c.state != callUp {
		cl.late.ended(s, c, x.tx, what, hint)
	}
}

// asks reports whether an answer to [Agent.Ask] is outstanding.
func (cl *client) asks() bool {
	return slices.ContainsFunc(cl.exchanges, func(x *exchange) bool { return x.purpose == toAsk })
}
