package xmpp

import (
	"errors"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// pongTimeout is how long the answer to a ping (XEP-0199) may take: as long as
// that to a CRLF of SIP (RFC 5626 §4.4.1: 10 s; XEP-0199 names no time). Every
// server answers it, if only with an error, so that a missing answer is the end
// of the flow.
const pongTimeout = 10 * time.Second

var errNoPong = errors.New("no answer within 10 s of our ping")

// Ping asks the server for a sign of life, and for what it has had of us; if
// the stream is down it opens it first, and if another ping is unanswered it
// waits for that one.
func (a *Agent) Ping(now time.Time) control.Output {
	s := newStep(now)
	if a.flow.stage != up {
		a.conn.Pings.Want()
		a.connect(s)
		return s.Out
	}
	a.ping(s)
	return s.Out
}

func (a *Agent) ping(s *step) {
	if a.conn.Pings.Waits() {
		a.conn.Pings.Want()
		return
	}
	a.flow.ping = a.token()
	a.conn.Pings.Sent(s.Now, pongTimeout)
	// Before the ping: what comes behind its answer may find the app asleep, and
	// wake it again.
	a.sayAck(s)
	a.askAck(s)
	a.sendAs(s, element(nsClient, "iq", "type", "get", "id", a.flow.ping, "to", a.account.Domainpart()).with(element(nsPing, "ping")),
		func(n int) event.Event { return event.Ping{Out: true, What: "iq get ping", Bytes: n} })
}

// isPing reports whether a stanza is a ping, or the answer to ours: these have
// events of their own.
func (a *Agent) isPing(e *Element) bool {
	return a.isPong(e) || e.attr("type") == "get" && e.child(nsPing, "ping") != nil
}

func (a *Agent) isPong(e *Element) bool {
	kind := e.attr("type")
	return e.is(nsClient, "iq") && (kind == "result" || kind == "error") && a.conn.Pings.Waits() && e.attr("id") == a.flow.ping
}

// ponged takes the answer to our ping.
func (a *Agent) ponged(s *step, e *Element) {
	rtt, _ := a.conn.Pings.Answered(s.Now) // isPong has looked
	s.Log(event.Pong{RTT: event.Millis(rtt), What: "iq " + e.attr("type"), Bytes: e.size})
	s.Notice(control.Ponged{RTT: rtt})
	if a.conn.Pings.Wanted() {
		a.ping(s)
	}
}

// pinged answers a ping.
func (a *Agent) pinged(s *step, iq *Element) {
	s.Log(event.Ping{What: "iq get ping", Bytes: iq.size})
	a.sendAs(s, answer(iq, "result"), func(n int) event.Event { return event.Pong{Out: true, What: "iq result", Bytes: n} })
}

// Awaits reports whether an answer of the server is outstanding.
func (a *Agent) Awaits() bool { return a.AwaitsPong() || !a.flow.loginBy.IsZero() }

// AwaitsPong reports whether a ping is unanswered.
func (a *Agent) AwaitsPong() bool { return a.conn.Pings.Waits() }
