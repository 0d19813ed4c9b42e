package secure_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"fmt"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// certificate makes a certificate, always with the same key.
func certificate(t testing.TB, now time.Time, hosts ...string) *tls.Certificate {
	t.Helper()
	c, err := secure.SelfSigned(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)), now, hosts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// program is a machine with TLS that records its signals.
type program struct {
	layer *secure.Layer
	note  func(system.Signal)
	on    func(system.Signal) []system.Effect
}

func newProgram(cfg secure.Config, note func(system.Signal)) *program {
	return &program{layer: secure.New(cfg), note: note, on: func(system.Signal) []system.Effect { return nil }}
}

func (*program) Deadline() time.Time               { return time.Time{} }
func (*program) Advance(time.Time) []system.Effect { return nil }

func (p *program) Receive(now time.Time, s system.Signal) []system.Effect {
	signals, out := p.layer.Receive(now, s, nil, nil)
	for _, s := range signals {
		p.note(s)
		out = append(out, p.ask(now, p.on(s)...)...)
	}
	return out
}

// ask makes calls of the program.
func (p *program) ask(now time.Time, effects ...system.Effect) (out []system.Effect) {
	for _, c := range effects {
		out = p.layer.Call(now, c, out)
	}
	return out
}

// told formats a signal for a test.
func told(s system.Signal) string {
	switch s := s.(type) {
	case system.Secured:
		text := fmt.Sprintf("secured by %s, %s, %q signed by %q", s.Version, s.CipherSuite, s.Subject, s.Issuer)
		if s.Shown != "" {
			text += ", shown " + s.Shown
		}
		if s.Resumed {
			text += ", resumed"
		}
		return text
	case system.Received:
		if len(s.Data) > 40 {
			return fmt.Sprintf("received %d B", len(s.Data))
		}
		return fmt.Sprintf("received %q", s.Data)
	case system.Closed:
		return fmt.Sprintf("closed: %v", s.Err)
	}
	return fmt.Sprintf("%T", s)
}
