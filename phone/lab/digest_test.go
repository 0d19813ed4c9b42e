package lab

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

// An answer is credentials as a test wants them. Their response is right for
// what they say, so that nothing but the check that is tested refuses them.
type answer struct {
	digest.Credentials
	password string
	method   string
	counted  int // the nc that the response is computed with, if not Nc
}

// answerTo is alice's right answer to a challenge.
func answerTo(t *testing.T, res *grammar.Response) *answer {
	t.Helper()
	all, err := digest.ParseChallenges(text(res, "WWW-Authenticate"))
	if err != nil {
		t.Fatal(err)
	}
	chal := all[0]
	return &answer{Credentials: digest.Credentials{
		Username: "alice", Realm: chal.Realm, Nonce: chal.Nonce, URI: "sip:lab.test", Algorithm: "MD5", Cnonce: "c", QOP: "auth", Count: 1,
	}, password: "secret", method: "REGISTER"}
}

func (a *answer) header() string {
	hash := func(parts ...string) string {
		sum := md5.Sum([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(sum[:])
	}
	nc := a.Count
	if a.counted != 0 {
		nc = a.counted
	}
	parts := []string{hash(a.Username, a.Realm, a.password), a.Nonce, hash(a.method, a.URI)}
	if a.QOP != "" {
		parts = []string{parts[0], a.Nonce, fmt.Sprintf("%08x", nc), a.Cnonce, a.QOP, parts[2]}
	}
	a.Response = hash(parts...)
	return "Authorization: " + a.String()
}

// try registers alice with an answer to a new challenge.
func (c *wire) try(change func(*answer)) *grammar.Response {
	c.bench.t.Helper()
	a := answerTo(c.bench.t, c.request("REGISTER", "sip:lab.test", "<sip:alice@lab.test>", contact))
	change(a)
	return c.request("REGISTER", "sip:lab.test", "<sip:alice@lab.test>", contact, a.header())
}

func TestCredentials(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*answer)
		status int
	}{
		{"as they should be", func(*answer) {}, 200},
		{"of a client of RFC 2069", func(a *answer) { a.QOP = "" }, 200},
		{"with a port in the uri", func(a *answer) { a.URI = "sip:lab.test:5060" }, 200},
		{"with a parameter in the uri", func(a *answer) { a.URI = "sip:LAB.test;transport=tcp" }, 200},
		{"that begin to count elsewhere", func(a *answer) { a.Count = 7 }, 200},
		{"for a nonce of nobody's", func(a *answer) { a.Nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093" }, 401},
		{"for no nonce", func(a *answer) { a.Nonce = "" }, 401},
		{"for a nonce of another time", func(a *answer) { a.Nonce = "a" + a.Nonce[1:] }, 401},
		{"for a nonce with another signature", func(a *answer) { a.Nonce = a.Nonce[:len(a.Nonce)-1] + "!" }, 401},
		{"of another realm", func(a *answer) { a.Realm = "elsewhere.test" }, 401},
		{"of an algorithm that was not offered", func(a *answer) { a.Algorithm = "SHA-256" }, 401},
		{"with nc=0", func(a *answer) { a.Count = 0 }, 400},
		{"with nc=0, computed with 1", func(a *answer) { a.Count, a.counted = 0, 1 }, 400},
		{"with nc=-1", func(a *answer) { a.Count = -1 }, 400},
		{"without a cnonce", func(a *answer) { a.Cnonce = "" }, 400},
		{"with qop=auth-int", func(a *answer) { a.QOP = "auth-int" }, 400},
		{"for another host", func(a *answer) { a.URI = "sip:elsewhere.test:5070" }, 200},
		{"for another user of the host", func(a *answer) { a.URI = "sip:carol@lab.test" }, 400},
		{"for no uri", func(a *answer) { a.URI = "" }, 400},
		{"for another method", func(a *answer) { a.method = "INVITE" }, 403},
		{"with another count", func(a *answer) { a.counted = 2 }, 403},
		{"with another password", func(a *answer) { a.password = "Secret" }, 403},
		{"without a password", func(a *answer) { a.password = "" }, 403},
		{"of another user", func(a *answer) { a.Username = "carol" }, 403},
		{"of nobody", func(a *answer) { a.Username, a.password = "mallory", "" }, 403},
	} {
		b := newBench(t, nil)
		res := b.wire().try(tc.change)
		if res.StatusCode != tc.status {
			t.Errorf("credentials %s: %d, want %d", tc.name, res.StatusCode, tc.status)
		}
		if strings.Contains(text(res, "WWW-Authenticate"), "stale") {
			t.Errorf("credentials %s are called stale: they never were right", tc.name)
		}
		if bound := len(b.lab.sip.Bindings("alice")) == 1; bound != (tc.status == 200) {
			t.Errorf("credentials %s: bound is %t", tc.name, bound)
		}
	}
}

// TestNonceCount uses a nonce again: with a higher count it is good, with the
// same or a lower one it is a copy, and the client is told another nonce.
func TestNonceCount(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	const to = "<sip:alice@lab.test>"
	a := answerTo(t, c.request("REGISTER", "sip:lab.test", to, contact))
	for _, use := range []struct{ nc, status int }{{1, 200}, {2, 200}, {2, 401}, {1, 401}, {5, 200}, {4, 401}, {5, 401}, {6, 200}} {
		a.Count = use.nc
		res := c.request("REGISTER", "sip:lab.test", to, contact, a.header())
		if res.StatusCode != use.status {
			t.Errorf("nc=%d: %d, want %d", use.nc, res.StatusCode, use.status)
		}
		if stale := strings.Contains(text(res, "WWW-Authenticate"), "stale=true"); stale != (use.status == 401) {
			t.Errorf("nc=%d: stale is %t", use.nc, stale)
		}
	}
}

// TestWrongCredentialsCountNothing: who has no password cannot use up the counts
// of somebody who has one.
func TestWrongCredentialsCountNothing(t *testing.T) {
	c := newBench(t, nil).wire()
	const to = "<sip:alice@lab.test>"
	a := answerTo(t, c.request("REGISTER", "sip:lab.test", to, contact))
	bad := *a
	bad.password, bad.Count = "guess", 9
	c.request("REGISTER", "sip:lab.test", to, contact, bad.header())
	if res := c.request("REGISTER", "sip:lab.test", to, contact, a.header()); res.StatusCode != 200 {
		t.Errorf("%d for the right credentials", res.StatusCode)
	}
}

// TestNonceLife holds a nonce to its life, to the second.
func TestNonceLife(t *testing.T) {
	for age, status := range map[time.Duration]int{defaultNonceLife - time.Second: 200, defaultNonceLife: 401} {
		b := newBench(t, nil)
		res := b.wire().try(func(*answer) { b.run(age) })
		if stale := strings.Contains(text(res, "WWW-Authenticate"), "stale=true"); res.StatusCode != status || stale != (status == 401) {
			t.Errorf("after %s: %d, stale is %t", age, res.StatusCode, stale)
		}
	}
}

func TestExpiredNonces(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	if res := c.try(func(*answer) { b.do("expire nonces") }); res.StatusCode != 401 || !strings.Contains(text(res, "WWW-Authenticate"), "stale=true") {
		t.Errorf("%d for a nonce that was expired", res.StatusCode)
	}
	if res := c.try(func(*answer) {}); res.StatusCode != 200 {
		t.Errorf("%d for one that was made afterwards", res.StatusCode)
	}
}

// TestOffers answers each challenge that a lab can write, twice: the second time
// a session has another cnonce, as some phones have it.
func TestOffers(t *testing.T) {
	const to = "<sip:alice@lab.test>"
	for _, algorithm := range digest.Algorithms() {
		for _, qop := range [][]string{{"auth"}, {"auth-int"}, {"auth", "auth-int"}, {}} {
			for _, hashed := range []bool{false, true} {
				c := newBench(t, func(c *Config) { c.Algorithms, c.QOP, c.UserHash = []string{algorithm}, qop, hashed }).wire()
				all, err := digest.ParseChallenges(text(c.request("REGISTER", "sip:lab.test", to, contact), "WWW-Authenticate"))
				if err != nil || len(all) != 1 || all[0].UserHash != hashed {
					t.Fatalf("%s: challenges %+v, %v", algorithm, all, err)
				}
				try := func(password, cnonce string, count int) int {
					cred, err := all[0].Answer(
						digest.Answer{User: "alice", Password: password, URI: "sip:lab.test", Cnonce: cnonce, Count: count}, digest.Message{Method: "REGISTER"})
					if err != nil {
						t.Fatal(err)
					}
					return c.request("REGISTER", "sip:lab.test", to, contact, "Authorization: "+cred.String()).StatusCode
				}
				if got := []int{try("secret", "c", 1), try("secret", "d", 2), try("Secret", "e", 3)}; fmt.Sprint(got) != "[200 200 403]" {
					t.Errorf("%s, qop %q, hashed %t: %v", algorithm, qop, hashed, got)
				}
			}
		}
	}
}

// TestSessionKey has the key of a session made with the cnonce of its first request
// (RFC 7616 §3.4.2), and another cnonce in the second.
func TestSessionKey(t *testing.T) {
	const to = "<sip:alice@lab.test>"
	c := newBench(t, func(c *Config) { c.Algorithms = []string{"MD5-sess"} }).wire()
	all, _ := digest.ParseChallenges(text(c.request("REGISTER", "sip:lab.test", to, contact), "WWW-Authenticate"))
	hash := func(parts ...string) string {
		sum := md5.Sum([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(sum[:])
	}
	key := hash(hash("alice", all[0].Realm, "secret"), all[0].Nonce, "first")
	for i, cnonce := range []string{"first", "second"} {
		cred := digest.Credentials{
			Username: "alice", Realm: all[0].Realm, Nonce: all[0].Nonce, URI: "sip:lab.test", Algorithm: "MD5-sess", Cnonce: cnonce, QOP: "auth", Count: i + 1,
		}
		cred.Response = hash(key, cred.Nonce, fmt.Sprintf("%08x", cred.Count), cnonce, "auth", hash("REGISTER", cred.URI))
		if res := c.request("REGISTER", "sip:lab.test", to, contact, "Authorization: "+cred.String()); res.StatusCode != 200 {
			t.Errorf("cnonce %q: %d", cnonce, res.StatusCode)
		}
	}
}
