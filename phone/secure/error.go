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
	at      time.Time        // the machine's time
	asked   bool             // the server has asked for our certificate
	own     *tls.Certificate // and this is it, if we have one
}

// why classifies the error of a connection; nil stays nil.
func (k *conn) why(err error) error {
	if err == nil {
		return nil
	}
	e := NewError(k.start.Name, k.layer.now, err)
	if k.asked {
		e.Asked(k.certificate())
	}
	return e
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

// Asked adds that the server had asked for our certificate, and which one it was
// shown; nil: none.
func (e *Error) Asked(own *tls.Certificate) { e.asked, e.own = true, own }

// certificateFailure classifies the error of the verification.
func certificateFailure(err error, now time.Time) Failure {
	_, isUnknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, isName := errors.AsType[x509.HostnameError](err)
	_, isDomain := errors.AsType[*domainError](err)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case isUnknown:
		return UnknownAuthority
	case isName, isDomain:
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
	if e.Peer == "" {
		return "TLS with the client: " + e.say("this server", "--client-ca FILE", "")
	}
	return "TLS with " + e.Peer + ": " + e.say("this phone", "--ca FILE", "--tls-insecure on trusts it all the same")
}

// say describes it to us, who have the flag ca for authorities to trust, and a
// last resort, if there is one.
func (e *Error) say(us, ca, resort string) string {
	or := func(remedy, and string) string {
		if resort == "" {
			return remedy
		}
		return remedy + and + resort
	}
	switch e.Failure {
	case UnknownAuthority:
		return or(fmt.Sprintf("nobody whom %s trusts has signed its certificate (%s, signed by %s): %s trusts its authority",
			us, shortName(e.cert.Subject), shortName(e.cert.Issuer), ca), ", ")
	case WrongName:
		return or("its certificate is for "+names(e.cert)+e.unnamed()+": use that name", ", or ")
	case Expired:
		return or(fmt.Sprintf("its certificate ended on %s, and it is %s here: it has to be renewed", day(e.cert.NotAfter), day(e.at)), "; ")
	case NotYetValid:
		return or(fmt.Sprintf("its certificate begins on %s, and it is %s here: is a clock wrong?", day(e.cert.NotBefore), day(e.at)), " ")
	case BadCertificate:
		return or(fmt.Sprintf("its certificate (%s) is not valid: %v", shortName(e.cert.Subject), e.Err), "; ")
	case NotTLS:
		return fmt.Sprintf("its answer is not TLS, %v: is this the port for TLS?", e.Err)
	case Refused:
		return fmt.Sprintf("it refused: %v", e.Err) + e.unwelcome()
	case HungUp:
		return "the connection ended in the middle of it" + e.unwelcome()
	}
	return e.Err.Error()
}

// unnamed is why a name that is in the certificate does not count.
func (e *Error) unnamed() string {
	if _, is := errors.AsType[*domainError](e.Err); !is {
		return ""
	}
	return ", and beside a sip URI no DNS name counts (RFC 5922 section 7.1)"
}

// unwelcome is what a server that refused us may have against our certificate:
// TLS 1.3 says it only after our side of the handshake is over.
func (e *Error) unwelcome() string {
	switch {
	case !e.asked:
		return ""
	case e.own == nil:
		return "; it asked for a certificate of this phone, which has none: --tls-cert FILE and --tls-key FILE"
	case e.at.After(e.own.Leaf.NotAfter):
		return fmt.Sprintf("; it was shown the certificate of %s, which ended on %s", nameOf(e.own), day(e.own.Leaf.NotAfter))
	}
	return fmt.Sprintf("; it was shown the certificate of %s, signed by %s", nameOf(e.own), shortName(e.own.Leaf.Issuer))
}

// Unwrap returns the error of crypto/tls, or of the stream.
func (e *Error) Unwrap() error { return e.Err }

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// maxNames is how many names of a certificate an error lists.
const maxNames = 3

// names returns the names that a certificate is for.
func names(c *x509.Certificate) string {
	var list []string
	for _, n := range sipDomains(c) {
		list = append(list, "sip:"+event.Printable(n[:min(len(n), maxName)]))
	}
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

// nameOf is the short name of whose certificate it is.
func nameOf(c *tls.Certificate) string { return shortName(c.Leaf.Subject) }

// maxName bounds a name in an error, because the peer chose it: the longest
// common name (RFC 5280 appendix A.1, ub-common-name).
const maxName = 64
