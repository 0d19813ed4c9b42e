package pushapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	sender "github.com/SherClockHolmes/webpush-go"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push/webpush"
)

// A subscriber is a phone of another process with a subscription, and its server,
// which pushes with a library of others.
type subscriber struct {
	*rig
	keys   *webpush.Keys
	server *webpush.Signer
	stream *Stream
	at     string
}

func subscribe(t *testing.T, settings ...string) *subscriber {
	r := newRig(t, Config{}, settings...)
	rng := rand.New(rand.NewPCG(1, 1))
	s := &subscriber{rig: r, keys: webpush.NewKeys(rng), server: webpush.DrawSigner(rng, "mailto:a@example.org")}
	s.wait("abc")
	return s
}

// wait holds the stream of a subscription, and takes in its address.
func (s *subscriber) wait(name string) {
	s.t.Helper()
	var err error
	if s.stream, err = s.client.Wait(context.Background(), Device{Token: name, Web: true, Key: s.server.Public()}, "alice", "alice"); err != nil {
		s.t.Fatal(err)
	}
	stream := s.stream
	s.t.Cleanup(func() { stream.Close() })
	st, err := s.stream.Next()
	if err != nil {
		s.t.Fatal(err)
	}
	s.at = st.Event.(event.Push).Token
	if want := s.url + "/push/" + name; s.at != want {
		s.t.Fatalf("the subscription is at %q, want %q", s.at, want)
	}
}

// push pushes with webpush-go.
func (s *subscriber) push(text string, change func(at *string, o *sender.Options)) *http.Response {
	s.t.Helper()
	raw, err := s.server.Key.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	at := s.at
	o := &sender.Options{
		HTTPClient: s.client.http, Subscriber: "a@example.org", TTL: 30, Urgency: sender.UrgencyHigh, Topic: "call",
		VAPIDPublicKey: s.server.Public(), VAPIDPrivateKey: base64.RawURLEncoding.EncodeToString(raw),
	}
	if change != nil {
		change(&at, o)
	}
	res, err := sender.SendNotification([]byte(text), &sender.Subscription{Endpoint: at, Keys: sender.Keys{P256dh: s.keys.P256DH(), Auth: s.keys.Auth()}}, o)
	if err != nil {
		s.t.Fatal(err)
	}
	res.Body.Close()
	return res
}

// TestWebPush: a server of others pushes to a phone of another process, over the
// network, and only that phone can read it.
func TestWebPush(t *testing.T) {
	s := subscribe(t)
	res := s.push(`{"name":"Bob"}`, nil)
	if res.StatusCode != 201 || !strings.HasPrefix(res.Header.Get("Location"), s.url+"/message/") || res.Header.Get("TTL") != "30" {
		t.Errorf("%s %v", res.Status, res.Header)
	}
	st, err := s.stream.Next()
	if err != nil || st.Deliver == nil {
		t.Fatalf("%+v, %v", st, err)
	}
	p := st.Deliver
	if text, err := s.keys.Decrypt(p.Body); err != nil || string(text) != `{"name":"Bob"}` || p.Token != s.at || !p.High || p.Expires.IsZero() {
		t.Errorf("%q, %v, %+v", text, err, p)
	}
}

