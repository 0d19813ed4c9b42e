package live

import (
	"context"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// maxKept bounds the hosts whose addresses are kept, and maxLife how long (our own
// numbers): a phone has few servers, and a day is long enough to be wrong.
const (
	maxKept = 256
	maxLife = 24 * time.Hour
)

// A hostBook keeps the addresses of hosts for their TTL, as the resolver of a mobile
// system does, and while the machine has the same addresses: another network may have
// another view of the DNS. What comes without one, of a file of hosts or of a system that
// resolves by itself, is not kept: that is kept there.
type hostBook struct {
	mu      sync.Mutex
	network string // of which it is
	hosts   map[string]knownHost
}

type knownHost struct {
	addrs []netip.Addr
	until time.Time
}

// enter empties the book in another network than the one that it is of.
func (b *hostBook) enter(network string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if network != b.network {
		b.network, b.hosts = network, nil
	}
}

// networkHere names the network that the machine is in, by its addresses. Where they
// cannot be had it is one without a name.
func networkHere() string {
	var all []string
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		all = append(all, a.String())
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func (b *hostBook) find(host string, now time.Time) ([]netip.Addr, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.hosts[host]
	return slices.Clone(h.addrs), now.Before(h.until)
}

// keep takes in the addresses of a host, as they are in a network.
func (b *hostBook) keep(network, host string, addrs []netip.Addr, now time.Time, life time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.hosts, func(_ string, h knownHost) bool { return !now.Before(h.until) })
	if life <= 0 || network != b.network || len(b.hosts) >= maxKept {
		return
	}
	if b.hosts == nil {
		b.hosts = map[string]knownHost{}
	}
	b.hosts[host] = knownHost{slices.Clone(addrs), now.Add(min(life, maxLife))}
}

// hostAddrs are the addresses of a host, the best first (RFC 6724), each once.
func (r Resolver) hostAddrs(ctx context.Context, host string) (all []netip.Addr, err error) {
	key := zone.Name(host)
	network := r.network()
	r.book.enter(network)
	if known, ok := r.book.find(key, time.Now()); ok {
		return known, nil
	}
	heard := &hearing{}
	found, err := heard.on(r.Resolver).LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, heard.explain(err)
	}
	for _, a := range found {
		if a = a.Unmap(); len(all) < system.MaxAddresses && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	r.book.keep(network, key, all, time.Now(), heard.life())
	return all, nil
}

// places are the addresses of a "host:port" with a name, see [system.Places].
func (r Resolver) places(ctx context.Context, target string, avoid []netip.AddrPort) (addrs []netip.Addr, all []netip.AddrPort, err error) {
	host, service, _ := net.SplitHostPort(target)
	port, noPort := strconv.ParseUint(service, 10, 16)
	if _, noAddr := netip.ParseAddr(host); noAddr == nil || noPort != nil || host == "" {
		return nil, nil, nil // it is dialled as it is
	}
	if addrs, err = r.hostAddrs(ctx, host); err == nil {
		all = system.Places(addrs, uint16(port), avoid)
	}
	return addrs, all, err
}
