package lab

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func TestRequestsThatCannotBe(t *testing.T) {
	for _, tc := range []struct {
		name, method, uri, to, more string
		status                      int
	}{
		{"options", "OPTIONS", "sip:lab.test", "<sip:lab.test>", "X: y", 200},
		{"options by address", "OPTIONS", "sip:10.0.0.1:5060", "<sip:lab.test>", "X: y", 200},
		{"foreign domain", "INVITE", "sip:bob@elsewhere.test", "<sip:bob@elsewhere.test>", "X: y", 404},
		{"unknown user", "INVITE", "sip:zoe@lab.test", "<sip:zoe@lab.test>", "X: y", 404},
		{"absent user", "INVITE", "sip:carol@lab.test", "<sip:carol@lab.test>", "X: y", 480},
		{"lost dialog", "BYE", "sip:zoe@192.0.2.1:5", "<sip:zoe@lab.test>;tag=1", "X: y", 481},
		{"scheme", "INVITE", "tel:+4989", "<tel:+4989>", "X: y", 416},
		{"extension", "INVITE", "sip:bob@lab.test", "<sip:bob@lab.test>", "Proxy-Require: foo", 420},
		{"bad route", "INVITE", "sip:bob@lab.test", "<sip:bob@lab.test>", "Route: sip:x", 400},
		{"cancel of nothing", "CANCEL", "sip:bob@lab.test", "<sip:bob@lab.test>", "X: y", 481},
	} {
		if res := newBench(t, nil).wire().request(tc.method, tc.uri, tc.to, tc.more); res.StatusCode != tc.status {
			t.Errorf("%s: %d, want %d", tc.name, res.StatusCode, tc.status)
		}
	}
}

func TestTooManyHops(t *testing.T) {
	c := newBench(t, nil).wire()
	c.cseq++
	c.send(strings.Replace(c.text("INVITE", "sip:bob@lab.test", "<sip:bob@lab.test>"), "Max-Forwards: 70", "Max-Forwards: 0", 1))
	if n := len(c.resps); n != 1 || c.resps[0].StatusCode != 483 {
		t.Errorf("%d responses", n)
	}
}

func TestGarbageHurtsNobodyElse(t *testing.T) {
	b := newBench(t, nil)
	alice := b.phone("alice", "secret", app.Manual, 440)
	alice.call("echo")
	b.expect("alice", "call up")
	for _, garbage := range []string{
		"\x00\x01\x02\x03\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", strings.Repeat("x", 100_000),
		"INVITE sip:bob@lab.test SIP/2.0\r\nContent-Length: 99999999\r\n\r\n",
	} {
		c := b.wire()
		c.send(garbage)
		b.run(time.Second)
		if c.closed == "" {
			t.Errorf("still open after %.20q", garbage)
		}
	}
	c := b.wire()
	for range maxBad + 1 {
		c.send("OPTIONS sip:lab.test SIP/2.0\r\nContent-Length: 0\r\n\r\n")
	}
	if c.closed == "" {
		t.Error("still open after many bad messages")
	}
	b.expect("alice", "heard tone 440 Hz")
}

func TestConnectionsAreBounded(t *testing.T) {
	b := newBench(t, func(c *Config) { c.MaxConns = len(Robots()) + 2 })
	b.wire()
	b.wire()
	if third := b.wire(); third.closed != "RST" {
		t.Errorf("a connection too many: closed by %q", third.closed)
	}
}

func TestStalledConnectionIsBounded(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.register("alice", "secret", contact)
	b.do("stall alice")
	c.send(strings.Repeat("x", maxBacklog+1))
	b.run(time.Second)
	if c.closed != "RST" {
		t.Errorf("closed by %q", c.closed)
	}
}

func FuzzLab(f *testing.F) {
	robots := Robots()[2:3]
	c := wire{local: netip.MustParseAddrPort("10.0.1.1:49152"), cseq: 1}
	f.Add([]byte(c.text("REGISTER", "sip:lab.test", "<sip:alice@lab.test>", contact)))
	f.Add([]byte(c.text("INVITE", "sip:busy@lab.test", "<sip:busy@lab.test>", contact) + c.text("CANCEL", "sip:busy@lab.test", "<sip:busy@lab.test>")))
	f.Add([]byte(c.text("ACK", "sip:bob@lab.test", "<sip:bob@lab.test>;tag=x", "Route: <sip:1-2-3@10.0.0.1;lr>,<sip:a>")))
	f.Add([]byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKx\r\nFrom: <sip:a>\r\nTo: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"))
	f.Add([]byte("\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := New(Config{Addr: ":5060", Rand: rand.New(rand.NewPCG(1, 2)), Robots: robots, Accounts: []Account{{"alice", "secret"}}})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		l.Start(now)
		local := netip.MustParseAddrPort("10.0.0.1:5060")
		l.Receive(now, system.Bound{Socket: 1, Local: local})
		l.Receive(now, system.Bound{Socket: 2, Local: local})
		phone := netip.MustParseAddrPort("10.0.1.2:5060")
		l.Receive(now, system.Received{Socket: 2, From: phone, Data: bytes.Clone(data)})
		conn := ^system.Socket(0)
		l.Receive(now, system.Accepted{Listener: 1, Socket: conn, Local: local, Remote: netip.MustParseAddrPort("10.0.1.1:49152")})
		half := len(data) / 2
		l.Receive(now, system.Received{Socket: conn, Data: append([]byte(nil), data[:half]...)})
		l.Receive(now, system.Received{Socket: conn, Data: append([]byte(nil), data[half:]...)})
		for range 20 {
			if d := l.Deadline(); !d.IsZero() && d.After(now) {
				now = d
			}
			l.Advance(now)
		}
		l.Receive(now, system.Closed{Socket: conn})
	})
}
