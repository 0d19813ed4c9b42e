package digest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Challenge asks for credentials: a value of WWW-Authenticate or
// Proxy-Authenticate.
type Challenge struct {
	Realm, Nonce, Opaque string
	Algorithm            string   // as it was written; "" is MD5
	QOP                  []string // in small letters; none is a server of RFC 2069
	Stale                bool     // the credentials were right, but for another nonce
	UserHash             bool     // the user's name may be sent as a hash
}

var (
	errNoDigest = errors.New("the scheme is not Digest")
	errNoNonce  = errors.New("a digest challenge without a nonce")
)

// maxChallenges bounds the challenges that are read of one header field (our own
// number): each hash function in both forms, and some that we do not know.
const maxChallenges = 16

// ParseChallenges reads the challenges of a header field. There is one
// (RFC 3261 §7.3.1), but some servers put several there, as HTTP has it.
// The error says what is wrong with the first that could not be read.
func ParseChallenges(field string) (all []Challenge, err error) {
	for _, params := range splitSchemes(field) {
		c, bad := newChallenge(params)
		switch {
		case bad != nil && err == nil:
			err = bad
		case bad == nil && len(all) < maxChallenges:
			all = append(all, c)
		}
	}
	return all, err
}

func newChallenge(p schemed) (c Challenge, err error) {
	switch {
	case !strings.EqualFold(p.scheme, "Digest"):
		return c, fmt.Errorf("%w but %.40q", errNoDigest, p.scheme)
	case p.get("nonce") == "":
		return c, errNoNonce
	}
	c = Challenge{
		Realm: p.get("realm"), Nonce: p.get("nonce"), Opaque: p.get("opaque"), Algorithm: p.get("algorithm"),
		Stale: strings.EqualFold(p.get("stale"), "true"), UserHash: strings.EqualFold(p.get("userhash"), "true"),
	}
	for q := range strings.SplitSeq(p.get("qop"), ",") {
		if q = strings.ToLower(strings.TrimSpace(q)); q != "" {
			c.QOP = append(c.QOP, q)
		}
	}
	return c, nil
}

// String is the challenge as it is sent.
func (c *Challenge) String() string {
	w := writer{}
	w.quoted("realm", c.Realm)
	w.quoted("nonce", c.Nonce)
	w.optional("opaque", c.Opaque)
	w.token("algorithm", c.Algorithm)
	w.optional("qop", strings.Join(c.QOP, ","))
	w.flag("userhash", c.UserHash)
	w.flag("stale", c.Stale)
	return w.String()
}

// Unsupported says why a challenge cannot be answered; nil if it can.
func (c *Challenge) Unsupported() error {
	_, _, ok := algorithmOf(c.Algorithm)
	switch {
	case !ok:
		return fmt.Errorf("digest algorithm %.40q is not supported", c.Algorithm)
	case c.qop() == "" && len(c.QOP) > 0:
		return fmt.Errorf("digest qop %.40q is not supported", strings.Join(c.QOP, ","))
	}
	return nil
}

// qop is the protection to choose. With auth a proxy may change the body
// (RFC 3261 §22.4), so auth-int is for servers that take nothing less.
func (c *Challenge) qop() string {
	for _, q := range []string{"auth", "auth-int"} {
		if slices.Contains(c.QOP, q) {
			return q
		}
	}
	return ""
}

// OnlyIntegrity reports whether the body is to be protected, too, or nothing.
func (c *Challenge) OnlyIntegrity() bool { return c.qop() == "auth-int" }

// Stronger reports whether a challenge is to be preferred to another one of its
// realm, which stands above it. RFC 8760 §2.4 prefers the upper one unless the
// client has a policy; ours is that a server which accepts a strong hash is
// given no weak one.
func (c *Challenge) Stronger(upper *Challenge) bool {
	a, _, _ := algorithmOf(c.Algorithm)
	b, _, _ := algorithmOf(upper.Algorithm)
	return a.strength > b.strength
}

// Session reports whether the key of the answer depends on the first cnonce:
// then all answers to this challenge have the same one (RFC 7616 §3.4.2).
func (c *Challenge) Session() bool {
	_, isSession, _ := algorithmOf(c.Algorithm)
	return isSession
}

// An Answer is what a client adds to a challenge to make credentials of it.
type Answer struct {
	User, Password string
	URI            string // the Request-URI
	Cnonce         string
	Count          int // how often the nonce was used, with this time
}

// Answer makes the credentials that answer a challenge, which is supported.
func (c *Challenge) Answer(a Answer, m Message) (*Credentials, error) {
	cred := &Credentials{
		Username: a.User, Realm: c.Realm, Nonce: c.Nonce, URI: a.URI, Algorithm: c.Algorithm,
		Opaque: c.Opaque, QOP: c.qop(), UserHash: c.UserHash,
	}
	if cred.QOP != "" {
		cred.Count = a.Count
	}
	if cred.QOP != "" || c.Session() {
		cred.Cnonce = a.Cnonce
	}
	if c.UserHash {
		cred.Username = UserHash(c.Algorithm, a.User, c.Realm)
	}
	var err error
	cred.Response, err = cred.sign(a.User, a.Password, a.Cnonce, m)
	return cred, err
}
