package dtls

import (
	"fmt"
	"time"

	"github.com/pion/dtls/v3/pkg/protocol/alert"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
)

// A Failure says of what kind an error is.
type Failure int

// The kinds of failures.
const (
	Refused     Failure = iota // the peer has refused the handshake, by an alert
	Broken                     // the peer does what we cannot go on with
	Unanswered                 // the peer does not answer
	Mismatch                   // the peer's certificate is not the one that the SDP names
	Unprotected                // the peer agrees on no profile of SRTP that we have
)

// An Error is why there are no keys.
type Error struct {
	Kind  Failure
	Alert alert.Description // the peer's of Refused, or what the peer is told; not of Unanswered
	what  string
}

func (e *Error) Error() string { return e.what }

// broken is an error of the peer's, and the alert that says so to it (RFC 5246 §7.2.2).
func broken(a alert.Description, format string, args ...any) error {
	return &Error{Kind: Broken, Alert: a, what: fmt.Sprintf(format, args...)}
}

// unreadable is a message that cannot be read.
func unreadable(m message, err error) error {
	return broken(alert.DecodeError, "its %s cannot be read: %v", nameOfMessage(m.kind), err)
}

func unexpected(kind handshake.Type) error {
	return broken(alert.UnexpectedMessage, "it sends a %s where none belongs", nameOfMessage(kind))
}

// nameOfMessage is the name of RFC 5246 §7.4.
func nameOfMessage(t handshake.Type) string {
	switch name := t.String(); {
	case t == handshake.TypeCertificate:
		return "Certificate"
	case name != "":
		return name
	}
	return fmt.Sprintf("handshake message of type %d", t)
}

// refused is an alert of the peer's.
func refused(a alert.Description) error {
	name := a.String()
	if name == "Invalid alert description" {
		name = fmt.Sprintf("alert %d", a)
	}
	return &Error{Kind: Refused, Alert: a, what: "it refused: " + name}
}

func unanswered(after time.Duration, heard bool, doubt error) error {
	what := "no answer came in " + after.String()
	if heard {
		what = "it answered, and then no more for " + after.String()
	}
	if doubt != nil {
		what += "; " + doubt.Error()
	}
	return &Error{Kind: Unanswered, what: what}
}

func mismatch(got Fingerprint) error {
	return &Error{Kind: Mismatch, Alert: alert.BadCertificate, what: "its certificate is not the one whose fingerprint its SDP has, but " + got.String()}
}

func unprotected(what string) error {
	return &Error{Kind: Unprotected, Alert: alert.HandshakeFailure, what: what}
}
