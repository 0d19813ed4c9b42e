package apns

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"maps"
	"math/big"
	mathrand "math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var (
	now   = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	token = strings.Repeat("0aF9", 16)
)

const topic = "org.example.sleeptalk.voip"

// newAPI returns an API with a fixed seed.
func newAPI(cfg Config) *API {
	cfg.Rand = mathrand.New(mathrand.NewPCG(1, 1))
	return New(cfg)
}

// fit returns a valid request.
func fit() push.Request {
	return Write(system.Push{Token: token, Param: topic, High: true, Payload: map[string]string{"name": "Bob"}}, "voip", nil)
}

// with changes a header of a valid request; "" removes it.
func with(name string, values ...string) push.Request {
	r := fit()
	r.Header[name] = values
	if values[0] == "" {
		delete(r.Header, name)
	}
	return r
}

func TestJudge(t *testing.T) {
	body := func(kind, topic, body string) push.Request {
		return Write(system.Push{Token: token, Param: topic}, kind, []byte(body))
	}
	at := func(method, path string) push.Request {
		r := fit()
		r.Method, r.Path = method, path
		return r
	}
	checked := Config{Topic: topic, Topics: []string{topic, "org.example.other.voip"}}
	for _, test := range []struct {
		what   string
		cfg    Config
		r      push.Request
		reason push.Reason // "": none
	}{
		{"as it should be", checked, fit(), ""},
		{"closing", checked, push.Request{Closing: true}, push.Shutdown},
		{"a body that does not come", checked, push.Request{Stalled: true}, push.IdleTimeout},

		{"another path", checked, at("POST", "/4/device/"+token), push.BadPath},
		{"a path with more behind it", checked, at("POST", Path+token+"/x"), push.BadPath},
		{"no path", checked, at("POST", ""), push.BadPath},
		{"no token", checked, at("POST", Path), push.MissingDeviceToken},
		{"no slash either", checked, at("POST", "/3/device"), push.MissingDeviceToken},
		{"an invalid token", checked, at("POST", Path+"hello"), push.BadDeviceToken},
		{"a token with another letter", checked, at("POST", Path+token[:63]+"g"), push.BadDeviceToken},
		{"half a byte", checked, at("POST", Path+token+"0"), push.BadDeviceToken},
		{"the longest token", checked, at("POST", Path+strings.Repeat("a", 200)), ""},
		{"one that is longer", checked, at("POST", Path+strings.Repeat("a", 202)), push.BadDeviceToken},
		{"GET", checked, at("GET", Path+token), push.MethodNotAllowed},
		{"twice the same header", checked, with(priorityHeader, "10", "10"), push.DuplicateHeaders},

		{"no topic", checked, with(topicHeader, ""), push.MissingTopic},
		{"no topic, and nobody looks", Config{}, body("alert", "", "{}"), ""},
		{"a topic with a blank", checked, with(topicHeader, "a b"), push.BadTopic},
		{"a topic that is too long", checked, with(topicHeader, strings.Repeat("a", 256)), push.BadTopic},
		{"a topic that is not the provider's", checked, with(topicHeader, "com.example.voip"), push.TopicDisallowed},
		{"a topic that is not the token's", checked, with(topicHeader, "org.example.other.voip"), push.DeviceTokenNotForTopic},
		{"an alert with the token of VoIP", Config{Topic: topic}, body("alert", "org.example.sleeptalk", "{}"), push.DeviceTokenNotForTopic},

		{"no type", checked, with(typeHeader, ""), push.InvalidPushType},
		{"no type, an alert", Config{}, body("", "org.example.sleeptalk", "{}"), ""},
		{"another type", checked, with(typeHeader, "VoIP"), push.InvalidPushType},
		{"alert to the topic of VoIP", checked, with(typeHeader, "alert"), push.InvalidPushType},
		{"VoIP to the topic of alerts", Config{}, with(topicHeader, "org.example.sleeptalk"), push.InvalidPushType},
		{"location with a certificate", Config{}, func() push.Request {
			r := body("location", "org.example.sleeptalk.location-query", "{}")
			r.Certificate = new(x509.Certificate)
			return r
		}(), push.Forbidden},

		{"an invalid id", checked, with(idHeader, "1"), push.BadMessageID},
		{"an id with a letter", checked, with(idHeader, "123e4567-e89b-12d3-a456-42665544000g"), push.BadMessageID},
		{"an id without dashes", checked, with(idHeader, "123e4567e89b12d3a456426655440000abcd"), push.BadMessageID},
		{"priority 1", checked, with(priorityHeader, "1"), ""},
		{"priority 7", checked, with(priorityHeader, "7"), push.BadPriority},
		{"a background push at once", Config{}, func() push.Request {
			r := body("background", "org.example.sleeptalk", "{}")
			r.Header[priorityHeader] = []string{"10"}
			return r
		}(), push.BadPriority},
		{"expiration in words", checked, with(expirationHeader, "tomorrow"), push.BadExpirationDate},
		{"expiration before 1970", checked, with(expirationHeader, "-1"), push.BadExpirationDate},
		{"expiration in milliseconds", checked, with(expirationHeader, "1700000000000"), push.BadExpirationDate},
		{"the longest collapse id", checked, with(collapseHeader, strings.Repeat("a", 64)), ""},
		{"one that is longer", checked, with(collapseHeader, strings.Repeat("a", 65)), push.BadCollapseID},

		{"no payload", checked, body("voip", topic, ""), push.PayloadEmpty},
		{"a payload that is no JSON", checked, body("voip", topic, "name=Bob"), push.PayloadEmpty},
		{"a payload that is no object", checked, body("voip", topic, "null"), push.PayloadEmpty},
		{"the largest", checked, body("voip", topic, sized(5120)), ""},
		{"one that is larger", checked, body("voip", topic, sized(5121)), push.PayloadTooLarge},
		{"the largest that is no VoIP push", Config{}, body("alert", "org.example.sleeptalk", sized(4096)), ""},
		{"one that is larger", Config{}, body("alert", "org.example.sleeptalk", sized(4097)), push.PayloadTooLarge},
	} {
		a := newAPI(test.cfg)
		p, no := a.Judge(now, test.r)
		if got := reasonOf(no); got != test.reason {
			t.Errorf("%s: %v, want %q", test.what, no, test.reason)
		}
		if answer := a.Answer(p, no); !isUUID(answer.Header["apns-id"]) {
			t.Errorf("%s: the answer has the apns-id %q", test.what, answer.Header["apns-id"])
		}
	}
}

