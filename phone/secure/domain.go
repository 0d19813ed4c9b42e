package secure

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Domain returns the configuration for crypto/tls of a client that expects the
// certificate of the SIP domain name (RFC 5922 §7). It differs from that of a host
// (RFC 9525): a URI sip:NAME names the domain, and where one names any, DNS names do
// not count.
//
// A wildcard is accepted, though RFC 5922 §7.2 has none match: OpenSSL, and with it most
// phones, take it, and many servers have one. See [Wildcard].
func (c Config) Domain(name string) *tls.Config {
	t := c.TLS(name)
	if c.Insecure {
		return t
	}
	t.InsecureSkipVerify = true // crypto/tls knows hosts alone: this is instead of that
	t.VerifyConnection = func(s tls.ConnectionState) error { return verifyDomain(t, s) }
	return t
}

// verifyDomain does what crypto/tls does for a host.
func verifyDomain(t *tls.Config, s tls.ConnectionState) error {
	opts := x509.VerifyOptions{Roots: t.RootCAs, Intermediates: x509.NewCertPool()}
	if t.Time != nil {
		opts.CurrentTime = t.Time()
	}
	for _, c := range s.PeerCertificates[1:] {
		opts.Intermediates.AddCert(c)
	}
	leaf := s.PeerCertificates[0]
	_, err := leaf.Verify(opts)
	if err == nil {
		err = namesDomain(leaf, t.ServerName)
	}
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
	}
	return nil
}

// A domainError is a certificate whose sip URIs name other domains than the one that
// its DNS names do.
type domainError struct {
	cert *x509.Certificate
	name string
}

func (e *domainError) Error() string {
	return fmt.Sprintf("the certificate is for %s, not for the SIP domain %s", strings.Join(sipDomains(e.cert), ", "), e.name)
}

// namesDomain reports why a certificate is not that of a SIP domain (RFC 5922 §7.1).
func namesDomain(c *x509.Certificate, name string) error {
	for _, d := range sipDomains(c) {
		if sameName(d, name) {
			return nil
		}
	}
	err := c.VerifyHostname(name)
	if err == nil && len(sipDomains(c)) > 0 && net.ParseIP(name) == nil {
		return &domainError{c, name}
	}
	return err
}

// sipDomains are the domains that the sip URIs of a certificate name. One with a user
// names no domain, nor does one of another scheme, such as sips.
func sipDomains(c *x509.Certificate) (all []string) {
	for _, u := range c.URIs {
		host, _, _ := strings.Cut(u.Opaque, ";")
		if u.Scheme != "sip" || host == "" || strings.Contains(u.Opaque, "@") {
			continue
		}
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		all = append(all, strings.Trim(host, "[]"))
	}
	return all
}

// sameName compares names of hosts as they are in the DNS (RFC 4343).
func sameName(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// Wildcard is the name in a certificate by which alone it is that of the SIP domain
// name, though no wildcard is to match (RFC 5922 §7.2); "" if it names the domain.
func Wildcard(c *x509.Certificate, name string) string {
	if namesDomain(c, name) != nil || len(sipDomains(c)) > 0 || net.ParseIP(name) != nil {
		return ""
	}
	_, parent, _ := strings.Cut(name, ".")
	wildcard := ""
	for _, n := range c.DNSNames {
		switch {
		case sameName(n, name):
			return ""
		case sameName(n, "*."+parent):
			wildcard = n
		}
	}
	return wildcard
}

// wildcardTaken logs, once for each, that a server is believed by a wildcard.
func (l *Layer) wildcardTaken(k *conn, out []system.Effect) []system.Effect {
	certs := k.tls.ConnectionState().PeerCertificates
	if !k.start.Domain || l.of(k.start.Account).Insecure || len(certs) == 0 {
		return out
	}
	w := Wildcard(certs[0], k.start.Name)
	if w == "" || slices.Contains(l.wildcards, w) {
		return out
	}
	l.wildcards = append(l.wildcards[max(0, len(l.wildcards)+1-maxWildcards):], w)
	return append(out, system.Log{Event: event.Warning{
		Rule: event.RuleWildcardCertificate,
		Note: fmt.Sprintf("the certificate of %s names it as %s alone, and in SIP a wildcard is to match no domain (RFC 5922 section 7.2)", k.start.Name, event.Printable(w)),
		Hint: "it was accepted, as most phones do; one that keeps to the RFC refuses it: let the certificate name the domain",
	}})
}
