package xmpp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xdg-go/scram"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// login is what signing on has come to.
type login struct {
	mechanism string
	scram     *scram.ClientConversation // nil with PLAIN
	bind      string                    // name of the iq that asks for a session
	features  *Element                  // that the server offers who has signed on
}

var (
	errNoTLS      = errors.New("the server could not start TLS")
	errUnproven   = errors.New("the server does not prove that it knows the password")
	errMechanisms = errors.New("no way to sign on that both know")
)

const (
	// minIterations and maxIterations bound the work that a server may ask of
	// SCRAM: RFC 7677 §4 wants 4096 at least; the most is our own number,
	// as much as OWASP asks of a password store with SHA-256, which takes the
	// tenth part of a second.
	minIterations = 4096
	maxIterations = 600_000
)

// mechanisms are those that are spoken, the best first (RFC 5802, RFC 7677,
// RFC 4616).
var mechanisms = []string{"SCRAM-SHA-256", "SCRAM-SHA-1", plain}

const plain = "PLAIN"

// authenticate begins SASL with the best mechanism that the server offers. The
// password itself, which PLAIN sends, goes over TLS only.
func (a *Agent) authenticate(s *step, offers *Element) {
	var names []string
	if offers != nil {
		for _, m := range offers.Children {
			names = append(names, strings.TrimSpace(m.Text))
		}
	}
	for _, m := range mechanisms {
		if slices.Contains(names, m) && (m != plain || a.conn.Secure()) {
			a.begin(s, m)
			return
		}
	}
	hint := "there are: " + event.Printable(strings.Join(names, " "))
	if slices.Contains(names, plain) {
		hint += "; PLAIN is for TLS only (tls=required)"
	}
	a.stopSigningOn(s, event.RuleNotRegistered, 0, errMechanisms.Error(), hint)
}

func (a *Agent) begin(s *step, mechanism string) {
	first, err := a.firstWord(mechanism)
	if err != nil { // SASLprep forbids it (RFC 4013)
		a.stopSigningOn(s, event.RuleNotRegistered, statusUnauthorized, err.Error(), "check user and password for characters that nobody can type")
		return
	}
	a.flow.stage = authenticating
	a.write(s, element(nsSASL, "auth", "mechanism", mechanism).saying(base64.StdEncoding.EncodeToString([]byte(first))))
}

// firstWord is the initial response of a mechanism.
func (a *Agent) firstWord(mechanism string) (string, error) {
	user := a.account.Localpart()
	a.flow.login.mechanism = mechanism
	hash := scram.SHA256
	switch mechanism {
	case plain:
		return "\x00" + user + "\x00" + a.cfg.Password, nil
	case "SCRAM-SHA-1":
		hash = scram.SHA1
	}
	client, err := hash.NewClient(user, a.cfg.Password, "")
	if err != nil {
		return "", err
	}
	client = client.WithMinIterations(minIterations).WithNonceGenerator(a.token)
	a.flow.login.scram = client.NewConversation()
	return a.flow.login.scram.Step("")
}

// authentication is the next word of the server.
func (a *Agent) authentication(s *step, e *Element) {
	switch e.Name {
	case "challenge":
		a.challenged(s, e)
	case "success":
		a.succeeded(s, e)
	case "failure":
		a.refused(s, e)
	}
}

// challenged answers a challenge.
func (a *Agent) challenged(s *step, e *Element) {
	answer, err := a.converse(e.Text)
	if err != nil {
		a.write(s, element(nsSASL, "abort"))
		a.stopSigningOn(s, event.RuleNotRegistered, statusUnauthorized, err.Error(), "the server's part of "+a.flow.login.mechanism+" is not right; is it the real one?")
		return
	}
	a.write(s, element(nsSASL, "response").saying(base64.StdEncoding.EncodeToString([]byte(answer))))
}

// converse gives SCRAM the server's word, and returns ours.
func (a *Agent) converse(text string) (string, error) {
	word, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return "", fmt.Errorf("a challenge that is no base64: %w", err)
	}
	if a.flow.login.scram == nil {
		return "", fmt.Errorf("%s has no challenges", a.flow.login.mechanism)
	}
	if err := affordable(string(word)); err != nil {
		return "", err
	}
	return a.flow.login.scram.Step(string(word))
}

// affordable refuses a challenge of SCRAM that asks for too much work.
func affordable(challenge string) error {
	for field := range strings.SplitSeq(challenge, ",") {
		if n, ok := strings.CutPrefix(field, "i="); ok {
			if i, err := strconv.ParseUint(n, 10, 32); err != nil || i > maxIterations {
				return fmt.Errorf("the server asks for %s iterations; at most %d are done", event.Printable(n), maxIterations)
			}
		}
	}
	return nil
}

// succeeded opens the stream anew, once the server has shown that it knows the
// password too.
func (a *Agent) succeeded(s *step, e *Element) {
	l := &a.flow.login
	if l.scram != nil && !l.scram.Done() {
		if _, err := a.converse(e.Text); err != nil {
			a.stopSigningOn(s, event.RuleNotRegistered, statusUnauthorized, errUnproven.Error(), "is it the real one?")
			return
		}
	}
	if l.scram != nil && !l.scram.Valid() {
		a.stopSigningOn(s, event.RuleNotRegistered, statusUnauthorized, errUnproven.Error(), "is it the real one?")
		return
	}
	a.flow.authentic = true
	a.openStream(s)
}

// refused is a failure of SASL (RFC 6120 §6.5).
func (a *Agent) refused(s *step, e *Element) {
	reason := "no reason given"
	for _, c := range e.Children {
		if c.Name != "text" {
			reason = event.Printable(c.Name)
			break
		}
	}
	if reason == "temporary-auth-failure" {
		a.registrationFailed(s, event.RuleNotRegistered, statusUnavailable, reason, "")
		a.leaveServer(s)
		a.conn.BackOff(s, 0, errors.New(reason))
		return
	}
	a.stopSigningOn(s, ruleOf(reason), statusUnauthorized, reason, refusals[reason])
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
