package webpush

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/binary"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	sender "github.com/SherClockHolmes/webpush-go"
	"github.com/golang-jwt/jwt/v5"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func chance() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }

func bytesOf(t testing.TB, text string) []byte {
	t.Helper()
	b, err := b64.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// keyOf is a key for ECDH.
func keyOf(t testing.TB, text string) *ecdh.PrivateKey {
	t.Helper()
	key, err := ecdh.P256().NewPrivateKey(bytesOf(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// The example of RFC 8291 §5 and appendix A.
const (
	vectorText    = "When I grow up, I want to be a watermelon"
	vectorSender  = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
	vectorPhone   = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
	vectorP256DH  = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
	vectorAuth    = "BTBZMqHH6r4Tts7J_aSIgg"
	vectorSalt    = "DGv6ra1nlYgDCS1FRnbzlw"
	vectorMessage = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)

func vectorKeys(t testing.TB) *Keys {
	return &Keys{private: keyOf(t, vectorPhone), auth: bytesOf(t, vectorAuth)}
}

// TestVectorOfMessages is the example of RFC 8291, both ways.
func TestVectorOfMessages(t *testing.T) {
	keys := vectorKeys(t)
	if keys.P256DH() != vectorP256DH || keys.Auth() != vectorAuth {
		t.Errorf("p256dh %s, auth %s", keys.P256DH(), keys.Auth())
	}
	text, err := keys.Decrypt(bytesOf(t, vectorMessage))
	if err != nil || string(text) != vectorText {
		t.Errorf("%q, %v", text, err)
	}
	body, err := encrypt(keyOf(t, vectorSender), bytesOf(t, vectorSalt), vectorP256DH, vectorAuth, []byte(vectorText))
	if err != nil || b64.EncodeToString(body) != vectorMessage {
		t.Errorf("%s, %v", b64.EncodeToString(body), err)
	}
}

// TestVectorsOfCoding are the examples of RFC 8188 §3.1 and §3.2: one record, and
// two with padding.
func TestVectorsOfCoding(t *testing.T) {
	for _, v := range []struct{ key, body string }{
		{"yqdlZ-tYemfogSmv7Ws5PQ", "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg"},
		{"BO3ZVPxUlnLORbVGMpbT1Q", "uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA"},
	} {
		c, err := parseCoded(bytesOf(t, v.body))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := decode(bytesOf(t, v.key), c); err != nil || string(text) != "I am the walrus" {
			t.Errorf("%q, %v", text, err)
		}
	}
}

// TestSpoiltMessages: whatever is changed of a message, nothing of it is read.
func TestSpoiltMessages(t *testing.T) {
	whole := bytesOf(t, vectorMessage)
	spoilt := func(change func(b []byte) []byte) []byte { return change(bytes.Clone(whole)) }
	flipped := func(i int) []byte {
		return spoilt(func(b []byte) []byte { b[i] ^= 1; return b })
	}
	sized := func(n uint32) []byte {
		return spoilt(func(b []byte) []byte { binary.BigEndian.PutUint32(b[saltSize:], n); return b })
	}
	for what, tt := range map[string]struct {
		body []byte
		want string
	}{
		"nothing":              {nil, "shorter than the header"},
		"half a header":        {whole[:20], "shorter than the header"},
		"a key cut":            {whole[:50], "shorter than the header"},
		"a tiny record":        {sized(17), "a record of 17 bytes"},
		"several records":      {sized(18), "more than one record"},
		"another salt":         {flipped(0), "cannot be decrypted"},
		"another key":          {flipped(40), "not a point"},
		"another text":         {flipped(90), "cannot be decrypted"},
		"another tag":          {flipped(len(whole) - 1), "cannot be decrypted"},
		"cut":                  {whole[:len(whole)-1], "cannot be decrypted"},
		"no record":            {whole[:fixedHeader+pointSize], "cannot be decrypted"},
		"more than a body has": {make([]byte, MaxBody+1), "at most 4096"},
	} {
		if text, err := vectorKeys(t).Decrypt(tt.body); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %q, %v, want %q", what, text, err, tt.want)
		}
	}
	other := NewKeys(chance())
	if text, err := other.Decrypt(whole); err == nil {
		t.Errorf("another phone has read %q", text)
	}
}

// TestDelimiters: a record that was cut off, or joined to another body, is told by
// its delimiter.
func TestDelimiters(t *testing.T) {
	for _, tt := range []struct {
		plain string
		last  bool
		want  string
	}{
		{"ab\x02", true, "ab"},
		{"ab\x02\x00\x00", true, "ab"},
		{"ab\x01", false, "ab"},
		{"\x02", true, ""},
		{"ab\x01", true, "error"},
		{"ab\x02", false, "error"},
		{"\x00\x00", true, "error"},
		{"", true, "error"},
		{"ab", true, "error"},
	} {
		text, err := unpad([]byte(tt.plain), tt.last)
		if (err != nil) != (tt.want == "error") || err == nil && string(text) != tt.want {
			t.Errorf("%q, last %v: %q, %v", tt.plain, tt.last, text, err)
		}
	}
}

// TestMessageSizes: the longest text fits into the longest body, and one more does not.
func TestMessageSizes(t *testing.T) {
	keys := NewKeys(chance())
	for n, fits := range map[int]bool{0: true, 1: true, MaxText: true, MaxText + 1: false} {
		body, err := Encrypt(chance(), keys.P256DH(), keys.Auth(), make([]byte, n))
		if (err == nil) != fits {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if err != nil {
			continue
		}
		if text, err := keys.Decrypt(body); err != nil || len(text) != n || len(body) > MaxBody || n == MaxText && len(body) != MaxBody {
			t.Errorf("%d bytes: %d of %d, %v", n, len(text), len(body), err)
		}
	}
	for what, k := range map[string][2]string{
		"no key": {"", keys.Auth()}, "not base64": {"*", keys.Auth()}, "no point": {strings.Repeat("A", 87), keys.Auth()},
		"no secret": {keys.P256DH(), ""}, "a short one": {keys.P256DH(), "AAAA"},
	} {
		if _, err := Encrypt(chance(), k[0], k[1], nil); err == nil {
			t.Errorf("%s: encrypted", what)
		}
	}
}

// subscription is where the tests push.
const (
	host         = "push.example"
	subscription = "https://" + host + push.WebPath + "abc"
)

// fit is a request that is taken.
func fit(t testing.TB, changes ...func(*push.Request)) push.Request {
	t.Helper()
	r, err := Write(now, system.Push{Token: subscription, High: true, Expires: now.Add(30 * time.Second), Collapse: "call", Body: bytesOf(t, vectorMessage), Signer: DrawSigner(chance(), "mailto:a@example.org")})
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		change(&r)
	}
	return r
}

func with(name string, values ...string) func(*push.Request) {
	return func(r *push.Request) {
		if delete(r.Header, name); len(values) > 0 {
			r.Header[name] = values
		}
	}
}

// signed has somebody sign these claims.
func signed(t testing.TB, claims jwt.MapClaims, change func(token string) string) func(*push.Request) {
	t.Helper()
	key := DrawSigner(chance(), "")
	token, err := jwt.NewWithClaims(jwt.SigningMethodES256, claims).SignedString(key.Key)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		token = change(token)
	}
	return with(authHeader, "vapid t="+token+", k="+key.Public())
}

// TestJudge: each thing that a request can do wrong, with the status and the words.
func TestJudge(t *testing.T) {
	good := jwt.MapClaims{"aud": "https://" + host, "exp": now.Add(time.Hour).Unix(), "sub": "mailto:a@example.org"}
	but := func(key string, value any) jwt.MapClaims {
		c := jwt.MapClaims{}
		for k, v := range good {
			c[k] = v
		}
		if c[key] = value; value == nil {
			delete(c, key)
		}
		return c
	}
	path := func(p string) func(*push.Request) { return func(r *push.Request) { r.Path = p } }
	body := func(b []byte) func(*push.Request) { return func(r *push.Request) { r.Body = b } }
	for _, tt := range []struct {
		what   string
		change func(*push.Request)
		want   string // begins with; "": taken
	}{
		{"as it should be", func(*push.Request) {}, ""},
		{"another path", path("/3/device/abc"), "404 Not Found"},
		{"no subscription", path("/push/"), "404 Not Found"},
		{"below one", path("/push/a/b"), "404 Not Found"},
		{"the longest name", path("/push/" + strings.Repeat("a", 128)), ""},
		{"a longer one", path("/push/" + strings.Repeat("a", 129)), "404 Not Found"},
		{"GET", func(r *push.Request) { r.Method = "GET" }, "405 Method Not Allowed"},
		{"stalled", func(r *push.Request) { r.Stalled = true }, "408 Request Timeout"},
		{"closing", func(r *push.Request) { r.Closing = true }, "503 Service Unavailable"},
		{"no TTL", with(ttlHeader), "400 Bad Request: the request has no TTL"},
		{"a TTL of words", with(ttlHeader, "long"), "400 Bad Request: the TTL is a number"},
		{"a negative TTL", with(ttlHeader, "-1"), "400 Bad Request: the TTL is a number"},
		{"a fraction", with(ttlHeader, "1.5"), "400 Bad Request: the TTL is a number"},
		{"no time", with(ttlHeader, "0"), ""},
		{"a very long TTL", with(ttlHeader, strings.Repeat("9", 50)), ""},
		{"two TTLs", with(ttlHeader, "1", "2"), "400 Bad Request: ttl"},
		{"no urgency", with(urgencyHeader), ""},
		{"an unknown one", with(urgencyHeader, "urgent"), "400 Bad Request: the urgency is"},
		{"no topic", with(topicHeader), ""},
		{"the longest topic", with(topicHeader, strings.Repeat("a", 32)), ""},
		{"a longer one", with(topicHeader, strings.Repeat("a", 33)), "400 Bad Request: a topic has"},
		{"a topic with a dot", with(topicHeader, "a.b"), "400 Bad Request: a topic has"},
		{"nobody has signed", with(authHeader), ""}, // the service knows whether that is enough
		{"another scheme", with(authHeader, "Bearer abc"), "403 Forbidden: the scheme is"},
		{"an old draft's", with(authHeader, "WebPush abc"), "403 Forbidden: the scheme is"},
		{"no token", with(authHeader, "vapid k=abc"), "403 Forbidden: it lacks t"},
		{"no key", with(authHeader, "vapid t=abc"), "403 Forbidden: it lacks t"},
		{"a key of words", with(authHeader, "vapid t=abc, k=!!!"), "403 Forbidden: the key is not base64url"},
		{"a key that is no point", with(authHeader, "vapid t=abc, k="+strings.Repeat("A", 87)), "403 Forbidden: the key is not a point"},
		{"a long header", with(authHeader, "vapid t="+strings.Repeat("a", 2048)), "403 Forbidden: more than 2048"},
		{"signed", signed(t, good, nil), ""},
		{"with another key", func(r *push.Request) {
			signed(t, good, nil)(r)
			r.Header[authHeader][0] = r.Header[authHeader][0][:strings.Index(r.Header[authHeader][0], "k=")] + "k=" + DrawSigner(rand.New(rand.NewPCG(9, 9)), "").Public()
		}, "403 Forbidden"},
		{"with another algorithm", signed(t, good, func(string) string {
			none, _ := jwt.NewWithClaims(jwt.SigningMethodNone, good).SignedString(jwt.UnsafeAllowNoneSignatureType)
			return none
		}), "403 Forbidden"},
		{"for another push service", signed(t, but("aud", "https://other.example"), nil), "403 Forbidden: aud is"},
		{"with a path", signed(t, but("aud", "https://"+host+"/"), nil), "403 Forbidden: aud is"},
		{"for nobody", signed(t, but("aud", nil), nil), "403 Forbidden: aud is"},
		{"for two", signed(t, but("aud", []string{"https://" + host, "x"}), nil), "403 Forbidden: aud is"},
		{"for ever", signed(t, but("exp", nil), nil), "403 Forbidden: exp is missing"},
		{"until now", signed(t, but("exp", now.Unix()), nil), "403 Forbidden: exp has passed"},
		{"for a second more", signed(t, but("exp", now.Unix()+1), nil), ""},
		{"for a day", signed(t, but("exp", now.Add(24*time.Hour).Unix()), nil), ""},
		{"for more", signed(t, but("exp", now.Add(24*time.Hour).Unix()+1), nil), "403 Forbidden: exp is more than 24 hours"},
		{"without a contact", signed(t, but("sub", nil), nil), ""},
		{"a contact that is none", signed(t, but("sub", "me"), nil), "403 Forbidden: sub is"},
		{"no body", body(nil), ""},
		{"the longest body", body(append(bytesOf(t, vectorMessage), make([]byte, MaxBody-len(bytesOf(t, vectorMessage)))...)), ""},
		{"a longer one", body(make([]byte, MaxBody+1)), "413 Content Too Large"},
		{"not encrypted", with(encodingHeader), "400 Bad Request: the content-encoding is"},
		{"by an older draft", with(encodingHeader, "aesgcm"), "400 Bad Request: the content-encoding is"},
		{"only said to be", body([]byte("{}")), "400 Bad Request: the body is shorter"},
	} {
		p, no := New(chance()).Judge(now, fit(t, tt.change))
		got := ""
		if no != nil {
			got = no.Web()
		}
		if got != tt.want && (tt.want == "" || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: %q, want %q", tt.what, got, tt.want)
		}
		if p.ID == "" || p.Provider != push.WebPush {
			t.Errorf("%s: %+v has no name", tt.what, p)
		}
	}
}

// TestRead: what a request says arrives in the push.
func TestRead(t *testing.T) {
	p, no := New(chance()).Judge(now, fit(t))
	if no != nil {
		t.Fatal(no)
	}
	if p.Token != subscription || !p.High || !p.Expires.Equal(now.Add(30*time.Second)) || p.Collapse != "call" || p.Sender != DrawSigner(chance(), "").Public() || !bytes.Equal(p.Body, bytesOf(t, vectorMessage)) {
		t.Errorf("%+v", p)
	}
	for v, want := range map[string]time.Duration{"0": 0, "1": time.Second, "2419199": maxTTL - time.Second, "2419200": maxTTL, "2419201": maxTTL, "9223372036854775807": maxTTL, "99999999999999999999": maxTTL} {
		p, _ := New(chance()).Judge(now, fit(t, with(ttlHeader, v)))
		if want == 0 != p.Expires.IsZero() || want > 0 && !p.Expires.Equal(now.Add(want)) {
			t.Errorf("TTL %s: until %s", v, p.Expires)
		}
	}
	for v, want := range map[string]bool{"very-low": false, "low": false, "normal": false, "high": true} {
		if p, _ := New(chance()).Judge(now, fit(t, with(urgencyHeader, v))); p.High != want {
			t.Errorf("urgency %s: high %v", v, p.High)
		}
	}
}

// TestAnswers: what a server is told.
func TestAnswers(t *testing.T) {
	api := New(chance())
	taken := api.Answer(system.Push{Token: subscription, ID: "m1", Sent: now, Expires: now.Add(time.Minute)}, nil)
	if taken.Status != 201 || taken.Header["location"] != "https://push.example/message/m1" || taken.Header["ttl"] != "60" || len(taken.Body) > 0 {
		t.Errorf("%+v", taken)
	}
	if once := api.Answer(system.Push{Token: subscription}, nil); once.Header["ttl"] != "0" {
		t.Errorf("%+v", once)
	}
	for reason, want := range map[push.Reason]struct {
		status        int
		header, value string
	}{
		push.Unregistered: {410, "", ""}, push.BadDeviceToken: {404, "", ""}, push.ExpiredToken: {404, "", ""}, push.PayloadTooLarge: {413, "", ""},
		push.TooManyRequests: {429, "retry-after", "60"}, push.ServiceUnavailable: {503, "retry-after", "60"}, push.InternalServerError: {500, "", ""},
		push.MissingProviderToken: {401, "www-authenticate", "vapid"}, push.MethodNotAllowed: {405, "allow", "POST"}, push.Forbidden: {403, "", ""},
	} {
		a := api.Answer(system.Push{}, push.Refuse(reason, "because"))
		if a.Status != want.status || want.header != "" && a.Header[want.header] != want.value || ReadAnswer(a.Body) != "because" {
			t.Errorf("%s: %+v", reason, a)
		}
		if a.Header["retry-after"] != "" && want.header != "retry-after" {
			t.Errorf("%s: may be tried again", reason)
		}
	}
	if last := api.Answer(system.Push{}, push.Refuse(push.Shutdown, "")); !last.Last || last.Status != 503 {
		t.Errorf("%+v", last)
	}
	if got := ReadName("https://push.example/message/m1"); got != "m1" {
		t.Error(got)
	}
}

// TestEveryReason has a status with words.
func TestEveryReason(t *testing.T) {
	for _, r := range push.Reasons() {
		if no := push.Refuse(r, ""); push.WebWords(no.WebStatus()) == "" {
			t.Errorf("%s is %d, which has no words", r, no.WebStatus())
		}
	}
}

// theirs pushes with webpush-go, which knows nothing of us, through f.
func theirs(t testing.TB, text string, keys *Keys, key *Signer, f sender.HTTPClient, change func(*sender.Options)) *http.Response {
	t.Helper()
	raw, err := key.Key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	o := &sender.Options{
		HTTPClient: f, Subscriber: "a@example.org", TTL: 30, Urgency: sender.UrgencyHigh, Topic: "call",
		VAPIDPublicKey: key.Public(), VAPIDPrivateKey: b64.EncodeToString(raw),
	}
	if change != nil {
		change(o)
	}
	res, err := sender.SendNotification([]byte(text), &sender.Subscription{Endpoint: subscription, Keys: sender.Keys{P256dh: keys.P256DH(), Auth: keys.Auth()}}, o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// clientFunc is an HTTP client that is a function.
type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// TestSenderOfOthers: what a library of others writes is taken, and read.
func TestSenderOfOthers(t *testing.T) {
	keys, key, api := NewKeys(chance()), DrawSigner(chance(), ""), New(chance())
	const text = `{"name":"Bob","call-id":"1"}`
	theirs(t, text, keys, key, clientFunc(func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		p, no := api.Judge(time.Now(), push.Request{Method: r.Method, Host: r.URL.Host, Path: r.URL.Path, Header: r.Header, Body: body})
		if no != nil {
			t.Fatal(no.Web())
		}
		if p.Sender != key.Public() || !p.High || p.Collapse != "call" || p.Token != subscription {
			t.Errorf("%+v", p)
		}
		got, err := keys.Decrypt(p.Body)
		if err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
		return &http.Response{StatusCode: 201, Body: http.NoBody}, nil
	}), nil)
}

// TestSignature: ours is verified by another library, the same each time, and names
// what RFC 8292 wants.
func TestSignature(t *testing.T) {
	key := DrawSigner(chance(), "mailto:a@example.org")
	auth := key.Sign(now, "https://push.example")
	if auth != key.Sign(now, "https://push.example") {
		t.Error("the same words have another signature")
	}
	c, err := parseCredentials(auth)
	if err != nil {
		t.Fatal(err)
	}
	var claims jwt.MapClaims
	if _, err := jwt.ParseWithClaims(c.token, &claims, func(*jwt.Token) (any, error) { return &key.Key.PublicKey, nil }, jwt.WithTimeFunc(func() time.Time { return now })); err != nil {
		t.Fatal(err)
	}
	if claims["aud"] != "https://push.example" || claims["sub"] != "mailto:a@example.org" || claims["exp"] != float64(now.Add(12*time.Hour).Unix()) || c.key != key.Public() {
		t.Errorf("%v", claims)
	}
	other, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), append(make([]byte, 47), 1))
	if err != nil {
		t.Fatal(err)
	}
	if auth := (&Signer{Key: other}).Sign(now, ""); auth != "" {
		t.Errorf("a key on another curve has signed: %q", auth)
	}
}

// TestSubmit has a service of this process take pushes, each as it deserves.
func TestSubmit(t *testing.T) {
	key, other := DrawSigner(chance(), ""), DrawSigner(rand.New(rand.NewPCG(9, 9)), "")
	for _, tt := range []struct {
		what   string
		change func(*system.Push)
		want   string
	}{
		{"as it should be", func(*system.Push) {}, ""},
		{"nobody has signed", func(p *system.Push) { p.Signer = nil }, "401 Unauthorized: the subscription is for one server, and nobody has signed"},
		{"another has", func(p *system.Push) { p.Signer = other }, "403 Forbidden: the subscription is for a server with another key"},
		{"a subscription of nobody", func(p *system.Push) { p.Token += "x" }, "404 Not Found: no device has it"},
		{"one of before", func(p *system.Push) { p.Token = "https://push.example/push/old" }, "410 Gone: the device has another token now"},
		{"one elsewhere", func(p *system.Push) { p.Token = "https://elsewhere.example/push/abc" }, "the subscription is not at this push service, which is https://push.example"},
		{"one by the name of a token", func(p *system.Push) { p.Token = "abc" }, "the address of a subscription is https://HOST/NAME"},
		{"too much", func(p *system.Push) { p.Body = make([]byte, MaxBody+1) }, "413 Content Too Large: at most 4096 bytes"},
	} {
		api, service := New(chance()), push.New(push.Config{Rand: chance(), Origin: "https://push.example"})
		service.Subscribe(now, "alice", service.Origin(), "old", key.Public())
		steps := service.Subscribe(now, "alice", service.Origin(), "abc", key.Public())
		if len(steps) != 1 || steps[0].Signal() != (system.PushOpened{Token: subscription}) {
			t.Fatalf("%v", steps)
		}
		if again := service.Subscribe(now, "alice", service.Origin(), "abc", key.Public()); len(again) != 0 {
			t.Errorf("told twice: %v", again)
		}
		p := system.Push{Token: subscription, High: true, Signer: key, Body: bytesOf(t, vectorMessage)}
		tt.change(&p)
		steps = api.Submit(now, service, "lab", p)
		e, _ := steps[0].Event.(event.Push)
		if tt.want == "" && e.Phase != event.PushSent || tt.want != "" && (e.Phase != event.PushRefused || e.Why != tt.want || e.Token != p.Token) {
			t.Errorf("%s: %+v, want %q", tt.what, e, tt.want)
		}
		if e.Bytes != len(p.Body) {
			t.Errorf("%s: %d bytes in the log", tt.what, e.Bytes)
		}
	}
}

// TestAddresses: what stands in a Contact is read again as it was.
func TestAddresses(t *testing.T) {
	for _, address := range []string{subscription, "https://ntfy.example/upAbC?up=1&x=%41,b;c", "https://h/~a!b*'()$+[:]"} {
		to := push.Params{Provider: push.WebPush, PRID: address, P256DH: vectorP256DH, Auth: vectorAuth}
		uri := to.String()
		if strings.ContainsAny(strings.ReplaceAll(strings.ReplaceAll(uri, ";pn-", ""), "=", ""), ";?,<> \"") || strings.Contains(uri, "pn-param") {
			t.Errorf("%s cannot stand in a URI", uri)
		}
		got, ok := push.ReadParams(func(key string) (string, bool) {
			for param := range strings.SplitSeq(uri, ";") {
				if k, v, ok := strings.Cut(param, "="); ok && k == key {
					return v, true
				}
			}
			return "", false
		})
		if !ok || got != to || !got.Wakes() {
			t.Errorf("%s is read as %+v", uri, got)
		}
	}
	for _, address := range []string{"", "http://h/a", "https://h", "https://h/", "https:///a", "https://u:p@h/a", "https://h/a#b", "https://h/a b", "https://h/\x00", "https://h/" + strings.Repeat("a", 1024), "://", "https://[::1/a"} {
		if _, err := push.ParseSubscription(address); err == nil {
			t.Errorf("%q is taken", address)
		}
	}
}

// FuzzDecrypt: nothing that a stranger sends is read, or breaks anything.
func FuzzDecrypt(f *testing.F) {
	keys := NewKeys(chance())
	whole, _ := b64.DecodeString(vectorMessage)
	mine, err := Encrypt(chance(), keys.P256DH(), keys.Auth(), []byte(vectorText))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{nil, whole, whole[:86], mine[:90], bytes.Repeat([]byte{0}, 4096)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if text, err := keys.Decrypt(body); err == nil && !bytes.Equal(body, mine) {
			t.Errorf("read %q", text)
		}
		if c, err := parseCoded(body); err == nil {
			_, _ = decode([]byte("key"), c)
		}
	})
}

