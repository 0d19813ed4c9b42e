package xmpp

import (
	"time"

	"mellium.im/xmpp/jid"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// loginTimeout is how long it may take from the first step until the server
// knows us: as long as a transaction of SIP waits (our own number).
const loginTimeout = control.Patience

// A registration is what makes the server hand us what comes for the account:
// our presence (RFC 6121 §4.2), and where it may push to.
type registration struct {
	*outbox
	push pushing

	wanted  bool      // the program wants to be reachable
	present bool      // the server has our presence
	asked   time.Time // when we began to ask
	by      time.Time // when we no longer wait for the server's answer
}

// flowFailed is the end of the connection.
func (r *registration) flowFailed() {
	r.present, r.asked, r.by = false, time.Time{}, time.Time{}
	r.push.flowFailed()
}

// sending says that we ask to be known, under that name.
func (r *registration) sending(s *step, as jid.JID) {
	r.asked = s.Now
	s.Log(event.Registration{Phase: event.RegistrationSending, Contact: as.String()})
}

// refresh announces us again on a stream that stands.
func (r *registration) refresh(s *step) {
	r.sending(s, r.full)
	r.announce(s)
}

// begin does what is wanted in a session that has just begun, or goes on.
func (r *registration) begin(s *step, resumed bool) {
	switch {
	case !r.wanted && resumed:
		r.withdraw(s)
	case r.wanted && resumed && r.push.settled():
		r.present = true
		r.registered(s, "the session goes on where it was (XEP-0198)")
	case r.wanted:
		r.announce(s)
	}
}

// announce sends our presence, and where to push if that is new. We are
// registered when the server has taken both.
func (r *registration) announce(s *step) {
	r.send(s, element(nsClient, "presence"))
	r.present = true
	if r.push.enable(s) {
		r.by = s.In(loginTimeout)
		return
	}
	r.registered(s, "")
}

// registered tells the program that the server knows us: for as long as the
// session stands.
func (r *registration) registered(s *step, reason string) {
	r.by = time.Time{}
	s.Log(event.Registration{Phase: event.RegistrationActive, Reason: reason, Contact: r.full.String(), RTT: event.Millis(s.Now.Sub(r.asked))})
	s.Notice(control.Registered{})
}

// pushAnswered is the server's answer to enable. We are registered either way:
// a phone that is not pushed to is reached while it is awake.
func (r *registration) pushAnswered(s *step, iq *Element) {
	r.push.answered(s, iq)
	r.registered(s, "")
	if !r.push.settled() { // there is a new token
		r.announce(s)
	}
}

// withdraw takes our presence and the place of our pushes back.
func (r *registration) withdraw(s *step) {
	r.push.disable(s)
	r.send(s, element(nsClient, "presence", "type", "unavailable"))
	r.present, r.by = false, time.Time{}
	s.Log(event.Registration{Phase: event.RegistrationRemoved})
	s.Notice(control.Unregistered{})
}
