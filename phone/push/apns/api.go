package apns

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Config says who may push, and to what. Zero fields are not checked.
type Config struct {
	// Key verifies provider tokens; Roots verify client certificates. With
	// neither, anybody may push.
	Key   *Key
	Roots *x509.CertPool
	// Topic is the app that the device tokens belong to, such as
	// "org.example.sleeptalk.voip".
	Topic string
	// Topics are the topics to which the provider may push.
	Topics []string
	// Sandbox says that this is the development environment.
	Sandbox bool
	// Rand makes the apns-id of requests without one.
	Rand *rand.Rand
}

// An API judges requests.
type API struct {
	cfg    Config
	tokens []providerToken // in use, oldest first
}

// New returns an API. cfg.Rand must be set.
func New(cfg Config) *API { return &API{cfg: cfg} }

// Open reports whether anybody may push.
func (a *API) Open() bool { return a.cfg.Key == nil && a.cfg.Roots == nil }

// Judge reads a push from a request, or refuses it. It checks in this order:
// path, method, headers, provider, payload.
func (a *API) Judge(now time.Time, r push.Request) (system.Push, *push.Refusal) {
	priority := r.Get(priorityHeader)
	p := system.Push{ID: a.id(r), High: priority == "" || priority == "10", Background: r.Get(typeHeader) == "background"}
	for _, look := range []func(time.Time, push.Request, *system.Push) *push.Refusal{
		a.state, a.target, a.repeated, a.provider, a.topic, a.headers, a.payload,
	} {
		if no := look(now, r, &p); no != nil {
			return p, no
		}
	}
	return p, nil
}

// state refuses requests that come at the wrong time.
func (a *API) state(_ time.Time, r push.Request, _ *system.Push) *push.Refusal {
	switch {
	case r.Closing:
		return push.Refuse(push.Shutdown, "")
	case r.Stalled:
		return push.Refuse(push.IdleTimeout, "the body did not arrive in time")
	}
	return nil
}

// Told returns a refusal in Apple's words, which the service uses too.
func (a *API) Told(no *push.Refusal) string { return no.String() }

// Answer returns the response: an empty 200, or a reason.
func (a *API) Answer(p system.Push, no *push.Refusal) push.Answer {
	answer := push.Answer{Status: 200, Header: map[string]string{"apns-id": p.ID}}
	if no == nil {
		return answer
	}
	body := struct {
		Reason    push.Reason `json:"reason"`
		Timestamp int64       `json:"timestamp,omitempty"`
	}{Reason: no.Reason}
	answer.Status, answer.Last = no.Reason.Status(), no.Reason == push.Shutdown
	if answer.Status == 410 && !no.Since.IsZero() {
		body.Timestamp = no.Since.UnixMilli()
	}
	answer.Header["content-type"] = "application/json"
	answer.Body, _ = json.Marshal(body) // cannot fail for a string and a number
	return answer
}

// id returns the request's own apns-id, or a new one.
func (a *API) id(r push.Request) string {
	if id := r.Get(idHeader); isUUID(id) {
		return id
	}
	hi, lo := a.cfg.Rand.Uint64()&^0xf000|0x4000, a.cfg.Rand.Uint64()&^(0b11<<62)|0b10<<62 // RFC 9562 §5.4
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&0xffffffffffff)
}

// isUUID reports whether s is a UUID in its canonical form, 8-4-4-4-12.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (s[i] == '-') || !dash && !isHex(s[i]) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
