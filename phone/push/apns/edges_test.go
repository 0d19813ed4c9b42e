package apns

import (
	"encoding/asn1"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestObjectIdentifiers: what stands in Apple's certificates, and is made with
// the same words in the other tests.
func TestObjectIdentifiers(t *testing.T) {
	for want, id := range map[string]asn1.ObjectIdentifier{
		"1.2.840.113635.100.6.3.1": forDevelopment, "1.2.840.113635.100.6.3.2": forProduction, "0.9.2342.19200300.100.1.1": userID,
	} {
		if id.String() != want {
			t.Errorf("%s, want %s", id, want)
		}
	}
}

// TestPriority: without a word, and with 10, a push is urgent.
func TestPriority(t *testing.T) {
	for priority, want := range map[string]bool{"": true, "10": true, "5": false, "1": false} {
		if p, no := newAPI(Config{}).Judge(now, with(priorityHeader, priority)); no != nil || p.High != want {
			t.Errorf("priority %q: high %v, %v", priority, p.High, no)
		}
	}
}

// TestLimits: the largest and the smallest of each, and one more.
func TestLimits(t *testing.T) {
	at := func(token string) push.Request {
		r := fit()
		r.Path = Path + token
		return r
	}
	for _, tt := range []struct {
		what string
		r    push.Request
		want push.Reason
	}{
		{"the shortest token", at(strings.Repeat("a", 64)), ""},
		{"a shorter one", at(strings.Repeat("a", 62)), push.BadDeviceToken},
		{"each digit", at("0123456789abcdefABCDEF" + strings.Repeat("0", 42)), ""},
		{"the longest topic", with(topicHeader, strings.Repeat("a", 250)+".voip"), ""},
		{"a longer one", with(topicHeader, strings.Repeat("a", 251)+".voip"), push.BadTopic},
		{"the last expiration", with(expirationHeader, "253402300799"), ""},
		{"a later one", with(expirationHeader, "253402300800"), push.BadExpirationDate},
		{"at once", with(expirationHeader, "0"), ""},
	} {
		if _, no := newAPI(Config{}).Judge(now, tt.r); reasonOf(no) != tt.want {
			t.Errorf("%s: %v, want %q", tt.what, no, tt.want)
		}
	}
	for _, c := range []string{"/", ":", "@", "G", "`", "g"} {
		if _, no := newAPI(Config{}).Judge(now, at(strings.Repeat("a", 63)+c)); no == nil {
			t.Errorf("a token with %q is taken", c)
		}
	}
	p, _ := newAPI(Config{}).Judge(now, with(expirationHeader, "1767268801"))
	if !p.Expires.Equal(now.Add(time.Second)) {
		t.Errorf("it expires at %s", p.Expires)
	}
}

// TestSkew: a provider's clock may be a minute ahead.
func TestSkew(t *testing.T) {
	s, key := signer(t)
	for ahead, want := range map[time.Duration]push.Reason{time.Minute: "", time.Minute + time.Second: push.InvalidProviderToken} {
		auth := signed(t, s.Key, s.ID, jwt.MapClaims{"iss": s.Team, "iat": now.Add(ahead).Unix()})
		if _, no := newAPI(Config{Key: key}).Judge(now, with(authHeader, auth)); reasonOf(no) != want {
			t.Errorf("%s ahead: %v, want %q", ahead, no, want)
		}
	}
}

// TestKeyWithoutNames: a key whose names are not known takes any, but one.
func TestKeyWithoutNames(t *testing.T) {
	s, key := signer(t)
	key.ID, key.Team = "", ""
	for _, tt := range []struct {
		kid  any
		team string
		want push.Reason
	}{{"ANY", "OTHER", ""}, {nil, "OTHER", push.InvalidProviderToken}, {"ANY", "", push.InvalidProviderToken}} {
		auth := signed(t, s.Key, tt.kid, jwt.MapClaims{"iss": tt.team, "iat": now.Unix()})
		if _, no := newAPI(Config{Key: key}).Judge(now, with(authHeader, auth)); reasonOf(no) != tt.want {
			t.Errorf("%v of %q: %v, want %q", tt.kid, tt.team, no, tt.want)
		}
	}
}

// TestMadeIDs: an apns-id that is made is a UUID of version 4, and no two are
// the same.
func TestMadeIDs(t *testing.T) {
	a, seen := newAPI(Config{}), map[string]bool{}
	for range 1000 {
		p, _ := a.Judge(now, fit())
		if seen[p.ID] || p.ID[14] != '4' || !strings.Contains("89ab", p.ID[19:20]) || !isUUID(p.ID) {
			t.Fatalf("%s", p.ID)
		}
		seen[p.ID] = true
	}
	if got := a.Answer(system.Push{ID: "x"}, push.Refuse(push.BadTopic, "")); got.Header["content-type"] != "application/json" || got.Last {
		t.Errorf("%+v", got)
	}
}
