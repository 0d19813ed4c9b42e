package pushapi

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/sideshow/apns2"
	"github.com/sideshow/apns2/token"
	"go.uber.org/goleak"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/apns"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const topic = "org.example.sleeptalk.voip"

// tok is a device token of one digit.
func tok(digit string) string { return strings.Repeat(digit, 64) }

// A rig is a server on a loopback socket.
type rig struct {
	t      *testing.T
	server *Server
	pushes *live.PushService
	url    string
	client *Client // with all credentials
	stop   func()  // ends the server, and waits for that

	mu       sync.Mutex
	happened []event.Record
	said     chan string // what happened, as "alice reachable"
}

// rules returns the configuration of a service with almost no delay, with
// settings.
func rules(t testing.TB, settings ...string) push.Config {
	var cfg push.Config
	for _, s := range append([]string{"delay=1us..1ms"}, settings...) {
		key, value, _ := strings.Cut(s, "=")
		if err := cfg.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
	return cfg
}

func newRig(t *testing.T, cfg Config, settings ...string) *rig {
	return newRigAt(t, "127.0.0.1:0", cfg, settings...)
}

func newRigAt(t *testing.T, addr string, cfg Config, settings ...string) *rig {
	r := &rig{t: t, pushes: live.NewPushService(rules(t, settings...)), said: make(chan string, 10_000)}
	cfg.Pushes, cfg.Happened = r.pushes, r.note
	r.server = New(cfg)
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	r.url = "https://" + l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.server.Serve(ctx, l) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(r.stop)
	r.client = r.as(ClientConfig{})
	return r
}

// as returns a client of the rig.
func (r *rig) as(cfg ClientConfig) *Client {
	cfg.URL = r.url
	c, err := NewClient(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.http.CloseIdleConnections)
	return c
}

func (r *rig) note(rec event.Record) {
	r.mu.Lock()
	r.happened = append(r.happened, rec)
	r.mu.Unlock()
	what, _ := rec.Event.Text()
	r.said <- rec.Phone + " " + what
}

// await returns when something has happened.
func (r *rig) await(what string) {
	r.t.Helper()
	for tooLate := time.After(patience); ; {
		select {
		case said := <-r.said:
			if said == what {
				return
			}
		case <-tooLate:
			r.t.Fatalf("not %q", what)
		}
	}
}

// phases returns what has happened so far, and to whom.
func (r *rig) phases() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []string
	for _, rec := range r.happened {
		if e, ok := rec.Event.(event.Push); ok {
			list = append(list, rec.Phone+" "+string(e.Phase))
		}
	}
	return strings.Join(list, ", ")
}

// device opens a stream for a token.
func (r *rig) device(id, token string) *Stream {
	s, err := r.client.Wait(context.Background(), Device{Token: token}, id, id)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { s.Close() })
	return s
}

// next returns the next step of a device.
func next(t *testing.T, s *Stream) push.Step {
	t.Helper()
	st, err := s.Next()
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// key returns a provider's key pair.
func key(t testing.TB) (*apns.Signer, *apns.Key) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &apns.Signer{Key: k, ID: "KEY1234567", Team: "TEAM123456"}, &apns.Key{ID: "KEY1234567", Team: "TEAM123456", Public: &k.PublicKey}
}

// library returns a client of github.com/sideshow/apns2.
func (r *rig) library(s *apns.Signer) *apns2.Client {
	c := apns2.NewTokenClient(&token.Token{AuthKey: s.Key, KeyID: s.ID, TeamID: s.Team})
	c.Host, c.HTTPClient = r.url, r.client.http
	return c
}

// voip returns a valid push for the library.
func voip(token string) *apns2.Notification {
	return &apns2.Notification{DeviceToken: token, Topic: topic, PushType: apns2.PushTypeVOIP, Priority: apns2.PriorityHigh, Payload: []byte(`{"name":"Bob"}`)}
}

