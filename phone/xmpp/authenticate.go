package xmpp

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// authenticate begins SASL with the best mechanism that the server offers. PLAIN
// sends the password itself: see [control.Conn.MayTell].
func (g *signon) authenticate(s *step, offers *Element) error {
	var names []string
	if offers != nil {
		for _, m := range offers.Children {
			names = append(names, strings.TrimSpace(m.Text))
		}
	}
	for _, m := range mechanisms {
		switch {
		case !slices.Contains(names, m):
		case m == plain && !g.conn.MayTell(s):
			return &refusal{rule: event.RuleClearPassword, reason: control.ClearRefused, hint: "the server offers PLAIN alone; " + control.ClearHint}
		default:
			return g.beginSASL(s, m)
		}
	}
	hint := "there are: " + event.Printable(strings.Join(names, " "))
	return &refusal{rule: event.RuleNotRegistered, reason: "no way to sign on that both know", hint: hint}
}

func (g *signon) beginSASL(s *step, mechanism string) error {
	first, err := g.sasl.begin(mechanism)
	if err != nil { // SASLprep forbids it (RFC 4013)
		return unauthorized(err, "check user and password for characters that nobody can type")
	}
	g.stage = authenticating
	g.write(s, element(nsSASL, "auth", "mechanism", mechanism).withText(base64.StdEncoding.EncodeToString([]byte(first))))
	return nil
}

func unauthorized(err error, hint string) error {
	return &refusal{rule: event.RuleNotRegistered, status: statusUnauthorized, reason: err.Error(), hint: hint}
}

// authentication is the next word of the server.
func (g *signon) authentication(s *step, e *Element) error {
	switch e.Name {
	case "challenge":
		return g.challenged(s, e)
	case "success":
		if err := g.sasl.conclude(e.Text); err != nil {
			return unauthorized(err, "is it the real one?")
		}
		g.authentic = true
		g.open(s)
	case "failure":
		return refusalOf(e)
	}
	return nil
}

// challenged answers a challenge.
func (g *signon) challenged(s *step, e *Element) error {
	answer, err := g.sasl.converse(e.Text)
	if err != nil {
		g.write(s, element(nsSASL, "abort"))
		return unauthorized(err, "the server's part of "+g.sasl.mechanism+" is not right; is it the real one?")
	}
	g.write(s, element(nsSASL, "response").withText(base64.StdEncoding.EncodeToString([]byte(answer))))
	return nil
}

// refusalOf is a failure of SASL (RFC 6120 §6.5).
func refusalOf(failure *Element) *refusal {
	reason := "no reason given"
	for _, c := range failure.Children {
		if c.Name != "text" {
			reason = event.Printable(c.Name)
			break
		}
	}
	if reason == "temporary-auth-failure" {
		return &refusal{then: tryLater, rule: event.RuleNotRegistered, status: statusUnavailable, reason: reason}
	}
	return &refusal{rule: ruleOf(reason), status: statusUnauthorized, reason: reason, hint: refusals[reason]}
}

// refusals are what might mend them.
var refusals = map[string]string{
	"not-authorized":      "check user and password; not tried again by itself, since many servers lock an account after a few wrong ones",
	"account-disabled":    "the server knows the account and does not let it in",
	"credentials-expired": "the password is too old for the server; set another",
	"encryption-required": "tls=required",
	"invalid-mechanism":   "the server has withdrawn what it offered",
	"mechanism-too-weak":  "the server wants a better mechanism than it offered",
	"malformed-request":   "the server does not understand us",
	"incorrect-encoding":  "the server does not understand us",
	"invalid-authzid":     "the server does not understand us",
	"aborted":             "",
}

// ruleOf is the rule by which the server let nobody in (RFC 6120 §6.5).
func ruleOf(condition string) event.Rule {
	if condition == "not-authorized" {
		return event.RuleWrongPassword
	}
	return event.RuleNotRegistered
}
