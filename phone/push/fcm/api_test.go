package fcm

import (
	"encoding/json"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

const project = "example-project"

// newAPI returns an API with a fixed seed.
func newAPI(cfg Config) *API {
	cfg.Rand = mathrand.New(mathrand.NewPCG(1, 1))
	return New(cfg)
}

func post(body string) push.Request {
	return push.Request{Method: "POST", Path: Prefix + project + Suffix, Body: []byte(body), Header: map[string][]string{}}
}

// message returns a request with further fields of a message besides its token.
func message(fields string) push.Request {
	return post(`{"message": {"token": "t1", ` + fields + `}}`)
}

func TestJudge(t *testing.T) {
	at := func(method, path string) push.Request {
		r := post(`{"message": {"token": "t1"}}`)
		r.Method, r.Path = method, path
		return r
	}
	as := func(auth ...string) push.Request {
		r := post(`{"message": {"token": "t1"}}`)
		if auth != nil {
			r.Header["Authorization"] = auth
		}
		return r
	}
	const invalid = push.FCMInvalidArgument
	for _, test := range []struct {
		what  string
		cfg   Config
		r     push.Request
		code  string // "": none
		field string
	}{
		{"the least", Config{}, post(`{"message": {"token": "t1"}}`), "", ""},
		{"to be judged only", Config{}, post(`{"validate_only": true, "message": {"token": "t1"}}`), accepted, ""},
		{"to be judged only, with a fault", Config{}, post(`{"validateOnly": true, "message": {}}`), invalid, "message.token"},
		{"for other systems, too", Config{}, message(`"apns": {"x": [1]}, "webpush": {}, "fcmOptions": {}, "name": "x"`), "", ""},

		{"another path", Config{}, at("POST", "/v2/projects/x/messages:send"), push.NotFound, ""},
		{"another verb", Config{}, at("POST", "/v1/projects/x/messages:list"), push.NotFound, ""},
		{"no project", Config{}, at("POST", "/v1/projects//messages:send"), push.NotFound, ""},
		{"two projects", Config{}, at("POST", "/v1/projects/a/b/messages:send"), push.NotFound, ""},
		{"GET", Config{}, at("GET", Prefix+project+Suffix), push.NotFound, ""},
		{"closing", Config{}, push.Request{Closing: true}, push.FCMUnavailable, ""},
		{"a body that does not come", Config{}, push.Request{Method: "POST", Path: Prefix + "x" + Suffix, Stalled: true}, invalid, ""},

		{"no access token", Config{Bearer: "secret"}, as(), push.Unauthenticated, ""},
		{"another one", Config{Bearer: "secret"}, as("Bearer secrets"), push.Unauthenticated, ""},
		{"another scheme", Config{Bearer: "secret"}, as("key=secret"), push.Unauthenticated, ""},
		{"the right one", Config{Bearer: "secret"}, as("bearer secret"), "", ""},
		{"the token of another project", Config{Project: "other"}, as(), push.FCMSenderIDMismatch, ""},

		{"no JSON", Config{}, post(`token=t1`), invalid, ""},
		{"no object", Config{}, post(`null`), invalid, ""},
		{"too large", Config{}, post(`{"message": {"token": "t1", "apns": "` + strings.Repeat("x", MaxBody) + `"}}`), invalid, ""},
		{"no message", Config{}, post(`{}`), invalid, "message"},
		{"no message", Config{}, post(`{"message": "hello"}`), invalid, "message"},
		{"a field that there is not", Config{}, post(`{"message": {"token": "t1"}, "to": "t1"}`), invalid, "request"},
		{"a field of the message that there is not", Config{}, message(`"to": "t2"`), invalid, "message"},
		{"to a topic", Config{}, post(`{"message": {"topic": "news"}}`), invalid, "message.topic"},
		{"to a condition", Config{}, post(`{"message": {"condition": "'a' in topics"}}`), invalid, "message.condition"},
		{"an invalid token", Config{}, post(`{"message": {"token": 5}}`), invalid, "message.token"},
		{"an endless token", Config{}, post(`{"message": {"token": "` + strings.Repeat("x", 4097) + `"}}`), invalid, "message.token"},

		{"data that is no text", Config{}, message(`"data": {"a": "1", "n": 12}`), invalid, "message.data[1].value"},
		{"data that is no object", Config{}, message(`"data": []`), invalid, "message.data"},
		{"a key that is kept", Config{}, message(`"data": {"from": "bob"}`), invalid, "message.data"},
		{"a prefix that is kept", Config{}, message(`"data": {"gcm.x": "bob"}`), invalid, "message.data"},
		{"the most data", Config{}, message(`"data": {"a": "` + strings.Repeat("x", 4095) + `"}`), "", ""},
		{"more", Config{}, message(`"data": {"a": "` + strings.Repeat("x", 4096) + `"}`), invalid, "message.data"},
		{"a notification", Config{}, message(`"notification": {"title": "x", "body": "y"}`), "", ""},
		{"with what it has not", Config{}, message(`"notification": {"sound": "x"}`), invalid, "message.notification"},

		{"priority 10", Config{}, message(`"android": {"priority": "10"}`), invalid, "message.android.priority"},
		{"ttl in words", Config{}, message(`"android": {"ttl": "soon"}`), invalid, "message.android.ttl"},
		{"ttl as a number", Config{}, message(`"android": {"ttl": 30}`), invalid, "message.android.ttl"},
		{"ttl before now", Config{}, message(`"android": {"ttl": "-1s"}`), invalid, "message.android.ttl"},
		{"ttl of no number", Config{}, message(`"android": {"ttl": "NaNs"}`), invalid, "message.android.ttl"},
		{"the longest ttl", Config{}, message(`"android": {"ttl": "2419200s"}`), "", ""},
		{"a longer one", Config{}, message(`"android": {"ttl": "2419201s"}`), invalid, "message.android.ttl"},
		{"android that is no object", Config{}, message(`"android": 1`), invalid, "message.android"},
		{"what android has not", Config{}, message(`"android": {"urgent": true}`), invalid, "message.android"},
		{"what android has", Config{}, message(`"android": {"collapseKey": "a", "restricted_package_name": "b", "directBootOk": true}`), "", ""},
	} {
		a := newAPI(test.cfg)
		p, no := a.Judge(now, test.r)
		got, field := "", ""
		if no != nil {
			got, field = code(no), no.Field
		}
		if got != test.code || field != test.field {
			t.Errorf("%s: %s at %q, want %s at %q", test.what, got, field, test.code, test.field)
		}
		if answer := a.Answer(p, no); (test.code == "" || test.code == accepted) != (ReadName(answer.Body) != "") {
			t.Errorf("%s: answer %s", test.what, answer.Body)
		}
	}
}

// TestAnswer: each reason becomes Google's error.
func TestAnswer(t *testing.T) {
	a := newAPI(Config{})
	for _, r := range push.Reasons() {
		no := push.Refuse(r, "why")
		answer := a.Answer(system.Push{}, no)
		if got, _ := ReadAnswer(answer.Body); got != r.FCM() || answer.Status < 400 {
			t.Errorf("%s: %d %s, want %s", r, answer.Status, answer.Body, r.FCM())
		}
		if !strings.HasPrefix(a.Told(no), strconv.Itoa(answer.Status)+" "+r.FCM()) {
			t.Errorf("%s: told as %s", r, a.Told(no))
		}
	}
	got := a.Answer(system.Push{}, &push.Refusal{Reason: push.Unregistered, Since: now})
	const want = `{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND","details":[` +
		`{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"UNREGISTERED"}]}}`
	if got.Status != http.StatusNotFound || string(got.Body) != want {
		t.Errorf("got  %d %s\nwant %s", got.Status, got.Body, want)
	}
	p, no := a.Judge(now, message(`"data": {"n": 12}`))
	const violated = `{"error":{"code":400,"message":"Invalid value at 'message.data[0].value' (TYPE_STRING), 12","status":"INVALID_ARGUMENT","details":[` +
		`{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"INVALID_ARGUMENT"},` +
		`{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"message.data[0].value","description":"Invalid value at 'message.data[0].value' (TYPE_STRING), 12"}]}]}}`
	if got := a.Answer(p, no); string(got.Body) != violated {
		t.Errorf("got  %s\nwant %s", got.Body, violated)
	}
}

// TestPushAsItWasSent: the fields of a request arrive in the push.
func TestPushAsItWasSent(t *testing.T) {
	sent := system.Push{Token: "t1", Param: project, High: true, Collapse: "call", Expires: now.Add(1500 * time.Millisecond), Payload: map[string]string{"name": "Böb"}}
	got, no := newAPI(Config{}).Judge(now, Write(now, sent))
	if no != nil {
		t.Fatal(no)
	}
	if got.Token != sent.Token || !got.High || got.Collapse != sent.Collapse || !got.Expires.Equal(sent.Expires) || !maps.Equal(got.Payload, sent.Payload) {
		t.Errorf("got %+v, sent %+v", got, sent)
	}
	for fields, want := range map[string]struct {
		high bool
		ttl  time.Duration
	}{
		`"data": {"a": "b"}`: {false, defaultTTL},
		`"data": {"a": "b"}, "android": {"priority": "high", "ttl": "0s"}`: {true, 0},
		`"notification": {"title": "x"}`:                                   {true, defaultTTL},
		`"notification": {}, "android": {"priority": "NORMAL"}`:            {false, defaultTTL},
	} {
		got, no := newAPI(Config{}).Judge(now, message(fields))
		ttl := time.Duration(0)
		if !got.Expires.IsZero() {
			ttl = got.Expires.Sub(now)
		}
		if no != nil || got.High != want.high || ttl != want.ttl {
			t.Errorf("%s: high %v, for %s, %v; want %+v", fields, got.High, ttl, no, want)
		}
	}
	if got, _ := newAPI(Config{}).Judge(now, message(`"notification": {"title": "x"}`)); got.Payload["gcm.notification.title"] != "x" {
		t.Errorf("the notification is %v", got.Payload)
	}
}

// FuzzRequest judges arbitrary requests: each gets an answer, and an accepted
// push is within the limits.
func FuzzRequest(f *testing.F) {
	f.Add("POST", Prefix+project+Suffix, "", `{"message":{"token":"t1","data":{"a":"b"},"android":{"priority":"HIGH","ttl":"3.5s"}}}`)
	f.Add("POST", Prefix+project+Suffix, "Bearer x", `{"validateOnly":true,"message":{"token":"t1","notification":{"title":"\ud800"}}}`)
	f.Add("GET", Prefix, "", `{"message":{"data":null,"android":{"ttl":"1e400s"},"":1}}`)
	f.Fuzz(func(t *testing.T, method, path, auth, body string) {
		r := push.Request{Method: method, Path: path, Body: []byte(body), Header: map[string][]string{"Authorization": {auth}}}
		for _, cfg := range []Config{{}, {Bearer: "secret", Project: project}} {
			a := newAPI(cfg)
			p, no := a.Judge(now, r)
			answer := a.Answer(p, no)
			if !json.Valid(answer.Body) || answer.Status == 0 || a.Told(&push.Refusal{Reason: push.Shutdown}) == "" {
				t.Fatalf("%+v: %+v", no, answer)
			}
			if no == nil && (p.Token == "" || len(p.Token) > maxToken || len(body) > MaxBody || p.Expires.After(now.Add(defaultTTL))) {
				t.Errorf("taken: %+v", p)
			}
		}
	})
}
