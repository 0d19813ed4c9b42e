package xmpp

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// pongTimeout is how long the answer to a ping (XEP-0199) may take: as long as
// that to a CRLF of SIP (RFC 5626 §4.4.1: 10 s; XEP-0199 names no time). Every
// server answers it, if only with an error, so that a missing answer is the end
// of the flow.
const pongTimeout = 10 * time.Second

const errNoPong = control.NoAnswer("no answer within 10 s of our ping")

// A keepalive is the ping and pong of a stream (XEP-0199), of either end. At
// most one ping of ours is unanswered at a time.
type keepalive struct {
	*outbox
	id string // of the ping that was sent last
}

// ping asks the server for a sign of life, and for what it has had of us. If
// another ping is unanswered it waits for that one.
func (k *keepalive) ping(s *step) {
	if k.conn.Pings.Waits() {
		k.conn.Pings.Want()
		return
	}
	k.id = k.token()
	k.conn.Pings.Sent(s.Now, pongTimeout)
	// Before the ping: what comes behind its answer may find the app asleep, and
	// wake it again.
	k.sendAck(s)
	k.askAck(s)
	k.sendAs(s, element(nsClient, "iq", "type", "get", "id", k.id, "to", k.account.Domainpart()).with(element(nsPing, "ping")),
		func(n int) event.Event { return event.Ping{Out: true, What: "iq get ping", Bytes: n} })
}

// again sends a ping that had to wait.
func (k *keepalive) again(s *step) {
	if k.conn.Pings.Wanted() {
		k.ping(s)
	}
}

// isPing reports whether a stanza is a ping, or the answer to ours: these have
// events of their own.
func (k *keepalive) isPing(e *Element) bool {
	return k.isPong(e) || e.attr("type") == "get" && e.child(nsPing, "ping") != nil
}

func (k *keepalive) isPong(e *Element) bool {
	kind := e.attr("type")
	return e.is(nsClient, "iq") && (kind == "result" || kind == "error") && k.conn.Pings.Waits() && e.attr("id") == k.id
}

// ponged takes the answer to our ping.
func (k *keepalive) ponged(s *step, e *Element) {
	rtt, _ := k.conn.Pings.Answered(s.Now) // isPong has looked
	s.Log(event.Pong{RTT: event.Millis(rtt), What: "iq " + e.attr("type"), Bytes: e.size})
	s.Notice(control.Ponged{RTT: rtt})
	k.again(s)
}

// pinged answers a ping.
func (k *keepalive) pinged(s *step, iq *Element) {
	s.Log(event.Ping{What: "iq get ping", Bytes: iq.size})
	k.sendAs(s, answer(iq, "result"), func(n int) event.Event { return event.Pong{Out: true, What: "iq result", Bytes: n} })
}
