package live

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// tapped sets a tap on the rig's host, and returns what it has seen.
func (r *rig) tapped() *[]string {
	r.Helper()
	heard := new([]string)
	r.within(func() []system.Effect {
		r.host.Tap(func(d system.Datagram) {
			*heard = append(*heard, fmt.Sprintf("%v %v out=%v %s", d.Local, d.Remote, d.Out, d.Data))
			if age := time.Since(d.At); age < 0 || age > patience {
				r.Errorf("at %v, %v ago", d.At, age)
			}
		})
		return nil
	})
	return heard
}

// TestTap checks that a tap sees the datagrams of a call, both ways and in
// order: those that waited for a frozen machine when they are read, and those
// that no kernel would send not at all.
func TestTap(t *testing.T) {
	r := newRig(t, Config{})
	heard := r.tapped()
	peer := udp(t)
	from := address(peer.LocalAddr())
	rtp := r.bound(1)
	rtcp := netip.AddrPortFrom(rtp.Addr(), rtp.Port()+1)
	r.do(
		system.Send{Socket: 1, To: from, Data: []byte("rtp")}, system.Send{Socket: 2, To: from, Data: []byte("rtcp")},
		system.Send{Socket: 1, To: netip.AddrPort{}, Data: []byte("to nobody")},
		system.Freeze{},
	)
	if _, err := peer.WriteToUDPAddrPort([]byte("back"), rtcp); err != nil {
		t.Fatal(err)
	}
	r.waits(2)
	want := []string{fmt.Sprintf("%v %v out=true rtp", rtp, from), fmt.Sprintf("%v %v out=true rtcp", rtcp, from)}
	r.within(func() []system.Effect {
		if fmt.Sprint(*heard) != fmt.Sprint(want) {
			t.Errorf("frozen: heard %q, want %q", *heard, want)
		}
		return []system.Effect{system.Thaw{}}
	})
	if e := next[system.Unsent](r); e.Socket != 1 || string(e.Data) != "to nobody" || e.Err == nil {
		t.Errorf("got %+v, want what was not sent", e)
	}
	next[system.Received](r)
	want = append(want, fmt.Sprintf("%v %v out=false back", rtcp, from))
	r.within(func() []system.Effect {
		if fmt.Sprint(*heard) != fmt.Sprint(want) {
			t.Errorf("heard %q, want %q", *heard, want)
		}
		return nil
	})
}

// BenchmarkSend sends one RTP packet to the kernel, without a tap and with one
// that does nothing.
func BenchmarkSend(b *testing.B) {
	for name, tap := range map[string]system.Tap{"untapped": nil, "tapped": func(system.Datagram) {}} {
		b.Run(name, func(b *testing.B) {
			h := &Host{tap: tap}
			conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			d, err := newDatagram(1, conn)
			if err != nil {
				b.Fatal(err)
			}
			data := make([]byte, 172)
			b.ReportAllocs()
			for b.Loop() {
				d.send(h, d.local, data) // to itself: a full socket drops it
			}
		})
	}
}
