package push

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestStatuses has the table of Apple (Handling notification responses from
// APNs) written down a second time.
func TestStatuses(t *testing.T) {
	told := map[int]string{
		400: "BadCollapseId BadDeviceToken BadExpirationDate BadMessageId BadPriority BadTopic DeviceTokenNotForTopic DuplicateHeaders IdleTimeout InvalidPushType MissingDeviceToken MissingTopic PayloadEmpty TopicDisallowed",
		403: "BadCertificate BadCertificateEnvironment ExpiredProviderToken Forbidden InvalidProviderToken MissingProviderToken",
		404: "BadPath",
		405: "MethodNotAllowed",
		410: "ExpiredToken Unregistered",
		413: "PayloadTooLarge",
		429: "TooManyProviderTokenUpdates TooManyRequests",
		500: "InternalServerError",
		503: "ServiceUnavailable Shutdown",
	}
	n := 0
	for status, list := range told {
		for _, name := range strings.Fields(list) {
			n++
			r, err := ParseReason(name)
			if err != nil || r.Status() != status {
				t.Errorf("%s: status %d, %v; want %d", name, r.Status(), err, status)
			}
		}
	}
	if got := len(Reasons()); got != n {
		t.Errorf("there are %d reasons, %d of them told of here", got, n)
	}
}

// TestTokenGone: nobody pushes again to a token that is gone, and everybody
// does where the push was at fault.
func TestTokenGone(t *testing.T) {
	for why, want := range map[string]bool{
		"410 Unregistered": true, "410 Unregistered: the device has another token now": true, "410 ExpiredToken": true,
		"400 BadDeviceToken: no device has it": true, "404 UNREGISTERED": true,
		"400 BadTopic": false, "429 TooManyRequests": false, "413 PayloadTooLarge: Unregistered": false, "404 NOT_FOUND": false, "": false,
	} {
		if got := TokenGone(why); got != want {
			t.Errorf("%q: gone %v", why, got)
		}
	}
}

// TestRefusalIsASignal: who sent a push that is refused is told, and nobody of
// what else becomes of one.
func TestRefusalIsASignal(t *testing.T) {
	for _, phase := range []event.PushPhase{event.PushSent, event.PushQueued, event.PushDropped, event.PushExpired} {
		if got := (Step{Event: event.Push{Phase: phase, Token: "t1"}}).Signal(); got != nil {
			t.Errorf("%s: %v", phase, got)
		}
	}
	if got := (Step{Event: event.Push{Phase: event.PushRefused, Token: "t1", Why: "no"}}).Signal(); got != (system.PushRefused{Token: "t1", Why: "no"}) {
		t.Errorf("refused: %v", got)
	}
	if got, ok := (Step{Deliver: &system.Push{ID: "p1"}}).Signal().(system.PushArrived); !ok || got.Push.ID != "p1" {
		t.Errorf("delivered: %v", got)
	}
}

func refusedFor(t *testing.T, s *Service, now time.Time, p system.Push) Reason {
	t.Helper()
	_, no := s.Take(now, "lab", p)
	if no == nil {
		return ""
	}
	return no.Reason
}

func newService(cfg Config) *Service {
	cfg.Rand = rand.New(rand.NewPCG(1, 1))
	return New(cfg)
}

// TestRefusalsAtTheEdges: how large a push may be, how many may be on their
// way, and how long a token lasts.
func TestRefusalsAtTheEdges(t *testing.T) {
	s := newService(Config{})
	s.Open(epoch, "alice", "t1")
	sized := func(n int) system.Push {
		return system.Push{Token: "t1", Payload: map[string]string{"key": strings.Repeat("x", n-3)}}
	}
	for n, want := range map[int]Reason{5120: "", 5121: PayloadTooLarge} {
		if got := refusedFor(t, s, epoch, sized(n)); got != want {
			t.Errorf("%d bytes: %q, want %q", n, got, want)
		}
	}
	for range 99 { // and the one above
		if got := refusedFor(t, s, epoch, system.Push{Token: "t1"}); got != "" {
			t.Fatalf("one of a hundred: %s", got)
		}
	}
	if got := refusedFor(t, s, epoch, system.Push{Token: "t1"}); got != TooManyRequests {
		t.Errorf("one more than a hundred: %q", got)
	}
	day := 24 * time.Hour
	for _, tt := range []struct {
		life, away time.Duration
		want       Reason
	}{
		{0, 270*day - 1, ""},
		{0, 270 * day, ExpiredToken},
		{time.Hour, time.Hour - 1, ""},
		{time.Hour, time.Hour, ExpiredToken},
	} {
		s := newService(Config{TokenLife: tt.life})
		s.Open(epoch, "alice", "t1")
		s.Close(epoch, "alice")
		s.Close(epoch.Add(time.Minute), "alice") // it is away already
		if got := refusedFor(t, s, epoch.Add(tt.away), system.Push{Token: "t1"}); got != tt.want {
			t.Errorf("a token that lasts for %s, after %s: %q, want %q", tt.life, tt.away, got, tt.want)
		}
	}
}

// TestTokenOfAnotherDevice: of a token that moves to another device, the first
// has it no more, and what was on its way is lost and said to be.
func TestTokenOfAnotherDevice(t *testing.T) {
	s := newService(Config{})
	s.Open(epoch, "alice", "t1")
	s.Open(epoch, "carol", "t2")
	s.Send(epoch, "lab", system.Push{Token: "t1", ID: "p1"})
	s.Send(epoch, "lab", system.Push{Token: "t2", ID: "p2"})
	steps := s.Open(epoch, "bob", "t1")
	if len(steps) != 1 || steps[0].For != "alice" || line(steps[0]) != "push dropped p1" {
		t.Errorf("the backup was restored: %+v", steps)
	}
	delivered := map[string]string{}
	for _, st := range s.Advance(epoch.Add(time.Minute)) {
		if st.Deliver != nil {
			delivered[st.Deliver.ID] = st.For
		}
	}
	if len(delivered) != 1 || delivered["p2"] != "carol" {
		t.Errorf("delivered: %v", delivered)
	}
	if got := s.Reopen(epoch, "alice"); got != nil || s.devices["alice"].reachable {
		t.Errorf("a device without a token is open again: %v", got)
	}
	s.Forget(epoch, "carol")
	if got := refusedFor(t, s, epoch, system.Push{Token: "t2"}); got != Unregistered || s.devices["carol"] != nil {
		t.Errorf("the token of a device that is forgotten: %q", got)
	}
	if got := refusedFor(t, s, epoch, system.Push{Token: "t3"}); got != BadDeviceToken {
		t.Errorf("a token that never was: %q", got)
	}
}

// TestFormerTokens: a thousand tokens are remembered, and the oldest go.
func TestFormerTokens(t *testing.T) {
	s := newService(Config{})
	for i := range 1002 { // of which one is in use
		s.Open(epoch, "alice", fmt.Sprint("t", i))
	}
	for token, want := range map[string]Reason{"t0": BadDeviceToken, "t1": Unregistered, "t1000": Unregistered, "t1001": ""} {
		if got := refusedFor(t, s, epoch, system.Push{Token: token}); got != want {
			t.Errorf("%s: %q, want %q", token, got, want)
		}
	}
}

// TestStoredExpire: what a device was kept for is not delivered when its time
// is over.
func TestStoredExpire(t *testing.T) {
	for away, want := range map[time.Duration]string{29 * time.Second: "alice gets p1", 30 * time.Second: "push expired p1"} {
		s := newService(Config{MaxDelay: 1})
		s.Open(epoch, "alice", "t1")
		s.Close(epoch, "alice")
		s.Send(epoch, "lab", system.Push{Token: "t1", ID: "p1", Expires: epoch.Add(30 * time.Second)})
		s.Advance(epoch.Add(time.Second))
		steps := s.Open(epoch.Add(away), "alice", "t1")
		got := ""
		for _, st := range steps {
			if st.Deliver != nil {
				got = st.For + " gets " + st.Deliver.ID
			} else {
				got = line(st)
			}
		}
		if got != want {
			t.Errorf("after %s: %q, want %q", away, got, want)
		}
	}
}

// TestDelays: without a word, a push takes from 0.1 to 3 seconds.
func TestDelays(t *testing.T) {
	for _, tt := range []struct{ set, least, most time.Duration }{{0, 100 * time.Millisecond, 3 * time.Second}, {time.Second, time.Second, time.Second}} {
		s := newService(Config{MinDelay: tt.set, MaxDelay: tt.set})
		least, most := time.Hour, time.Duration(0)
		for range 10_000 {
			d := s.between(s.cfg.MinDelay, s.cfg.MaxDelay)
			least, most = min(least, d), max(most, d)
		}
		if least < tt.least || least > tt.least+10*time.Millisecond || most > tt.most || most < tt.most-10*time.Millisecond {
			t.Errorf("from %s to %s, want %s to %s", least, most, tt.least, tt.most)
		}
	}
}

// TestReadParams: a Contact says where to push, and whether that is enough.
func TestReadParams(t *testing.T) {
	for _, tt := range []struct {
		params    map[string]string
		ok, wakes bool
	}{
		{nil, false, false},
		{map[string]string{"pn-prid": "x", "pn-param": "y"}, false, true},
		{map[string]string{"pn-provider": "apns"}, true, false},
		{map[string]string{"pn-provider": "apns", "pn-prid": "x"}, true, false},
		{map[string]string{"pn-provider": "apns", "pn-param": "y"}, true, false},
		{map[string]string{"pn-provider": "apns", "pn-prid": "x", "pn-param": "y"}, true, true},
		{map[string]string{"pn-provider": "webpush", "pn-prid": "x"}, true, true},
		{map[string]string{"pn-provider": "webpush"}, true, false},
	} {
		p, ok := ReadParams(func(key string) (string, bool) { v, ok := tt.params[key]; return v, ok })
		want := Params{Provider: tt.params["pn-provider"], PRID: tt.params["pn-prid"], Param: tt.params["pn-param"]}
		if p != want || ok != tt.ok || p.Wakes() != tt.wakes {
			t.Errorf("%v: %+v, %v, wakes %v", tt.params, p, ok, p.Wakes())
		}
	}
}

// TestValues: each character of a URI's parameter, and no other, and how many.
func TestValues(t *testing.T) {
	const fit = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()[]/:&+$"
	for c := range 256 {
		want := strings.ContainsRune(fit, rune(c))
		if err := CheckValue(string(rune(c))); (err == nil) != want {
			t.Errorf("%q: %v", rune(c), err)
		}
	}
	for n, want := range map[int]bool{1024: true, 1025: false} {
		if err := CheckValue(strings.Repeat("x", n)); (err == nil) != want {
			t.Errorf("%d characters: %v", n, err)
		}
	}
	for _, name := range Providers {
		if err := CheckProvider(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPurposes: a purpose that nobody knows is none, and a text is bounded.
func TestPurposes(t *testing.T) {
	for word, want := range map[string]Purpose{"": NewCall, "reg-refresh": Refresh, "mid-BYE": InCall("BYE"), "refresh": NewCall, "xmid-BYE": NewCall} {
		if got := ReadPayload(map[string]string{"reason": word}).Purpose; got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	if got := len(ReadPayload(map[string]string{"name": strings.Repeat("x", 300)}).Name); got != 256 {
		t.Errorf("%d characters of a name", got)
	}
	if got := ReadPayload(map[string]string{"name": "B\x07o\ufffdb"}).Name; got != "Bob" {
		t.Errorf("%q", got)
	}
	if got := (Payload{Peer: "bob"}).Map(); len(got) != 1 {
		t.Errorf("what is empty is sent: %v", got)
	}
}
