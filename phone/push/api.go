package push

import (
	"crypto/x509"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Request is one to a provider API, as HTTP has it.
type Request struct {
	Method, Path string
	// Header has the names in their canonical form ("Apns-Topic").
	Header map[string][]string
	Body   []byte
	// Certificate is what the provider has shown; nil: none.
	Certificate *x509.Certificate
	// Stalled says that the body did not come in time.
	Stalled bool
	// Closing says that the service is about to end.
	Closing bool
}

// An Answer is one of a provider API.
type Answer struct {
	Status int
	Header map[string]string
	Body   []byte
	// Last says that the connection takes no more requests (GOAWAY).
	Last bool
}

// An API is a provider API: it judges requests before the service sees them.
// It is a pure machine; one goroutine owns it.
type API interface {
	// Judge reads a push, or says why it is none. The ID is set either way.
	Judge(now time.Time, r Request) (system.Push, *Refusal)
	// Answer is what the provider hears of it.
	Answer(p system.Push, no *Refusal) Answer
	// Told is the refusal in the API's own words, for the log.
	Told(no *Refusal) string
}