func TestLibraryPushesToADevice(t *testing.T) {
	s, k := key(t)
	r := newRig(t, Config{APNs: apns.Config{Key: k, Topic: topic}})
	alice := r.device("alice", tok("a"))
	sent, err := r.library(s).Push(voip(tok("a")))
	if err != nil || !sent.Sent() {
		t.Fatalf("%+v, %v", sent, err)
	}
	got := next(t, alice).Deliver
	if got == nil || got.ID != sent.ApnsID || got.Payload["name"] != "Bob" || !got.High || got.Token != tok("a") {
		t.Errorf("got %+v", got)
	}
	if got, want := r.phases(), "apns sent, alice delivered"; got != want {
		t.Errorf("happened: %s, want %s", got, want)
	}
}

// TestLibraryHearsOfTheNewToken: the device has a new token, and the provider
// learns since when.
func TestLibraryHearsOfTheNewToken(t *testing.T) {
	s, k := key(t)
	r := newRig(t, Config{APNs: apns.Config{Key: k}})
	before := time.Now().Truncate(time.Second) // as far as the library reads it
	r.device("alice", tok("a"))
	alice := r.device("alice", tok("b"))
	got, err := r.library(s).Push(voip(tok("a")))
	if err != nil || got.StatusCode != http.StatusGone || got.Reason != apns2.ReasonUnregistered {
		t.Fatalf("%+v, %v", got, err)
	}
	if got.Timestamp.Before(before) || got.Timestamp.After(time.Now()) {
		t.Errorf("since %s, it is %s", got.Timestamp, time.Now())
	}
	if got, err := r.library(s).Push(voip(tok("b"))); err != nil || !got.Sent() {
		t.Fatalf("%+v, %v", got, err)
	}
	if st := next(t, alice); st.Deliver == nil {
		t.Errorf("got %+v", st)
	}
}

