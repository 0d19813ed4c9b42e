package phone_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// pusher is a handset with pushes, which nobody serves.
type pusher struct {
	t     *testing.T
	phone *phone.Handset
	now   time.Time
	seen  []event.Event
}

func newPusher(t *testing.T, name string, strategy app.Strategy) *pusher {
	t.Helper()
	profile, err := device.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	h, err := phone.New(phone.Config{Profile: profile, Seed: 1, App: app.Config{
		Account:  sip.Config{AOR: "sip:alice@lab.test", Server: "192.0.2.1:5060"},
		Strategy: strategy, Rand: rand.New(rand.NewPCG(1, 1)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	p := &pusher{t: t, phone: h, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	p.note(h.Start(p.now))
	return p
}

func (p *pusher) note(effects []system.Effect) {
	for _, c := range effects {
		if l, ok := c.(system.Log); ok {
			p.seen = append(p.seen, l.Event)
		}
	}
}

func (p *pusher) do(line string) error {
	v, err := verb.ParsePhone(line)
	if err != nil {
		return err
	}
	effects, err := p.phone.Do(p.now, v)
	p.note(effects)
	return err
}

func TestPushByHand(t *testing.T) {
	p := newPusher(t, "android-doze", app.Push)
	for line, want := range map[string]string{
		"push name":                             "not KEY=VALUE",
		"push =x":                               "not KEY=VALUE",
		"push priority=urgent":                  "high or normal",
		"push x=" + strings.Repeat("y", 6000):   "at most 5120",
		"push reset=" + strings.Repeat("y", 10): "",
		"push":                                  "",
		"push name=Carol priority=high":         "",
	} {
		err := p.do(line)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%.30s: %v, want %q", line, err, want)
		}
	}
	shown := ""
	for _, e := range p.seen {
		if n, ok := e.(event.Notification); ok {
			shown += n.Title + " " + n.Body + "\n"
		}
	}
	if !strings.Contains(shown, "Carol") {
		t.Errorf("shown: %s", shown)
	}
}

func TestPushByHandToWhoHasNoPush(t *testing.T) {
	for name, strategy := range map[string]app.Strategy{"android-doze": app.NoStrategy, "desktop": app.Push} {
		if err := newPusher(t, name, strategy).do("push"); err == nil || !strings.Contains(err.Error(), "strategy push") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestShutdownIsNoUser: a program that ends lets a sleeping app sign off, and says that it
// did, and not that a user opened the app.
func TestShutdownIsNoUser(t *testing.T) {
	p := newPusher(t, "ios-voip-socket", app.VoIPSocket)
	if err := p.do("background"); err != nil {
		t.Fatal(err)
	}
	for at := p.phone.Deadline(); p.phone.State() != event.Suspended && !at.IsZero(); at = p.phone.Deadline() {
		p.now = at
		p.note(p.phone.Advance(p.now))
	}
	if err := p.do("lock"); err != nil || p.phone.State() != event.Suspended {
		t.Fatalf("%s: %v", p.phone.State(), err)
	}
	p.seen = nil
	p.note(p.phone.Shutdown(p.now))
	var causes []event.WakeCause
	for _, e := range p.seen {
		switch e := e.(type) {
		case event.Wake:
			causes = append(causes, e.Cause)
		case event.Lock:
			t.Errorf("the screen was unlocked: %+v", e)
		}
	}
	if !slices.Equal(causes, []event.WakeCause{event.ByQuit}) {
		t.Errorf("woken by %v", causes)
	}
}
