package sip

import (
	"errors"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// pongTimeout is how long a pong may take before the flow has failed (RFC
// 5626 §4.4.1: 10 s).
const pongTimeout = 10 * time.Second

// The CRLF ping and pong of a flow (RFC 5626 §3.5.1, §4.4.1).
//
// At most one ping of ours is unanswered at a time, so that a pong belongs to
// one ping. A missing pong fails the flow only if the server has ever sent
// one: many servers take pings for the empty lines that RFC 3261 §7.5 tells
// them to ignore.
//
// Over UDP the same two are sent, to keep a NAT open and to learn the round
// trip. There a ping or its pong may simply be lost, so that a missing one
// fails nothing: a dead flow shows in a REGISTER without an answer.
var (
	pingBytes = []byte("\r\n\r\n")
	pongBytes = []byte("\r\n")
)

var errNoPong = errors.New("no pong within 10 s of our ping")

// Ping sends a ping now; if the flow is down it opens it first, and if
// another ping is unanswered it waits for that one.
func (a *Agent) Ping(now time.Time) control.Output {
	s := newStep(now)
	if !a.conn.Up() {
		a.conn.Pings.Want()
		a.connect(s)
		return s.Out
	}
	a.ping(s)
	return s.Out
}

func (a *Agent) ping(s *step) {
	a.schedulePing(s.Now)
	if a.conn.Pings.Waits() {
		a.conn.Pings.Want()
		return
	}
	a.conn.Pings.Sent(s.Now, pongTimeout)
	a.flow.framer.AwaitPong(true)
	s.Do(system.Send{Socket: a.conn.Socket(), To: a.conn.Remote(), Data: pingBytes})
	s.Log(event.Ping{Out: true})
}

// pinged answers a ping of the server.
func (a *Agent) pinged(s *step) {
	s.Log(event.Ping{})
	s.Do(system.Send{Socket: a.conn.Socket(), To: s.from, Data: pongBytes})
	s.Log(event.Pong{Out: true})
}

// ponged takes the answer to our ping.
func (a *Agent) ponged(s *step) {
	rtt, awaited := a.conn.Pings.Answered(s.Now)
	if !awaited {
		return // over UDP: nobody asked, or the answer is late
	}
	a.answersPings = a.cfg.Transport.Reliable()
	a.flow.framer.AwaitPong(false)
	s.Log(event.Pong{RTT: event.Millis(rtt)})
	s.Notice(control.Ponged{RTT: rtt})
	a.pingAgain(s)
}

// pongMissing is a pong that has not come in time.
func (a *Agent) pongMissing(s *step) {
	if a.answersPings {
		a.abandon(s, "broken", errNoPong)
		return
	}
	a.flow.framer.AwaitPong(false)
	a.pingAgain(s)
}

// pingAgain sends the ping that had to wait for another's end.
func (a *Agent) pingAgain(s *step) {
	if a.conn.Pings.Wanted() {
		a.ping(s)
	}
}

// schedulePing sets when the next ping of our own is due: at 80 to 100 % of
// the server's Flow-Timer (RFC 5626 §4.4.1), else between the configured
// bounds.
func (a *Agent) schedulePing(now time.Time) {
	low, high := a.cfg.PingMin, a.cfg.PingMax
	if timer := a.flow.timer; timer > 0 {
		low, high = timer*4/5, timer
	}
	var next time.Time
	if high > 0 {
		next = now.Add(a.between(low, high))
	}
	a.conn.Pings.Schedule(next)
}

// pingSooner schedules a ping by what the server has said now, and no later than
// the one that is due already: refreshes that come faster than pings must not
// put them off for ever.
func (a *Agent) pingSooner(now time.Time) {
	due := a.conn.Pings.At()
	a.schedulePing(now)
	if !due.IsZero() && due.Before(a.conn.Pings.At()) {
		a.conn.Pings.Schedule(due)
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
func (a *Agent) Awaits() bool { return a.conn.Pings.Waits() || a.reg.pending != nil || a.asks() }

// AwaitsPong reports whether a ping is unanswered of which an answer is to be
// expected, because the server has answered one before.
func (a *Agent) AwaitsPong() bool { return a.answersPings && a.conn.Pings.Waits() }
