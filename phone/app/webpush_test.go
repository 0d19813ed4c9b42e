package app

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/webpush"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestWebPush: the app asks its server for the key, subscribes for that key alone,
// and reads what only it can read. What it cannot read it answers with a REGISTER.
func TestWebPush(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	keys := webpush.NewKeys(rng)
	sealed := func(id int, to *webpush.Keys, text string) system.WebPushed {
		body, err := webpush.Encrypt(rng, to.P256DH(), to.Auth(), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return system.WebPushed{ID: id, Body: body}
	}
	r := newRig(t, Config{Strategy: Push, Push: Pushing{Provider: push.WebPush, Keys: keys}})
	r.agent.willPush = true
	r.plays(
		play{system.Launched{}, ""},
		play{func() {
			if r.agent.push != (push.Params{Provider: push.WebPush}) {
				t.Errorf("the first REGISTER asks with %+v", r.agent.push)
			}
		}, ""},
		play{control.ServerKey{VAPID: "k1"}, ""},
		play{granted(time.Hour), "subscribe for k1"},
		play{granted(time.Hour), ""},
		play{system.PushToken{Token: "https://p.example/push/1"}, "register"},
		play{func() {
			if want := (push.Params{Provider: push.WebPush, PRID: "https://p.example/push/1", P256DH: keys.P256DH(), Auth: keys.Auth()}); r.agent.push != want {
				t.Errorf("it registers with %+v", r.agent.push)
			}
		}, ""},
		play{sealed(1, keys, `{"name":"Bob","call-id":"a"}`), "report Bob, hang up the line, register, handled 1"},
		play{sealed(2, webpush.NewKeys(rng), `{"name":"Bob"}`), "warning push-unreadable, register, handled 2"},
		play{sealed(3, keys, "Bob"), "warning push-unreadable, register, handled 3"}, // no JSON
		play{system.WebPushed{ID: 4}, "register, handled 4"},                         // as RFC 8599 has it
		play{system.WebPushed{ID: 5, Payload: map[string]string{"name": "Eve", "call-id": "b"}}, "report Eve, register, handled 5"},
		play{system.PushToken{Token: "p.example/1"}, "error: use the push token"},
		play{control.ServerKey{VAPID: "k2"}, ""},
		play{granted(time.Hour), "subscribe for k2"}, // the server has another key
	)
}

// TestWebPushPlain: an app without keys names none, and reads nothing.
func TestWebPushPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	keys := webpush.NewKeys(rng)
	body, err := webpush.Encrypt(rng, keys.P256DH(), keys.Auth(), []byte(`{"name":"Bob"}`))
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, Config{Strategy: Push, Push: Pushing{Provider: push.WebPush, Keys: keys, Plain: true}})
	r.agent.willPush = true
	r.plays(
		play{granted(time.Hour), "subscribe for "}, // a server that names no key
		play{system.PushToken{Token: "https://p.example/push/1"}, "register"},
		play{system.WebPushed{ID: 1, Body: body}, "warning push-unreadable, hang up the line, register, handled 1"},
	)
	if strings.Contains(r.agent.push.String(), "p256dh") {
		t.Errorf("it registers with %s", r.agent.push)
	}
}

// TestWebPushOfTwoServers: the subscription is for one server, and the other one is
// said to push in vain.
func TestWebPushOfTwoServers(t *testing.T) {
	r := newRig(t, Config{Strategy: Push, Push: Pushing{Provider: push.WebPush}})
	other := &line{agent: r.agent, out: &r.out, notice: r.line.notice, after: r.line.after}
	r.agent.willPush = true
	r.plays(
		play{control.ServerKey{VAPID: "k1"}, ""}, play{granted(time.Hour), "subscribe for k1"},
		play{func() { r.line = other }, ""},
		play{control.ServerKey{VAPID: "k2"}, ""}, play{granted(time.Hour), "warning not-wakeable"}, play{granted(time.Hour), ""},
	)
}
