package xmpp

import (
	"time"

	"mellium.im/xmpp/jid"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Register signs on: it connects if need be, and sends our presence, which
// makes the server hand us what comes for the account (RFC 6121 §4.2). Where
// that stands it is sent again, and the push service told where we are.
func (a *Agent) Register(now time.Time) control.Output {
	s := newStep(now)
	a.wanted = true
	if a.flow.stage == up {
		a.flow.loginAt = s.Now
		s.Log(event.Registration{Phase: event.RegistrationSending, Contact: a.full.String()})
		a.announce(s)
		return s.Out
	}
	a.connect(s)
	return s.Out
}

// Unregister takes our presence back: nothing comes for us after that. The
// stream stays.
func (a *Agent) Unregister(now time.Time) control.Output {
	s := newStep(now)
	a.wanted = false
	a.conn.StopRecovering()
	switch {
	case a.flow.stage == up:
		a.withdraw(s)
	case a.conn.Gone() && a.sm.id != "": // the server keeps us a place
		a.connect(s)
	}
	return s.Out
}

// withdraw takes our presence and the place of our pushes back.
func (a *Agent) withdraw(s *step) {
	a.disablePush(s)
	a.send(s, element(nsClient, "presence", "type", "unavailable"))
	a.flow.present, a.flow.loginBy = false, time.Time{}
	s.Log(event.Registration{Phase: event.RegistrationRemoved})
	s.Notice(control.Unregistered{})
}

// adopt takes the JID that the server has bound. It must be of our account.
func (a *Agent) adopt(full string) bool {
	j, err := jid.Parse(full)
	if err != nil || !j.Bare().Equal(a.account.Bare()) || j.Resourcepart() == "" {
		return false
	}
	a.full = j
	return true
}

// signedOn begins to use the session: what waited for it goes out.
func (a *Agent) signedOn(s *step, resumed bool) {
	f := &a.flow
	f.stage, f.known, f.loginBy = up, true, time.Time{}
	f.offersCSI = f.login.features.child(nsCSI, "csi") != nil
	a.conn.Granted()
	if resumed {
		a.resend(s)
	} else {
		a.enableManagement(s)
	}
	a.tellState(s)
	switch {
	case !a.wanted && resumed:
		a.withdraw(s)
	case a.wanted && resumed && a.push.settled():
		f.present = true
		a.registered(s, "the session goes on where it was (XEP-0198)")
	case a.wanted:
		a.announce(s)
	}
	waiting := a.waiting
	a.waiting = nil
	for _, e := range waiting {
		a.send(s, e)
	}
	if f.stage == up && a.conn.Pings.Wanted() {
		a.ping(s)
	}
}

// announce sends our presence, and where to push if that is new. We are
// registered when the server has taken both.
func (a *Agent) announce(s *step) {
	a.send(s, element(nsClient, "presence"))
	a.flow.present = true
	if a.enablePush(s) {
		a.flow.loginBy = s.In(loginTimeout)
		return
	}
	a.registered(s, "")
}

// registered tells the program that the server knows us: for as long as the
// session stands.
func (a *Agent) registered(s *step, reason string) {
	a.flow.loginBy = time.Time{}
	s.Log(event.Registration{Phase: event.RegistrationActive, Reason: reason, Contact: a.full.String(), RTT: event.Millis(s.Now.Sub(a.flow.loginAt))})
	s.Notice(control.Registered{})
}

func (a *Agent) registrationFailed(s *step, rule event.Rule, status int, reason, hint string) {
	s.Log(event.Registration{Phase: event.RegistrationFailed, Status: status, Reason: reason, Hint: hint, Rule: rule})
	s.Notice(control.RegisterFailed{Status: status, Reason: reason})
}

// stopSigningOn is a failure that trying again would not mend.
func (a *Agent) stopSigningOn(s *step, rule event.Rule, status int, reason, hint string) {
	a.wanted = false
	a.registrationFailed(s, rule, status, reason, hint)
	a.leaveServer(s)
}

// leaveServer ends the stream and closes the connection.
func (a *Agent) leaveServer(s *step) {
	a.endStream(s)
	a.hangUp(s, "by us")
}

// hangUp closes the connection without a word.
func (a *Agent) hangUp(s *step, why string) {
	a.conn.Close(s, why)
	a.conn.Pings.Forget()
	a.forgetFlow()
}

// User is the local part of our JID.
func (a *Agent) User() string { return a.account.Localpart() }

// Outbound is of SIP; nobody has asked.
func (*Agent) Outbound() (asked, promised bool) { return false, false }
