package live

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// bindSingle opens one UDP socket, in the background: its target may be a name.
// It is bound to our address that faces the target, so that only who can reach
// that address can reach the program.
func (h *Host) bindSingle(c system.Bind) {
	h.open(c.RTP, "bind", func(ctx context.Context) (socket, system.Signal, error) {
		bound := system.Bound{Socket: c.RTP}
		var on netip.Addr // our address on the way to the target
		var err error
		if c.Target != "" {
			if on, bound.Remote, bound.Addrs, err = h.lookups.wayTo(ctx, c.Target, c.Avoid); err != nil {
				return nil, nil, err
			}
		}
		to := c.Addr
		if !to.IsValid() {
			to = on
		}
		conn, err := listenUDP(to, c.Port)
		if err != nil {
			return nil, nil, fmt.Errorf("cannot open udp port %d: %w", c.Port, err)
		}
		d, err := newDatagram(c.RTP, conn)
		if err != nil {
			conn.Close()
			return nil, nil, err
		}
		bound.Local = d.local
		if d.local.Addr() == on {
			d.server, d.looked = bound.Remote, time.Now()
		}
		return d, bound, nil
	})
}

// wayTo finds the address of a target, and our address on the route to it.
// Connecting a UDP socket sends nothing.
func (r Resolver) wayTo(ctx context.Context, target string, avoid []netip.AddrPort) (ours netip.Addr, theirs netip.AddrPort, all []netip.Addr, err error) {
	conn, all, err := r.dial(ctx, "udp", target, avoid)
	if err != nil {
		return ours, theirs, nil, err
	}
	defer conn.Close()
	return address(conn.LocalAddr()).Addr(), address(conn.RemoteAddr()), all, nil
}
