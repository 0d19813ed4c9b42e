package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	grammar "github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
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

func (s *signer) sign(text string) string {
	mac := hmac.New(sha256.New, s[:])
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil)[:12])
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
	realm      string
	algorithms []string // best first
	life       time.Duration
	last       time.Time // of the last nonce
	since      time.Time // nonces that were made until then are stale

	counts map[string]int // the last nc of a nonce
	sweep  int            // how many counts there may be before the expired ones are dropped
}

// minSweep is how many counts are kept before a sweep is worth it (our own
// number).
const minSweep = 64

func newAuthenticator(cfg *Config, r *rand.Rand) authenticator {
	return authenticator{
		signer: newSigner(r), realm: cfg.Domain, algorithms: cfg.Algorithms, life: cfg.NonceLife,
		counts: map[string]int{}, sweep: minSweep,
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

// judge judges the credentials of a request and names their user; why says what
// is malformed.
func (a *authenticator) judge(now time.Time, req *grammar.Request, password func(user string) (string, bool)) (user string, v verdict, why string) {
	for _, h := range req.GetHeaders("authorization") {
		cred, err := digest.ParseCredentials(h.Value())
		if err != nil || cred.Realm != a.realm || !a.offers(cred.Algorithm) {
			continue
		}
		made, ours := a.made(cred.Nonce)
		if !ours {
			return cred.Username, absent, "" // from before a restart: challenge again
		}
		if why := misfit(req, cred); why != "" {
			return cred.Username, malformed, why
		}
		secret, known := password(cred.Username)
		switch {
		case !known || !verify(req, cred, secret):
			return cred.Username, wrong, ""
		case !a.fresh(now, made) || !a.count(now, cred):
			return cred.Username, stale, ""
		}
		return cred.Username, right, ""
	}
	return "", absent, ""
}

func (a *authenticator) offers(algorithm string) bool {
	if algorithm == "" {
		algorithm = "MD5" // RFC 2617 §3.2.1
	}
	for _, offered := range a.algorithms {
		if strings.EqualFold(offered, algorithm) {
			return true
		}
	}
	return false
}

// misfit says what in credentials no client may write, or "". Of the URI only
// the user must be that of the request: host, port and parameters differ between
// real clients (SIPp writes the address that it sends to), and a proxy may have
// changed the Request-URI (RFC 7616 §3.4.6). A client of RFC 2069 knows no qop,
// and counts nothing.
func misfit(req *grammar.Request, cred *digest.Credentials) string {
	var uri grammar.Uri
	switch err := grammar.ParseUri(cred.URI, &uri); {
	case err != nil || uri.User != req.Recipient.User:
		return fmt.Sprintf("uri %q is not the Request-URI", cred.URI)
	case cred.QOP == "":
		return ""
	case cred.QOP != "auth":
		return fmt.Sprintf("qop %q was not offered", cred.QOP)
	case cred.Nc < 1:
		return fmt.Sprintf("nc %d: it begins at 1", cred.Nc)
	case cred.Cnonce == "":
		return "no cnonce"
	}
	return ""
}

// verify computes the response that the right password gives.
func verify(req *grammar.Request, cred *digest.Credentials, password string) bool {
	chal := &digest.Challenge{Realm: cred.Realm, Nonce: cred.Nonce, Algorithm: cred.Algorithm}
	if cred.QOP != "" {
		chal.QOP = []string{cred.QOP}
	}
	want, err := digest.Digest(chal, digest.Options{
		Method: string(req.Method), URI: cred.URI, Username: cred.Username, Password: password,
		Cnonce: cred.Cnonce, Count: cred.Nc,
	})
	return err == nil && hmac.Equal([]byte(want.Response), []byte(strings.ToLower(cred.Response)))
}

// count remembers how often a nonce was used. It reports false if it was used
// as often before: then these credentials are a copy.
func (a *authenticator) count(now time.Time, cred *digest.Credentials) bool {
	if cred.QOP == "" {
		return true
	}
	if cred.Nc <= a.counts[cred.Nonce] {
		return false
	}
	a.counts[cred.Nonce] = cred.Nc
	if len(a.counts) > a.sweep {
		a.forget(now)
	}
	return true
}

// forget drops the counts of nonces that are no longer good.
func (a *authenticator) forget(now time.Time) {
	for nonce := range a.counts {
		if made, _ := a.made(nonce); !a.fresh(now, made) {
			delete(a.counts, nonce)
		}
	}
	a.sweep = max(minSweep, 2*len(a.counts))
}

// challenges are the values of WWW-Authenticate that ask for credentials.
func (a *authenticator) challenges(now time.Time, isStale bool) (all []string) {
	nonce := a.nonce(now)
	for _, algorithm := range a.algorithms {
		value := fmt.Sprintf(`Digest realm="%s", nonce="%s", algorithm=%s, qop="auth"`, a.realm, nonce, algorithm)
		if isStale {
			value += ", stale=true"
		}
		all = append(all, value)
	}
	return all
}
