package raw

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A keepalive is the ping and pong of the connection, where the protocol has
// words for them.
type keepalive struct{ *wire }

// ping sends a ping. At most one is unanswered at a time, so that each answer
// belongs to one ping.
func (k keepalive) ping(s *step) {
	if k.conn.Pings.Waits() {
		k.conn.Pings.Want()
		return
	}
	k.conn.Pings.Forget()
	if !k.say(s, ping, nil) {
		return
	}
	var patience time.Duration
	if k.p.server[pong].known() {
		patience = k.p.Patience
	}
	k.conn.Pings.Sent(s.Now, patience)
}

// again sends a ping that had to wait.
func (k keepalive) again(s *step) {
	if k.conn.Pings.Wanted() {
		k.ping(s)
	}
}

// pinged answers a ping of the server.
func (k keepalive) pinged(s *step, fr *frame, v values) {
	s.Log(event.Ping{What: brief(fr.data), Bytes: fr.bytes})
	k.say(s, pong, v)
}

// ponged takes the answer to our ping.
func (k keepalive) ponged(s *step, fr *frame) {
	rtt, awaited := k.conn.Pings.Answered(s.Now)
	if !awaited {
		return // there was no ping
	}
	s.Log(event.Pong{RTT: event.Millis(rtt), What: brief(fr.data), Bytes: fr.bytes})
	s.Notice(control.Ponged{RTT: rtt})
	k.again(s)
}