func sized(n int) string { return `{"a":"` + strings.Repeat("x", n-8) + `"}` }

func reasonOf(no *push.Refusal) push.Reason {
	if no == nil {
		return ""
	}
	return no.Reason
}

// TestPushAsItWasSent: the fields of a request arrive in the push.
func TestPushAsItWasSent(t *testing.T) {
	sent := system.Push{
		Token: token, ID: "123e4567-e89b-12d3-a456-426655440000", Param: topic, High: true, Collapse: "call",
		Expires: now.Add(time.Minute), Payload: map[string]string{"name": "Bob", "n": "1"},
	}
	got, no := newAPI(Config{}).Judge(now, Write(sent, "voip", nil))
	if no != nil {
		t.Fatal(no)
	}
	if got.Token != sent.Token || got.ID != sent.ID || got.Param != sent.Param || !got.High || got.Collapse != sent.Collapse || !got.Expires.Equal(sent.Expires) || !maps.Equal(got.Payload, sent.Payload) {
		t.Errorf("got %+v, sent %+v", got, sent)
	}
	got, _ = newAPI(Config{}).Judge(now, Write(system.Push{Token: token, Param: topic}, "voip", []byte(`{"aps": {"alert": "x"}, "n": 5, "name": "B\u00f6b"}`)))
	if want := map[string]string{"aps": `{"alert":"x"}`, "n": "5", "name": "Böb"}; !maps.Equal(got.Payload, want) {
		t.Errorf("got %v, want %v", got.Payload, want)
	}
}

