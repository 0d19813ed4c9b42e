package sip

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// pongTimeout is how long a pong may take before the flow has failed (RFC
// 5626 §4.4.1: 10 s).
const pongTimeout = 10 * time.Second

var (
	pingBytes = []byte("\r\n\r\n")
	pongBytes = []byte("\r\n")
)

// keepalive is the CRLF ping and pong of a flow (RFC 5626 §3.5.1, §4.4.1).
//
// At most one ping of ours is unanswered at a time, so that a pong belongs to
// one ping. A missing pong fails the flow only if the server has ever sent
// one: many servers take pings for the empty lines that RFC 3261 §7.5 tells
// them to ignore.
//
// Over UDP the same two are sent, to keep a NAT open and to learn the round
// trip. There a ping or its pong may simply be lost, so that a missing one
// fails nothing: a dead flow shows in a REGISTER without an answer.
type keepalive struct {
	sent      time.Time
	pongBy    time.Time // zero if no pong is awaited
	pingAt    time.Time // zero if the flow needs no pings of ours
	flowTimer time.Duration
	proven    bool // a pong has come, on this flow or one before
	again     bool // a ping is wanted as soon as it can be sent
}

// Ping sends a ping now; if the flow is down it opens it first, and if
// another ping is unanswered it waits for that one.
func (a *Agent) Ping(now time.Time) control.Output {
	s := &step{now: now}
	if a.flow.state != flowOpen {
		a.flow.keepalive.again = true
		a.connect(s)
		return s.out
	}
	a.ping(s)
	return s.out
}

func (a *Agent) ping(s *step) {
	k := &a.flow.keepalive
	a.schedulePing(s.now)
	if !k.pongBy.IsZero() {
		k.again = true
		return
	}
	k.again = false
	k.sent, k.pongBy = s.now, s.in(pongTimeout)
	a.flow.framer.AwaitPong(true)
	s.do(system.Send{Socket: a.flow.socket, To: a.flow.remote, Data: pingBytes})
	s.log(event.Ping{Out: true})
}

// pinged answers a ping of the server.
func (a *Agent) pinged(s *step) {
	s.log(event.Ping{})
	s.do(system.Send{Socket: a.flow.socket, To: s.from, Data: pongBytes})
	s.log(event.Pong{Out: true})
}

// ponged takes the answer to our ping.
func (a *Agent) ponged(s *step) {
	k := &a.flow.keepalive
	if k.pongBy.IsZero() {
		return // over UDP: nobody asked, or the answer is late
	}
	rtt := s.now.Sub(k.sent)
	k.pongBy = time.Time{}
	k.proven = a.cfg.Transport.Reliable()
	a.flow.framer.AwaitPong(false)
	s.log(event.Pong{RTT: event.Millis(rtt)})
	s.notice(control.Ponged{RTT: rtt})
	if k.again {
		a.ping(s)
	}
}

// pongMissing is the pong timeout.
func (a *Agent) pongMissing(s *step) {
	k := &a.flow.keepalive
	if k.proven {
		a.abandon(s, "broken", errNoPong)
		return
	}
	k.pongBy = time.Time{}
	a.flow.framer.AwaitPong(false)
	if k.again {
		a.ping(s)
	}
}

// schedulePing sets when the next ping of our own is due: at 80 to 100 % of
// the server's Flow-Timer (RFC 5626 §4.4.1), else between the configured
// bounds.
func (a *Agent) schedulePing(now time.Time) {
	k := &a.flow.keepalive
	low, high := a.cfg.PingMin, a.cfg.PingMax
	if k.flowTimer > 0 {
		low, high = k.flowTimer*4/5, k.flowTimer
	}
	k.pingAt = time.Time{}
	if high > 0 {
		k.pingAt = now.Add(a.between(low, high))
	}
}

// pingSooner schedules a ping by what the server has said now, and no later than
// the one that is due already: refreshes that come faster than pings must not
// put them off for ever.
func (a *Agent) pingSooner(now time.Time) {
	k := &a.flow.keepalive
	due := k.pingAt
	a.schedulePing(now)
	if !due.IsZero() && due.Before(k.pingAt) {
		k.pingAt = due
	}
}

// between is a random duration, at least a millisecond, so that a deadline
// made of it lies ahead.
func (a *Agent) between(low, high time.Duration) time.Duration {
	d := low
	if high > low {
		d += time.Duration(a.cfg.Rand.Int64N(int64(high - low)))
	}
	return max(d, time.Millisecond)
}

// Awaits reports whether an answer of the server is outstanding.
func (a *Agent) Awaits() bool {
	return !a.flow.keepalive.pongBy.IsZero() || a.reg.pending != nil || a.asks()
}

// AwaitsPong reports whether a ping is unanswered of which an answer is to be
// expected, because the server has answered one before.
func (a *Agent) AwaitsPong() bool {
	k := &a.flow.keepalive
	return k.proven && !k.pongBy.IsZero()
}
