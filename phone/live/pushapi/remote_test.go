package pushapi

import (
	"bytes"
	"context"
	"crypto/x509"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// patience bounds every wait for an event that must come; it only guards
// against hanging.
const patience = 20 * time.Second

// await returns the first record after seen for which wanted holds.
func await(t *testing.T, log *event.Log, seen *uint64, what string, wanted func(event.Event) bool) event.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		records, err := log.Wait(ctx, *seen)
		if err != nil {
			for _, r := range log.After(0) {
				t.Log(event.Line(r))
			}
			t.Fatalf("no %s", what)
		}
		for _, r := range records {
			*seen = r.Seq
			if wanted(r.Event) {
				return r.Event
			}
		}
	}
}

// remote returns the rig's service as hosts of another process use it.
func (r *rig) remote(id string) *Remote { return NewRemote(r.client, id) }

// TestPushWakesAHandset: a phone in another process sleeps, a server pushes
// with the apns2 library, and the app wakes.
func TestPushWakesAHandset(t *testing.T) {
	r := newRig(t, Config{})
	profile, err := device.Load("ios-pushkit")
	if err != nil {
		t.Fatal(err)
	}
	profile.EntryLimit, profile.Settle, profile.Grace = 10*time.Millisecond, time.Millisecond, time.Millisecond // it falls asleep at once
	nobody, err := net.Listen("tcp", "127.0.0.1:0")                                                             // it never answers
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	log := new(event.Log)
	alice, err := live.NewPhone("alice", log, phone.Config{Profile: profile, Seed: 1, App: app.Config{
		Account:  sip.Config{AOR: "sip:alice@lab.test", Server: nobody.Addr().String()},
		Strategy: app.Push, Rand: rand.New(rand.NewPCG(1, 1)),
	}}, nil, r.remote("1"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, switchOff := context.WithCancel(context.Background())
	off := make(chan error, 1)
	go func() { off <- alice.Run(ctx) }()
	defer func() {
		if err := alice.Do(ctx, "kill", "test"); err != nil { // it has no server to unregister from
			t.Error(err)
		}
		switchOff()
		if err := <-off; err != nil {
			t.Error(err)
		}
	}()

	var seen uint64
	told := await(t, log, &seen, "token", func(e event.Event) bool { p, ok := e.(event.Push); return ok && p.Phase == "token" })
	if err := alice.Do(ctx, "background", "test"); err != nil {
		t.Fatal(err)
	}
	await(t, log, &seen, "sleep", func(e event.Event) bool { s, ok := e.(event.State); return ok && s.To == event.Suspended })

	r.await("alice reachable")
	s, _ := key(t)
	n := voip(told.(event.Push).Token)
	n.Payload = []byte(`{"name":"Bob","peer":"sip:bob@lab.test"}`)
	if got, err := r.library(s).Push(n); err != nil || !got.Sent() {
		t.Fatalf("%+v, %v", got, err)
	}
	woken := await(t, log, &seen, "wake", func(e event.Event) bool { _, ok := e.(event.Wake); return ok })
	if woken.(event.Wake).Cause != event.ByPush {
		t.Errorf("woken by %s", woken.(event.Wake).Cause)
	}
	card := await(t, log, &seen, "call screen", func(e event.Event) bool { c, ok := e.(event.Notification); return ok && c.Phase == "posted" })
	if c := card.(event.Notification); !strings.Contains(c.Title+c.Body, "Bob") {
		t.Errorf("the screen shows %+v", c)
	}
}

// machine records the signals that it gets.
type machine struct{ seen chan system.Signal }

func (machine) Deadline() time.Time               { return time.Time{} }
func (machine) Advance(time.Time) []system.Effect { return nil }
func (m machine) Receive(_ time.Time, s system.Signal) []system.Effect {
	m.seen <- s
	return nil
}

// A node is a host that runs a machine.
type node struct {
	machine
	t    *testing.T
	host *live.Host
	log  *event.Log
	seen uint64 // of its log
}

func newNode(t *testing.T, name string, pushes live.Pushes) *node {
	n := &node{machine: machine{make(chan system.Signal, 100)}, t: t, log: new(event.Log)}
	n.host = live.New(live.Config{Name: name, Log: n.log, Machine: n.machine, Push: pushes})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.host.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return n
}

func (n *node) do(calls func(now time.Time) []system.Effect) {
	n.t.Helper()
	if err := n.host.Do(context.Background(), calls); err != nil {
		n.t.Fatal(err)
	}
}

// push returns the next push event.
func (n *node) push() event.Push {
	n.t.Helper()
	return await(n.t, n.log, &n.seen, "push", func(e event.Event) bool { _, ok := e.(event.Push); return ok }).(event.Push)
}

// arrived returns the push that the machine gets.
func (n *node) arrived() system.Push {
	n.t.Helper()
	select {
	case s := <-n.machine.seen:
		return s.(system.PushArrived).Push
	case <-time.After(patience):
		n.t.Fatal("no push")
	}
	return system.Push{}
}

// TestEdgeOfAnotherProcess: a lab and a phone share only the push service,
// through either API.
func TestEdgeOfAnotherProcess(t *testing.T) {
	r := newRig(t, Config{})
	alice, edge := newNode(t, "alice", r.remote("1")), newNode(t, "lab", r.remote("2"))
	alice.do(func(time.Time) []system.Effect { return []system.Effect{system.OpenPush{Token: tok("a")}} })
	r.await("alice reachable")
	payload := map[string]string{"call-id": "x@y", "name": "Bob"}
	for provider, param := range map[string]string{"apns": "TEAMID." + topic, "fcm": "example-project"} {
		edge.do(func(now time.Time) []system.Effect {
			return []system.Effect{system.SendPush{Push: system.Push{
				Token: tok("a"), High: true, Expires: now.Add(time.Minute), Provider: provider, Param: param, Payload: payload,
			}}}
		})
		sent, got := edge.push(), alice.arrived()
		if sent.Phase != "sent" || sent.ID != got.ID {
			t.Errorf("%s: sent %+v, got %+v", provider, sent, got)
		}
		if left := time.Until(got.Expires); !got.High || !maps.Equal(got.Payload, payload) || left > time.Minute || left < time.Minute-patience {
			t.Errorf("%s: got %+v", provider, got)
		}
	}
	edge.do(func(time.Time) []system.Effect {
		return []system.Effect{system.SendPush{Push: system.Push{Token: tok("a"), Background: true, Provider: "apns", Param: "TEAMID." + topic, Payload: payload}}}
	})
	if sent, got := edge.push(), alice.arrived(); sent.Phase != "sent" || !got.Background || got.High {
		t.Errorf("a background push: sent %+v, got %+v", sent, got)
	}
	for provider, want := range map[string]string{"apns": "400 BadDeviceToken", "fcm": "400 INVALID_ARGUMENT: no device has it"} {
		edge.do(func(time.Time) []system.Effect {
			return []system.Effect{system.SendPush{Push: system.Push{Token: tok("b"), Provider: provider, Param: "TEAMID." + topic}}}
		})
		if got := edge.push(); got.Phase != "refused" || got.Why != want {
			t.Errorf("%s: %+v, want %s", provider, got, want)
		}
	}
}

// TestDeviceThatCannotBeReached: a device that has left the door learns the
// outcome of its push when it is back.
func TestDeviceThatCannotBeReached(t *testing.T) {
	r := newRig(t, Config{}, "keep=2")
	alice := newNode(t, "alice", r.remote("1"))
	alice.do(func(time.Time) []system.Effect { return []system.Effect{system.OpenPush{Token: tok("a")}} })
	r.await("alice reachable")
	alice.do(func(time.Time) []system.Effect { return []system.Effect{system.ClosePush{}} })
	r.await("alice gone")
	s, _ := key(t)
	n := voip(tok("a"))
	n.Expiration = time.Now().Add(time.Hour)
	if got, err := r.library(s).Push(n); err != nil || !got.Sent() {
		t.Fatalf("%+v, %v", got, err)
	}
	alice.do(func(time.Time) []system.Effect { return []system.Effect{system.OpenPush{Token: tok("a")}} })
	r.await("alice reachable")
	if got := alice.arrived(); got.Payload["name"] != "Bob" {
		t.Errorf("got %+v", got)
	}
	for _, r := range alice.log.After(0) {
		if e, bad := r.Event.(event.Error); bad {
			t.Errorf("it said: %+v", e)
		}
	}
}

// TestServiceThatComesBack: a device logs once that it has lost the service,
// and reconnects when the service is back.
func TestServiceThatComesBack(t *testing.T) {
	first := newRig(t, Config{})
	remote := first.remote("1")
	remote.backoff = time.Millisecond
	alice := newNode(t, "alice", remote)
	alice.do(func(time.Time) []system.Effect { return []system.Effect{system.OpenPush{Token: tok("a")}} })
	first.await("alice reachable")
	first.stop()
	lost := await(t, alice.log, &alice.seen, "error", func(e event.Event) bool { _, ok := e.(event.Error); return ok }).(event.Error)
	if lost.Op != "push service" || lost.Err != "the service has ended the stream" {
		t.Errorf("got %+v", lost)
	}
	second := newRigAt(t, strings.TrimPrefix(first.url, "https://"), Config{})
	second.await("alice reachable")
	s, _ := key(t)
	if got, err := second.library(s).Push(voip(tok("a"))); err != nil || !got.Sent() {
		t.Fatalf("%+v, %v", got, err)
	}
	alice.arrived()
	for _, r := range alice.log.After(alice.seen) {
		t.Errorf("it said: %s", event.Line(r))
	}
}

// TestDevicesAreBounded: the one that has been away for longest makes room.
func TestDevicesAreBounded(t *testing.T) {
	s := New(Config{Pushes: live.NewPushService(push.Config{})})
	enter := func(id string) (*door, bool) {
		d := &door{server: s, id: id, cut: make(chan struct{})}
		return d, s.enter(d)
	}
	var first, second *door
	for i := range maxDevices {
		d, ok := enter(strconv.Itoa(i))
		switch {
		case !ok:
			t.Fatalf("no room for number %d", i)
		case i == 0:
			first = d
		case i == 1:
			second = d
		}
	}
	if _, ok := enter("one more"); ok {
		t.Error("one more has come in")
	}
	s.leave(second)
	s.leave(first)
	if _, ok := enter("one more"); !ok || s.doors["1"] != nil || s.doors["0"] == nil {
		t.Error("the one that was away for longest has not made room")
	}
}

// TestDeviceThatDoesNotRead is cut off.
func TestDeviceThatDoesNotRead(t *testing.T) {
	d := &door{server: New(Config{}), lines: make(chan event.Record, maxWaiting), cut: make(chan struct{})}
	for range maxWaiting {
		d.Pushed(push.Step{Deliver: &system.Push{}})
	}
	select {
	case <-d.cut:
		t.Error("it is cut off too early")
	default:
	}
	d.Pushed(push.Step{Deliver: &system.Push{}})
	<-d.cut
	d.Pushed(push.Step{Deliver: &system.Push{}}) // and stays so
}

func TestClientURL(t *testing.T) {
	for url, ok := range map[string]bool{
		"https://127.0.0.1:8443": true, "https://push.example.com": true, "https://[::1]:1/": true,
		"http://127.0.0.1:8443": false, "127.0.0.1:8443": false, "https://": false, "https://h/3/device": false, "https://h?x": false, "https://%": false,
	} {
		if _, err := NewClient(ClientConfig{URL: url}); (err == nil) != ok {
			t.Errorf("%s: %v", url, err)
		}
	}
	for host, want := range map[string]bool{"127.0.0.1": true, "127.1.2.3": true, "::1": true, "localhost": true, "192.0.2.1": false, "localhost.example.com": false} {
		if isLoopback(host) != want {
			t.Errorf("%s", host)
		}
	}
}

// TestForeignCertificate: the certificate of a service on another machine is
// verified.
func TestForeignCertificate(t *testing.T) {
	made, err := secure.SelfMade(time.Now(), "push.example.com")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, Config{Certificate: made})
	for want, pool := range map[string]*x509.CertPool{"": secure.Trusting(made), "unknown authority": x509.NewCertPool()} {
		c := r.as(ClientConfig{Roots: pool})
		transport := c.http.Transport.(*http.Transport)
		transport.TLSClientConfig.InsecureSkipVerify = false // as if it were elsewhere
		transport.TLSClientConfig.ServerName = "push.example.com"
		_, err := c.Send(t.Context(), push.Request{Method: "POST", Path: "/", Body: []byte("{}")})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// FuzzStream reads what a service may say to a device.
func FuzzStream(f *testing.F) {
	f.Add([]byte(`{"v":1,"t":"2026-01-01T00:00:00Z","d":1,"phone":"alice","seq":1,"ev":"push","phase":"delivered","token":"t","priority":"high","ttl_ms":5,"age_ms":3}` + "\n"))
	f.Add([]byte(`{"ev":"push","phase":"delivered","age_ms":9e99}` + "\n{\n\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		s := newStream(io.NopCloser(bytes.NewReader(said)))
		for range bytes.Count(said, []byte("\n")) + 1 {
			st, err := s.Next()
			if err == nil && (st.Deliver == nil) == (st.Event == nil) {
				t.Errorf("%q: %+v", said, st)
			}
		}
	})
}

// TestServiceThatHangsUp: a service that takes a device in and ends its stream at
// once is not one that was up: the device waits longer and longer.
func TestServiceThatHangsUp(t *testing.T) {
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		held bool
		open time.Duration
		want bool
	}{
		{false, time.Hour, false}, // it was dialled for an hour
		{true, 0, false},
		{true, longestBackoff - 1, false},
		{true, longestBackoff, true},
	} {
		if got := lasted(c.held, began, began.Add(c.open)); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
