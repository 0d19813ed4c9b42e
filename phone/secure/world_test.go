package secure_test

import (
	"crypto/tls"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/world"
)

// TestWorld: the handshake crosses the network like every packet. It takes one
// round trip of 200 ms, or two in TLS 1.2, after that of the connect, and
// stands still while the link is down or the program is frozen.
func TestWorld(t *testing.T) {
	var b strings.Builder
	for _, test := range []struct {
		name    string
		version uint16
		while   func(w *world.World, alice *world.Node)
	}{
		{"TLS 1.3", tls.VersionTLS13, nil},
		{"TLS 1.2", tls.VersionTLS12, nil},
		{"cut for 3 s", tls.VersionTLS13, func(w *world.World, alice *world.Node) {
			w.Cut(alice)
			w.RunUntil(w.Elapsed() + 3*time.Second)
			w.Restore(alice)
		}},
		{"frozen for 10 s", tls.VersionTLS13, func(w *world.World, alice *world.Node) {
			w.Do(alice, func(time.Time) []system.Effect { return []system.Effect{system.Freeze{Watch: []system.Socket{1}}} })
			w.RunUntil(w.Elapsed() + 10*time.Second)
			w.Do(alice, func(time.Time) []system.Effect { return []system.Effect{system.Thaw{}} })
		}},
	} {
		fmt.Fprintf(&b, "== %s\n%s", test.name, shake(t, test.version, test.while))
	}
	golden.File(t, "testdata/world.txt", b.String())
}

// shake returns the signals that two programs get of a handshake, with their
// times; while runs as the client hello goes out.
func shake(t *testing.T, version uint16, while func(*world.World, *world.Node)) string {
	var b strings.Builder
	w := world.New(world.Config{Log: new(event.Log), Split: true})
	hears := func(name string) func(system.Signal) {
		return func(s system.Signal) {
			fmt.Fprintf(&b, "%6d ms  %-5s  %s\n", w.Elapsed().Milliseconds(), name, told(s))
		}
	}
	client, server := trusting(t)
	client.MaxVersion = version
	alice, lab := newProgram(client, hears("alice")), newProgram(server, hears("lab"))
	lab.on = func(s system.Signal) []system.Effect {
		if a, ok := s.(system.Accepted); ok {
			return []system.Effect{system.StartTLS{Socket: a.Socket, Server: true}}
		}
		return nil
	}
	path := link.Path{Latency: 50 * time.Millisecond}
	labNode := w.Add("lab.test", netip.MustParseAddr("10.0.0.1"), lab, path)
	aliceNode := w.Add("alice", netip.MustParseAddr("10.0.0.2"), alice, path)
	ask := func(n *world.Node, p *program, effects ...system.Effect) {
		w.Do(n, func(now time.Time) []system.Effect { return p.ask(now, effects...) })
	}
	ask(labNode, lab, system.Listen{Socket: 1, Addr: ":5061"})
	ask(aliceNode, alice, system.Connect{Socket: 1, Target: "lab.test:5061"})
	w.RunUntil(time.Second)
	ask(aliceNode, alice, system.StartTLS{Socket: 1, Name: "lab.test"})
	if while != nil {
		while(w, aliceNode)
	}
	w.RunUntil(20 * time.Second)
	return b.String()
}

// Two runs are the same although keys and nonces differ.
func TestWorldTwice(t *testing.T) {
	if a, b := shake(t, 0, nil), shake(t, 0, nil); a != b {
		t.Errorf("two runs differ: %s", golden.Difference(a, b))
	}
}
