package live

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestBindSingleFacesItsTarget: a socket for a server on this machine is bound
// to the loopback address, where nobody else can reach it, and to no other.
func TestBindSingleFacesItsTarget(t *testing.T) {
	r := newRig(t, Config{})
	server := udp(t)
	r.do(system.Bind{RTP: 1, Target: server.LocalAddr().String()})
	at := next[system.Bound](r).Local
	var bound netip.AddrPort
	if err := r.host.Do(t.Context(), func(time.Time) []system.Effect {
		bound = address(r.host.sockets[1].(*datagram).conn.LocalAddr())
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if bound != at || at.Addr() != loopback {
		t.Errorf("bound to %v, and said %v; want an address on loopback", bound, at)
	}
}

// TestBindSingleFacesItsTargetIPv6 is the same over IPv6: one family, and no
// mapped addresses of the other.
func TestBindSingleFacesItsTargetIPv6(t *testing.T) {
	r := newRig(t, Config{})
	r.do(system.Bind{RTP: 1, Target: "[::1]:5060"})
	if at := next[system.Bound](r).Local; at.Addr() != netip.IPv6Loopback() {
		t.Errorf("bound to %v, want ::1", at)
	}
}

// TestAnotherNetwork: a socket whose address no longer faces the server is
// closed, and another is bound to the new one. Without a network it stays.
func TestAnotherNetwork(t *testing.T) {
	r := newRig(t, Config{})
	server := udp(t)
	target := server.LocalAddr().String()
	r.do(system.Bind{RTP: 1, Target: target})
	to := next[system.Bound](r).Remote
	sends := func(id system.Socket) { r.do(system.Send{Socket: id, To: to, Data: []byte("hi")}) }
	faces := func(at netip.Addr, err error) {
		t.Helper()
		if doErr := r.host.Do(t.Context(), func(time.Time) []system.Effect {
			r.host.facing = func(netip.AddrPort) (netip.Addr, error) { return at, err }
			for _, s := range r.host.sockets {
				s.(*datagram).looked = time.Time{} // long ago
			}
			return nil
		}); doErr != nil {
			t.Fatal(doErr)
		}
	}
	faces(netip.Addr{}, errors.New("network is unreachable"))
	sends(1)
	r.silent()
	faces(loopback, nil)
	sends(1)
	r.silent()
	faces(netip.MustParseAddr("192.0.2.7"), nil)
	sends(1)
	got := next[system.Closed](r)
	if got.Socket != 1 || !errors.Is(got.Err, system.Moved) {
		t.Errorf("closed: %+v", got)
	}
	r.do(system.Bind{RTP: 2, Target: target})
	if at := next[system.Bound](r).Local; at.Addr() != loopback {
		t.Errorf("bound anew to %v", at)
	}
}

// TestLooksNowAndThen: sending looks at the way at most every ten seconds.
func TestLooksNowAndThen(t *testing.T) {
	r := newRig(t, Config{})
	server := udp(t)
	r.do(system.Bind{RTP: 1, Target: server.LocalAddr().String()})
	to := next[system.Bound](r).Remote
	looks := 0
	if err := r.host.Do(t.Context(), func(time.Time) []system.Effect {
		r.host.facing = func(netip.AddrPort) (netip.Addr, error) { looks++; return loopback, nil }
		r.host.sockets[1].(*datagram).looked = time.Now().Add(-lookEvery)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		r.do(system.Send{Socket: 1, To: to, Data: []byte("hi")})
	}
	if looks != 1 {
		t.Errorf("looked %d times in 100 datagrams, want once", looks)
	}
}
