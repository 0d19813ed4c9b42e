package xmpp

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func TestConfig(t *testing.T) {
	tests := []struct {
		cfg    Config
		server string // "": it is refused
		tls    Policy
		err    string
	}{
		{Config{JID: "alice@example.com"}, "example.com:5222", Required, ""},
		{Config{JID: "Alice@Example.COM/phone", Transport: TLS}, "example.com:5223", Required, ""},
		{Config{JID: "alice@example.com", Server: "192.0.2.1"}, "192.0.2.1:5222", Required, ""},
		{Config{JID: "alice@example.com", Server: "xmpp.example.com:443", Transport: TLS}, "xmpp.example.com:443", Required, ""},
		{Config{JID: "alice@example.com", Server: "127.0.0.1:5222"}, "127.0.0.1:5222", Off, ""},
		{Config{JID: "alice@example.com", Server: "localhost"}, "localhost:5222", Off, ""},
		{Config{JID: "alice@example.com", Server: "[::1]"}, "[::1]:5222", Off, ""},
		{Config{JID: "alice@example.com", Server: "[2001:db8::1]:15222"}, "[2001:db8::1]:15222", Required, ""},
		{Config{JID: "alice@example.com", Server: "2001:db8::1"}, "[2001:db8::1]:5222", Required, ""},
		{Config{JID: "alice@example.com", Server: "localhost", TLS: Required}, "localhost:5222", Required, ""},
		{Config{JID: "alice@example.com", Server: "localhost:0"}, "", "", "is no port"},
		{Config{JID: "alice@example.com", Server: "a b"}, "", "", "is not host:port"},
		{Config{JID: "example.com"}, "", "", "has no user"},
		{Config{JID: "a b@example.com"}, "", "", "JID"},
		{Config{JID: "alice@example.com", Transport: "udp"}, "", "", "tcp or tls"},
		{Config{JID: "alice@example.com", TLS: "maybe"}, "", "", "required and off"},
		{Config{JID: "alice@example.com", PushService: "@"}, "", "", "push service"},
		{Config{JID: "alice@example.com", MaxCalls: -1}, "", "", "calls at a time"},
	}
	for _, test := range tests {
		cfg := test.cfg
		_, err := cfg.check()
		switch {
		case test.err != "":
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%+v: error %v, want one with %q", test.cfg, err, test.err)
			}
		case err != nil:
			t.Errorf("%+v: %v", test.cfg, err)
		case cfg.Server != test.server || cfg.TLS != test.tls:
			t.Errorf("%+v: server %s, TLS %s; want %s, %s", test.cfg, cfg.Server, cfg.TLS, test.server, test.tls)
		}
	}
}

func TestAccount(t *testing.T) {
	account := Config{JID: "Alice@example.com"}
	who := account.Identity()
	if want := (control.Identity{Protocol: "xmpp", Address: "alice@example.com", Server: "example.com:5222", Transport: "tcp"}); who != want {
		t.Errorf("%+v, want %+v", who, want)
	}
	env := control.Env{Rand: rand.New(rand.NewPCG(1, 1)), NextSocket: func() system.Socket { return 1 }}
	agent, err := account.Open(env)
	if err != nil {
		t.Fatal(err)
	}
	if agent.User() != "alice" {
		t.Errorf("user %q", agent.User())
	}
	env.Datagrams = true
	if _, err := account.Open(env); err == nil {
		t.Error("XMPP over UDP")
	}
}
