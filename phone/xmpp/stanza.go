package xmpp

import (
	"fmt"

	"mellium.im/xmpp/jid"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A service takes in the stanzas of the session, and answers what is asked.
type service struct {
	*outbox
	keepalive *keepalive
	reg       *registration
	calls     *calls
}

// stanza takes in a stanza.
func (v *service) stanza(s *step, e *Element) error {
	switch e.Name {
	case "message":
		v.message(s, e)
	case "iq":
		v.iq(s, e)
	case "presence": // nobody's presence is of interest
	default:
		return Bad{Condition: "unsupported-stanza-type", Err: fmt.Errorf("<%s> is no stanza", event.Printable(e.Name))}
	}
	return nil
}

// sender is who has sent a stanza. Without a name it is the server, for our
// account (RFC 6120 §8.1.2.1).
func (v *service) sender(e *Element) (jid.JID, bool) {
	if e.attr("from") == "" {
		return v.account.Bare(), true
	}
	from, err := jid.Parse(e.attr("from"))
	return from, err == nil
}

// message takes in a message: a step of a call, or a text.
func (v *service) message(s *step, e *Element) {
	from, ok := v.sender(e)
	if !ok {
		return
	}
	call, body := e.childIn(nsInvite), e.child(nsClient, "body")
	switch kind := e.attr("type"); {
	case kind == "error":
		s.Log(event.Error{Op: "send a message to " + from.String(), Err: condition(e), Rule: event.RuleTextRefused})
		v.calls.bounced(s, call, from)
	case call != nil && from.Equal(v.full): // our own word
	case call != nil:
		v.calls.invited(s, call, from, e)
	case body != nil && body.Text != "" && kind != "groupchat":
		s.Notice(control.Texted{From: from.Bare().String(), Name: nick(e), Text: control.Shown(body.Text)})
	}
}

// nick is the name that a sender goes by (XEP-0172); "" if it says none.
func nick(e *Element) string {
	if n := e.child(nsNick, "nick"); n != nil {
		return control.Shown(n.Text)
	}
	return ""
}

// iq takes in a request, or an answer to ours. Every request is answered
// (RFC 6120 §8.2.3).
func (v *service) iq(s *step, e *Element) {
	request := e.attr("type") == "get" || e.attr("type") == "set"
	switch {
	case v.keepalive.isPong(e):
		v.keepalive.ponged(s, e)
	case !request && v.reg.push.answers(e):
		v.reg.pushAnswered(s, e)
	case !request: // an answer that nobody waits for now
	case v.keepalive.isPing(e):
		v.keepalive.pinged(s, e)
	case e.attr("type") == "get" && e.child(nsDisco, "query") != nil:
		v.send(s, answer(e, "result").with(abilities()))
	case e.child(nsJingle, "jingle") != nil:
		from, _ := v.sender(e) // whom nobody calls by, if it is not well-formed
		v.calls.jingle(s, e, from)
	default:
		v.send(s, refuse(e, "service-unavailable"))
	}
}

// abilities is what we are and can (XEP-0030).
func abilities() *Element {
	query := element(nsDisco, "query").with(element(nsDisco, "identity", "category", "client", "type", "phone", "name", "sleeptalk"))
	for _, feature := range []string{nsDisco, nsPing, nsInvite} {
		query.with(element(nsDisco, "feature", "var", feature))
	}
	return query
}

// answer makes the answer to a request.
func answer(iq *Element, kind string) *Element {
	return element(nsClient, "iq", "type", kind, "id", iq.attr("id"), "to", iq.attr("from"))
}

// refuse makes the answer to a request that is not granted.
func refuse(iq *Element, condition string) *Element {
	return answer(iq, "error").with(element(nsClient, "error", "type", "cancel").with(element(nsStanzas, condition)))
}
