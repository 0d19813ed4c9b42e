package locate

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

func places(all ...string) (at []netip.AddrPort, addrs []netip.Addr) {
	for _, s := range all {
		p := netip.MustParseAddrPort(s + ":5060")
		at, addrs = append(at, p), append(addrs, p.Addr())
	}
	return at, addrs
}

// TestAddresses: an address that has failed is avoided for as long as it wants, a strange
// one is none of the server's, and those that rest come in the order in which that ends.
func TestAddresses(t *testing.T) {
	at, addrs := places("192.0.2.1", "192.0.2.2", "192.0.2.3")
	var a Addresses
	if a.Several() || a.Failed(epoch, at[0], time.Minute) || len(a.Avoid(epoch)) > 0 {
		t.Error("nothing is known, and something fails")
	}
	a.Know(addrs, 5060)
	stranger := netip.MustParseAddrPort("192.0.2.9:5060")
	if !a.Several() || !a.Another(epoch, at[0]) || a.Failed(epoch, stranger, time.Minute) || a.Failed(epoch, netip.AddrPortFrom(at[0].Addr(), 5061), time.Minute) || len(a.Avoid(epoch)) > 0 {
		t.Errorf("avoided: %v", a.Avoid(epoch))
	}
	if !a.Failed(epoch, at[0], 5*time.Minute) || !a.Failed(epoch, at[1], time.Minute) {
		t.Error("there is one more")
	}
	if a.Failed(epoch, at[0], time.Minute); a.Another(epoch, at[2]) {
		t.Error("the others rest")
	}
	for after, want := range map[time.Duration]string{
		0: "[192.0.2.2:5060 192.0.2.1:5060]", time.Minute - 1: "[192.0.2.2:5060 192.0.2.1:5060]", time.Minute: "[192.0.2.1:5060]", 5*time.Minute - 1: "[192.0.2.1:5060]",
	} {
		b := a
		b.rests = map[netip.AddrPort]time.Time{}
		for at, until := range a.rests {
			b.rests[at] = until
		}
		if got := fmt.Sprint(b.Avoid(epoch.Add(after))); got != want {
			t.Errorf("after %s: %s, want %s", after, got, want)
		}
	}
	if a.Failed(epoch, at[2], time.Minute) {
		t.Error("all rest")
	}
	if got := a.Avoid(epoch.Add(5 * time.Minute)); len(got) > 0 || len(a.rests) > 0 {
		t.Errorf("%v rest for ever", got)
	}
}

// TestAddressesBound: a resolver with ever new addresses has few of them remembered.
func TestAddressesBound(t *testing.T) {
	var a Addresses
	for i := range 1000 {
		addr := netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)})
		a.Know([]netip.Addr{addr}, 5060)
		a.Failed(epoch, netip.AddrPortFrom(addr, 5060), time.Hour)
	}
	if len(a.rests) != maxResting {
		t.Errorf("%d remembered", len(a.rests))
	}
}

// TestAddressesFull: also where as many addresses as may be rest, those of another host, each
// of the present one that fails is avoided, one that rests already rests longer, and at last
// there is no other.
func TestAddressesFull(t *testing.T) {
	var a Addresses
	block := func(n byte) (all []netip.Addr) {
		for i := range maxResting {
			all = append(all, netip.AddrFrom4([4]byte{192, 0, n, byte(i)}))
		}
		return all
	}
	fail := func(addrs []netip.Addr, rest time.Duration) {
		a.Know(addrs, 5060)
		for i, addr := range addrs {
			at := netip.AddrPortFrom(addr, 5060)
			if another := a.Failed(epoch, at, rest+time.Duration(i)*time.Second); another != (i < len(addrs)-1) {
				t.Fatalf("%s is the %d. of %d, and another one is there: %t", addr, i+1, len(addrs), another)
			}
		}
	}
	fail(block(1), time.Hour)
	fail(block(2)[:2], time.Minute)
	for i, at := range []string{"192.0.1.0:5060", "192.0.1.1:5060", "192.0.1.2:5060", "192.0.2.0:5060"} {
		if _, rests := a.rests[netip.MustParseAddrPort(at)]; rests != (i >= 2) {
			t.Errorf("%s rests: %t", at, rests)
		}
	}
	longer := netip.MustParseAddrPort("192.0.2.0:5060")
	if a.Failed(epoch, longer, time.Hour); !a.rests[longer].Equal(epoch.Add(time.Hour)) {
		t.Errorf("it rests until %s", a.rests[longer])
	}
	fail(block(3), time.Minute)
	a.Know(append(block(4), block(5)...), 5060)
	if len(a.all) != system.MaxAddresses || len(a.rests) != maxResting {
		t.Errorf("%d are known, %d rest", len(a.all), len(a.rests))
	}
}