func TestAnswer(t *testing.T) {
	a, p := newAPI(Config{}), system.Push{ID: "id"}
	for body, no := range map[string]*push.Refusal{
		"":                            nil,
		`{"reason":"BadDeviceToken"}`: push.Refuse(push.BadDeviceToken, "whatever"),
		`{"reason":"Unregistered","timestamp":1767268800000}`: {Reason: push.Unregistered, Since: now},
		`{"reason":"ExpiredToken","timestamp":1767268800000}`: {Reason: push.ExpiredToken, Since: now},
		`{"reason":"Unregistered"}`:                           push.Refuse(push.Unregistered, "by a rule"),
		`{"reason":"TooManyRequests"}`:                        push.Refuse(push.TooManyRequests, ""),
	} {
		got := a.Answer(p, no)
		if string(got.Body) != body || got.Header["apns-id"] != "id" || ReadAnswer(got.Body) != string(reasonOf(no)) {
			t.Errorf("%v: %s %v", no, got.Body, got.Header)
		}
		if want := 200; no == nil && got.Status != want || no != nil && got.Status != no.Reason.Status() {
			t.Errorf("%v: status %d", no, got.Status)
		}
	}
	if !a.Answer(p, push.Refuse(push.Shutdown, "")).Last || a.Answer(p, nil).Last {
		t.Error("only the last answer is the last")
	}
}

// signer returns a provider with a key.
func signer(t testing.TB) (*Signer, *Key) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &Signer{key, "KEY1234567", "TEAM123456"}, &Key{"KEY1234567", "TEAM123456", &key.PublicKey}
}

func signed(t *testing.T, key *ecdsa.PrivateKey, kid any, claims jwt.MapClaims) string {
	jot := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	if jot.Header["kid"] = kid; kid == nil {
		delete(jot.Header, "kid")
	}
	s, err := jot.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return "bearer " + s
}

func TestProviderToken(t *testing.T) {
	s, key := signer(t)
	other, _ := signer(t)
	good := jwt.MapClaims{"iss": s.Team, "iat": now.Unix()}
	old := func(age time.Duration) jwt.MapClaims {
		return jwt.MapClaims{"iss": s.Team, "iat": now.Add(-age).Unix()}
	}
	valid := signed(t, s.Key, s.ID, good)
	parts := strings.Split(valid, ".")
	none := "bearer " + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"KEY1234567"}`)) + "." + parts[1] + "."
	hmac := jwt.NewWithClaims(jwt.SigningMethodHS256, good)
	hmac.Header["kid"] = s.ID
	der, err := x509.MarshalPKIXPublicKey(&s.Key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	confused, err := hmac.SignedString(der)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		what, auth string
		reason     push.Reason
	}{
		{"a good one", valid, ""},
		{"in capitals", "Bearer" + strings.TrimPrefix(valid, "bearer"), ""},
		{"none", "", push.MissingProviderToken},
		{"another scheme", "basic YTpi", push.MissingProviderToken},
		{"an empty one", "bearer ", push.MissingProviderToken},
		{"no JWT", "bearer x.y.z", push.InvalidProviderToken},
		{"an endless one", "bearer " + strings.Repeat("a", 3000), push.InvalidProviderToken},
		{"of another key", signed(t, other.Key, s.ID, good), push.InvalidProviderToken},
		{"of another name", signed(t, s.Key, "OTHER", good), push.InvalidProviderToken},
		{"without the key's name", signed(t, s.Key, nil, good), push.InvalidProviderToken},
		{"of another team", signed(t, s.Key, s.ID, jwt.MapClaims{"iss": "OTHER", "iat": now.Unix()}), push.InvalidProviderToken},
		{"without a time", signed(t, s.Key, s.ID, jwt.MapClaims{"iss": s.Team}), push.InvalidProviderToken},
		{"from tomorrow", signed(t, s.Key, s.ID, old(-24*time.Hour)), push.InvalidProviderToken},
		{"of a clock that is a little ahead", signed(t, s.Key, s.ID, old(-30*time.Second)), ""},
		{"an hour old", signed(t, s.Key, s.ID, old(time.Hour)), ""},
		{"a second more", signed(t, s.Key, s.ID, old(time.Hour+time.Second)), push.ExpiredProviderToken},
		{"with a changed claim", parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"TEAM123456","iat":1}`)) + "." + parts[2], push.InvalidProviderToken},
		{"with no signature", none, push.InvalidProviderToken},
		{"signed with the public key", "bearer " + confused, push.InvalidProviderToken},
	} {
		if _, no := newAPI(Config{Key: key}).Judge(now, with(authHeader, test.auth)); reasonOf(no) != test.reason {
			t.Errorf("%s: %v, want %q", test.what, no, test.reason)
		}
	}
}

