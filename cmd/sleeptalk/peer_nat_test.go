//go:build peers && netns

package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A home is a phone behind a real NAT: three network namespaces, which need
// root, as .ci/run has it.
//
//	phone 10.99.0.2 ── 10.99.0.1 router, masquerading 192.0.2.254 ── 192.0.2.1 lab
type home struct {
	t                  *testing.T
	phone, router, lab string
}

func newHome(t *testing.T) *home {
	t.Helper()
	need(t, "ip", "iproute2")
	need(t, "nft", "nftables")
	need(t, "conntrack", "conntrack")
	if os.Geteuid() != 0 {
		t.Fatal("this test makes network namespaces: run it as root (as .ci/run does)")
	}
	name := func(who string) string { return fmt.Sprintf("sleeptalk-%d-%s", os.Getpid(), who) }
	h := &home{t: t, phone: name("phone"), router: name("router"), lab: name("lab")}
	for _, ns := range []string{h.phone, h.router, h.lab} {
		h.run("ip", "netns", "add", ns)
		t.Cleanup(func() { h.run("ip", "netns", "del", ns) })
		h.in(ns, "ip link set lo up")
	}
	h.wire(h.phone, h.router, "10.99.0.2/24", "10.99.0.1/24")
	h.wire(h.lab, h.router, "192.0.2.1/24", "192.0.2.254/24")
	h.in(h.phone, "ip route add default via 10.99.0.1")
	h.in(h.router, "sysctl -qw net.ipv4.ip_forward=1")
	h.in(h.router, "nft add table ip nat")
	h.in(h.router, "nft add chain ip nat out { type nat hook postrouting priority 100 ; }")
	h.in(h.router, "nft add rule ip nat out ip saddr 10.99.0.0/24 masquerade")
	// A NAT that lets the middle of a connection make a mapping mends what is
	// to be broken; those for the home do not.
	h.in(h.router, "sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0")
	h.in(h.router, "nft add table ip filter")
	h.in(h.router, "nft add chain ip filter passing { type filter hook forward priority 0 ; }")
	h.in(h.router, "nft add rule ip filter passing ct state invalid drop")
	spawn(t, "", "ip", "netns", "exec", h.lab, "sleeptalk", "lab", "--plain", "--listen", "192.0.2.1:5060", "--account", "alice:secret")
	return h
}

func (h *home) run(args ...string) {
	h.t.Helper()
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		h.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// in runs a line in a namespace.
func (h *home) in(ns, line string) {
	h.t.Helper()
	h.run(append([]string{"ip", "netns", "exec", ns}, strings.Fields(line)...)...)
}

// wire joins two namespaces.
func (h *home) wire(a, b, addrA, addrB string) {
	h.t.Helper()
	end := "to" + a[strings.LastIndex(a, "-")+1:]
	h.run("ip", "link", "add", "up0", "netns", a, "type", "veth", "peer", "name", end, "netns", b)
	h.in(a, "ip addr add "+addrA+" dev up0")
	h.in(a, "ip link set up0 up")
	h.in(b, "ip addr add "+addrB+" dev "+end)
	h.in(b, "ip link set "+end+" up")
}

// startIn starts a phone in a network namespace.
func startIn(t *testing.T, ns string, args ...string) *tester {
	t.Helper()
	return begin(t, exec.Command("ip", append([]string{"netns", "exec", ns, "sleeptalk"}, args...)...))
}

// survives lets a phone fall asleep, breaks its network, lets its keepalive
// find out, and tells what happened until it is registered again.
func (h *home) survives(breakIt func(p *tester)) []string {
	h.t.Helper()
	p := startIn(h.t, h.phone, phoneOf("alice", "192.0.2.1:5060", "--set", "grace=1s", "--mic", "silence", "--speaker", "none")...)
	p.registered()
	expect(p, "pong", func(event.Pong) bool { return true })
	p.asleep()
	from := p.seen
	breakIt(p)
	p.say("clock next")
	p.registered()
	expect(p, "suspended", func(e event.State) bool { return e.To == event.Suspended })
	to := p.seen
	p.say("kill")
	p.quit()
	var happened []string
	for _, r := range p.log.After(from) {
		if r.Seq > to {
			break
		}
		switch r.Event.(type) {
		case event.Fault, event.Network, event.Verb, event.ClockRate, event.Swallowed, event.Mapping, event.Held: // not of the app's world
		default:
			what, _ := r.Event.Text()
			happened = append(happened, what)
		}
	}
	return happened
}

// TestARealNetworkBreaksAlike breaks a real NAT and a real address, and the
// emulated link on the same path, and wants the phone to live through the same.
func TestARealNetworkBreaksAlike(t *testing.T) {
	h := newHome(t)
	same := func(what string, real, emulated func(p *tester)) {
		t.Helper()
		r, e := h.survives(real), h.survives(emulated)
		if !slices.Equal(r, e) {
			t.Errorf("%s, for real:\n%s\nemulated:\n%s", what, strings.Join(r, "\n"), strings.Join(e, "\n"))
		}
		if !slices.Contains(r, "control socket broken") {
			t.Errorf("%s broke nothing:\n%s", what, strings.Join(r, "\n"))
		}
	}
	fault := func(line string) func(*tester) {
		return func(p *tester) {
			p.say("fault " + line)
			expect(p, line, func(e event.Fault) bool { return e.On })
		}
	}
	same("a NAT that forgets", func(*tester) { h.in(h.router, "conntrack -D -p tcp") }, fault("nat drop"))
	same("another address", func(*tester) {
		h.in(h.phone, "ip addr del 10.99.0.2/24 dev up0")
		h.in(h.phone, "ip addr add 10.99.0.3/24 dev up0")
		h.in(h.phone, "ip route replace default via 10.99.0.1")
	}, fault("network wifi -> cell"))
}

// TestARealNetworkMovesUDP gives a phone that signals over UDP, and is in a call,
// another address: it is bound to the new one, registers there, and the audio of
// the call goes there too.
func TestARealNetworkMovesUDP(t *testing.T) {
	h := newHome(t)
	p := startIn(t, h.phone, phoneOf("alice", "192.0.2.1:5060", "--transport", "udp", "--mic", "tone:440", "--speaker", "none")...)
	p.registered()
	p.say("call echo")
	p.call("up")
	expect(p, "audio", func(e event.RTP) bool { return e.Received > 0 })
	h.in(h.phone, "ip addr del 10.99.0.2/24 dev up0")
	h.in(h.phone, "ip addr add 10.99.0.3/24 dev up0")
	h.in(h.phone, "ip route replace default via 10.99.0.1")
	expect(p, "that the address has changed", func(e event.Socket) bool {
		return e.Phase == event.SocketBroken && strings.Contains(e.Error, "our address has changed")
	})
	expect(p, "a socket at the new address", func(e event.Socket) bool {
		return e.Phase == event.SocketOpen && strings.HasPrefix(e.Local, "10.99.0.3:")
	})
	p.registered()
	moved := expect(p, "audio at the new address", func(e event.Media) bool { return strings.HasPrefix(e.Local, "10.99.0.3:") })
	before := expect(p, "statistics", func(event.RTP) bool { return true })
	expect(p, "audio that is heard there", func(e event.RTP) bool { return e.Received > before.Received+50 })
	p.say("hang up")
	if ended := p.call("ended"); ended.By != "us" {
		t.Errorf("the call at %s ended by %s", moved.Local, ended.By)
	}
	p.quit()
}
