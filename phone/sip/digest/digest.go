// Package digest is the digest authentication of SIP, for both sides of it
// (RFC 3261 §22 with the corrections of RFC 7616 and the algorithms of RFC
// 8760): challenges and credentials as values, and the arithmetic between
// them. It keeps nothing and asks nobody: nonces, counts and cnonces are given.
//
//	challenge ──▶ [Challenge.Answer] ──▶ credentials ──▶ [Credentials.Proves]
//
// Reading is tolerant: names of parameters in any case, white space and folds
// around "=" and ",", and values quoted or not (RFC 3261 §7.3.1, §25.1). What is
// written is as RFC 3261 §25.1 has it. User names and passwords are taken as
// UTF-8, which is all that a challenge may ask for (RFC 7616 §3.3, "charset"),
// and are not normalised.
package digest

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// session ends the name of an algorithm whose key depends on the first nonce
// and cnonce, too (RFC 7616 §3.4.2).
const session = "-sess"

// An algorithm is a hash function that there is for digests. strength orders
// them: which to prefer of several.
type algorithm struct {
	name     string
	strength int
	hash     func() hash.Hash
}

// known is the hash functions of RFC 8760 §2.1, each of which has a session
// form, too.
func known() []algorithm {
	return []algorithm{{"SHA-512-256", 3, sha512.New512_256}, {"SHA-256", 2, sha256.New}, {"MD5", 1, md5.New}}
}

// Algorithms are the names of all algorithms, the strongest first.
func Algorithms() (names []string) {
	for _, a := range known() {
		names = append(names, a.name, a.name+session)
	}
	return names
}

// algorithmOf returns the algorithm of that name, in any case; none is MD5
// (RFC 7616 §3.3). session says that it is a session form.
func algorithmOf(name string) (a algorithm, isSession, ok bool) {
	name, isSession = cutSuffixFold(name, session)
	if name == "" && !isSession {
		name = "MD5"
	}
	for _, a := range known() {
		if strings.EqualFold(a.name, name) {
			return a, isSession, true
		}
	}
	return a, isSession, false
}

// SameAlgorithm reports whether two names mean one algorithm.
func SameAlgorithm(one, other string) bool {
	a, s, ok := algorithmOf(one)
	b, t, known := algorithmOf(other)
	return ok && known && a.name == b.name && s == t
}

func cutSuffixFold(s, suffix string) (string, bool) {
	if n := len(s) - len(suffix); n >= 0 && strings.EqualFold(s[n:], suffix) {
		return s[:n], true
	}
	return s, false
}

func (a *algorithm) sum(parts ...string) string {
	h := a.hash()
	h.Write([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(h.Sum(nil))
}

// UserHash is the name of a user as credentials with "userhash" have it
// (RFC 7616 §3.4.4); "" if there is no such algorithm.
func UserHash(algorithm, user, realm string) string {
	a, _, ok := algorithmOf(algorithm)
	if !ok {
		return ""
	}
	return a.sum(user, realm)
}

// A Message is what credentials are for.
type Message struct {
	Method string
	Body   []byte // for qop=auth-int
}

// sign computes the response of credentials (RFC 7616 §3.4.1; without a qop
// RFC 2069 §2.1.2). first is the cnonce of the first request that has used the
// nonce, for a session.
func (c *Credentials) sign(user, password, first string, m Message) (string, error) {
	a, isSession, ok := algorithmOf(c.Algorithm)
	if !ok {
		return "", fmt.Errorf("algorithm %q is not one of %s", c.Algorithm, strings.Join(Algorithms(), ", "))
	}
	a1 := a.sum(user, c.Realm, password)
	if isSession {
		a1 = a.sum(a1, c.Nonce, first)
	}
	a2 := a.sum(m.Method, c.URI)
	switch strings.ToLower(c.QOP) {
	case "":
		return a.sum(a1, c.Nonce, a2), nil
	case "auth":
	case "auth-int":
		a2 = a.sum(m.Method, c.URI, a.sum(string(m.Body)))
	default:
		return "", fmt.Errorf("qop %q is neither auth nor auth-int", c.QOP)
	}
	return a.sum(a1, c.Nonce, counted(c.Count), c.Cnonce, c.QOP, a2), nil
}

// counted is a count as it is written, and signed.
func counted(n int) string { return fmt.Sprintf("%08x", n) }

// Proves reports whether credentials show that their sender knows a user's
// password. first is the cnonce that came with the first use of their nonce.
func (c *Credentials) Proves(user, password, first string, m Message) bool {
	want, err := c.sign(user, password, first, m)
	return err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(c.Response))) == 1
}
