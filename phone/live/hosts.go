package live

import (
	"context"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/miekg/dns"

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
// system does. What comes without one, of a file of hosts or of a system that resolves by
// itself, is not kept: that is kept there.
type hostBook struct {
	mu    sync.Mutex
	hosts map[string]knownHost
}

type knownHost struct {
	addrs []netip.Addr
	until time.Time
}

func (b *hostBook) find(host string, now time.Time) ([]netip.Addr, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.hosts[host]
	return slices.Clone(h.addrs), now.Before(h.until)
}

func (b *hostBook) keep(host string, addrs []netip.Addr, now time.Time, life time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.hosts, func(_ string, h knownHost) bool { return !now.Before(h.until) })
	if life <= 0 || len(b.hosts) >= maxKept {
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
	if known, ok := r.book.find(key, time.Now()); ok {
		return known, nil
	}
	heard := &lives{}
	found, err := heard.on(r.Resolver).LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	for _, a := range found {
		if a = a.Unmap(); len(all) < system.MaxAddresses && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	r.book.keep(key, all, time.Now(), heard.least())
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

// lives are the TTLs of the answers that a look-up has heard.
type lives struct {
	mu    sync.Mutex
	heard bool
	ttl   time.Duration
}

// least is the shortest of them; 0 if there was none.
func (l *lives) least() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ttl
}

// hear takes in a message of a server.
func (l *lives) hear(wire []byte) {
	var m dns.Msg
	if m.Unpack(wire) != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, rr := range m.Answer {
		if ttl := zone.TTL(rr); !l.heard || ttl < l.ttl {
			l.heard, l.ttl = true, ttl
		}
	}
}

// on is a resolver as another, which is overheard where it asks servers itself.
func (l *lives) on(r *net.Resolver) *net.Resolver {
	dial := r.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return &net.Resolver{
		PreferGo: r.PreferGo, StrictErrors: r.StrictErrors,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			switch c := conn.(type) {
			case *net.UDPConn:
				return &packetsHeard{c, l}, err
			case *net.TCPConn:
				return &streamHeard{TCPConn: c, lives: l}, err
			}
			return conn, err
		},
	}
}

// packetsHeard is a connection to a server over UDP, each packet a message.
type packetsHeard struct {
	*net.UDPConn
	lives *lives
}

func (c *packetsHeard) Read(b []byte) (int, error) {
	n, err := c.UDPConn.Read(b)
	c.lives.hear(b[:max(n, 0)])
	return n, err
}

// streamHeard is one over TCP, with one message, after its length (RFC 1035 §4.2.2).
type streamHeard struct {
	*net.TCPConn
	lives *lives
	read  []byte
}

func (c *streamHeard) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if len(c.read) < dns.MaxMsgSize {
		c.read = append(c.read, b[:max(n, 0)]...)
	}
	return n, err
}

func (c *streamHeard) Close() error {
	if len(c.read) > 2 {
		c.lives.hear(c.read[2:])
	}
	return c.TCPConn.Close()
}
