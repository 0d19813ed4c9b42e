package xmpp

import (
	"fmt"

	"mellium.im/xmpp/jid"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A signon is the way from a new connection to a session: TLS, SASL, then our
// old session or a new one (RFC 6120 §4.3). A step of it that goes wrong gives a
// [refusal], or a [Bad] where the server does not keep to XMPP.
type signon struct {
	*outbox
	// sessionLost hears that the session of before is gone.
	sessionLost func()

	sasl      sasl
	authentic bool     // SASL has succeeded on this connection
	bindID    string   // of the iq that asks for a session
	features  *Element // that the server offers who has signed on
}

// flowFailed is the end of the connection.
func (g *signon) flowFailed() {
	g.sasl.reset()
	g.authentic, g.bindID, g.features = false, "", nil
}

// offers reports whether the server has an extension, for who has signed on.
func (g *signon) offers(space, name string) bool { return g.features.child(space, name) != nil }

// An outcome is what signing on has led to.
type outcome int

const (
	notYet  outcome = iota
	begun           // a new session
	resumed         // the session of before goes on
)

// expects reports whether an element belongs to signing on.
func (g *signon) expects(e *Element) bool {
	switch g.stage {
	case greeting:
		return e.is(nsStream, "features")
	case starting:
		return e.Space == nsTLS
	case authenticating:
		return e.Space == nsSASL
	case resuming:
		return e.Space == nsSM
	case binding:
		return e.is(nsClient, "iq") && e.attr("id") == g.bindID
	}
	return false
}

// element takes in an element that is expected.
func (g *signon) element(s *step, e *Element) (outcome, error) {
	switch g.stage {
	case greeting:
		return notYet, g.negotiate(s, e)
	case starting:
		return notYet, g.answeredTLS(s, e)
	case authenticating:
		return notYet, g.authentication(s, e)
	case resuming:
		return g.resumption(s, e)
	}
	return g.bound(e)
}

// negotiate takes the next step that the features allow.
func (g *signon) negotiate(s *step, features *Element) error {
	tls := features.child(nsTLS, "starttls")
	switch {
	case !g.conn.Secure() && tls != nil && g.cfg.TLS == Required:
		g.stage = starting
		g.write(s, element(nsTLS, "starttls"))
	case !g.conn.Secure() && g.cfg.TLS == Required:
		return &refusal{rule: event.RuleNotRegistered, reason: "the server offers no TLS", hint: "TLS is required; tls=off goes without, where nobody listens in"}
	case !g.conn.Secure() && tls.child(nsTLS, "required") != nil:
		return &refusal{rule: event.RuleNotRegistered, reason: "the server wants TLS", hint: "tls=required"}
	case !g.authentic:
		return g.authenticate(s, features.child(nsSASL, "mechanisms"))
	case g.sm.id != "" && features.child(nsSM, "sm") != nil:
		g.features = features
		g.resume(s)
	default:
		g.features = features
		return g.bind(s)
	}
	return nil
}

// answeredTLS is the server's answer to STARTTLS (RFC 6120 §5.4.2).
func (g *signon) answeredTLS(s *step, e *Element) error {
	if e.Name != "proceed" {
		return &refusal{then: reconnect, rule: event.RuleNotRegistered, reason: "the server could not start TLS"}
	}
	g.startTLS(s)
	return nil
}

// resumption is the server's answer to our wish for the session of before.
// Without it a new one is begun.
func (g *signon) resumption(s *step, e *Element) (outcome, error) {
	switch e.Name {
	case "resumed":
		return resumed, g.sm.resumed(e)
	case "failed":
		if err := g.startOver(s, e); err != nil {
			return notYet, err
		}
		g.sessionLost()
		return notYet, g.bind(s)
	}
	return notYet, Bad{Condition: "unsupported-stanza-type", Err: fmt.Errorf("<%s> in answer to <resume>", event.Printable(e.Name))}
}

// bind asks for a session of ours (RFC 6120 §7).
func (g *signon) bind(s *step) error {
	if !g.offers(nsBind, "bind") {
		return &refusal{rule: event.RuleNotRegistered, reason: "the server offers no session", hint: "is this the port for clients (5222), and not that for servers?"}
	}
	g.stage, g.bindID = binding, g.token()
	g.write(s, element(nsClient, "iq", "type", "set", "id", g.bindID).with(
		element(nsBind, "bind").with(element(nsBind, "resource").withText(g.account.Resourcepart()))))
	return nil
}

// bound is the session, or a refusal.
func (g *signon) bound(iq *Element) (outcome, error) {
	full := iq.child(nsBind, "bind").child(nsBind, "jid")
	if iq.attr("type") != "result" || full == nil {
		reason := condition(iq)
		return notYet, &refusal{then: tryLater, rule: event.RuleNotRegistered, status: statusOf(reason), reason: "no session: " + reason}
	}
	if !g.adopt(full.Text) {
		return notYet, Bad{Condition: "invalid-from", Err: fmt.Errorf("the server calls us %q", event.Printable(full.Text))}
	}
	return begun, nil
}

// adopt takes the JID that the server has bound. It must be of our account.
func (g *signon) adopt(full string) bool {
	j, err := jid.Parse(full)
	if err != nil || !j.Bare().Equal(g.account.Bare()) || j.Resourcepart() == "" {
		return false
	}
	g.full = j
	return true
}

// A refusal is why the server does not let us in, and what to do then.
type refusal struct {
	then   remedy
	rule   event.Rule
	status int
	reason string
	hint   string
}

// A remedy is what follows a refusal.
type remedy int

const (
	giveUp    remedy = iota // trying again would not mend it
	tryLater                // leave the server, and try again after a while
	reconnect               // the connection is of no use
)

func (r *refusal) Error() string { return r.reason }

// tell writes the refusal down, and tells the program.
func (r *refusal) tell(s *step) {
	s.Log(event.Registration{Phase: event.RegistrationFailed, Status: r.status, Reason: r.reason, Hint: r.hint, Rule: r.rule})
	s.Notice(control.RegisterFailed{Status: r.status, Reason: r.reason})
}
