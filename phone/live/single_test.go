package live

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestBindAvoids: the server's address is one that is not to be avoided, if it has another.
func TestBindAvoids(t *testing.T) {
	r := newRig(t, Config{Resolver: served(t, "pbx.example.test A 127.0.0.1", "pbx.example.test A 127.0.0.2").server})
	one, two := netip.MustParseAddrPort("127.0.0.1:5060"), netip.MustParseAddrPort("127.0.0.2:5060")
	for i, c := range []struct {
		avoid []netip.AddrPort
		want  netip.AddrPort
	}{{[]netip.AddrPort{one}, two}, {[]netip.AddrPort{two}, one}, {[]netip.AddrPort{two, one}, two}} {
		r.do(system.Bind{RTP: system.Socket(i + 1), Target: "pbx.example.test:5060", Avoid: c.avoid})
		if got := next[system.Bound](r); got.Remote != c.want || len(got.Addrs) != 2 {
			t.Errorf("without %v: %+v", c.avoid, got)
		}
	}
}

// TestBindSingle tests the socket of a phone that signals over UDP: it knows
// the server's address and by which of our addresses the server reaches us, and
// it receives from anybody.
func TestBindSingle(t *testing.T) {
	r := newRig(t, Config{})
	server, other := udp(t), udp(t)
	r.do(system.Bind{RTP: 1, Target: server.LocalAddr().String()})
	at := next[system.Bound](r)
	if at.Remote != address(server.LocalAddr()) || at.Local.Addr() != loopback || at.Local.Port() == 0 {
		t.Fatalf("bound %+v", at)
	}
	r.do(system.Send{Socket: 1, To: at.Remote, Data: []byte("hi")})
	p := make([]byte, 10)
	if n, from, err := server.ReadFromUDPAddrPort(p); err != nil || string(p[:n]) != "hi" || from.Port() != at.Local.Port() {
		t.Fatalf("%q from %v, %v", p[:n], from, err)
	}
	if _, err := other.WriteToUDPAddrPort([]byte("me too"), at.Local); err != nil {
		t.Fatal(err)
	}
	if got := next[system.Received](r); string(got.Data) != "me too" || got.From != address(other.LocalAddr()) {
		t.Errorf("received %+v", got)
	}
	r.do(system.Close{Socket: 1})
	r.silent()
}

func TestBindSinglePort(t *testing.T) {
	r := newRig(t, Config{})
	taken := udp(t)
	r.do(system.Bind{RTP: 1, Addr: loopback, Port: address(taken.LocalAddr()).Port()})
	if got := next[system.Failed](r); got.Socket != 1 {
		t.Errorf("failed %+v", got)
	}
	port := address(taken.LocalAddr()).Port()
	taken.Close()
	r.do(system.Bind{RTP: 2, Addr: loopback, Port: port})
	if got := next[system.Bound](r); got.Local != netip.AddrPortFrom(loopback, port) || got.Remote.IsValid() {
		t.Errorf("bound %+v", got)
	}
}

func TestBindSingleForNobody(t *testing.T) {
	r := newRig(t, Config{})
	r.do(system.Bind{RTP: 1, Target: "no port"})
	got := next[system.Failed](r)
	if _, ok := errors.AsType[*ConnectError](got.Err); !ok {
		t.Errorf("failed %v", got.Err)
	}
	r.do(system.Bind{RTP: 2, Target: "127.0.0.1:5060"}, system.Close{Socket: 2})
	r.silent()
}
