package xmpp

import (
	"time"

	"mellium.im/xmpp/jid"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

const (
	// maxRing is how long a call may ring. Nobody on the way takes back what a
	// caller that is gone has proposed; a proxy of SIP would, after more than
	// three minutes (RFC 3261 §16.6, timer C).
	maxRing = 3 * time.Minute
	// maxID bounds the name of a call (our own number; a UUID has 36
	// characters).
	maxID = 256
)

// A call is a session of Jingle, as far as messages tell of it (XEP-0353).
//
//	propose ─▶ ringing ─▶ proceed ─▶ finish
//	              ├─▶ reject            by us
//	              └─▶ retract           by the caller
//
// It needs no connection of its own: what is sent while there is none goes out
// with the next one.
type call struct {
	id     int
	sid    string  // what both ends name it by
	peer   jid.JID // bare
	name   string
	up     bool
	upAt   time.Time
	ringBy time.Time         // when it has rung for too long
	taken  control.Elsewhere // what another phone of ours has done with it
}

// message makes one about the call to the other end, with a reason if it is
// to have one (XEP-0353 §3: type chat, and a hint to store it).
func (c *call) message(what, reason string) *Element {
	e := element(nsInvite, what, "id", c.sid)
	if reason != "" {
		e.with(element(nsJingle, "reason").with(element(nsJingle, reason)))
	}
	return element(nsClient, "message", "type", "chat", "to", c.peer.String()).with(e, element(nsHints, "store"))
}

// log writes a phase of a call down.
func (c *call) log(s *step, phase event.CallPhase) {
	s.Log(event.Call{ID: c.id, Phase: phase, Peer: c.peer.String(), Name: c.name, CallID: c.sid})
}