// FuzzJudge: any request is taken or refused with a status that there is.
func FuzzJudge(f *testing.F) {
	good := fit(f)
	f.Add(good.Path, good.Header[authHeader][0], "30", "high", "call", coding, good.Body)
	f.Add("/push/", "vapid t=a.b.c,k=\"x\"", "", "", strings.Repeat("x", 99), "", []byte{})
	f.Add("/push/x", "vapid ,,,=,t=,k==", "99999999999999999999", "low", "=", coding, []byte{0, 1, 2})
	f.Fuzz(func(t *testing.T, path, auth, ttl, urgency, topic, encoding string, body []byte) {
		r := push.Request{Method: "POST", Host: host, Path: path, Body: body, Header: map[string][]string{}}
		for name, value := range map[string]string{authHeader: auth, ttlHeader: ttl, urgencyHeader: urgency, topicHeader: topic, encodingHeader: encoding} {
			if value != "" {
				r.Header[name] = []string{value}
			}
		}
		api := New(chance())
		p, no := api.Judge(now, r)
		a := api.Answer(p, no)
		if no == nil && (a.Status != 201 || ttl == "" || len(body) > MaxBody || p.Sender != "" && auth == "" || p.Expires.After(now.Add(maxTTL))) {
			t.Errorf("taken: %+v", p)
		}
		if no != nil && push.WebWords(a.Status) == "" {
			t.Errorf("%+v", a)
		}
		if _, err := json.Marshal(a.Header); err != nil {
			t.Error(err)
		}
	})
}
