//go:build peers

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sleeptalk/phone/event"
)

// A pushDoor is where Kamailio has phones pushed to: a push service in one
// request, which hands the push to one phone.
type pushDoor struct {
	*httptest.Server
	phone *tester
	token chan string // the phone's, once it has one
	loses bool        // it takes pushes, and loses them
}

// newPushDoor opens one, which waits for its phone.
func newPushDoor(t *testing.T) *pushDoor {
	t.Helper()
	d := &pushDoor{token: make(chan string, 1)}
	d.Server = httptest.NewServer(d)
	t.Cleanup(d.Close)
	return d
}

func (d *pushDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token := <-d.token
	d.token <- token
	if r.FormValue("token") != token || r.FormValue("provider") != "apns" {
		http.Error(w, "Unregistered", http.StatusGone)
		return
	}
	if d.loses {
		return
	}
	fmt.Fprintf(d.phone.stdin, "push call-id=%s name=%s\n", r.FormValue("call-id"), r.FormValue("name"))
}

// sleeper starts alice as a phone that is reached through the door, and lets
// her fall asleep without a connection.
func (d *pushDoor) sleeper(t *testing.T, port int) *tester {
	t.Helper()
	p := alice(t, port, "--device", "ios-pushkit", "--strategy", "push", "--set", "audio-grace=3s")
	d.phone = p
	d.token <- expect(p, "a push token", func(e event.Push) bool { return e.Phase == "token" }).Token
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
	bob := start(t, "phone", "--json", "--server", fmt.Sprintf("127.0.0.1:%d", port), "--user", "bob",
		"--password-env", "SLEEPTALK_TEST_PASSWORD", "--device", "desktop")
	bob.registered()
	bob.say("call alice")
	return bob
}

// TestKamailioHoldsAnInvite has Kamailio suspend an INVITE, push, and send it on
// when the phone, which slept without a connection, has registered; and again,
// with nothing left of the first time.
func TestKamailioHoldsAnInvite(t *testing.T) {
	port, door := freePort(t), newPushDoor(t)
	kamailio(t, port, "PUSH", "HOLD=20000", fmt.Sprintf("DOOR=%q", door.URL))
	p := door.sleeper(t, port)
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

// spoils has pushes to the phone lost from now on, or refused.
func (d *pushDoor) spoils(refused bool) {
	token := <-d.token
	d.loses = true
	if refused {
		token = "of another device"
	}
	d.token <- token
}

// TestKamailioGivesUp has Kamailio wait for a phone that does not come, until it
// or the caller gives up, and not wait at all where the push is refused.
func TestKamailioGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		refused, hangsUp bool
		status           int
	}{
		"the push is lost":    {status: 480},
		"the push is refused": {refused: true, status: 480},
		"the caller gives up": {hangsUp: true, status: 487},
	} {
		t.Run(name, func(t *testing.T) {
			port, door := freePort(t), newPushDoor(t)
			kamailio(t, port, "PUSH", "HOLD=2000", fmt.Sprintf("DOOR=%q", door.URL))
			p := door.sleeper(t, port)
			door.spoils(c.refused)
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
