package live

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// bindSingle opens one UDP socket, in the background: its target may be a
// name.
func (h *Host) bindSingle(c system.Bind) {
	h.open(c.RTP, "bind", func(ctx context.Context) (socket, system.Signal, error) {
		bound := system.Bound{Socket: c.RTP}
		var on netip.Addr // our address on the way to the target
		var err error
		if c.Target != "" {
			if on, bound.Remote, err = h.wayTo(ctx, c.Target); err != nil {
				return nil, nil, err
			}
		}
		conn, err := listenUDP(familyOf(c.Addr, on), c.Port)
		if err != nil {
			return nil, nil, fmt.Errorf("cannot open udp port %d: %w", c.Port, err)
		}
		d, err := newDatagram(c.RTP, conn)
		if err != nil {
			conn.Close()
			return nil, nil, err
		}
		bound.Local = address(conn.LocalAddr())
		if on.IsValid() && bound.Local.Addr().IsUnspecified() {
			bound.Local = netip.AddrPortFrom(on, bound.Local.Port())
		}
		return d, bound, nil
	})
}

// wayTo finds the address of a target, and our address on the route to it.
// Connecting a UDP socket sends nothing.
func (h *Host) wayTo(ctx context.Context, target string) (ours netip.Addr, theirs netip.AddrPort, err error) {
	began := time.Now()
	d := net.Dialer{Resolver: h.resolver}
	conn, err := d.DialContext(ctx, "udp", target)
	if err != nil {
		e := NewConnectError(target, time.Since(began), err)
		e.Network = "udp"
		return ours, theirs, e
	}
	defer conn.Close()
	return address(conn.LocalAddr()).Addr(), address(conn.RemoteAddr()), nil
}

// familyOf returns the local address to bind: the given one, else the
// unspecified address of the family of our address on the route to the target.
func familyOf(addr, on netip.Addr) netip.Addr {
	switch {
	case addr.IsValid() || !on.IsValid():
		return addr
	case on.Is4():
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}