// request makes an HTTP request by hand.
func (r *rig) request(method, path string, header http.Header, body io.Reader) *http.Response {
	req, err := http.NewRequest(method, r.url+path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	got, err := r.client.http.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

// reason returns the reason of a refusal, in Apple's words.
func reason(t *testing.T, got *http.Response) (int, string) {
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got.StatusCode, apns.ReadAnswer(body)
}

// TestEachRefusal provokes every reason of Apple's table by a request, over
// real sockets, with the library wherever that can send it.
func TestEachRefusal(t *testing.T) {
	signer, k := key(t)
	stranger, _ := key(t)
	stranger.ID = "STRANGER00"
	checked := Config{APNs: apns.Config{Key: k, Topic: topic, Topics: []string{topic, "org.example.other.voip"}}}
	anybody := Config{}

	// sent makes the library send a push with a change.
	sent := func(change func(*apns2.Notification)) func(*testing.T) (int, string) {
		return func(t *testing.T) (int, string) {
			r := newRig(t, checked)
			r.device("alice", tok("a"))
			n := voip(tok("a"))
			change(n)
			got, err := r.library(signer).Push(n)
			if err != nil {
				t.Fatal(err)
			}
			return got.StatusCode, got.Reason
		}
	}
	// ruled makes the service refuse by a setting.
	ruled := func(rule string) func(*testing.T) (int, string) {
		return func(t *testing.T) (int, string) {
			r := newRig(t, anybody, rule)
			r.device("alice", tok("a"))
			got, err := r.library(signer).Push(voip(tok("a")))
			if err != nil {
				t.Fatal(err)
			}
			return got.StatusCode, got.Reason
		}
	}
	// raw sends a request that the library does not make.
	raw := func(method, body string, header http.Header) func(*testing.T) (int, string) {
		return func(t *testing.T) (int, string) {
			return reason(t, newRig(t, anybody).request(method, apns.Path+tok("a"), header, strings.NewReader(body)))
		}
	}
	// certified sends a push with a client certificate, for an app and an
	// environment.
	certified := func(trusted bool, n *apns2.Notification, extension ...asn1.ObjectIdentifier) func(*testing.T) (int, string) {
		return func(t *testing.T) (int, string) {
			cert, root := certificate(t, topic, extension...)
			roots := x509.NewCertPool()
			if trusted {
				roots.AddCert(root)
			}
			r := newRig(t, Config{APNs: apns.Config{Roots: roots}})
			c := apns2.NewClient(cert)
			c.Host, c.HTTPClient = r.url, r.as(ClientConfig{Certificate: &cert}).http
			got, err := c.Push(n)
			if err != nil {
				t.Fatal(err)
			}
			return got.StatusCode, got.Reason
		}
	}
	table := map[push.Reason]func(*testing.T) (int, string){
		push.BadCollapseID:          sent(func(n *apns2.Notification) { n.CollapseID = strings.Repeat("x", 65) }),
		push.BadDeviceToken:         sent(func(n *apns2.Notification) { n.DeviceToken = tok("9") }),
		push.BadExpirationDate:      sent(func(n *apns2.Notification) { n.Expiration = time.Unix(1<<40, 0) }),
		push.BadMessageID:           sent(func(n *apns2.Notification) { n.ApnsID = "no-uuid" }),
		push.BadPriority:            sent(func(n *apns2.Notification) { n.Priority = 7 }),
		push.BadTopic:               sent(func(n *apns2.Notification) { n.Topic = "org example" }),
		push.DeviceTokenNotForTopic: sent(func(n *apns2.Notification) { n.Topic = "org.example.other.voip" }),
		push.InvalidPushType:        sent(func(n *apns2.Notification) { n.PushType = "" }), // the library says alert
		push.MissingDeviceToken:     sent(func(n *apns2.Notification) { n.DeviceToken = "" }),
		push.MissingTopic:           sent(func(n *apns2.Notification) { n.Topic = "" }),
		push.TopicDisallowed:        sent(func(n *apns2.Notification) { n.Topic = "com.example.voip" }),
		push.PayloadTooLarge:        sent(func(n *apns2.Notification) { n.Payload = []byte(`"` + strings.Repeat("x", 5119) + `"`) }),
		push.BadPath:                sent(func(n *apns2.Notification) { n.DeviceToken = tok("a") + "/x" }),

		push.MethodNotAllowed: raw("GET", "", nil),
		push.DuplicateHeaders: raw("POST", "{}", http.Header{"Apns-Topic": {topic, topic}}),
		push.PayloadEmpty:     raw("POST", "", http.Header{"Apns-Topic": {topic}, "Apns-Push-Type": {"voip"}}),
		push.IdleTimeout: func(t *testing.T) (int, string) {
			r := newRig(t, Config{BodyWait: time.Millisecond})
			silent, end := io.Pipe()
			defer end.Close()
			return reason(t, r.request("POST", apns.Path+tok("a"), nil, silent))
		},

		push.BadCertificate:            certified(false, voip(tok("a"))),
		push.BadCertificateEnvironment: certified(true, voip(tok("a")), asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 6, 3, 1}),
		push.Forbidden: certified(true, &apns2.Notification{
			DeviceToken: tok("a"), Topic: topic + ".location-query", PushType: apns2.PushTypeLocation, Payload: []byte("{}"),
		}),
		push.MissingProviderToken: func(t *testing.T) (int, string) {
			return reason(t, newRig(t, checked).request("POST", apns.Path+tok("a"), nil, strings.NewReader("{}")))
		},
		push.InvalidProviderToken: func(t *testing.T) (int, string) {
			got, err := newRig(t, checked).library(stranger).Push(voip(tok("a")))
			if err != nil {
				t.Fatal(err)
			}
			return got.StatusCode, got.Reason
		},
		push.ExpiredProviderToken: func(t *testing.T) (int, string) {
			r := newRig(t, checked)
			old, err := signer.Token(time.Now().Add(-2 * time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			return reason(t, r.request("POST", apns.Path+tok("a"), http.Header{"Authorization": {"bearer " + old}}, strings.NewReader("{}")))
		},
		push.TooManyProviderTokenUpdates: func(t *testing.T) (int, string) {
			r := newRig(t, checked)
			r.device("alice", tok("a"))
			third := time.Now().Truncate(20 * time.Minute)
			var status int
			var why string
			for _, issued := range []time.Time{third.Add(-20 * time.Minute), third, third.Add(time.Second)} {
				jot := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"iss": signer.Team, "iat": issued.Unix()})
				jot.Header["kid"] = signer.ID
				bearer, err := jot.SignedString(signer.Key)
				if err != nil {
					t.Fatal(err)
				}
				if why != "" {
					t.Fatal(status, why)
				}
				header := http.Header{"Authorization": {"bearer " + bearer}, "Apns-Topic": {topic}, "Apns-Push-Type": {"voip"}}
				status, why = reason(t, r.request("POST", apns.Path+tok("a"), header, strings.NewReader("{}")))
			}
			return status, why
		},
		push.Unregistered: func(t *testing.T) (int, string) {
			r := newRig(t, checked)
			r.device("alice", tok("a"))
			r.device("alice", tok("b"))
			got, err := r.library(signer).Push(voip(tok("a")))
			if err != nil {
				t.Fatal(err)
			}
			return got.StatusCode, got.Reason
		},
		push.ExpiredToken: func(t *testing.T) (int, string) {
			r := newRig(t, checked, "token-life=1ns")
			r.pushes.Open("alice", tok("a"), gone{})
			r.pushes.Close("alice", gone{})
			got, err := r.library(signer).Push(voip(tok("a")))
			if err != nil {
				t.Fatal(err)
			}
			return got.StatusCode, got.Reason
		},
		push.TooManyRequests: func(t *testing.T) (int, string) {
			r := newRig(t, checked, "delay=1h")
			r.device("alice", tok("a"))
			c := r.library(signer)
			for range 101 { // a hundred may be on their way
				got, err := c.Push(voip(tok("a")))
				if err != nil {
					t.Fatal(err)
				}
				if !got.Sent() {
					return got.StatusCode, got.Reason
				}
			}
			return 200, ""
		},
		push.Shutdown: func(t *testing.T) (int, string) {
			r := newRig(t, anybody)
			r.server.Close()
			got, err := r.library(signer).Push(voip(tok("a")))
			if err != nil {
				t.Fatal(err)
			}
			return got.StatusCode, got.Reason
		},

		// No request deserves these.
		push.InternalServerError: ruled("refuse=InternalServerError"),
		push.ServiceUnavailable:  ruled("refuse=ServiceUnavailable"),
	}
	for _, want := range push.Reasons() {
		t.Run(string(want), func(t *testing.T) {
			provoke := table[want]
			if provoke == nil {
				t.Fatal("nothing provokes it")
			}
			if status, got := provoke(t); got != string(want) || status != want.Status() {
				t.Errorf("got %d %s, want %d", status, got, want.Status())
			}
		})
	}
}

// gone is a device that drops every step.
type gone struct{}

func (gone) Pushed(push.Step) {}

// certificate returns a provider's certificate, with the authority that has
// signed it.
func certificate(t *testing.T, app string, extensions ...asn1.ObjectIdentifier) (tls.Certificate, *x509.Certificate) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	signed := func(template *x509.Certificate) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, template, root, &k.PublicKey, k)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	root = signed(root)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: root.NotBefore, NotAfter: root.NotAfter, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		Subject: pkix.Name{ExtraNames: []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}, Value: app}}},
	}
	for _, id := range extensions {
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: id, Value: []byte{5, 0}})
	}
	return tls.Certificate{Certificate: [][]byte{signed(c).Raw}, PrivateKey: k}, root
}

