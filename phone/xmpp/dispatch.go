package xmpp

import (
	"errors"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// element gives an element of the stream to the part that it is for.
func (a *Agent) element(s *step, e *Element) {
	var err error
	switch stage := a.stream.stage; {
	case e.is(nsStream, "error"):
		err = a.streamError(s, e)
	case a.signon.expects(e):
		err = a.signingOn(s, e)
	case stage == up && e.Space == nsSM:
		err = a.outbox.manage(s, e)
	case stage >= binding && e.Space == nsClient:
		a.outbox.sm.received()
		err = a.service.stanza(s, e)
	case stage == ending: // what was on its way
	default:
		err = Bad{Condition: "unsupported-stanza-type", Err: fmt.Errorf("<%s> of %q where it has no place", event.Printable(e.Name), event.Printable(e.Space))}
	}
	a.judge(s, err)
}

// judge acts on an element that was not in order, or by which the server does
// not let us in.
func (a *Agent) judge(s *step, err error) {
	var bad Bad
	var no *refusal
	switch {
	case errors.As(err, &bad):
		a.bad(s, bad)
	case errors.As(err, &no):
		a.refused(s, no)
	}
}

// bad reports data that is not XMPP, to the server too (RFC 6120
// §4.9.1.1: a stream error is not survived).
func (a *Agent) bad(s *step, b Bad) {
	s.Log(event.Error{
		Op: "read from " + a.cfg.Server, Err: b.Err.Error(),
		Hint: "the stream is closed (" + b.Condition + "); is this a server of XMPP, and its port for clients?", Rule: event.RuleMalformedMessage,
	})
	a.stream.write(s, element(nsStream, "error").with(element(nsStreams, b.Condition)))
	a.outbox.end(s)
	a.abandon(s, event.SocketBroken, b.Err)
}

// refused is a server that does not let us in.
func (a *Agent) refused(s *step, r *refusal) {
	if r.then == giveUp {
		a.reg.wanted = false
	}
	r.tell(s)
	if r.then == reconnect {
		a.abandon(s, event.SocketFailed, r)
		return
	}
	a.leaveServer(s)
	if r.then == tryLater {
		a.conn.BackOff(s, 0, r)
	}
}

// signingOn takes a step of signing on, and begins to use the session to which
// the last one leads.
func (a *Agent) signingOn(s *step, e *Element) error {
	got, err := a.signon.element(s, e)
	if err != nil || got == notYet {
		return err
	}
	a.stream.stage, a.reg.by = up, time.Time{}
	a.conn.Granted(s.Now)
	if got == resumed {
		a.outbox.resend(s)
	} else {
		a.outbox.enable(s, a.signon.offers(nsSM, "sm"))
	}
	a.screen.begin(s, a.signon.offers(nsCSI, "csi"))
	a.reg.begin(s, got == resumed)
	a.outbox.flush(s)
	a.keepalive.again(s)
	return nil
}

// streamOpened is the server's opening tag. Without a version it is older than
// RFC 3920, and has no features (RFC 6120 §4.7.5).
func (a *Agent) streamOpened(s *step, e *Element) {
	if version := e.attr("version"); version != "1.0" {
		a.bad(s, Bad{Condition: "unsupported-version", Err: fmt.Errorf("the stream has version %q and not 1.0", version)})
	}
}

// streamError is the server's last word on a stream (RFC 6120 §4.9).
func (a *Agent) streamError(s *step, e *Element) error {
	c := streamCondition(e)
	hint, fatal := streamHints[c.Name]
	if c.Name == "see-other-host" {
		hint = "the server wants us at " + event.Printable(c.Text) + "; set that as the server"
	}
	a.outbox.sm.ended(c.Name)
	if fatal {
		return &refusal{rule: event.RuleNotRegistered, status: statusOf(c.Name), reason: "stream error " + c.Name, hint: hint}
	}
	err := fmt.Errorf("stream error %s", c.Name)
	s.Log(event.Error{Op: "stay connected to " + a.cfg.Server, Err: err.Error(), Rule: event.RuleFlowBroken})
	a.abandon(s, event.SocketClosed, err)
	return nil
}

// streamHints are the conditions that trying again would not mend, and what
// might.
var streamHints = map[string]string{
	"conflict":            "somebody else has signed on with our resource; two phones need two",
	"host-gone":           "the server no longer serves this domain",
	"host-unknown":        "the server does not serve this domain; check the JID",
	"not-authorized":      "check user, password and the server's rules",
	"see-other-host":      "",
	"improper-addressing": "check the JID",
	"invalid-namespace":   "is this the port for clients (5222), and not that for servers?",
}
