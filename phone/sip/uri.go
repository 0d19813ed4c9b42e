package sip

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/emiago/sipgo/sip"
)

// parseURI reads a whole sip or sips URI. The parser beneath is lenient; what
// it lets through must not break a header field.
func parseURI(s string, uri *sip.Uri) error {
	if strings.ContainsFunc(s, unfitForURI) {
		return errors.New("a character that does not belong in a SIP URI")
	}
	if err := sip.ParseUri(s, uri); err != nil {
		return err
	}
	switch {
	case uri.Scheme != "sip" && uri.Scheme != "sips":
		return fmt.Errorf("the scheme is %q, not sip", uri.Scheme)
	case uri.Host == "" || uri.Wildcard:
		return errors.New("no host")
	case uri.Port < 0 || uri.Port > 65535:
		return fmt.Errorf("port %d", uri.Port)
	}
	return nil
}

func unfitForURI(r rune) bool {
	return r <= ' ' || r == '<' || r == '>' || r == '"' || unicode.IsControl(r)
}

// target reads what somebody dials: "sip:bob@example.com", "bob@example.com",
// "bob", who is then in our own domain, or "tel:+12015550123", see dialTel.
func (a *author) target(to string) (sip.Uri, error) {
	var uri sip.Uri
	s := strings.TrimSpace(to)
	switch scheme, rest, _ := strings.Cut(s, ":"); strings.ToLower(scheme) {
	case "sip", "sips":
	case "tel":
		dialled, err := dialTel(rest, domain(a.aor))
		if err != nil {
			return uri, fmt.Errorf("call %q: %w", to, err)
		}
		s = dialled
	default:
		if !strings.Contains(s, "@") {
			s += "@" + domain(a.aor)
		}
		s = "sip:" + s
	}
	if err := parseURI(s, &uri); err != nil {
		return uri, fmt.Errorf("call %q: %w", to, err)
	}
	if uri.User == "" && strings.TrimSpace(to) == "" {
		return uri, errors.New("call: nobody to call")
	}
	uri.Headers = nil // they are not ours to send (RFC 3261 §19.1.5)
	return uri, nil
}

// Address is the address of record of whom [Agent.Invite] would call, as a user
// is to be shown it. An error says what is wrong with what was dialled.
func (a *Agent) Address(to string) (string, error) {
	uri, err := a.author.target(to)
	if err != nil {
		return "", err
	}
	return addressOfRecord(&uri), nil
}

// User is the name before the "@" of our own address.
func (a *Agent) User() string { return a.author.aor.User }

// domain is the host, and the port if there is one, of a URI.
func domain(uri sip.Uri) string {
	if uri.Port > 0 {
		return fmt.Sprintf("%s:%d", uri.Host, uri.Port)
	}
	return uri.Host
}

// addressOfRecord is who a URI names, as a person knows it: the URI without
// parameters, or a telephone number alone.
func addressOfRecord(uri *sip.Uri) string {
	if n := Number(uri); n != "" {
		return n
	}
	if uri.Raw() != "" {
		return uri.String()
	}
	return uri.Addr()
}
