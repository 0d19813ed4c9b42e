package media

import (
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/ice"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestRoute: where ICE has found a pair, media goes there, and nothing that comes from
// elsewhere leads it away; a host that has answered a check needs no other proof.
func TestRoute(t *testing.T) {
	named, found, other := netip.MustParseAddrPort("203.0.113.9:4000"), netip.MustParseAddrPort("198.51.100.1:4000"), netip.MustParseAddrPort("198.51.100.7:4000")
	p := newStranger(named)
	p.run(time.Second, 0, named)
	if p.sent[named.Addr()] != 0 {
		t.Fatalf("%d octets before anything is proven", p.sent[named.Addr()])
	}
	p.Route(p.now, found, netip.AddrPortFrom(found.Addr(), 4001), true)
	if p.Withholds() {
		t.Error("withheld, though the check was answered")
	}
	p.run(3*time.Second, 5, other)
	if got := p.sent[found.Addr()]; got < 3*aSecond-400 {
		t.Errorf("%d octets to the pair", got)
	}
	if p.sent[other.Addr()]+p.sent[named.Addr()] != 0 {
		t.Errorf("elsewhere: %v", p.sent)
	}
	if p.in.from != other || p.Stats(p.now).Received == 0 {
		t.Error("what comes from another address of the peer is not played")
	}
	report, _ := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 9}})
	p.see(p.Receive(p.now, system.Received{Socket: rtcpSocket, From: netip.AddrPortFrom(found.Addr(), 77), Data: report}))
	if p.route.remoteRTCP.Port() != 4001 {
		t.Errorf("reports go to %s", p.route.remoteRTCP)
	}

	n := p.n
	n.ICE, n.Remote = &ice.Description{}, other
	p.Renegotiate(p.now, n)
	if p.route.remote != found {
		t.Errorf("after a re-INVITE with ICE media goes to %s", p.route.remote)
	}
	n.ICE = nil
	p.Renegotiate(p.now, n)
	if p.route.remote != other || p.route.remoteRTCP != n.RemoteRTCP {
		t.Errorf("after one without media goes to %s, and reports to %s", p.route.remote, p.route.remoteRTCP)
	}
}

// TestRouteUnanswered: a pair that a peer has named itself, to a lite agent, proves
// nothing.
func TestRouteUnanswered(t *testing.T) {
	victim := netip.MustParseAddrPort("203.0.113.9:4000")
	p := newStranger(victim)
	p.Route(p.now, victim, victim, false)
	p.run(time.Second, 0, victim)
	if p.sent[victim.Addr()] != 0 {
		t.Errorf("%d octets", p.sent[victim.Addr()])
	}
}

// TestRouteMuxed: reports go where RTP goes.
func TestRouteMuxed(t *testing.T) {
	at := netip.MustParseAddrPort("198.51.100.1:4000")
	p := newStranger(at)
	n := p.n
	n.Mux, n.ICE = true, &ice.Description{}
	p.Renegotiate(p.now, n)
	p.Route(p.now, at, netip.AddrPort{}, true)
	if p.route.remoteRTCP != at {
		t.Errorf("reports go to %s", p.route.remoteRTCP)
	}
}

// TestRevoke: without consent nothing is sent, neither RTP nor RTCP, until there is another
// route.
func TestRevoke(t *testing.T) {
	at := netip.MustParseAddrPort("198.51.100.1:4000")
	p := newStranger(at)
	p.Route(p.now, at, at, true)
	p.run(time.Second, 1, at)
	p.Revoke(p.now)
	before := p.sent[at.Addr()]
	p.run(30*time.Second, 1, at)
	if got := p.sent[at.Addr()] - before; got != 0 {
		t.Errorf("%d octets without consent", got)
	}
	p.Route(p.now, at, at, true)
	p.run(time.Second, 1, at)
	if got := p.sent[at.Addr()] - before; got < aSecond-400 {
		t.Errorf("%d octets after another route", got)
	}
}

// TestOriginOfCandidates: audio may come from each address that the peer has named.
func TestOriginOfCandidates(t *testing.T) {
	var o origin
	n := agreed(netip.MustParseAddrPort("198.51.100.1:4000"))
	n.ICE = &ice.Description{Candidates: []ice.Candidate{{At: netip.MustParseAddrPort("10.0.0.9:1")}}}
	o.agree(n)
	for addr, want := range map[string]bool{"10.0.0.9": true, "198.51.100.1": true, "10.0.0.8": false} {
		if got := o.takes(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %t", addr, got)
		}
	}
}
