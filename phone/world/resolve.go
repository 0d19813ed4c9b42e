package world

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// resolve finds the addresses of "host:port", at least one.
func (w *World) resolve(target string) (addrs []netip.Addr, port uint16, err error) {
	host, service, err := net.SplitHostPort(target)
	if err != nil {
		return nil, 0, err
	}
	n, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, 0, fmt.Errorf("address %s: invalid port", target)
	}
	if addrs = w.lookup(host); len(addrs) == 0 {
		return nil, 0, fmt.Errorf("lookup %s: %w", host, system.UnknownHost)
	}
	return addrs[:min(len(addrs), system.MaxAddresses)], uint16(n), nil
}

// lookup finds the addresses of a host.
func (w *World) lookup(host string) []netip.Addr {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr.Unmap()}
	}
	if addr, ok := w.byName[host]; ok {
		return []netip.Addr{addr.Unmap()}
	}
	return w.cfg.Zone.Addresses(host)
}

// resolve looks a host up, in no time: its addresses, and those of the servers of the
// domain that it is.
func (n *Node) resolve(c system.Resolve) {
	got := system.Resolved{Host: c.Host, Addrs: n.world.lookup(c.Host)}
	for _, service := range c.Services {
		for _, r := range n.world.cfg.Zone.Answer(system.Query{Name: service + "." + c.Host, Type: system.SRV}).Records {
			got.Addrs = append(got.Addrs, n.world.lookup(r.Target)...)
		}
	}
	n.later(got)
}

// query asks the DNS, which is beyond the node's own link: a question or an answer may
// be late there, or lost. It is asked twice, as a live phone does.
func (n *Node) query(q system.Query, tries int) {
	w := n.world
	if tries == 0 {
		n.deliver(nil, system.Answered{Query: q, Fault: system.NoAnswer})
		return
	}
	at, ok := link.Across(w.Now(), n.up, n.down)
	if late := w.now + system.DNSTry; !ok || w.since(at) > late {
		w.at(late, func() { n.query(q, tries-1) })
		return
	}
	w.at(w.since(at), func() { n.deliver(nil, w.cfg.Zone.Answer(q)) })
}
