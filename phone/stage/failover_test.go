package stage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// liveLab runs a lab on loopback until the test ends.
func liveLab(t *testing.T, seed uint64) (*LabHost, netip.AddrPort) {
	t.Helper()
	l, err := NewLabHost(lab.Config{
		Config: server.Config{Addr: "127.0.0.1:0", Accounts: []server.Account{{User: "alice", Password: Password}}, Domain: "example.test"},
		Rand:   rand.New(rand.NewPCG(seed, 1)), Robots: lab.Robots(),
	}, new(event.Log), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	off := make(chan error, 1)
	go func() { off <- l.Run(ctx) }()
	t.Cleanup(func() { stop(); <-off })
	at, err := l.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return l, netip.MustParseAddrPort(at.SIP)
}

// TestFailoverLive: a live phone finds two labs by a resolver of its own. The first
// answers a call with 503: the second takes it (RFC 3263 §4.3).
func TestFailoverLive(t *testing.T) {
	first, one := liveLab(t, 1)
	_, two := liveLab(t, 2)
	names, err := zone.New([]string{
		"example.test NAPTR 10 10 's' 'SIP+D2T' '' _sip._tcp.example.test",
		fmt.Sprintf("_sip._tcp.example.test SRV 10 0 %d one.example.test", one.Port()),
		fmt.Sprintf("_sip._tcp.example.test SRV 20 0 %d two.example.test", two.Port()),
		"one.example.test A 127.0.0.1", "two.example.test A 127.0.0.1",
	})
	if err != nil {
		t.Fatal(err)
	}
	resolver, err := live.ServeZone(names)
	if err != nil {
		t.Fatal(err)
	}
	defer resolver.Close()
	profile, err := device.Load(setup.DefaultDevice)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := setup.Build(setup.Values{"server": "example.test", "user": "alice", "password": Password, "resolver": resolver.Addr, "mic": "silence", "speaker": "none"}, setup.Kit{Name: "alice", Seed: 1, Device: profile, Instance: "urn:uuid:00000000-0000-4000-8000-000000000001"})
	if err != nil {
		t.Fatal(err)
	}
	log := new(event.Log)
	ph, err := live.NewPhone("alice", log, cfg, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	off := make(chan error, 1)
	go func() { off <- ph.Run(ctx) }()
	defer func() { stop(); <-off }()

	if err := first.Say(t.Context(), "respond 503 to INVITE", "script"); err != nil {
		t.Fatal(err)
	}
	var tried []string
	registered, failed := 0, false
	for r := range log.Follow(t.Context(), 0) {
		switch e := r.Event.(type) {
		case event.Target:
			tried = append(tried, e.Server)
		case event.Registration:
			if e.Phase == event.RegistrationActive {
				registered++
			}
			if registered == 1 && e.Phase == event.RegistrationActive {
				if err := ph.Do(t.Context(), "call echo", "script"); err != nil {
					t.Fatal(err)
				}
			}
		case event.Warning:
			failed = failed || e.Rule == event.RuleServerFailover
		case event.Call:
			if e.Phase == event.CallEnded {
				t.Fatalf("the call has ended: %+v", e)
			}
			if e.Phase != event.CallUp {
				continue
			}
			want := fmt.Sprintf("[one.example.test:%d two.example.test:%d]", one.Port(), two.Port())
			if fmt.Sprint(tried) != want || !failed {
				t.Errorf("tried %v, want %s; said %t", tried, want, failed)
			}
			return
		}
	}
}
