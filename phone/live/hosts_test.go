package live

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// overTCP is a resolver whose server has those records, and answers over TCP alone what is
// asked: over UDP it says that the answer is cut.
func overTCP(t *testing.T, z zone.Zone) Resolver {
	t.Helper()
	packets, streams, err := onePort(func() (net.PacketConn, error) { return net.ListenPacket("udp", "127.0.0.1:0") })
	if err != nil {
		t.Fatal(err)
	}
	serveDNS(t, &dns.Server{Listener: streams}, z.Reply)
	serveDNS(t, &dns.Server{PacketConn: packets}, func(m *dns.Msg) *dns.Msg {
		reply := new(dns.Msg).SetReply(m)
		reply.Truncated = true
		return reply
	})
	return NewResolver(packets.LocalAddr().String())
}

// serveDNS answers what a server is asked, until the test ends.
func serveDNS(t *testing.T, s *dns.Server, reply func(*dns.Msg) *dns.Msg) {
	t.Helper()
	started, ended := make(chan struct{}), make(chan error, 1)
	s.NotifyStartedFunc = func() { close(started) }
	s.Handler = dns.HandlerFunc(func(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(reply(m)) })
	go func() { ended <- s.ActivateAndServe() }()
	<-started
	t.Cleanup(func() {
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
		<-ended
	})
}

// TestHostsAreKept: the addresses of a host are kept for the least TTL of the answers,
// aliases and both families, over UDP and TCP; one of 0 is not kept.
func TestHostsAreKept(t *testing.T) {
	lines := []string{
		"pbx.example.test 300 A 192.0.2.1", "pbx.example.test 200 AAAA 2001:db8::1", "alias.example.test 100 CNAME pbx.example.test",
		"never.example.test 0 A 192.0.2.1", "odd.example.test 2147483648 A 192.0.2.1", "long.example.test 2147483647 A 192.0.2.1",
	}
	for over, r := range map[string]Resolver{"UDP": served(t, lines...), "TCP": overTCP(t, zoneOf(t, lines...))} {
		for host, want := range map[string]time.Duration{"PBX.example.test.": 200 * time.Second, "alias.example.test": 100 * time.Second, "never.example.test": 0, "odd.example.test": 0, "long.example.test": maxLife} {
			before := time.Now()
			if addrs, err := r.hostAddrs(t.Context(), host); err != nil || len(addrs) == 0 {
				t.Fatalf("%s: %v, %v", host, addrs, err)
			}
			_, kept := r.book.find(zone.Name(host), before.Add(want-1))
			if _, late := r.book.find(zone.Name(host), time.Now().Add(want)); kept != (want > 0) || late {
				t.Errorf("over %s: %s is kept %t, too long %t, want %s", over, host, kept, late, want)
			}
		}
	}
}

// TestHostsAreNotAskedAgain: within the TTL nobody is asked.
func TestHostsAreNotAskedAgain(t *testing.T) {
	n, err := ServeZone(zoneOf(t, "pbx.example.test 300 A 192.0.2.1", "pbx.example.test 300 A 192.0.2.2"))
	if err != nil {
		t.Fatal(err)
	}
	r := NewResolver(n.Addr)
	first := r.lookup(t.Context(), "pbx.example.test")
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if again := r.lookup(t.Context(), "pbx.example.test"); len(first) != 2 || !slices.Equal(first, again) {
		t.Errorf("%v, then %v", first, again)
	}
}

func zoneOf(t *testing.T, lines ...string) zone.Zone {
	t.Helper()
	z, err := zone.New(lines)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestHostBook: no more than a bound is kept, and what is over makes room.
func TestHostBook(t *testing.T) {
	var b hostBook
	now := time.Now()
	for i := range 2 * maxKept {
		b.keep(fmt.Sprint(i), nil, now, time.Minute)
	}
	if len(b.hosts) != maxKept {
		t.Errorf("%d are kept", len(b.hosts))
	}
	b.keep("new", nil, now.Add(time.Minute), time.Minute)
	if _, ok := b.find("new", now.Add(time.Minute)); !ok || len(b.hosts) != 1 {
		t.Errorf("what is over makes no room: %d", len(b.hosts))
	}
}

// TestRace: the first address that takes the connection is taken, of one family after the
// other; if none does, the error is that of the first.
func TestRace(t *testing.T) {
	open, shut := server(t), server(t)
	defer open.Close()
	shut.Close()
	here, nobody := address(open.Addr()), address(shut.Addr())
	six := netip.AddrPortFrom(netip.MustParseAddr("2001:db8::1"), 9)     // that is nowhere (RFC 3849)
	loopback6 := netip.AddrPortFrom(netip.IPv6Loopback(), nobody.Port()) // refused, or there is no IPv6
	for _, c := range []struct {
		all  []netip.AddrPort
		want string
	}{
		{[]netip.AddrPort{nobody, here}, here.String()},
		{[]netip.AddrPort{six, nobody, here}, here.String()},
		{[]netip.AddrPort{nobody, six}, ""},
		{[]netip.AddrPort{nobody}, ""},
		{[]netip.AddrPort{loopback6, here}, here.String()}, // at once
	} {
		within := time.Second
		if c.all[0] == loopback6 {
			within = raceAfter / 2
		}
		ctx, cancel := context.WithTimeout(t.Context(), within)
		conn, err := race(ctx, net.Dialer{}, c.all)
		cancel()
		switch {
		case err == nil:
			if got := address(conn.RemoteAddr()).String(); got != c.want {
				t.Errorf("%v: %s, want %s", c.all, got, c.want)
			}
			conn.Close()
		case c.want != "":
			t.Errorf("%v: %v", c.all, err)
		case NewConnectError("x:1", 0, err).Addr != c.all[0].Addr().String():
			t.Errorf("%v: the error is %v", c.all, err)
		}
	}
}
