package live

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxAddresses bounds what a name may resolve to (our own number: the largest
// pools of servers have a few dozen).
const maxAddresses = 64

// resolve looks a host up, in the background.
func (h *Host) resolve(c system.Resolve) {
	ctx, cancel := context.WithTimeout(h.ctx, dialTimeout)
	h.safego("resolve", func() {
		defer cancel()
		h.post(resolved{system.Resolved{Host: c.Host, Addrs: h.resolver.addresses(ctx, c.Host)}})
	})
}

// A resolver finds the addresses of names.
type resolver struct{ *net.Resolver }

// addresses are all that a name has: its own, and those of the SIP servers of
// the domain that it is (RFC 3263 §4.2).
func (r resolver) addresses(ctx context.Context, host string) []netip.Addr {
	asked := []func() []netip.Addr{func() []netip.Addr { return r.lookup(ctx, host) }}
	if strings.Contains(host, ".") {
		for _, service := range [][2]string{{"sip", "udp"}, {"sip", "tcp"}, {"sips", "tcp"}} {
			asked = append(asked, func() []netip.Addr { return r.serversOf(ctx, service[0], service[1], host) })
		}
	}
	found := make([][]netip.Addr, len(asked))
	var all sync.WaitGroup
	for i, ask := range asked {
		all.Go(func() { found[i] = ask() })
	}
	all.Wait()
	var addrs []netip.Addr
	for _, list := range found {
		addrs = append(addrs, list...)
	}
	return addrs[:min(len(addrs), maxAddresses)]
}

// lookup is the addresses of a host; none if there are none, or nobody knows.
func (r resolver) lookup(ctx context.Context, host string) []netip.Addr {
	addrs, err := r.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	return addrs
}

// serversOf is the addresses of a domain's servers of one service.
func (r resolver) serversOf(ctx context.Context, service, proto, domain string) (addrs []netip.Addr) {
	_, records, err := r.LookupSRV(ctx, service, proto, domain)
	if err != nil {
		return nil
	}
	for _, rec := range records[:min(len(records), maxAddresses)] {
		if len(addrs) < maxAddresses {
			addrs = append(addrs, r.lookup(ctx, rec.Target)...)
		}
	}
	return addrs
}
