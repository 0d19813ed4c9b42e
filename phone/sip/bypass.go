package sip

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// bypassPatience is how long the connection may take to open: a caller waits for
	// it. A SYN is repeated after 1 s and 3 s (RFC 6298 §2; our own number).
	bypassPatience = 4 * time.Second
	// bypassRest is for how long no other is tried where none could be opened (our
	// own number).
	bypassRest = 5 * time.Minute
	// bypassIdle is how long it stays open after the last message (RFC 3261 §18:
	// at least as long as a transaction).
	bypassIdle = giveUp
)

// bypassName is the bypass's in the log.
const bypassName = "tcp"

// A bypass is the TCP connection beside a flow over UDP for requests that are too
// large for a datagram (RFC 3261 §18.1.1). They name TCP in their Via, and their
// responses come back on it. It leads to where the flow does, is opened when it is
// needed, and closed when nothing has hung on it for a while. If it cannot be opened, or
// breaks before anything has come on it, the requests go over UDP.
//
//	down ── large request ──▶ connecting ──▶ open ── 32 s without need ──▶ down
//	                              └─ refused, or 4 s: over UDP; no other for 5 min
//
// Contacts name UDP all the same. A server may still take the connection that a
// REGISTER came over for our flow (RFC 5626 §4.2 has it so), and send its requests
// there: then it is kept, and the registration is renewed if it breaks. Nobody listens
// on TCP: a server that connects to us is refused, and has to use UDP (§18.1.1).
//
// To the system it is an ordinary socket: it wakes no app that is suspended, and the
// system may take it.
type bypass struct {
	control.Channel
	client *client
	inlet  inlet
	calls  func() bool                          // whether there are calls
	broke  func(s *step, err error, bound bool) // is told that it has broken, and whether the binding was made over it
	binds  bool                                 // the binding that stands was made over it

	waiting []*sip.Request // for it to open
	idleAt  time.Time
	shut    time.Time // until when no other is tried
	why     string    // none could be opened
	mute    bool      // it has been said that a response has no way
	heard   bool      // something has come on it
}

// diverts has a request take the bypass if it is too large for a datagram. It reports
// whether it does.
func (b *bypass) diverts(s *step, req *sip.Request) bool {
	if b.client.cfg.Transport.Reliable() || !b.client.conn.Up() || s.Now.Before(b.shut) || len(Encode(req)) <= maxRequest {
		return false
	}
	req.Via().Transport = TCP.Name()
	return true
}

// follows has the ACK to a 2xx take the way of its INVITE: on another, the next INVITE
// of the dialog could overtake it.
func (b *bypass) follows(s *step, ack, invite *sip.Request) {
	if b.Up() && b.carries(invite) {
		ack.Via().Transport = TCP.Name()
		return
	}
	b.diverts(s, ack)
}

// carries reports whether a message is one for the bypass, by its Via: of a response
// it says how the request came.
func (b *bypass) carries(m sip.Message) bool {
	via := m.Via()
	return !b.client.cfg.Transport.Reliable() && via != nil && strings.EqualFold(via.Transport, TCP.Name())
}

// send sends a message, as soon as there is a connection. There is none for a response
// any more if the one that its request came on is gone.
func (b *bypass) send(s *step, m sip.Message) {
	req, isRequest := m.(*sip.Request)
	switch {
	case b.Up():
		b.write(s, m)
	case isRequest:
		b.waiting = append(b.waiting, req)
		b.open(s, req)
	case !b.mute:
		b.mute = true
		s.Log(event.Error{
			Op: "answer " + string(m.CSeq().MethodName), Err: "the TCP connection that it came on is gone",
			Hint: "the peer sends it again", Rule: event.RuleFlowBroken,
		})
	}
}

func (b *bypass) open(s *step, req *sip.Request) {
	if !b.Gone() {
		return
	}
	b.mute, b.heard = false, false
	b.Serve(b.client.conn.Remote().String(), "")
	b.Connect(&s.Step, fmt.Sprintf("%s of %d bytes: a request of more than %d goes over TCP, not UDP", req.Method, len(Encode(req)), maxRequest))
}

func (b *bypass) write(s *step, m sip.Message) {
	b.idleAt = s.In(bypassIdle)
	raw := Encode(m)
	s.Do(system.Send{Socket: b.Socket(), To: b.Remote(), Data: raw})
	e := Trace(true, m, raw, 0)
	e.Socket = bypassName
	s.Log(e)
}

