package lab

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	grammar "github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// Digest access authentication, RFC 3261 §22.4 with RFC 2617 and RFC 8760. A
// nonce is the time of its making and a signature: the lab remembers none. So
// one can be used again until it expires, which a test server may allow.

// verdict is what credentials are worth.
type verdict int

const (
	absent verdict = iota // none for this realm, or of an algorithm not offered
	stale                 // right, but the nonce has expired
	wrong
	right
)

// nonce makes a fresh nonce.
func (l *Lab) nonce() string {
	at := strconv.FormatInt(l.now.UnixNano(), 36)
	return at + "." + l.sign(at)
}

func (l *Lab) sign(at string) string {
	mac := hmac.New(sha256.New, l.secret[:])
	mac.Write([]byte(at))
	return hex.EncodeToString(mac.Sum(nil)[:12])
}

// fresh reports whether we made the nonce, and whether it is still good.
func (l *Lab) fresh(nonce string) (ours, good bool) {
	at, signature, _ := strings.Cut(nonce, ".")
	if !hmac.Equal([]byte(signature), []byte(l.sign(at))) {
		return false, false
	}
	ns, err := strconv.ParseInt(at, 36, 64)
	made := time.Unix(0, ns)
	return err == nil, err == nil && l.now.Sub(made) < l.cfg.NonceLife && made.After(l.noncesFrom)
}

// authenticate judges the credentials of a request, and names their user.
func (l *Lab) authenticate(req *grammar.Request) (name string, v verdict) {
	for _, h := range req.GetHeaders("authorization") {
		cred, err := digest.ParseCredentials(h.Value())
		if err != nil || cred.Realm != l.cfg.Domain || !l.offers(cred.Algorithm) {
			continue
		}
		ours, good := l.fresh(cred.Nonce)
		switch {
		case !ours:
			return cred.Username, absent // from before a restart: challenge again
		case !l.verify(req, cred):
			return cred.Username, wrong
		case !good:
			return cred.Username, stale
		}
		return cred.Username, right
	}
	return "", absent
}

func (l *Lab) offers(algorithm string) bool {
	if algorithm == "" {
		algorithm = "MD5" // RFC 2617 §3.2.1
	}
	for _, a := range l.cfg.Algorithms {
		if strings.EqualFold(a, algorithm) {
			return true
		}
	}
	return false
}

// verify computes the response that the right password gives.
func (l *Lab) verify(req *grammar.Request, cred *digest.Credentials) bool {
	u := l.users[cred.Username]
	if u == nil {
		return false
	}
	chal := &digest.Challenge{Realm: cred.Realm, Nonce: cred.Nonce, Algorithm: cred.Algorithm}
	if cred.QOP != "" {
		if cred.QOP != "auth" || cred.Nc == 0 || cred.Cnonce == "" {
			return false
		}
		chal.QOP = []string{"auth"}
	}
	want, err := digest.Digest(chal, digest.Options{
		Method: string(req.Method), URI: cred.URI, Username: cred.Username, Password: u.password,
		Cnonce: cred.Cnonce, Count: cred.Nc,
	})
	return err == nil && hmac.Equal([]byte(want.Response), []byte(strings.ToLower(cred.Response)))
}

// challenge is the 401 that asks for credentials.
func (l *Lab) challenge(req *grammar.Request, isStale bool) *grammar.Response {
	res := l.respond(req, 401)
	nonce := l.nonce()
	for _, algorithm := range l.cfg.Algorithms {
		value := fmt.Sprintf(`Digest realm="%s", nonce="%s", algorithm=%s, qop="auth"`, l.cfg.Domain, nonce, algorithm)
		if isStale {
			value += ", stale=true"
		}
		add(res, "WWW-Authenticate", value)
	}
	return res
}
