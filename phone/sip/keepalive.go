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

// minFlowTimer is the shortest time between pings that a server can ask for (our
// own number): one that wants more of them would have a phone do nothing else.
const minFlowTimer = 3 * time.Second

var (
	pingBytes = []byte("\r\n\r\n")
	pongBytes = []byte("\r\n")
)

const errNoPong = control.NoAnswer("no pong within 10 s of our ping")

// A keepalive is the CRLF ping and pong of a flow (RFC 5626 §3.5.1, §4.4.1).
//
// At most one ping of ours is unanswered at a time, so that a pong belongs to
// one ping. A missing pong fails the flow only if the server has ever sent
// one: many servers take pings for the empty lines that RFC 3261 §7.5 tells
// them to ignore.
//
// Over WebSocket they are its Ping and Pong frames (RFC 7118 §6): phone/websocket
// makes these of the CRLFs that are sent here.
//
// Over UDP the same two are sent, to keep a NAT open and to learn the round
// trip. There a ping or its pong may simply be lost, so that a missing one
// fails nothing: a dead flow shows in a REGISTER without an answer.
type keepalive struct {
	*author
	framer  *Framer
	timer   time.Duration // Flow-Timer (RFC 5626 §4.4.1); 0: the server has named none
	answers bool          // a pong has come, on this flow or one before
}

// ping sends a ping, unless one is unanswered.
func (k *keepalive) ping(s *step) {
	k.schedule(s.Now)
	if k.conn.Pings.Waits() {
		k.conn.Pings.Want()
		return
	}
	k.conn.Pings.Sent(s.Now, pongTimeout)
	k.framer.AwaitPong(true)
	s.Do(system.Send{Socket: k.conn.Socket(), To: k.conn.Remote(), Data: pingBytes})
	s.Log(event.Ping{Out: true, What: k.cfg.Transport.Frame("Ping")})
}

// pinged answers a ping of the server.
func (k *keepalive) pinged(s *step) {
	s.Log(event.Ping{What: s.in.over.Frame("Ping"), Socket: s.in.name})
	s.Do(system.Send{Socket: s.in.channel.Socket(), To: s.from, Data: pongBytes})
	s.Log(event.Pong{Out: true, What: s.in.over.Frame("Pong"), Socket: s.in.name})
}

// ponged takes the answer to our ping.
func (k *keepalive) ponged(s *step) {
	rtt, awaited := k.conn.Pings.Answered(s.Now)
	if !awaited {
		return // over UDP: nobody asked, or the answer is late
	}
	k.answers = k.cfg.Transport.Reliable()
	k.framer.AwaitPong(false)
	s.Log(event.Pong{What: k.cfg.Transport.Frame("Pong"), RTT: event.Millis(rtt)})
	s.Notice(control.Ponged{RTT: rtt})
	k.again(s)
}

// missed is a pong that has not come in time. It reports whether the flow has
// failed with it.
func (k *keepalive) missed(s *step) (failed bool) {
	if k.answers {
		return true
	}
	k.framer.AwaitPong(false)
	k.again(s)
	return false
}

// again sends the ping that had to wait for another's end.
func (k *keepalive) again(s *step) {
	if k.conn.Pings.Wanted() {
		k.ping(s)
	}
}

// schedule sets when the next ping of our own is due: at 80 to 100 % of
// the server's Flow-Timer (RFC 5626 §4.4.1), else between the configured
// bounds.
func (k *keepalive) schedule(now time.Time) {
	low, high := k.cfg.PingMin, k.cfg.PingMax
	if k.timer > 0 {
		timer := max(k.timer, minFlowTimer)
		low, high = timer*4/5, timer
	}
	var next time.Time
	if high > 0 {
		next = now.Add(k.between(low, high))
	}
	k.conn.Pings.Schedule(next)
}

// sooner schedules a ping by what the server has said now, and no later than
// the one that is due already: refreshes that come faster than pings must not
// put them off for ever.
func (k *keepalive) sooner(now time.Time) {
	due := k.conn.Pings.At()
	k.schedule(now)
	if !due.IsZero() && due.Before(k.conn.Pings.At()) {
		k.conn.Pings.Schedule(due)
	}
}
