package stage

import (
	"context"
	"crypto/x509"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// liveLab runs a lab on loopback until the test ends.
func liveLab(t *testing.T, seed uint64) (*LabHost, netip.AddrPort) {
	t.Helper()
	return liveLabAt(t, seed, "127.0.0.1:0")
}

func liveLabAt(t *testing.T, seed uint64, addr string) (*LabHost, netip.AddrPort) {
	t.Helper()
	l, err := NewLabHost(lab.Config{
		Config: server.Config{Addr: addr, Accounts: []server.Account{{User: "alice", Password: Password}}, Domain: "example.test"},
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

// foundBy is a live phone that finds its server in those records, until the test ends.
func foundBy(t *testing.T, values setup.Values, ca *x509.CertPool, records ...string) (*live.Phone, *event.Log) {
	t.Helper()
	names, err := zone.New(records)
	if err != nil {
		t.Fatal(err)
	}
	resolver, err := live.ServeZone(names)
	if err != nil {
		t.Fatal(err)
	}
	profile, err := device.Load(setup.DefaultDevice)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(values, setup.Values{"user": "alice", "password": Password, "resolver": resolver.Addr, "mic": "silence", "speaker": "none"})
	cfg, err := setup.Build(values, setup.Kit{Name: "alice", Seed: 1, Device: profile, CA: ca, Instance: "urn:uuid:00000000-0000-4000-8000-000000000001"})
	if err != nil {
		t.Fatal(err)
	}
	log := new(event.Log)
	ph, err := live.NewPhone("alice", log, cfg, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	off := make(chan error, 1)
	go func() { off <- ph.Run(ctx) }()
	t.Cleanup(func() { stop(); <-off; resolver.Close() })
	return ph, log
}

// TestCertificateLive: a server that SRV records have named shows the certificate of the
// domain, whatever its own name is; one for its own name alone is refused, and the error
// says both names (RFC 5922 §7.3: anybody could have written the records).
func TestCertificateLive(t *testing.T) {
	l, at := liveLab(t, 3) // its certificate is for example.test
	ca := secure.Trusting(l.Certificate())
	for _, c := range []struct{ server, target, want string }{
		{"example.test", "sip1.voice.test", ""},
		{"voice.test", "example.test", "TLS with voice.test: its certificate is for example.test, "},
	} {
		_, log := foundBy(t, setup.Values{"server": c.server, "domain": "example.test", "transport": "tls"}, ca,
			fmt.Sprintf("_sips._tcp.%s SRV 10 0 %d %s", c.server, at.Port(), c.target), c.target+" A 127.0.0.1")
		got, ended := "", false
		for r := range log.Follow(t.Context(), 0) {
			switch e := r.Event.(type) {
			case event.Registration:
				ended = e.Phase == event.RegistrationActive
			case event.Socket:
				got, ended = e.Error, e.Error != ""
			}
			if ended {
				break
			}
		}
		if !ended || (got == "") != (c.want == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s at %s: %q, want %q", c.server, c.target, got, c.want)
		}
	}
}

// TestFailoverLive: a live phone finds two labs by a resolver of its own. The first
// answers a call with 503: the second takes it (RFC 3263 §4.3).
func TestFailoverLive(t *testing.T) {
	first, one := liveLab(t, 1)
	_, two := liveLab(t, 2)
	ph, log := foundBy(t, setup.Values{"server": "example.test"}, nil,
		"example.test NAPTR 10 10 's' 'SIP+D2T' '' _sip._tcp.example.test",
		fmt.Sprintf("_sip._tcp.example.test SRV 10 0 %d one.example.test", one.Port()),
		fmt.Sprintf("_sip._tcp.example.test SRV 20 0 %d two.example.test", two.Port()),
		"one.example.test A 127.0.0.1", "two.example.test A 127.0.0.1")
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
			if e.Phase != event.RegistrationActive {
				continue
			}
			if registered++; registered == 1 {
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