// receive takes in a signal, and reports whether it is about the connection.
func (b *bypass) receive(s *step, sig system.Signal) bool {
	id, ok := system.SocketOf(sig)
	if !ok || !b.On(id) {
		return false
	}
	turn, err := b.Channel.Receive(&s.Step, sig)
	switch turn {
	case control.Opened:
		waiting := b.waiting
		b.waiting = nil
		for _, req := range waiting {
			b.write(s, req)
		}
	case control.Arrived:
		b.heard = true
		b.idleAt = s.In(bypassIdle)
		b.inlet.received(s, sig.(system.Received))
	case control.Lost:
		b.lost(s, err)
	}
	return true
}

// lost is the end of a connection that we have not closed. If it could not be opened, or
// nothing has come on it, it was refused (RFC 3261 §18.1.1); else it has broken under
// what hung on it.
func (b *bypass) lost(s *step, err error) {
	waiting, bound := b.waiting, b.binds
	b.forget()
	if !b.heard {
		b.shut, b.why = s.In(bypassRest), err.Error()
	}
	for _, req := range waiting {
		b.client.datagram(s, req)
	}
	for _, x := range slices.Clone(b.client.exchanges) {
		switch {
		case x.tx.State() == StateAccepted || !b.carries(x.tx.Request):
		case b.heard || !x.user.wants(x):
			b.client.fail(s, x, fmt.Errorf("%w: %w", ErrFlow, err))
		default:
			b.client.afresh(s, x)
		}
	}
	b.broke(s, err, bound)
}

// abandon gives the connection up.
func (b *bypass) abandon(s *step, err error) {
	b.Abandon(&s.Step, event.SocketBroken, err)
	b.lost(s, err)
}

// close ends the connection from our side.
func (b *bypass) close(s *step, why string) {
	b.Close(&s.Step, why)
	b.forget()
}

// cut ends the connection with the flow. The next flow may lead to a server that takes TCP.
func (b *bypass) cut(s *step) {
	b.close(s, "the flow is gone")
	b.shut = time.Time{}
}

// forget forgets what hung on a connection that is gone.
func (b *bypass) forget() {
	b.inlet.reset()
	b.waiting, b.binds, b.idleAt = nil, false, time.Time{}
}

// needed reports whether anything still hangs on the connection.
func (b *bypass) needed() bool {
	return b.binds || b.calls() || slices.ContainsFunc(b.client.exchanges, func(x *exchange) bool { return b.carries(x.tx.Request) })
}

func (b *bypass) deadline() time.Time { return system.Earliest(b.Deadline(), b.idleAt) }

func (b *bypass) delay(until time.Time) { b.Delay(until) }

func (b *bypass) advance(s *step) {
	if b.deadline() != b.Deadline() {
		if b.idleAt = s.In(bypassIdle); !b.needed() {
			b.close(s, "nothing needs it any more")
		}
		return
	}
	switch turn, err := b.Advance(&s.Step); turn {
	case control.Lost:
		b.lost(s, err)
	case control.RestMissing:
		b.inlet.restMissing(s)
	}
}

// datagram sends a request over UDP that was to take the bypass.
func (cl *client) datagram(s *step, req *sip.Request) {
	req.Via().Transport = UDP.Name()
	if !req.IsAck() {
		i := slices.IndexFunc(cl.exchanges, func(x *exchange) bool { return x.tx.Request == req })
		if i < 0 {
			return // given up meanwhile
		}
		cl.exchanges[i].sent = s.Now
		cl.txs.Restart(s.Now, cl.exchanges[i].tx, false)
	}
	cl.transmit(s, req)
}

// afresh sends a request once more that nobody has answered: the same, as a new
// transaction.
func (cl *client) afresh(s *step, x *exchange) {
	req := x.tx.Request
	cl.forget(x.tx)
	cl.txs.Fail(x.tx)
	req.ReplaceHeader(cl.via())
	cl.send(s, x, req)
}

// fail ends a request of ours that no answer will come to.
func (cl *client) fail(s *step, x *exchange, err error) {
	if cl.forget(x.tx) == nil {
		return // it has gone with another
	}
	cl.txs.Fail(x.tx)
	x.user.failed(s, x, err)
}
