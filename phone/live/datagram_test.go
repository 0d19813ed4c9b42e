package live

import (
	"net"
	"net/netip"
	"strconv"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// bound opens a pair, and returns the address of its RTP port.
func (r *rig) bound(rtp system.Socket) netip.AddrPort {
	r.Helper()
	r.do(system.Bind{RTP: rtp, RTCP: rtp + 1, Addr: loopback})
	got := next[system.Bound](r)
	if got.Socket != rtp {
		r.Fatalf("bound %+v, want socket %d", got, rtp)
	}
	return got.Local
}

func udp(t testing.TB) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestBindPairs(t *testing.T) {
	r := newRig(t, Config{})
	peer := udp(t)
	for rtp := system.Socket(10); rtp < 30; rtp += 2 {
		at := r.bound(rtp)
		if at.Port()%2 != 0 || at.Addr() != loopback {
			t.Fatalf("RTP at %v, want an even port on loopback", at)
		}
		for i, id := range []system.Socket{rtp, rtp + 1} {
			to := netip.AddrPortFrom(at.Addr(), at.Port()+uint16(i))
			if _, err := peer.WriteToUDPAddrPort([]byte("hi"), to); err != nil {
				t.Fatal(err)
			}
			got := next[system.Received](r)
			if got.Socket != id || string(got.Data) != "hi" || got.From != address(peer.LocalAddr()) {
				t.Fatalf("to %v: %+v, want it on socket %d", to, got, id)
			}
		}
	}
}

func TestSendDatagram(t *testing.T) {
	r := newRig(t, Config{})
	peer := udp(t)
	at := r.bound(1)
	r.do(system.Send{Socket: 1, To: address(peer.LocalAddr()), Data: []byte("rtp")})
	p := make([]byte, 10)
	n, from, err := peer.ReadFromUDPAddrPort(p)
	if err != nil || string(p[:n]) != "rtp" || from != at {
		t.Errorf("%q from %v, %v", p[:n], from, err)
	}
	r.do(system.Close{Socket: 1}, system.Close{Socket: 2})
	r.silent()
}

// An empty host stands for any address, of either family.
func TestBindAnyAddress(t *testing.T) {
	r := newRig(t, Config{})
	r.do(system.Bind{RTP: 1, RTCP: 2})
	at := next[system.Bound](r).Local
	peer := udp(t)
	if _, err := peer.WriteToUDPAddrPort([]byte("hi"), netip.AddrPortFrom(loopback, at.Port())); err != nil {
		t.Fatal(err)
	}
	if got := next[system.Received](r); got.From != address(peer.LocalAddr()) {
		t.Errorf("from %v, want %v", got.From, peer.LocalAddr())
	}
}

func TestBindForeignAddress(t *testing.T) {
	r := newRig(t, Config{})
	// No machine has an address in TEST-NET-1 (RFC 5737).
	r.do(system.Bind{RTP: 1, RTCP: 2, Addr: netip.MustParseAddr("192.0.2.1")})
	if got := next[system.Failed](r); got.Socket != 1 {
		t.Errorf("failed: %+v", got)
	}
}

func TestDatagramsWhileFrozen(t *testing.T) {
	r := newRig(t, Config{})
	peer := udp(t)
	at := r.bound(1)
	r.do(system.Freeze{})
	const n = 2*maxPackets + 1
	for i := range n {
		if _, err := peer.WriteToUDPAddrPort([]byte(strconv.Itoa(i)), at); err != nil {
			t.Fatal(err)
		}
	}
	r.waits(1)
	r.silent()
	r.do(system.Thaw{})
	for i := range n {
		if got := next[system.Received](r); string(got.Data) != strconv.Itoa(i) {
			t.Fatalf("datagram %d is %q", i, got.Data)
		}
	}
}

// A freeze in the middle of a burst leaves the rest of it in the kernel.
func TestFreezeInABurst(t *testing.T) {
	r := newRig(t, Config{})
	peer := udp(t)
	at := r.bound(1)
	r.do(system.Freeze{})
	for _, text := range []string{"a", "b"} {
		if _, err := peer.WriteToUDPAddrPort([]byte(text), at); err != nil {
			t.Fatal(err)
		}
	}
	r.waits(1)
	r.within(func() []system.Effect {
		r.on = frozenBy("a")
		return []system.Effect{system.Thaw{}}
	})
	next[system.Received](r)
	r.waits(1)
	r.silent()
	r.do(system.Thaw{})
	if got := next[system.Received](r); string(got.Data) != "b" {
		t.Errorf("received %q", got.Data)
	}
}
