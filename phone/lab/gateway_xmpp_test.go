package lab

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/xmpp"
)

// xmppPhone adds a phone that speaks XMPP to a lab that does.
func xmppPhone(t *testing.T) (*bench, *phone) {
	t.Helper()
	b := newBench(t, func(c *Config) {
		c.Doors = []Door{{
			Protocol: "xmpp", Addr: "10.0.0.1:5222",
			Serve: func(h control.Host) (control.Server, error) { return xmpp.NewServer(h), nil },
		}}
	})
	a, err := app.New(app.Config{
		Account:  xmpp.Config{JID: "alice@lab.test", Password: "secret", Server: "lab", TLS: xmpp.Off},
		Strategy: app.VoIPSocket, Rand: rand.New(rand.NewPCG(1, 99)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ph := &phone{App: a, bench: b, tls: layers(secure.Config{})}
	ph.node = b.w.Add("alice", b.addr(), ph, link.Path{Latency: 20 * time.Millisecond})
	b.w.Do(ph.node, func(now time.Time) []system.Effect { return ph.Receive(now, system.Launched{}) })
	b.run(time.Second)
	b.expect("alice", "registered")
	return b, ph
}

func TestGatewayToXMPP(t *testing.T) {
	b, alice := xmppPhone(t)
	b.do("bob calls alice")
	b.expect("alice", "call ringing", "bob@lab.test")
	b.expect("bob", "180 Ringing")
	alice.do(alice.Answer)
	b.expect("bob", "call up")
	b.do("bob hangs up")
	b.expect("alice", "call ended", "by peer")

	b.do("bob calls alice")
	b.run(time.Second)
	alice.do(alice.Decline)
	b.expect("bob", "call ended", "603 Decline")

	b.do("bob texts alice are you there?")
	b.expect("alice", `text from "Bob" bob@lab.test`, "are you there?")
	b.do("ping alice")
	b.expect("alice", "<-- ping")
}

// TestXMPPSessionOutlivesConnection loses the connection, and nothing else.
func TestXMPPSessionOutlivesConnection(t *testing.T) {
	b, _ := xmppPhone(t)
	b.run(time.Minute)
	b.do("reset alice")
	b.do("bob calls alice")
	b.expect("alice", "registered", "the session goes on")
	b.expect("alice", "call ringing", "bob@lab.test")
	b.expect("bob", "180 Ringing")
	b.run(time.Minute)
	b.do("stop")
	b.run(10 * time.Second)
	b.do("start")
	b.run(5 * time.Minute)
	if !b.lab.gateway.doors[0].server.Online("alice") {
		t.Error("alice has not come back after a restart")
		b.dump()
	}
}