// TestTokenUpdates: a provider makes a token at most every 20 minutes, and uses
// it for at most an hour.
func TestTokenUpdates(t *testing.T) {
	s, key := signer(t)
	a := newAPI(Config{Key: key})
	for _, test := range []struct {
		at, issued time.Duration
		reason     push.Reason
	}{
		{0, 0, ""},
		{time.Minute, 0, ""},
		{2 * time.Minute, 2 * time.Minute, push.TooManyProviderTokenUpdates},
		{3 * time.Minute, 0, ""},
		{20 * time.Minute, 20 * time.Minute, ""},
		{21 * time.Minute, 0, ""}, // from another machine of the provider
		{61 * time.Minute, 0, push.ExpiredProviderToken},
		{62 * time.Minute, 45 * time.Minute, ""},
	} {
		auth := signed(t, s.Key, s.ID, jwt.MapClaims{"iss": s.Team, "iat": now.Add(test.issued).Unix()})
		if _, no := a.Judge(now.Add(test.at), with(authHeader, auth)); reasonOf(no) != test.reason {
			t.Errorf("at %s, issued at %s: %v, want %q", test.at, test.issued, no, test.reason)
		}
	}
	if len(a.tokens) > 4 {
		t.Errorf("%d tokens are remembered", len(a.tokens))
	}
}

// TestSignerKeepsTheRules pushes every minute for a day: no token is too old or
// too new.
func TestSignerKeepsTheRules(t *testing.T) {
	s, key := signer(t)
	a := newAPI(Config{Key: key})
	for at := now; at.Before(now.Add(24 * time.Hour)); at = at.Add(time.Minute) {
		jot, err := s.Token(at)
		if err != nil {
			t.Fatal(err)
		}
		if _, no := a.Judge(at, with(authHeader, "bearer "+jot)); no != nil {
			t.Fatalf("at %s: %v", at, no)
		}
	}
}

// authority signs certificates of providers.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := authority{key: key, cert: &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}}
	a.cert = a.sign(t, a.cert)
	return a
}

func (a authority) sign(t *testing.T, template *x509.Certificate) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// provider returns a certificate for an app, with extensions.
func (a authority) provider(t *testing.T, app string, until time.Time, extensions ...asn1.ObjectIdentifier) *x509.Certificate {
	c := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: now.Add(-time.Hour), NotAfter: until,
		Subject: pkix.Name{CommonName: "VoIP Services", ExtraNames: []pkix.AttributeTypeAndValue{{Type: userID, Value: app}}},
	}
	for _, id := range extensions {
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: id, Value: []byte{5, 0}})
	}
	return a.sign(t, c)
}

