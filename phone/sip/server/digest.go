package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

// verdict is what credentials are worth.
type verdict int

const (
	absent    verdict = iota // none for this realm, or of an algorithm or a nonce that is not ours
	stale                    // right, but the nonce has expired or was counted before
	malformed                // no client may write them (RFC 7616 §3.4)
	wrong
	right
)

// A signer signs what the server lets others keep for it: nobody else can make it.
type signer [32]byte

func newSigner(r *rand.Rand) (s signer) {
	for i := range s {
		s[i] = byte(r.Uint32())
	}
	return s
}

func (s *signer) sign(text string) string { return hex.EncodeToString(s.mac(text)[:12]) }

// seal is a signature of so many characters, each of six bits.
func (s *signer) seal(text string, size int) string {
	return base64.RawURLEncoding.EncodeToString(s.mac(text))[:size]
}

func (s *signer) mac(text string) []byte {
	mac := hmac.New(sha256.New, s[:])
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// signed reports whether a signature is ours.
func (s *signer) signed(text, signature string) bool {
	return hmac.Equal([]byte(signature), []byte(s.sign(text)))
}

// An authenticator asks for digest credentials and judges them (RFC 3261 §22.4
// with RFC 7616 and RFC 8760). A nonce is the time at which it was made and a
// signature, so that one that is never answered costs nothing; of those that
// are, the highest count is remembered (RFC 7616 §3.4, "nc").
type authenticator struct {
	signer
	offer      digest.Challenge // of each algorithm
	algorithms []string         // best first
	life       time.Duration
	last       time.Time // of the last nonce
	since      time.Time // nonces that were made until then are stale

	uses  map[string]use // of a nonce
	sweep int            // how many there may be before the expired ones are dropped
}

// A use is how a nonce was used: the last nc, and the cnonce that came with the
// first, on which the key of a session depends (RFC 7616 §3.4.2).
type use struct {
	count  int
	cnonce string
}

// minSweep is how many uses are kept before a sweep is worth it (our own
// number).
const minSweep = 64

func newAuthenticator(cfg *Config, r *rand.Rand) authenticator {
	return authenticator{
		signer: newSigner(r), offer: digest.Challenge{Realm: cfg.Domain, QOP: cfg.QOP, UserHash: cfg.UserHash},
		algorithms: cfg.Algorithms, life: cfg.NonceLife, uses: map[string]use{}, sweep: minSweep,
	}
}

// nonce makes a fresh nonce. No two have the same time.
func (a *authenticator) nonce(now time.Time) string {
	if !now.After(a.last) {
		now = a.last.Add(1)
	}
	a.last = now
	at := strconv.FormatInt(now.UnixNano(), 36)
	return at + "." + a.sign(at)
}

// expire makes stale all nonces so far.
func (a *authenticator) expire() { a.since = a.last }

// made is when we made a nonce; ok is false if we never did.
func (a *authenticator) made(nonce string) (at time.Time, ok bool) {
	text, signature, _ := strings.Cut(nonce, ".")
	ns, err := strconv.ParseInt(text, 36, 64)
	return time.Unix(0, ns), err == nil && a.signed(text, signature)
}

// fresh reports whether a nonce of ours is still good.
func (a *authenticator) fresh(now, made time.Time) bool {
	return now.Sub(made) < a.life && made.After(a.since)
}

// A passwords knows the passwords of users.
type passwords interface {
	password(user string) (password string, ok bool)
	// names are those of all users.
	names() []string
}

// judge judges the credentials in a header field of a request, Authorization or
// Proxy-Authorization, and names their user; why says what is malformed.
func (a *authenticator) judge(now time.Time, req *grammar.Request, field string, users passwords) (user string, v verdict, why string) {
	cred := a.credentials(req, field)
	if cred == nil {
		return "", absent, ""
	}
	made, ours := a.made(cred.Nonce)
	if !ours {
		return cred.Username, absent, "" // from before a restart: challenge again
	}
	if why := a.misfit(req, cred); why != "" {
		return cred.Username, malformed, why
	}
	name := a.userOf(cred, users)
	secret, known := users.password(name)
	switch _, proved := a.proves(cred, name, secret, req); {
	case !known || !proved:
		return name, wrong, ""
	case !a.fresh(now, made) || !a.count(now, cred):
		return name, stale, ""
	}
	return name, right, ""
}

// credentials are those of a request that are for us; nil if there are none.
func (a *authenticator) credentials(req *grammar.Request, field string) *digest.Credentials {
	for _, h := range sip.Fields(req, field) {
		if cred, err := digest.ParseCredentials(h.Value()); err == nil && cred.Realm == a.offer.Realm && a.offers(cred.Algorithm) {
			return cred
		}
	}
	return nil
}

func (a *authenticator) offers(algorithm string) bool {
	return slices.ContainsFunc(a.algorithms, func(offered string) bool { return digest.SameAlgorithm(offered, algorithm) })
}

// userOf is whom credentials name, perhaps by a hash (RFC 7616 §3.4.4).
func (a *authenticator) userOf(cred *digest.Credentials, users passwords) string {
	if !cred.UserHash || !a.offer.UserHash {
		return cred.Username
	}
	for _, name := range users.names() {
		if strings.EqualFold(digest.UserHash(cred.Algorithm, name, cred.Realm), cred.Username) {
			return name
		}
	}
	return cred.Username
}

// misfit says what in credentials no client may write, or "". Of the URI only
// the user must be that of the request, if there is one: host, port and parameters
// differ between real clients (SIPp writes the address that it sends to, without a
// user), and a proxy may have changed the Request-URI (RFC 7616 §3.4.6). A client of RFC 2069 knows no qop,
// and counts nothing.
func (a *authenticator) misfit(req *grammar.Request, cred *digest.Credentials) string {
	var uri grammar.Uri
	switch err := grammar.ParseUri(cred.URI, &uri); {
	case err != nil || uri.Wildcard || uri.User != "" && sip.User(&uri) != sip.User(&req.Recipient):
		return fmt.Sprintf("uri %q is not the Request-URI", cred.URI)
	case cred.QOP == "":
		return ""
	case !slices.Contains(a.offer.QOP, strings.ToLower(cred.QOP)):
		return fmt.Sprintf("qop %q was not offered", cred.QOP)
	case cred.Count < 1:
		return fmt.Sprintf("nc %d: it begins at 1", cred.Count)
	case cred.Cnonce == "":
		return "no cnonce"
	}
	return ""
}

// proves reports whether credentials are what the right password gives, and with which
// cnonce as the first of its session: a client may have another by now.
func (a *authenticator) proves(cred *digest.Credentials, user, password string, req *grammar.Request) (first string, ok bool) {
	first = cred.Cnonce
	if last, used := a.uses[cred.Nonce]; used {
		first = last.cnonce
	}
	m := digest.Message{Method: string(req.Method), Body: req.Body()}
	if cred.Proves(user, password, first, m) {
		return first, true
	}
	return cred.Cnonce, cred.Proves(user, password, cred.Cnonce, m)
}

// count remembers how often a nonce was used. It reports false if it was used
// as often before: then these credentials are a copy.
func (a *authenticator) count(now time.Time, cred *digest.Credentials) bool {
	if cred.QOP == "" {
		return true
	}
	last, used := a.uses[cred.Nonce]
	if cred.Count <= last.count {
		return false
	}
	if !used {
		last.cnonce = cred.Cnonce
	}
	a.uses[cred.Nonce] = use{cred.Count, last.cnonce}
	if len(a.uses) > a.sweep {
		a.forget(now)
	}
	return true
}

// forget drops the uses of nonces that are no longer good.
func (a *authenticator) forget(now time.Time) {
	for nonce := range a.uses {
		if made, _ := a.made(nonce); !a.fresh(now, made) {
			delete(a.uses, nonce)
		}
	}
	a.sweep = max(minSweep, 2*len(a.uses))
}

// challenge asks for credentials: with 401 as a registrar, with 407 as a proxy
// (RFC 3261 §22.2, §22.3).
func (a *authenticator) challenge(l *loop.Loop, req *grammar.Request, status int, isStale bool) *grammar.Response {
	res := respond(l, req, status)
	field := map[int]string{401: "WWW-Authenticate", 407: "Proxy-Authenticate"}[status]
	c := a.offer
	c.Nonce, c.Stale = a.nonce(l.Now()), isStale
	for _, c.Algorithm = range a.algorithms {
		add(res, field, c.String())
	}
	return res
}

// one is a challenge of the best algorithm alone.
func (a *authenticator) one(now time.Time) digest.Challenge {
	c := a.offer
	c.Nonce, c.Algorithm = a.nonce(now), a.algorithms[0]
	return c
}
