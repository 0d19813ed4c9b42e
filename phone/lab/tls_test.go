package lab

import (
	"bytes"
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// newTLSBench is a lab that has a certificate, and phones that trust it.
func newTLSBench(t *testing.T) *bench {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	cert, err := secure.SelfSigned(key, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), "lab")
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, func(c *Config) { c.TLS.Certificate = cert })
	b.trust, b.transport = secure.Trusting(cert), sip.TLS
	return b
}

// A phone over TLS and one over TCP call each other, on the same port.
func TestTLSCalls(t *testing.T) {
	b := newTLSBench(t)
	alice := b.phone("alice", "secret", app.Manual, 440)
	b.expect("lab", "secured", "TLS 1.3")
	b.expect("alice", "control socket open", "certificate of lab, signed by lab")
	b.expect("alice", "registered")
	b.transport = sip.TCP
	carol := b.phone("carol", "secret", app.Accept, 880)
	b.expect("carol", "registered")
	alice.call("carol")
	b.expect("alice", "call up")
	b.expect("carol", "call up")
	b.run(time.Second)
	carol.hangup()
	b.expect("alice", "call ended", "peer")
	b.do("stop")
	b.expect("alice", "control socket closed")
}

// What begins as a client hello and is none ends that connection, and no other.
func TestTLSGarbage(t *testing.T) {
	b := newTLSBench(t)
	b.phone("alice", "secret", app.Manual, 440)
	c := new(stranger)
	n := b.w.Add("stranger", b.addr(), c, link.Path{Latency: time.Millisecond})
	b.w.Do(n, func(time.Time) []system.Effect { return []system.Effect{system.Connect{Socket: 1, Target: "lab:5060"}} })
	b.expect("lab", "connection lost", "TLS with the client")
	b.run(time.Second)
	if len(c.heard) == 0 || c.heard[0] != 21 || !c.closed {
		t.Errorf("heard %x, closed %t; want an alert and the end", c.heard, c.closed)
	}
	b.do("ping alice")
	b.expect("lab", "pong", "alice")
}

// A stranger says what begins as a client hello and is none.
type stranger struct {
	idle
	heard  []byte
	closed bool
}

func (s *stranger) Receive(_ time.Time, sig system.Signal) []system.Effect {
	switch sig := sig.(type) {
	case system.Connected:
		return []system.Effect{system.Send{Socket: 1, Data: []byte("\x16\x03\x01\x00\x04what")}}
	case system.Received:
		s.heard = append(s.heard, sig.Data...)
	case system.Closed:
		s.closed = true
	}
	return nil
}

// A lab without a certificate takes a client hello for what is no SIP.
func TestTLSWithoutCertificate(t *testing.T) {
	b := newBench(t, nil)
	b.transport = sip.TLS
	b.phone("alice", "secret", app.Manual, 440)
	b.expect("lab", "bad message")
}
