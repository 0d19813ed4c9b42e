//go:build peers

package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sideshow/apns2"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A gateway is between Kamailio, which asks it to push by a request of its own,
// and the provider API of APNs, at which the phone is reached: the script that
// every such server has. Its client is github.com/sideshow/apns2.
type gateway struct {
	*httptest.Server
	provider chan *apns2.Client // once the phone has opened its API
	loses    atomic.Bool        // it says that it has pushed, and has not
	mistakes atomic.Bool        // it pushes to another device
}

// newGateway opens one, which waits for its phone.
func newGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{provider: make(chan *apns2.Client, 1)}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	provider := <-g.provider
	g.provider <- provider
	topic, voip := strings.CutPrefix(r.FormValue("param"), "EXAMPLE123.")
	payload, err := json.Marshal(map[string]string{"call-id": r.FormValue("call-id"), "name": r.FormValue("name")})
	if err != nil || !voip || r.FormValue("provider") != "apns" {
		http.Error(w, "what phone is that?", http.StatusBadRequest)
		return
	}
	n := &apns2.Notification{DeviceToken: r.FormValue("token"), Topic: topic, PushType: apns2.PushTypeVOIP, Priority: apns2.PriorityHigh, Payload: payload}
	if g.mistakes.Load() {
		n.DeviceToken = strings.Repeat("0", 64)
	}
	if g.loses.Load() {
		return
	}
	res, err := provider.PushWithContext(r.Context(), n)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadGateway)
	case !res.Sent():
		http.Error(w, res.Reason, res.StatusCode)
	}
}

// sleeper starts alice as a phone that answers the provider API itself, and lets
// her fall asleep without a connection.
func (g *gateway) sleeper(t *testing.T, port int) *tester {
	t.Helper()
	api := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	p := alice(t, port, "--device", "ios-pushkit", "--strategy", "push", "--set", "audio-grace=3s", "--push-listen", api)
	expect(p, "a push token", func(e event.Push) bool { return e.Phase == "token" })
	trusting := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	g.provider <- &apns2.Client{Host: "https://" + api, HTTPClient: trusting}
	t.Cleanup(trusting.CloseIdleConnections)
	p.registered()
	p.say("background")
	expect(p, "no connection", func(e event.Socket) bool { return e.Name == "control" && e.Phase == "closed" })
	expect(p, "suspended", func(e event.State) bool { return e.To == event.Suspended })
	for _, r := range p.log.After(0) {
		if w, ok := r.Event.(event.Warning); ok && w.Rule == "not-wakeable" {
			t.Errorf("the server has not said that it pushes: %s", w.Note)
		}
	}
	return p
}

// caller starts bob, who calls alice.
func caller(t *testing.T, port int) *tester {
	t.Helper()
	bob := phoneAt(t, "bob", address(port), "--device", "desktop")
	bob.registered()
	bob.say("call alice")
	return bob
}

// TestKamailioHoldsAnInvite has Kamailio suspend an INVITE, push, and send it on
// when the phone, which slept without a connection, has registered; and again,
// with nothing left of the first time.
func TestKamailioHoldsAnInvite(t *testing.T) {
	t.Parallel()
	port, gate := freePort(t), newGateway(t)
	kamailio(t, port, "PUSH", "HOLD=20000", fmt.Sprintf("DOOR=%q", gate.URL))
	p := gate.sleeper(t, port)
	wokenForACall(p, caller(t, port))
	expect(p, "asleep again", func(e event.State) bool { return e.To == event.Suspended })
	wokenForACall(p, caller(t, port))
	if n := bindings(p); n != 1 {
		t.Errorf("alice is registered at %d addresses, and pushed to for each", n)
	}
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// wokenForACall is a call to a phone that sleeps, which is answered and over.
func wokenForACall(p, bob *tester) {
	p.t.Helper()
	expect(p, "woken by a push", func(e event.Wake) bool { return e.Cause == event.ByPush })
	p.registered()
	expect(p, "INVITE", func(e event.Message) bool { return !e.Out && e.Method == "INVITE" })
	p.call("ringing")
	p.say("answer from notification")
	p.call("up")
	bob.call("up")
	bob.say("hang up")
	if ended := p.call("ended"); ended.By != "peer" {
		p.t.Errorf("ended by %s, want peer", ended.By)
	}
	bob.quit()
}

// bindings is how many addresses of the phone the last 200 to a REGISTER lists.
func bindings(p *tester) (n int) {
	for _, r := range p.log.After(0) {
		if m, ok := r.Event.(event.Message); ok && !m.Out && m.Method == "REGISTER" && m.Status == 200 {
			_, contacts, _ := strings.Cut(m.Raw, "\r\nContact: ")
			contacts, _, _ = strings.Cut(contacts, "\r\n")
			n = strings.Count(contacts, "<sip:")
		}
	}
	return n
}

// TestKamailioGivesUp has Kamailio wait for a phone that does not come, until it
// or the caller gives up, and not wait at all where the push is refused.
func TestKamailioGivesUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refused, hangsUp bool
		status           int
	}{
		"the push is lost":    {status: 480},
		"the push is refused": {refused: true, status: 480},
		"the caller gives up": {hangsUp: true, status: 487},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port, gate := freePort(t), newGateway(t)
			kamailio(t, port, "PUSH", "HOLD=2000", fmt.Sprintf("DOOR=%q", gate.URL))
			p := gate.sleeper(t, port)
			gate.loses.Store(!c.refused)
			gate.mistakes.Store(c.refused)
			bob := caller(t, port)
			if c.hangsUp {
				expect(bob, "100", func(e event.Message) bool { return e.Status == 100 })
				bob.say("hang up")
			}
			if ended := bob.call("ended"); ended.Status != c.status {
				t.Errorf("bob heard %d %s, want %d", ended.Status, ended.Reason, c.status)
			}
			bob.quit()
			p.quit()
		})
	}
}
