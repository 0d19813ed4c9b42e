package push

import (
	"crypto/x509"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Request is an HTTP request to a provider API.
type Request struct {
	Method, Path string
	// Host is whom the request is for, "host" or "host:port".
	Host string
	// Header has canonical names ("Apns-Topic").
	Header map[string][]string
	Body   []byte
	// Certificate is the provider's client certificate; nil: none.
	Certificate *x509.Certificate
	// Stalled says that the body did not arrive in time.
	Stalled bool
	// Closing says that the service is shutting down.
	Closing bool
}

// Get is the value of a header with a canonical name, "" without one.
func (r Request) Get(name string) string {
	if v := r.Header[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Repeated refuses a request that has one of the headers twice.
func (r Request) Repeated(names ...string) *Refusal {
	for _, name := range names {
		if len(r.Header[name]) > 1 {
			return Refuse(DuplicateHeaders, strings.ToLower(name))
		}
	}
	return nil
}

// An Answer is the response of a provider API.
type Answer struct {
	Status int
	Header map[string]string
	Body   []byte
	// Last says that the connection accepts no more requests (GOAWAY).
	Last bool
}

// An API is a provider API: it judges requests before the service sees them.
// It is a pure machine; one goroutine owns it.
type API interface {
	// Judge reads a push from a request, or refuses it. The ID is set
	// either way.
	Judge(now time.Time, r Request) (system.Push, *Refusal)
	// Answer returns the response to the provider.
	Answer(p system.Push, no *Refusal) Answer
	// Told returns the refusal in the API's own words, for the log.
	Told(no *Refusal) string
}
