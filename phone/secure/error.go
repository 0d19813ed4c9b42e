package secure

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Failure is why a TLS connection could not be made, or broke.
type Failure string

// The failures.
const (
	UnknownAuthority Failure = "unknown authority" // no trusted authority has signed the certificate
	WrongName        Failure = "wrong name"        // the certificate is for another name
	Expired          Failure = "expired"           // it is no longer valid
	NotYetValid      Failure = "not yet valid"     // it is not valid yet
	BadCertificate   Failure = "bad certificate"   // any other fault of the certificate
	NotTLS           Failure = "not TLS"           // the peer speaks something else
	Refused          Failure = "refused"           // by the peer, with an alert
	HungUp           Failure = "hung up"           // the stream ended in the middle
	Broken           Failure = "broken"            // anything else
)

// An Error is a TLS connection that failed.
type Error struct {
	Peer    string // the server's name; "" if the peer is a client
	Failure Failure
	Err     error
	cert    *x509.Certificate
	at      time.Time // the machine's time
}

// why classifies the error of a connection; nil stays nil.
func (k *conn) why(err error) error {
	if err == nil {
		return nil
	}
	return NewError(k.start.Name, k.now, err)
}

// NewError classifies the error of a TLS connection with peer.
func NewError(peer string, now time.Time, err error) *Error {
	e := &Error{Peer: peer, Failure: Broken, Err: err, at: now}
	record, isRecord := errors.AsType[tls.RecordHeaderError](err)
	op, isOp := errors.AsType[*net.OpError](err)
	bad, isBad := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case isBad:
		e.Failure = certificateFailure(bad.Err, now)
		e.cert = bad.UnverifiedCertificates[0]
	case isRecord:
		e.Failure = NotTLS
		e.Err = fmt.Errorf("it begins with %q", record.RecordHeader[:])
	case isOp && op.Op == "remote error": // crypto/tls marks an alert of the peer so
		e.Failure = Refused
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Failure = HungUp
	}
	return e
}

// certificateFailure classifies the error of the verification.
func certificateFailure(err error, now time.Time) Failure {
	_, isUnknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, isName := errors.AsType[x509.HostnameError](err)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case isUnknown:
		return UnknownAuthority
	case isName:
		return WrongName
	case isInvalid && invalid.Reason == x509.Expired && now.Before(invalid.Cert.NotBefore):
		return NotYetValid
	case isInvalid && invalid.Reason == x509.Expired:
		return Expired
	}
	return BadCertificate
}

// Error describes the failure in one line: what, where, and the remedy.
func (e *Error) Error() string {
	const trust = "--tls-insecure on trusts it all the same"
	who := "TLS with " + e.Peer + ": "
	if e.Peer == "" {
		who = "TLS with the client: "
	}
	switch e.Failure {
	case UnknownAuthority:
		return fmt.Sprintf("%snobody whom this phone trusts has signed its certificate (%s, signed by %s): --ca FILE trusts its authority, %s",
			who, shortName(e.cert.Subject), shortName(e.cert.Issuer), trust)
	case WrongName:
		return fmt.Sprintf("%sits certificate is for %s: use that name, or %s", who, names(e.cert), trust)
	case Expired:
		return fmt.Sprintf("%sits certificate ended on %s, and it is %s here: it has to be renewed; %s", who, day(e.cert.NotAfter), day(e.at), trust)
	case NotYetValid:
		return fmt.Sprintf("%sits certificate begins on %s, and it is %s here: is a clock wrong? %s", who, day(e.cert.NotBefore), day(e.at), trust)
	case BadCertificate:
		return fmt.Sprintf("%sits certificate (%s) is not valid: %v; %s", who, shortName(e.cert.Subject), e.Err, trust)
	case NotTLS:
		return fmt.Sprintf("%sits answer is not TLS, %v: is this the port for TLS?", who, e.Err)
	case Refused:
		return fmt.Sprintf("%sit refused: %v", who, e.Err)
	case HungUp:
		return who + "the connection ended in the middle of it"
	}
	return who + e.Err.Error()
}

// Unwrap returns the error of crypto/tls, or of the stream.
func (e *Error) Unwrap() error { return e.Err }

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// maxNames is how many names of a certificate an error lists.
const maxNames = 3

// names returns the names that a certificate is for.
func names(c *x509.Certificate) string {
	var list []string
	for _, n := range c.DNSNames {
		list = append(list, event.Printable(n[:min(len(n), maxName)]))
	}
	for _, a := range c.IPAddresses {
		list = append(list, a.String())
	}
	switch more := len(list) - maxNames; {
	case len(list) == 0:
		return "no host (" + shortName(c.Subject) + ")"
	case more > 0:
		return fmt.Sprintf("%s and %d more", strings.Join(list[:maxNames], ", "), more)
	}
	return strings.Join(list, ", ")
}

// shortName returns a short name of a subject or an issuer.
func shortName(n pkix.Name) string {
	name := n.CommonName
	if name == "" && len(n.Organization) > 0 {
		name = n.Organization[0]
	}
	if name == "" {
		return "without a name"
	}
	return event.Printable(name[:min(len(name), maxName)])
}

// maxName bounds a name in an error, because the peer chose it: the longest
// common name (RFC 5280 appendix A.1, ub-common-name).
const maxName = 64
