package live

import (
	"errors"
	"net"
	"net/netip"
	"testing"
)

// newPacketConn opens a UDP socket on an address, any port.
func newPacketConn(t testing.TB, network, at string) *packetConn {
	t.Helper()
	conn, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(netip.MustParseAddrPort(at)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	d, err := newDatagram(1, conn)
	if err != nil {
		t.Fatal(err)
	}
	return &d.packets
}

// await waits until the socket has a datagram to read.
func (c *packetConn) await(t testing.TB) {
	t.Helper()
	if err := waiter(c.raw)(); err != nil {
		t.Fatal(err)
	}
}

// TestPackets sends a datagram from a socket of each family to each, by every
// address that reaches it, and checks the source address that the receiver
// sees.
func TestPackets(t *testing.T) {
	for _, tt := range []struct{ name, network, from, to, host string }{
		{"IPv4 to IPv4", "udp4", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1"},
		{"both to IPv4", "udp", "[::]:0", "127.0.0.1:0", "127.0.0.1"},
		{"both to IPv4, mapped", "udp", "[::]:0", "127.0.0.1:0", "::ffff:127.0.0.1"},
		{"IPv4 to both", "udp4", "127.0.0.1:0", "[::]:0", "127.0.0.1"},
		{"IPv4 to both, mapped", "udp4", "127.0.0.1:0", "[::]:0", "::ffff:127.0.0.1"},
		{"IPv6 to IPv6", "udp6", "[::1]:0", "[::1]:0", "::1"},
	} {
		from, to := newPacketConn(t, tt.network, tt.from), newPacketConn(t, "udp", tt.to)
		port := address(to.conn.LocalAddr()).Port()
		if err := from.send(netip.AddrPortFrom(netip.MustParseAddr(tt.host), port), []byte("rtp")); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		to.await(t)
		buf := make([]byte, 16)
		n, source, err := to.receive(buf)
		want := netip.AddrPortFrom(netip.MustParseAddr(tt.host).Unmap(), address(from.conn.LocalAddr()).Port())
		if err != nil || string(buf[:n]) != "rtp" || source != want {
			t.Errorf("%s: %q from %v, %v; want it from %v", tt.name, buf[:n], source, err, want)
		}
	}
}

// TestPacketThatCannotBeSent sends to an unreachable address: send fails, and
// the socket still works.
func TestPacketThatCannotBeSent(t *testing.T) {
	c := newPacketConn(t, "udp4", "127.0.0.1:0")
	self := address(c.conn.LocalAddr())
	for _, to := range []netip.AddrPort{
		netip.MustParseAddrPort("[2001:db8::1]:5004"),
		netip.MustParseAddrPort("[fe80::1%nowhere]:5004"),
		{},
	} {
		if err := c.send(to, []byte("rtp")); err == nil {
			t.Errorf("to %v: no error", to)
		}
	}
	if err := c.send(self, make([]byte, maxRead)); err == nil {
		t.Error("64 KiB: no error")
	}
	if err := c.send(self, nil); err != nil {
		t.Errorf("nothing: %v", err)
	}
	c.await(t)
	if n, _, err := c.receive(make([]byte, 16)); n != 0 || err != nil {
		t.Errorf("received %d bytes, %v; want none", n, err)
	}
	if _, _, err := c.receive(make([]byte, 16)); !errors.Is(err, errAgain) {
		t.Errorf("received again: %v", err)
	}
}

// BenchmarkPacket sends an RTP packet of 20 ms PCMU to itself and reads it.
func BenchmarkPacket(b *testing.B) {
	c := newPacketConn(b, "udp", "[::]:0")
	to := netip.AddrPortFrom(loopback, address(c.conn.LocalAddr()).Port())
	packet, buf := make([]byte, 172), make([]byte, maxRead)
	for b.Loop() {
		if err := c.send(to, packet); err != nil {
			b.Fatal(err)
		}
		if n, _, err := c.receive(buf); n != len(packet) || err != nil {
			b.Fatal(n, err)
		}
	}
}
