package secure_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// naming makes a certificate with DNS names and URIs, signed by itself.
func naming(t *testing.T, names ...string) *tls.Certificate {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: epoch.Add(-time.Hour), NotAfter: epoch.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, n := range names {
		if u, err := url.Parse(n); err == nil && u.Scheme != "" {
			c.URIs = append(c.URIs, u)
		} else {
			c.DNSNames = append(c.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// domains opens a connection to the SIP domain lab.test, or to the host, if domain is
// false, twice: the second resumes the session of the first.
func domains(t *testing.T, cfg secure.Config, cert *tls.Certificate, domain bool) (heard []string, said []event.Event) {
	t.Helper()
	p := &pair{t: t, client: newEnd(cfg), server: newEnd(secure.Config{Certificate: cert}), size: 1 << 20}
	for range 2 {
		p.begin(system.StartTLS{Name: "lab.test", Domain: domain})
		p.run()
		p.closes()
	}
	return p.client.heard, p.client.logs
}

// TestDomain: whose certificate names a SIP domain (RFC 5922 §7.1, §7.2), and that of a
// host is judged as ever.
func TestDomain(t *testing.T) {
	const beside = "TLS with lab.test: its certificate is for sip:other.test, lab.test, and beside a sip URI no DNS name counts (RFC 5922 section 7.1): use that name, or --tls-insecure on trusts it all the same"
	for _, test := range []struct {
		name         string
		names        []string
		domain, host string // what is said; "" if it is taken
	}{
		{"a sip URI alone", []string{"sip:lab.test"}, "", "its certificate is for sip:lab.test: use that name"},
		{"in any letters", []string{"SIP:LAB.test"}, "", "its certificate is for sip:LAB.test: use that name"},
		{"with a port and a parameter", []string{"sip:lab.test:5061;transport=tls"}, "", "its certificate is for sip:lab.test: use that name"},
		{"beside another", []string{"sip:other.test", "sip:lab.test"}, "", "its certificate is for sip:other.test, sip:lab.test"},
		{"a DNS name", []string{"lab.test"}, "", ""},
		{"a DNS name beside a foreign sip URI", []string{"lab.test", "sip:other.test"}, beside, ""},
		{"beside the URI of a user", []string{"lab.test", "sip:alice@lab.test"}, "", ""},
		{"beside one of another scheme", []string{"lab.test", "sips:other.test", "https://other.test/", "xmpp:other.test"}, "", ""},
		{"the URI of a user", []string{"sip:alice@lab.test"}, "its certificate is for no host (test)", "its certificate is for no host (test)"},
		{"a sips URI", []string{"sips:lab.test"}, "its certificate is for no host (test)", "its certificate is for no host (test)"},
		{"a suffix", []string{"sip:test"}, "its certificate is for sip:test: use that name", "its certificate is for sip:test: use that name"},
		{"another name", []string{"other.test"}, "its certificate is for other.test: use that name", "its certificate is for other.test: use that name"},
		{"a wildcard in a URI", []string{"sip:*.test"}, "its certificate is for sip:*.test", "its certificate is for sip:*.test"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cert := naming(t, test.names...)
			for domain, want := range map[bool]string{true: test.domain, false: test.host} {
				heard, said := domains(t, secure.Config{CA: secure.Trusting(cert)}, cert, domain)
				switch {
				case len(heard) != 2, len(said) > 0:
					t.Fatalf("heard %q, said %v", heard, said)
				case want != "" && (!strings.HasPrefix(heard[0], "closed: ") || !strings.Contains(heard[0], want)),
					want == "" && (!strings.HasPrefix(heard[0], "secured by ") || !strings.HasSuffix(heard[1], ", resumed")):
					t.Errorf("for a domain %t: %q, want %q", domain, heard, want)
				}
			}
		})
	}
	t.Run("wildcard", func(t *testing.T) {
		cert := naming(t, "*.test", "other.test")
		heard, said := domains(t, secure.Config{CA: secure.Trusting(cert)}, cert, true)
		if len(heard) != 2 || !strings.HasPrefix(heard[0], "secured by ") || len(said) != 1 {
			t.Fatalf("heard %q, said %v", heard, said)
		}
		w, ok := said[0].(event.Warning)
		if !ok || w.Rule != event.RuleWildcardCertificate || !strings.Contains(w.Note, "names it as *.test alone") {
			t.Errorf("said %v", said)
		}
		for names, want := range map[string]string{"*.test lab.test": "", "lab.test *.test": "", "*.test": "*.test", "sip:lab.test *.test": "", "*.other": "", "*.TEST": "*.TEST"} {
			if got := secure.Wildcard(naming(t, strings.Fields(names)...).Leaf, "lab.test"); got != want {
				t.Errorf("%s: %q, want %q", names, got, want)
			}
		}
		if _, said := domains(t, secure.Config{CA: secure.Trusting(cert)}, cert, false); len(said) > 0 {
			t.Errorf("for a host: %v", said)
		}
		if _, said := domains(t, secure.Config{Insecure: true}, cert, true); len(said) > 0 {
			t.Errorf("where anything is trusted: %v", said)
		}
	})
	t.Run("trust", func(t *testing.T) {
		cert := naming(t, "sip:lab.test")
		heard, _ := domains(t, secure.Config{CA: secure.Trusting()}, cert, true)
		if !slices.ContainsFunc(heard, func(s string) bool { return strings.Contains(s, "nobody whom this phone trusts") }) {
			t.Errorf("heard %q", heard)
		}
		old := certificate(t, epoch.AddDate(-3, 0, 0), "lab.test")
		heard, _ = domains(t, secure.Config{CA: secure.Trusting(old)}, old, true)
		if !slices.ContainsFunc(heard, func(s string) bool { return strings.Contains(s, "ended on 2024-01-01") }) {
			t.Errorf("heard %q", heard)
		}
		if heard, _ := domains(t, secure.Config{Insecure: true}, old, true); !strings.HasPrefix(heard[0], "secured") {
			t.Errorf("heard %q", heard)
		}
	})
}
