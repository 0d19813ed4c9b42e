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
	// bypassRest is for how long no other is tried after one that was refused (our own
	// number).
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
// needed, and closed when nothing has hung on it for a while. If it breaks, requests
// that have had no response are sent once more, over another: a server may close one
// that is idle while we send. If it cannot be opened, or breaks before anything has come
// on it, or under the same request again, they go over UDP.
//
//	down ── large request ──▶ connecting ──▶ open ── 32 s without need ──▶ down
//	                              └─ refused, or 4 s: over UDP; no other for 5 min
//
// Whoever takes the connection and answers nothing costs the time of timers B and F:
// over TCP, too, an answer may come as late as that (RFC 3261 §17.1.1.2), and only a
// connection that fails is a reason to take UDP (§18.1.1). Then it is given up.
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
	bound  func() bool                          // whether there is a binding
	binds  bool                                 // the last one was made over it

	waiting []*sip.Request // for it to open
	idleAt  time.Time
	shut    time.Time // until when no other is tried
	why     string    // the last one was refused
	mute    bool      // it has been said that a response has no way
	heard   time.Time // when something has come on it last; zero: nothing has
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
	b.mute, b.heard = false, time.Time{}
	b.Serve(b.client.conn.Remote().String(), "")
	b.Connect(&s.Step, fmt.Sprintf("%s of %d bytes: a request of more than %d goes over TCP, not UDP", req.Method, len(Encode(req)), maxRequest))
}

func (b *bypass) write(s *step, m sip.Message) {
	b.idleAt = s.In(bypassIdle)
	raw := Encode(m)
	s.Do(system.Send{Socket: b.Socket(), To: b.Remote(), Data: raw})
	e := Trace(true, m, string(raw), 0)
	e.Socket = bypassName
	s.Do(system.Log{Account: b.client.cfg.Flow.Name, Event: e})
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
		b.heard = s.Now
		b.idleAt = s.In(bypassIdle)
		b.inlet.received(s, sig.(system.Received))
	case control.Lost:
		b.lost(s, err)
	}
	return true
}

// lost is the end of a connection that we have not closed. If it could not be opened, or
// nothing has come on it, it was refused (RFC 3261 §18.1.1), and so it was if it is the
// second that breaks under a request: that bounds how often one is sent.
func (b *bypass) lost(s *step, err error) {
	waiting, bound := b.waiting, b.holdsBinding()
	var hung []*exchange
	for _, x := range b.client.exchanges {
		if x.tx.State() != StateAccepted && b.carries(x.tx.Request) && !slices.Contains(waiting, x.tx.Request) {
			hung = append(hung, x)
		}
	}
	b.forget()
	if b.heard.IsZero() || slices.ContainsFunc(hung, func(x *exchange) bool { return x.afresh && x.survives() }) {
		b.shut, b.why = s.In(bypassRest), err.Error()
	}
	for _, req := range waiting {
		b.client.datagram(s, req)
	}
	for _, x := range hung {
		if x.survives() {
			b.client.afresh(s, x)
		} else {
			b.client.fail(s, x, fmt.Errorf("%w: %w", ErrFlow, err))
		}
	}
	b.broke(s, err, bound)
}

// survives reports whether a request goes on when its connection breaks: one that nobody
// has answered does. So does a REGISTER, whose end would be that of the flow over UDP,
// too: it may come twice.
func (x *exchange) survives() bool {
	unheard := x.tx.State() == StateCalling || x.tx.State() == StateTrying
	return x.purpose == toRegister || unheard && x.user.wants(x)
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

// holdsBinding reports whether there is a binding that was made over the connection.
func (b *bypass) holdsBinding() bool { return b.binds && b.bound() }

// needed reports whether anything still hangs on the connection.
func (b *bypass) needed() bool {
	return b.holdsBinding() || b.calls() || slices.ContainsFunc(b.client.exchanges, func(x *exchange) bool { return b.carries(x.tx.Request) })
}

func (b *bypass) deadline() time.Time { return system.Earliest(b.Channel.Deadline(), b.idleAt) }

func (b *bypass) delay(until time.Time) { b.Delay(until) }

func (b *bypass) advance(s *step) {
	if b.deadline() != b.Channel.Deadline() {
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

// afresh sends a request once more whose connection has broken: the same, as a new
// transaction. A registrar takes none with a CSeq that it knows (RFC 3261 §10.3 step 7).
func (cl *client) afresh(s *step, x *exchange) {
	req := x.tx.Request
	x.afresh = true
	cl.txs.Fail(x.tx)
	if x.purpose == toRegister {
		cl.again(s, x, req.Clone())
		return
	}
	cl.forget(x.tx)
	req.ReplaceHeader(cl.via())
	cl.send(s, x, req)
}

// timedOut is the end of a request for which timer B or F has run out. Over the bypass it
// says so. If nothing else has come there meanwhile, nothing will: then it has been
// refused after all, and a REGISTER goes over UDP.
func (cl *client) timedOut(s *step, x *exchange, err error) {
	b := cl.bypass
	cl.ended(s, x, err.Error(), tooLate)
	if !b.carries(x.tx.Request) {
		x.user.failed(s, x, err)
		return
	}
	err = fmt.Errorf("%w, over the TCP connection that it took for its size", err)
	silent := b.Up() && !b.heard.After(x.sent)
	if silent {
		b.heard = time.Time{}
		b.abandon(s, err)
	}
	if silent && x.purpose == toRegister {
		cl.afresh(s, x)
		return
	}
	x.user.failed(s, x, err)
}

// fail ends a request of ours that no answer will come to.
func (cl *client) fail(s *step, x *exchange, err error) {
	cl.forget(x.tx)
	cl.txs.Fail(x.tx)
	x.user.failed(s, x, err)
}