func TestCertificate(t *testing.T) {
	apple, other := newAuthority(t), newAuthority(t)
	roots := x509.NewCertPool()
	roots.AddCert(apple.cert)
	later := now.Add(time.Hour)
	noTopic := with(topicHeader, "")
	for _, test := range []struct {
		what    string
		cert    *x509.Certificate
		sandbox bool
		r       push.Request
		reason  push.Reason
	}{
		{"none", nil, false, fit(), push.MissingProviderToken},
		{"a good one", apple.provider(t, topic, later), false, fit(), ""},
		{"it names the topic", apple.provider(t, topic, later), false, noTopic, ""},
		{"of the app", apple.provider(t, "org.example.sleeptalk", later), false, fit(), ""},
		{"of another app", apple.provider(t, "org.example.sleep", later), false, fit(), push.TopicDisallowed},
		{"signed by somebody", other.provider(t, topic, later), false, fit(), push.BadCertificate},
		{"over", apple.provider(t, topic, now.Add(-time.Minute)), false, fit(), push.BadCertificate},
		{"for production", apple.provider(t, topic, later, forProduction), false, fit(), ""},
		{"for development", apple.provider(t, topic, later, forDevelopment), false, fit(), push.BadCertificateEnvironment},
		{"for both", apple.provider(t, topic, later, forDevelopment, forProduction), false, fit(), ""},
		{"for development, in the sandbox", apple.provider(t, topic, later, forDevelopment), true, fit(), ""},
		{"for production, in the sandbox", apple.provider(t, topic, later, forProduction), true, fit(), push.BadCertificateEnvironment},
		{"a token where certificates are taken", nil, false, with(authHeader, "bearer x"), push.InvalidProviderToken},
	} {
		r := test.r
		r.Certificate = test.cert
		p, no := newAPI(Config{Roots: roots, Sandbox: test.sandbox}).Judge(now, r)
		if reasonOf(no) != test.reason || no == nil && p.Param != topic {
			t.Errorf("%s: %v, topic %s, want %q", test.what, no, p.Param, test.reason)
		}
	}
	_, key := signer(t)
	r := fit()
	r.Certificate = apple.provider(t, topic, later)
	if _, no := newAPI(Config{Key: key}).Judge(now, r); reasonOf(no) != push.BadCertificate {
		t.Errorf("a certificate where tokens are taken: %v", no)
	}
}

// FuzzRequest judges arbitrary requests: each gets an answer, and an accepted
// push is within the limits.
func FuzzRequest(f *testing.F) {
	f.Add("POST", Path+token, "voip", topic, "10", "0", "", "", `{"name":"Bob"}`)
	f.Add("GET", "/3/device", "alert", "a", "5", "-1", "x", "bearer a.b.c", `{"aps":{}}`)
	f.Add("POST", Path+token, "background", "\x00", "1", "99999999999999999999", strings.Repeat("x", 65), "bearer eyJhbGciOiJFUzI1NiJ9.e30.AA", "[")
	f.Add("POST", Path+token, "", topic, "", strconv.Itoa(maxExpiration), "", "", `{"a":"\ud800","":null}`)
	_, key := signer(f)
	f.Fuzz(func(t *testing.T, method, path, kind, topic, priority, expiration, collapse, auth, body string) {
		r := push.Request{Method: method, Path: path, Body: []byte(body), Header: map[string][]string{
			typeHeader: {kind}, topicHeader: {topic}, priorityHeader: {priority}, expirationHeader: {expiration}, collapseHeader: {collapse}, authHeader: {auth},
		}}
		for _, cfg := range []Config{{}, {Key: key}} {
			a := newAPI(cfg)
			p, no := a.Judge(now, r)
			answer := a.Answer(p, no)
			if !isUUID(p.ID) || (no == nil) != (answer.Status == 200) || ReadAnswer(answer.Body) != string(reasonOf(no)) {
				t.Fatalf("%+v: %+v", no, answer)
			}
			if no == nil && (!isToken(p.Token) || len(body) > push.MaxPayload || len(p.Collapse) > maxCollapse || !isTopic(p.Param) || p.Expires.Year() > 9999) {
				t.Errorf("taken: %+v", p)
			}
			if no == nil && cfg.Key != nil {
				t.Errorf("taken without a token: %+v", p)
			}
		}
	})
}
