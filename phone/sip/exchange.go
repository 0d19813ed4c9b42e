package sip

import (
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
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
)

// An exchange is a request of ours and its answers, over as many transactions
// as it takes to satisfy a server that wants credentials.
type exchange struct {
	purpose purpose
	call    *call   // nil for a REGISTER and an OPTIONS
	cseq    *uint32 // the last CSeq number used where the request belongs
	tx      *ClientTransaction
	sent    time.Time
	realms  []string // that were given credentials, one for each answer
}

// send starts a transaction for the request.
func (a *Agent) send(s *step, x *exchange, req *sip.Request) {
	x.sent = s.Now
	x.tx = a.txs.Send(s.Now, req, a.cfg.Transport.Reliable())
	a.exchanges = append(a.exchanges, x)
	a.transmit(s, req)
}

// transmit writes a message to the flow and to the log.
func (a *Agent) transmit(s *step, m sip.Message) {
	if !a.conn.Up() {
		return // the transaction learns of the failed flow by itself
	}
	raw := Encode(m)
	to := a.conn.Remote()
	if !a.cfg.Transport.Reliable() {
		to = target(m, to)
	}
	s.Do(system.Send{Socket: a.conn.Socket(), To: to, Data: raw})
	s.Log(Trace(true, m, raw, 0))
	a.tooLarge(s, m, len(raw))
}

// tooLarge warns, once a flow, of a request that the path may not carry in one
// piece. RFC 3261 §18.1.1 would have it go over TCP; a phone that was told to
// use UDP stays there, as most do.
func (a *Agent) tooLarge(s *step, m sip.Message, size int) {
	if _, isRequest := m.(*sip.Request); !isRequest || a.cfg.Transport.Reliable() || size <= maxRequest || a.flow.warned {
		return
	}
	a.flow.warned = true
	s.Log(event.Warning{
		Rule: event.RuleLargeRequest, Note: fmt.Sprintf("%s of %d bytes over UDP: more than %d may not arrive in one piece", m.CSeq().MethodName, size, maxRequest),
		Hint: "transport=tcp",
	})
}

// forget drops the exchange of a transaction and returns it.
func (a *Agent) forget(tx *ClientTransaction) *exchange {
	for i, x := range a.exchanges {
		if x.tx == tx {
			a.exchanges = append(a.exchanges[:i], a.exchanges[i+1:]...)
			if len(a.exchanges) == 0 {
				a.exchanges = nil
			}
			return x
		}
	}
	return nil
}

func (a *Agent) exchangeOf(tx *ClientTransaction) *exchange {
	for _, x := range a.exchanges {
		if x.tx == tx {
			return x
		}
	}
	return nil
}

// response gives a response to its exchange.
func (a *Agent) response(s *step, res *sip.Response) {
	tx, what := a.txs.Response(s.Now, res)
	if tx == nil {
		return // a copy of a final response, or one that was never asked for
	}
	x := a.exchangeOf(tx)
	if tx.State() == StateTerminated {
		a.forget(tx)
	}
	if what.Send != nil {
		a.transmit(s, what.Send)
	}
	if x == nil || !what.Pass {
		return
	}
	if res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired {
		if a.challenged(s, x, res) {
			return
		}
	}
	a.answered(s, x, res)
}

// answered hands a response to who asked.
func (a *Agent) answered(s *step, x *exchange, res *sip.Response) {
	switch x.purpose {
	case toRegister:
		a.registerAnswered(s, x, res)
	case toInvite:
		a.inviteAnswered(s, x, res)
	case toModify:
		a.modifyAnswered(s, x, res)
	case toBye:
		a.remove(x.call)
	case toCancel: // the INVITE's own answer says what became of it
	case toAsk: // any answer will do
	}
}

// failed tells who asked that no answer will come.
func (a *Agent) failed(s *step, x *exchange, err error) {
	switch x.purpose {
	case toRegister:
		a.registerFailed(s, x, err)
	case toInvite:
		a.inviteFailed(s, x, err)
	case toModify:
		a.modifyFailed(s, x, err)
	case toBye:
		a.byeFailed(s, x, err)
	case toCancel, toAsk:
	}
}
