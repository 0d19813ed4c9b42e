package lab

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// newRawBench is a bench whose lab has a door for a raw protocol.
func newRawBench(t *testing.T, protocol string) *bench {
	t.Helper()
	p, err := raw.Load(protocol)
	if err != nil {
		t.Fatal(err)
	}
	return newBench(t, func(c *Config) {
		c.Doors = []Door{{
			Protocol: "raw", Addr: "10.0.0.1:7000",
			Serve: func(h control.Host) (control.Server, error) { return raw.NewServer(p, h) },
		}}
	})
}

// rawPhone adds a phone that speaks it.
func (b *bench) rawPhone(protocol, name string, auto app.Behaviour) *phone {
	b.t.Helper()
	p, err := raw.Load(protocol)
	if err != nil {
		b.t.Fatal(err)
	}
	a, err := app.New(app.Config{
		Account:  raw.Config{Protocol: p, Server: "lab:7000", User: name, Password: "secret", Clear: control.Clear{Here: true}},
		Strategy: app.VoIPSocket, Auto: auto, Rand: rand.New(rand.NewPCG(uint64(b.n), 99)),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	ph := &phone{App: a, tls: layers(secure.Config{CA: b.trust}), bench: b}
	ph.node = b.w.Add(name, b.addr(), ph, b.path)
	b.w.Do(ph.node, func(now time.Time) []system.Effect { return ph.Receive(now, system.Launched{}) })
	b.run(time.Second)
	b.expect(name, "registered")
	return ph
}

// TestGatewayCalls has a robot and a phone call a user of a raw protocol, over
// each of the built-in ones.
func TestGatewayCalls(t *testing.T) {
	for _, protocol := range raw.Names() {
		t.Run(protocol, func(t *testing.T) {
			b := newRawBench(t, protocol)
			alice := b.rawPhone(protocol, "alice", app.Manual)
			b.do("bob calls alice")
			b.expect("alice", "call ringing", "sip:bob@lab.test")
			b.expect("bob", "180 Ringing")
			alice.do(alice.Answer)
			b.expect("bob", "call up")
			b.expect("bob", "audio start", "on hold")
			b.do("bob hangs up")
			b.expect("alice", "call ended", "by peer")

			carol := b.phone("carol", "secret", app.Manual, 440)
			carol.call("alice")
			b.expect("alice", "call ringing", "sip:carol@lab.test")
			alice.do(alice.Answer)
			b.expect("carol", "call up")
			alice.hangup()
			b.expect("carol", "call ended", "by peer")
			b.run(time.Second)
			if load := b.lab.sip.Load(); load.Calls+load.Asked+load.Watched > 0 {
				t.Errorf("left behind: %+v", load)
			}
			b.do("bob texts alice are you there?")
			b.expect("alice", "text from sip:bob@lab.test", "are you there?")
		})
	}
}

// TestGatewayOverUDP has the caller signal over UDP, where the answer is
// repeated until it is acknowledged.
func TestGatewayOverUDP(t *testing.T) {
	b := newRawBench(t, "lines")
	b.rawPhone("lines", "alice", app.Accept)
	b.transport = sip.UDP
	b.path.Loss = 0.3
	carol := b.phone("carol", "secret", app.Manual, 440)
	b.run(20 * time.Second)
	carol.call("alice")
	b.expect("carol", "call up")
	carol.hangup()
	b.run(40 * time.Second)
	b.expect("alice", "call ended", "by peer")
}

func TestGatewayRefuses(t *testing.T) {
	b := newRawBench(t, "lines")
	alice := b.rawPhone("lines", "alice", app.Manual)
	b.do("bob calls alice")
	b.expect("alice", "call ringing")
	alice.do(alice.Decline)
	b.expect("bob", "call ended", "603 Decline")

	b.do("echo calls alice")
	b.expect("alice", "call ringing", "sip:echo@lab.test")
	b.do("echo hangs up")
	b.expect("alice", "call ended", "cancelled")
	b.expect("echo", "487 Request Terminated")

	b.do("close alice") // it connects again at once, but not twice in 10 s
	b.run(time.Second)
	b.do("reset alice")
	b.expect("alice", "next try in")
	b.do("bob calls alice")
	b.expect("bob", "call ended", "480")
	b.do("stop")
	b.run(5 * time.Minute)
	b.do("start")
	b.run(10 * time.Minute)
	if !b.lab.gateway.doors[0].server.Online("alice") {
		t.Error("alice has not come back after a restart")
		b.dump()
	}
}

// TestGatewayMisbehaves has each misbehaviour that a door knows be seen.
func TestGatewayMisbehaves(t *testing.T) {
	for _, tt := range []struct {
		name, phone, want, line string
	}{
		{"no-invite", "bob", "100 Trying", ""},
		{"double-invite", "alice", "duplicate-invite", ""},
		{"close-at-invite", "alice", "registration lost", ""},
		{"close-at-ringing", "alice", "registration lost", ""},
		{"no-text", "lab", "text  alice", "bob texts alice hello"},
	} {
		b := newRawBench(t, "lines")
		b.rawPhone("lines", "alice", app.Manual)
		b.do("misbehave " + tt.name)
		if tt.line == "" {
			tt.line = "bob calls alice"
		}
		b.do(tt.line)
		b.run(time.Second)
		if want := strings.Fields(tt.want); !b.saw(tt.phone, want...) {
			t.Errorf("%s: no %q", tt.name, tt.want)
			b.dump()
		}
		if tt.name == "no-invite" && b.saw("alice", "call incoming") || tt.name == "no-text" && b.saw("alice", "text from") {
			t.Errorf("%s: it came", tt.name)
		}
	}
}

// TestDoorsAreBounded stalls a connection that goes on sending.
func TestDoorsAreBounded(t *testing.T) {
	b := newRawBench(t, "lines")
	b.rawPhone("lines", "alice", app.Manual)
	b.do("stall alice")
	b.lab.gateway.guestsOf("alice")[0].receive([]byte(strings.Repeat("x", server.MaxBacklog+1)))
	if len(b.lab.gateway.guests) != 0 {
		t.Error("a stalled connection piles up without end")
	}
}