// TestManyStreams pushes side by side on one connection.
func TestManyStreams(t *testing.T) {
	r := newRig(t, Config{}, "delay=1us..2us")
	alice := r.device("alice", tok("a"))
	s, _ := key(t)
	c := r.library(s)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if got, err := c.Push(voip(tok("a"))); err != nil || !got.Sent() {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	ids := map[string]bool{}
	for range 50 {
		ids[next(t, alice).Deliver.ID] = true
	}
	all.Wait()
	if len(ids) != 50 {
		t.Errorf("%d pushes came", len(ids))
	}
}

// TestGoAway: when the server ends, a provider gets its last answer and a
// GOAWAY, and a device's stream ends.
func TestGoAway(t *testing.T) {
	r := newRig(t, Config{})
	alice := r.device("alice", tok("a"))
	r.server.Close()
	var reused []bool
	trace := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { reused = append(reused, c.Reused) }})
	for range 2 {
		req, err := http.NewRequestWithContext(trace, "POST", r.url+apns.Path+tok("a"), strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.client.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if status, why := reason(t, got); status != 503 || why != "Shutdown" {
			t.Errorf("%d %s", status, why)
		}
	}
	// The device's connection was the first's; none is used after its GOAWAY.
	if !slices.Equal(reused, []bool{true, false}) {
		t.Errorf("connections were used again: %v", reused)
	}
	r.stop()
	if st, err := alice.Next(); err != io.EOF {
		t.Errorf("got %+v, %v", st, err)
	}
}