// TestWebPushRefused provokes each refusal by the library of others.
func TestWebPushRefused(t *testing.T) {
	stranger := webpush.DrawSigner(rand.New(rand.NewPCG(9, 9)), "")
	raw, err := stranger.Key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for what, tt := range map[string]struct {
		settings []string
		change   func(s *subscriber, at *string, o *sender.Options)
		status   int
		retry    bool
	}{
		"taken":                  {nil, func(*subscriber, *string, *sender.Options) {}, 201, false},
		"no time":                {nil, func(_ *subscriber, _ *string, o *sender.Options) { o.TTL = 0 }, 201, false},
		"a negative TTL":         {nil, func(_ *subscriber, _ *string, o *sender.Options) { o.TTL = -1 }, 400, false},
		"a topic that is none":   {nil, func(_ *subscriber, _ *string, o *sender.Options) { o.Topic = "a topic" }, 400, false},
		"a contact that is none": {nil, func(_ *subscriber, _ *string, o *sender.Options) { o.Subscriber = "" }, 201, false}, // "mailto:" alone
		"a key that is not its":  {nil, func(_ *subscriber, _ *string, o *sender.Options) { o.VAPIDPublicKey = stranger.Public() }, 403, false},
		"a stranger": {nil, func(_ *subscriber, _ *string, o *sender.Options) {
			o.VAPIDPublicKey, o.VAPIDPrivateKey = stranger.Public(), base64.RawURLEncoding.EncodeToString(raw)
		}, 403, false},
		"a subscription of nobody": {nil, func(_ *subscriber, at *string, _ *sender.Options) { *at += "x" }, 404, false},
		"one of before": {nil, func(s *subscriber, at *string, _ *sender.Options) {
			s.wait("def") // and pushes where it pushed before
		}, 410, false},
		"too much":       {nil, func(_ *subscriber, _ *string, o *sender.Options) { o.RecordSize = 4200 }, 413, false},
		"too often":      {[]string{"refuse=429"}, func(*subscriber, *string, *sender.Options) {}, 429, true},
		"out of order":   {[]string{"refuse=503"}, func(*subscriber, *string, *sender.Options) {}, 503, true},
		"a bug":          {[]string{"refuse=500"}, func(*subscriber, *string, *sender.Options) {}, 500, false},
		"gone by a rule": {[]string{"refuse=410"}, func(*subscriber, *string, *sender.Options) {}, 410, false},
	} {
		t.Run(what, func(t *testing.T) {
			s := subscribe(t, tt.settings...)
			res := s.push("{}", func(at *string, o *sender.Options) { tt.change(s, at, o) })
			if res.StatusCode != tt.status || (res.Header.Get("Retry-After") != "") != tt.retry {
				t.Errorf("%s %v, want %d", res.Status, res.Header, tt.status)
			}
		})
	}
}

// TestWebPushWithoutTheLibrary: what that library always does right.
func TestWebPushWithoutTheLibrary(t *testing.T) {
	s := subscribe(t)
	ask := func(method, body string, header map[string]string) *http.Response {
		req, err := http.NewRequest(method, s.at, bytes.NewReader([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range header {
			req.Header.Set(k, v)
		}
		res, err := s.client.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	for _, tt := range []struct {
		what, method, body string
		header             map[string]string
		status             int
		says               string // a header that the answer has
	}{
		{"nobody has signed", "POST", "", map[string]string{"TTL": "0"}, 401, "Www-Authenticate"},
		{"no TTL", "POST", "", nil, 400, ""},
		{"GET", "GET", "", nil, 405, "Allow"},
		{"in clear", "POST", "{}", map[string]string{"TTL": "0", "Authorization": s.server.Sign(time.Now(), s.url)}, 400, ""},
		{"without a payload", "POST", "", map[string]string{"TTL": "0", "Authorization": s.server.Sign(time.Now(), s.url)}, 201, "Location"},
		{"for another origin", "POST", "", map[string]string{"TTL": "0", "Authorization": s.server.Sign(time.Now(), "https://elsewhere.example")}, 403, ""},
		{"expired", "POST", "", map[string]string{"TTL": "0", "Authorization": s.server.Sign(time.Now().Add(-13*time.Hour), s.url)}, 403, ""},
		{"for too long", "POST", "", map[string]string{"TTL": "0", "Authorization": s.server.Sign(time.Now().Add(13*time.Hour), s.url)}, 403, ""},
	} {
		if res := ask(tt.method, tt.body, tt.header); res.StatusCode != tt.status || tt.says != "" && res.Header.Get(tt.says) == "" {
			t.Errorf("%s: %s %v, want %d", tt.what, res.Status, res.Header, tt.status)
		}
	}
}

// TestSubscriptionsAreChecked: a device that asks for a subscription that there
// cannot be is told so.
func TestSubscriptionsAreChecked(t *testing.T) {
	r := newRig(t, Config{})
	for _, d := range []Device{{Token: strings.Repeat("a", 129), Web: true}, {Token: "a/b", Web: true}, {Token: "a", Web: true, Key: "abc"}} {
		if s, err := r.client.Wait(context.Background(), d, "x", "x"); err == nil {
			s.Close()
			t.Errorf("%+v is let in", d)
		}
	}
}
