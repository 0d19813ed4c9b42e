package app

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/xmpp"
)

func TestTraits(t *testing.T) {
	for _, want := range []Traits{
		{Name: Push, Pushed: true, Expires: 24 * time.Hour},
		{Name: VoIPSocket, Expires: time.Hour, KeepsAlive: true},
		{Name: WakeSocket, WakeServer: true, Datagrams: true, Expires: time.Hour, KeepsAlive: true},
		{Name: StayAwake, Asks: true, Expires: time.Hour, KeepsAlive: true},
		{Name: NoStrategy, Expires: time.Hour},
	} {
		got := want.Name.Traits()
		if got.Help == "" || strings.Contains(got.Help, "\n") {
			t.Errorf("%s: help %q, want one line", want.Name, got.Help)
		}
		got.Help = ""
		if got != want {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	}
	if got := Strategy("").Traits().Name; got != DefaultStrategy {
		t.Errorf("no name: %q", got)
	}
	if got := Strategy("telepathy").Traits(); got != (Traits{}) {
		t.Errorf("an unknown name: %+v", got)
	}
}

func TestParseStrategy(t *testing.T) {
	for _, name := range StrategyNames() {
		if s, err := ParseStrategy(name); err != nil || string(s) != name {
			t.Errorf("%s: %q, %v", name, s, err)
		}
	}
	if want := []string{"push", "local-push", "voip-socket", "wake-socket", "stay-awake", "none"}; !slices.Equal(StrategyNames(), want) {
		t.Errorf("names %q, want %q", StrategyNames(), want)
	}
	for _, name := range []string{"", "wake-soket"} {
		if _, err := ParseStrategy(name); err == nil || name != "" && !strings.Contains(err.Error(), "mean wake-socket?") {
			t.Errorf("%q: error %v, want one that names the nearest", name, err)
		}
	}
}

// TestRegistersForAsLongAsItsStrategy: what REGISTER asks for is the account's,
// else the strategy's, and nobody else's.
func TestRegistersForAsLongAsItsStrategy(t *testing.T) {
	for _, c := range []struct {
		strategy Strategy
		account  time.Duration
		want     string
	}{
		{Push, 0, "86400"},
		{Push, time.Hour, "3600"},
		{VoIPSocket, 0, "3600"},
		{VoIPSocket, 2 * time.Hour, "7200"},
		{WakeSocket, 0, "3600"},
		{StayAwake, 0, "3600"},
		{NoStrategy, 0, "3600"},
		{"", 0, "3600"},
	} {
		a, err := New(Config{
			Account:  sip.Config{AOR: "sip:alice@lab.test", Server: "192.0.2.1:5060", Transport: sip.TCP, Expires: c.account},
			Strategy: c.strategy, WakeServer: "192.0.2.1:5070", Rand: rand.New(rand.NewPCG(1, 1)),
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := expiresAsked(t, a); got != c.want {
			t.Errorf("%q, account %s: Expires: %s, want %s", c.strategy, c.account, got, c.want)
		}
	}
}

// expiresAsked launches the app, connects it, and reads its REGISTER.
func expiresAsked(t *testing.T, a *App) string {
	t.Helper()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var control system.Socket // the last that was opened
	for _, c := range a.Receive(now, system.Launched{}) {
		if c, ok := c.(system.Connect); ok {
			control = c.Socket
		}
	}
	for _, c := range a.Receive(now, system.Connected{Socket: control, Local: netip.MustParseAddrPort("192.0.2.10:49152")}) {
		if c, ok := c.(system.Send); ok && strings.HasPrefix(string(c.Data), "REGISTER ") {
			_, rest, _ := strings.Cut(string(c.Data), "\r\nExpires: ")
			seconds, _, _ := strings.Cut(rest, "\r\n")
			return seconds
		}
	}
	t.Fatal("no REGISTER")
	return ""
}

func TestNewRefuses(t *testing.T) {
	account := sip.Config{AOR: "sip:alice@lab.test", Server: "192.0.2.1:5060"}
	for name, cfg := range map[string]Config{
		"an unknown strategy":   {Account: account, Strategy: "telepathy"},
		"no wake server":        {Account: account, Strategy: WakeSocket},
		"Web Push by XMPP":      {Account: xmpp.Config{JID: "alice@lab.test", Server: "lab.test:5222"}, Push: Pushing{Provider: "webpush"}},
		"a provider of two":     {Account: account, Push: Pushing{Provider: "apns;x"}},
		"a block of no queue":   {Account: account, Mark: Marking{When: MarkOutside}},
		"an account of nowhere": {Account: sip.Config{AOR: "sip:alice@lab.test", Server: "::::"}},
	} {
		cfg.Rand = rand.New(rand.NewPCG(1, 1))
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
