package xmpp

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// element takes in an element of the stream, by where the stream is.
func (a *Agent) element(s *step, e *Element) {
	switch {
	case e.is(nsStream, "error"):
		a.streamError(s, e)
	case a.flow.stage == greeting && e.is(nsStream, "features"):
		a.negotiate(s, e)
	case a.flow.stage == starting && e.Space == nsTLS:
		a.answeredTLS(s, e)
	case a.flow.stage == authenticating && e.Space == nsSASL:
		a.authentication(s, e)
	case a.flow.stage == resuming && e.Space == nsSM:
		a.resumption(s, e)
	case a.flow.stage == binding && e.is(nsClient, "iq") && e.attr("id") == a.flow.login.bind:
		a.bound(s, e)
	case a.flow.stage == up && e.Space == nsSM:
		a.manage(s, e)
	case a.flow.stage >= binding && e.Space == nsClient:
		a.sm.received()
		a.stanza(s, e)
	case a.flow.stage == ending: // what was on its way
	default:
		a.bad(s, Bad{Condition: "unsupported-stanza-type", Err: fmt.Errorf("<%s> of %q where it has no place", event.Printable(e.Name), event.Printable(e.Space))})
	}
}

// streamOpened is the server's opening tag. Without a version it is older than
// RFC 3920, and has no features (RFC 6120 §4.7.5).
func (a *Agent) streamOpened(s *step, e *Element) {
	if version := e.attr("version"); version != "1.0" {
		a.bad(s, Bad{Condition: "unsupported-version", Err: fmt.Errorf("the stream has version %q and not 1.0", version)})
	}
}

// negotiate takes the next step that the features allow (RFC 6120 §4.3):
// TLS, then SASL, then our old session or a new one.
func (a *Agent) negotiate(s *step, features *Element) {
	f, tls := &a.flow, features.child(nsTLS, "starttls")
	switch {
	case !a.conn.Secure() && tls != nil && a.cfg.TLS == Required:
		f.stage = starting
		a.write(s, element(nsTLS, "starttls"))
	case !a.conn.Secure() && a.cfg.TLS == Required:
		a.stopSigningOn(s, event.RuleNotRegistered, 0, "the server offers no TLS", "TLS is required; tls=off goes without, where nobody listens in")
	case !a.conn.Secure() && tls.child(nsTLS, "required") != nil:
		a.stopSigningOn(s, event.RuleNotRegistered, 0, "the server wants TLS", "tls=required")
	case !f.authentic:
		a.authenticate(s, features.child(nsSASL, "mechanisms"))
	case a.sm.id != "" && features.child(nsSM, "sm") != nil:
		f.login.features = features
		a.resume(s)
	default:
		f.login.features = features
		a.bind(s)
	}
}

// answeredTLS is the server's answer to STARTTLS (RFC 6120 §5.4.2).
func (a *Agent) answeredTLS(s *step, e *Element) {
	if e.Name != "proceed" {
		a.registrationFailed(s, event.RuleNotRegistered, 0, "the server could not start TLS", "")
		a.abandon(s, event.SocketFailed, errNoTLS)
		return
	}
	a.startTLS(s)
}

// bind asks for a session of ours (RFC 6120 §7).
func (a *Agent) bind(s *step) {
	if a.flow.login.features.child(nsBind, "bind") == nil {
		a.stopSigningOn(s, event.RuleNotRegistered, 0, "the server offers no session", "is this the port for clients (5222), and not that for servers?")
		return
	}
	a.flow.stage, a.flow.login.bind = binding, a.token()
	a.write(s, element(nsClient, "iq", "type", "set", "id", a.flow.login.bind).with(
		element(nsBind, "bind").with(element(nsBind, "resource").saying(a.account.Resourcepart()))))
}

// bound is the session, or a refusal.
func (a *Agent) bound(s *step, iq *Element) {
	full := iq.child(nsBind, "bind").child(nsBind, "jid")
	if iq.attr("type") != "result" || full == nil {
		reason := condition(iq)
		a.registrationFailed(s, event.RuleNotRegistered, statusOf(reason), "no session: "+reason, "")
		a.leaveServer(s)
		a.conn.BackOff(s, 0, fmt.Errorf("no session: %s", reason))
		return
	}
	if !a.adopt(full.Text) {
		a.bad(s, Bad{Condition: "invalid-from", Err: fmt.Errorf("the server calls us %q", event.Printable(full.Text))})
		return
	}
	a.signedOn(s, false)
}

// streamError is the server's last word on a stream (RFC 6120 §4.9).
func (a *Agent) streamError(s *step, e *Element) {
	c := streamCondition(e)
	hint, fatal := streamHints[c.Name]
	if c.Name == "see-other-host" {
		hint = "the server wants us at " + event.Printable(c.Text) + "; set that as the server"
	}
	a.sm.ended(c.Name)
	if fatal {
		a.stopSigningOn(s, event.RuleNotRegistered, statusOf(c.Name), "stream error "+c.Name, hint)
		return
	}
	err := fmt.Errorf("stream error %s", c.Name)
	s.Log(event.Error{Op: "stay connected to " + a.cfg.Server, Err: err.Error(), Rule: event.RuleFlowBroken})
	a.abandon(s, event.SocketClosed, err)
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