func TestLimits(t *testing.T) {
	r := newRig(t, Config{})
	many := http.Header{}
	for i := range maxFields + 1 {
		many["X-"+strings.Repeat("x", i+1)] = []string{""}
	}
	for what, test := range map[string]struct {
		got  func() *http.Response
		want int
	}{
		"too many fields": {func() *http.Response { return r.request("POST", apns.Path+tok("a"), many, nil) }, 431},
		"a body that does not end": {func() *http.Response {
			return r.request("POST", apns.Path+tok("a"), http.Header{"Apns-Topic": {topic}, "Apns-Push-Type": {"voip"}}, io.LimitReader(zeros{}, 1<<20))
		}, 413},
		"one for Google": {func() *http.Response {
			return r.request("POST", "/v1/projects/p/messages:send", nil, io.LimitReader(zeros{}, 1<<20))
		}, 400},
		"a device without a token":  {func() *http.Response { return r.request("GET", DoorPath, nil, nil) }, 400},
		"a token with a blank":      {func() *http.Response { return r.request("GET", DoorPath+"a%20b", nil, nil) }, 400},
		"a device with a long name": {func() *http.Response { return r.request("GET", DoorPath+"t?name="+strings.Repeat("n", 129), nil, nil) }, 400},
		"a device that posts":       {func() *http.Response { return r.request("POST", DoorPath+"t", nil, nil) }, 405},
	} {
		got := test.got()
		got.Body.Close()
		if got.StatusCode != test.want {
			t.Errorf("%s: %d, want %d", what, got.StatusCode, test.want)
		}
	}
}

// TestLargeHeader: the server announces its limit, and the client obeys it.
func TestLargeHeader(t *testing.T) {
	r := newRig(t, Config{})
	r.request("GET", DoorPath, nil, nil).Body.Close() // the client knows the limit by now
	req, err := http.NewRequest("POST", r.url+apns.Path+tok("a"), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Large", strings.Repeat("x", 2*maxHeaderBytes))
	if got, err := r.client.http.Do(req); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("%v, %v", got, err)
	}
}

// zeros is an endless body.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return copy(b, bytes.Repeat([]byte("0"), len(b))), nil }

// TestStreamsAreBounded checks the limit that the server announces.
func TestStreamsAreBounded(t *testing.T) {
	if got := New(Config{}).http.HTTP2.MaxConcurrentStreams; got != maxStreams {
		t.Errorf("%d streams", got)
	}
}

// TestOnlyHTTP2: APNs refuses HTTP/1.1; FCM answers it.
func TestOnlyHTTP2(t *testing.T) {
	r := newRig(t, Config{})
	old := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}}
	defer old.CloseIdleConnections()
	for path, want := range map[string]int{apns.Path + tok("a"): 505, "/v1/projects/p/messages:send": 400} {
		got, err := (&http.Client{Transport: old}).Post(r.url+path, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		if got.StatusCode != want || got.ProtoMajor != 1 {
			t.Errorf("%s: %s %d, want %d", path, got.Proto, got.StatusCode, want)
		}
	}
}
