package sip

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The numbers of the agent, at their edges.

func TestRefreshAfter(t *testing.T) {
	const life = time.Hour
	tests := []struct {
		refresh time.Duration // that the server wants; 0: none
		want    time.Duration
	}{
		{0, life - 32*time.Second},
		{time.Second, life - time.Second},
		{life - time.Second, time.Second},
		{life, life / 2}, // there would be no time left
		{2 * life, life / 2},
	}
	for _, test := range tests {
		r := registration{
			granted:  push.Params{Provider: "apns", PRID: "token"},
			promises: promises{services: []string{"apns"}, refresh: test.refresh},
		}
		if got := r.refreshAfter(life); got != test.want {
			t.Errorf("%s before its end: %s, want %s", test.refresh, got, test.want)
		}
	}
	plain := registration{}
	if got := plain.refreshAfter(life); got != life/2 {
		t.Errorf("without push: %s", got)
	}
}

// What is granted is refreshed when half of it has passed, be it a second.
func TestRefreshesAtHalf(t *testing.T) {
	for expires, want := range map[int]time.Duration{
		1: 500 * time.Millisecond, 2: time.Second, 3: 1500 * time.Millisecond, 4: 2 * time.Second,
		2 * 86400: maxExpires, 4294967295: maxExpires, // nor in years
	} {
		r := newRig(t, Config{Expires: time.Duration(expires) * time.Second})
		r.plays("register", "connected", fmt.Sprintf("respond REGISTER 200 Contact: CONTACT;expires=%d", expires))
		if got := r.a.reg.refreshAt.Sub(r.now); got != want {
			t.Errorf("Expires: %d is refreshed after %s, want %s", expires, got, want)
		}
	}
}

func TestCredentialsAreBounded(t *testing.T) {
	r := newRig(t, Config{})
	for i := range 9 {
		res := sip.NewResponse(401, "Unauthorized")
		res.AppendHeader(sip.NewHeader("WWW-Authenticate", fmt.Sprintf(`Digest realm="r%d", nonce="n", qop="auth"`, i)))
		demands, err := demandsOf(res)
		if err != nil {
			t.Fatal(err)
		}
		r.a.client.remember(false, demands[0])
	}
	auth := r.a.client.auth
	if len(auth) != 8 || auth[0].challenge.Realm != "r1" || auth[7].challenge.Realm != "r8" {
		t.Errorf("%d credentials", len(auth))
	}
}

func TestForksAreBounded(t *testing.T) {
	r := newRig(t, Config{})
	c := r.a.calls.begin(true, "bob", "")
	for i := range maxForks + 20 {
		d := dialog{remoteTag: strconv.Itoa(i)}
		c.invite.hangUpFork(newStep(r.now), &d)
		c.invite.hangUpFork(newStep(r.now), &d) // a copy of its 200
	}
	if len(c.invite.forks.tags) != maxForks || len(r.a.client.exchanges) != maxForks {
		t.Errorf("%d forks, %d BYEs", len(c.invite.forks.tags), len(r.a.client.exchanges))
	}
}

func TestByesAreBounded(t *testing.T) {
	for tries, again := range map[int]bool{0: false, 1: true, 2: true, 3: false} {
		r := newRig(t, Config{})
		c := r.a.calls.begin(true, "bob", "")
		c.bye.tries = tries
		c.bye.failed(newStep(r.now), fmt.Errorf("%w: gone", ErrFlow))
		if c.bye.owed != again || len(r.a.calls.list) > 0 != again {
			t.Errorf("after %d tries: another %v", tries, c.bye.owed)
		}
	}
	r := newRig(t, Config{})
	c := r.a.calls.begin(true, "bob", "")
	c.bye.tries = 1
	c.bye.failed(newStep(r.now), errors.New("no answer"))
	if c.bye.owed || len(r.a.calls.list) > 0 {
		t.Error("a BYE that nobody answers is sent again")
	}
}

func TestDefaultMaxCalls(t *testing.T) {
	r := newRig(t, Config{})
	for range 7 {
		r.a.calls.begin(true, "bob", "")
	}
	if r.a.calls.full() {
		t.Error("seven calls are too many")
	}
	if r.a.calls.begin(true, "bob", ""); !r.a.calls.full() {
		t.Error("eight calls are not enough")
	}
}

func TestLargeRequest(t *testing.T) {
	for size, want := range map[int]int{1300: 0, 1301: 1} {
		r := newRig(t, Config{Transport: UDP})
		s := newStep(r.now)
		req := sip.NewRequest(sip.OPTIONS, sip.Uri{Scheme: "sip", Host: "x"})
		req.AppendHeader(&sip.CSeqHeader{SeqNo: 1, MethodName: sip.OPTIONS})
		for range 2 {
			r.a.wire.tooLarge(s, req, size)
		}
		if len(s.Out.Effects) != want {
			t.Errorf("%d bytes: %d warnings", size, len(s.Out.Effects))
		}
	}
}

// A request of 1300 bytes goes over UDP, one of 1301 does not (RFC 3261 §18.1.1).
func TestBypassed(t *testing.T) {
	for size, want := range map[int]bool{1300: false, 1301: true} {
		r := registeredOverUDP(t, "")
		s := newStep(r.now)
		req := r.a.wire.newRequest(sip.OPTIONS, &r.a.author.aor, nil)
		identify(req, r.a.wire.self("t"), &sip.ToHeader{Address: r.a.author.aor}, "c", 1)
		r.a.wire.finish(req, nil)
		req.AppendHeader(sip.NewHeader("X", strings.Repeat("x", size-len(Encode(req))-len("X: \r\n"))))
		if got := len(Encode(req)); got != size {
			t.Fatalf("%d bytes", got)
		}
		if got := r.a.bypass.diverts(s, req); got != want || r.a.bypass.carries(req) != want {
			t.Errorf("%d bytes: over TCP %t, Via %s", size, got, req.Via().Transport)
		}
	}
}

// A pong that is missing fails the flow at 10 s, of a server that has sent one
// before.
func TestPongTimeout(t *testing.T) {
	r := registered(t)
	r.a.keepalive.answers = true
	r.a.Ping(r.now)
	if out := r.a.Advance(r.now.Add(10*time.Second - 1)); len(out.Notices) > 0 {
		t.Errorf("%v before 10 s", out.Notices)
	}
	out := r.a.Advance(r.now.Add(10 * time.Second))
	failed := false
	for _, n := range out.Notices {
		_, is := n.(control.FlowFailed)
		failed = failed || is
	}
	if _, closes := out.Effects[0].(system.Close); !failed || !closes {
		t.Errorf("%v, %v", out.Notices, out.Effects)
	}
}
