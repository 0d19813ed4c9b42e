package webpush

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The headers of a request, in canonical form (RFC 8030 §5.2 to 5.4).
const (
	authHeader     = "Authorization"
	ttlHeader      = "Ttl"
	urgencyHeader  = "Urgency"
	topicHeader    = "Topic"
	encodingHeader = "Content-Encoding"
)

const (
	// MaxBody is the longest body that every push service takes (RFC 8030 §7.2),
	// and the longest that this one does.
	MaxBody  = 4096
	maxTopic = 32
	maxName  = 128
	// maxTTL is for how long a message is kept at most: as long as FCM's, our
	// own number.
	maxTTL = 4 * 7 * 24 * time.Hour
	// retryAfter is when one may come again who was refused for a while: our own
	// number, of seconds.
	retryAfter = "60"
	// coding is the only one that phones can read (RFC 8291 §4).
	coding = "aes128gcm"
)

// urgencies are the values of the header (RFC 8030 §5.3), and whether one is for
// a phone that saves its battery.
var urgencies = map[string]bool{"very-low": false, "low": false, "": false, "normal": false, "high": true}

// An API judges requests.
type API struct{ rng *rand.Rand }

// New returns an API, which draws the names of messages.
func New(r *rand.Rand) *API { return &API{r} }

// origin is that of the push service, by the name under which it was asked.
func origin(r push.Request) string { return "https://" + r.Host }

// Judge reads a push from a request, or refuses it. It checks in this order: the
// subscription, the headers, the signature, the body. Whether the signer may push
// to the subscription is for the service to say.
func (a *API) Judge(now time.Time, r push.Request) (system.Push, *push.Refusal) {
	p := system.Push{ID: fmt.Sprintf("%016x", a.rng.Uint64()), Provider: push.WebPush, Token: origin(r) + r.Path, Sent: now, Body: r.Body}
	for _, look := range []func(time.Time, push.Request, *system.Push) *push.Refusal{target, repeated, headers, signature, body} {
		if no := look(now, r, &p); no != nil {
			return p, no
		}
	}
	return p, nil
}

// target reads the path and the method.
func target(_ time.Time, r push.Request, _ *system.Push) *push.Refusal {
	name, ok := strings.CutPrefix(r.Path, push.WebPath)
	switch {
	case r.Closing:
		return push.Refuse(push.Shutdown, "")
	case !ok || name == "" || len(name) > maxName || strings.Contains(name, "/"):
		return push.Refuse(push.BadPath, "no subscription has such an address")
	case r.Method != "POST":
		return push.Refuse(push.MethodNotAllowed, r.Method)
	case r.Stalled:
		return push.Refuse(push.IdleTimeout, "the body did not arrive in time")
	}
	return nil
}

// repeated refuses a duplicate header.
func repeated(_ time.Time, r push.Request, _ *system.Push) *push.Refusal {
	return r.Repeated(authHeader, ttlHeader, urgencyHeader, topicHeader, encodingHeader)
}

// headers reads how the push is to be delivered.
func headers(now time.Time, r push.Request, p *system.Push) *push.Refusal {
	ttl, no := ttlOf(r.Get(ttlHeader))
	if no != nil {
		return no
	}
	if ttl > 0 {
		p.Expires = now.Add(ttl)
	}
	high, ok := urgencies[r.Get(urgencyHeader)]
	if !ok {
		return push.Refuse(push.BadPriority, "the urgency is very-low, low, normal or high")
	}
	p.High = high
	if p.Collapse = r.Get(topicHeader); len(p.Collapse) > maxTopic || strings.Trim(p.Collapse, alphabet) != "" {
		return push.Refuse(push.BadCollapseID, fmt.Sprintf("a topic has at most %d characters of base64url", maxTopic))
	}
	return nil
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// ttlOf reads for how long a message is kept; zero is tried once. There is no
// default (RFC 8030 §5.2).
func ttlOf(v string) (time.Duration, *push.Refusal) {
	switch {
	case v == "":
		return 0, push.Refuse(push.BadExpirationDate, "the request has no TTL")
	case strings.Trim(v, "0123456789") != "":
		return 0, push.Refuse(push.BadExpirationDate, fmt.Sprintf("the TTL is a number of seconds, not %.20q", v))
	}
	if n, err := strconv.ParseInt(v, 10, 64); err == nil && n < int64(maxTTL/time.Second) {
		return time.Duration(n) * time.Second, nil
	}
	return maxTTL, nil // what does not fit is long
}

func signature(now time.Time, r push.Request, p *system.Push) (no *push.Refusal) {
	p.Sender, no = provider(now, r)
	return no
}

// body reads what the push carries; it may be nothing. An encrypted one is for the
// phone alone.
func body(_ time.Time, r push.Request, _ *system.Push) *push.Refusal {
	switch n, how := len(r.Body), r.Get(encodingHeader); {
	case n > MaxBody:
		return push.Refuse(push.PayloadTooLarge, fmt.Sprintf("at most %d bytes", MaxBody))
	case n > 0 && how != coding:
		return push.Refuse(push.PayloadEmpty, fmt.Sprintf("the content-encoding is %.20q, not %s", how, coding))
	case n > 0:
		if _, err := parseCoded(r.Body); err != nil {
			return push.Refuse(push.PayloadEmpty, err.Error())
		}
	}
	return nil
}

// Told returns a refusal in the words of HTTP: Web Push has no others.
func (a *API) Told(no *push.Refusal) string { return no.Web() }

// Answer returns the response: where the message is, or why it is refused.
func (a *API) Answer(p system.Push, no *push.Refusal) push.Answer {
	if no == nil {
		site, _, _ := strings.Cut(strings.TrimPrefix(p.Token, "https://"), "/")
		return push.Answer{Status: 201, Header: map[string]string{"location": "https://" + site + "/message/" + p.ID, "ttl": seconds(p)}}
	}
	status := no.WebStatus()
	answer := push.Answer{Status: status, Header: map[string]string{"content-type": "text/plain; charset=utf-8"}, Body: []byte(no.Web() + "\n"), Last: no.Reason == push.Shutdown}
	switch status {
	case 401:
		answer.Header["www-authenticate"] = scheme // RFC 9110 §15.5.2
	case 405:
		answer.Header["allow"] = "POST"
	case 429, 503:
		answer.Header["retry-after"] = retryAfter
	}
	return answer
}

// seconds is for how long a message is kept that was taken.
func seconds(p system.Push) string {
	if p.Expires.IsZero() {
		return "0"
	}
	return strconv.FormatInt(int64(p.Expires.Sub(p.Sent).Round(time.Second)/time.Second), 10)
}
