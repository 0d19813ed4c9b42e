package live

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// lookups answer what a machine asks about names: each question in the background, by
// a signal to it.
type lookups struct {
	Resolver
	crew *crew
}

// resolve looks a host up.
func (l *lookups) resolve(ctx context.Context, c system.Resolve) {
	l.begin(ctx, "resolve", func(ctx context.Context) system.Signal {
		return system.Resolved{Host: c.Host, Addrs: l.addresses(ctx, c)}
	})
}

// query asks the DNS.
func (l *lookups) query(ctx context.Context, q system.Query) {
	l.begin(ctx, "query", func(ctx context.Context) system.Signal { return l.Ask(ctx, q) })
}

// begin has something looked up, for as long as a dial may take.
func (l *lookups) begin(ctx context.Context, what string, f func(context.Context) system.Signal) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	l.crew.safego(what, func() {
		defer cancel()
		l.crew.post(resolved{f(ctx)})
	})
}

// A Resolver finds the addresses of names, and the servers of domains. Hosts are looked
// up as everything on this machine does, with its file of hosts; a server that was named
// is asked instead of those of the machine.
type Resolver struct {
	*net.Resolver
	server  string // "address:port"; "" is those of the machine
	book    *hostBook
	network func() string // names the one that the machine is in
}

// NewResolver makes a resolver that asks the server at an "address:port"; "" asks those
// of this machine.
func NewResolver(server string) Resolver {
	r := Resolver{Resolver: net.DefaultResolver, server: server, book: new(hostBook), network: networkHere}
	if server != "" {
		r.Resolver = &net.Resolver{
			PreferGo: true,
			Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, server)
			},
		}
	}
	return r
}

// Dial opens a connection over "tcp" or "udp" to "host:port", as a phone does. An error is a
// [ConnectError].
func (r Resolver) Dial(ctx context.Context, network, target string) (net.Conn, error) {
	conn, _, err := r.dial(ctx, network, target, nil)
	return conn, err
}

// dial opens a connection to "host:port", and says which addresses the host has, if it is
// a name; see [system.Connect] about those to avoid. An error is a [ConnectError].
func (r Resolver) dial(ctx context.Context, network, target string, avoid []netip.AddrPort) (net.Conn, []netip.Addr, error) {
	began := time.Now()
	conn, addrs, err := r.connect(ctx, network, target, avoid)
	if err != nil {
		e := NewConnectError(target, time.Since(began), r.blame(err))
		e.Network = network
		return nil, nil, e
	}
	return conn, addrs, nil
}

func (r Resolver) connect(ctx context.Context, network, target string, avoid []netip.AddrPort) (conn net.Conn, addrs []netip.Addr, err error) {
	d := net.Dialer{Resolver: r.Resolver, KeepAlive: -1} // no keepalive: as in newStream
	addrs, all, err := r.places(ctx, target, avoid)
	switch {
	case err != nil:
		return nil, nil, &net.OpError{Op: "dial", Net: network, Err: err}
	case len(all) == 0:
		conn, err = d.DialContext(ctx, network, target)
	case network == "udp": // connecting sends nothing
		conn, err = inTurn(ctx, d.DialContext, network, all)
	default:
		conn, err = race(ctx, d.DialContext, all)
	}
	return conn, addrs, err
}

// blame names the server that was asked in the error of a look-up: the standard library
// names the first of the machine's.
func (r Resolver) blame(err error) error {
	if e, ok := errors.AsType[*net.DNSError](err); ok && r.server != "" {
		e.Server = r.server
	}
	return err
}

// addresses are all that a name has: its own, and those of the servers of the domain
// that it is.
func (r Resolver) addresses(ctx context.Context, c system.Resolve) []netip.Addr {
	asked := []func() []netip.Addr{func() []netip.Addr { return r.lookup(ctx, c.Host) }}
	for _, service := range c.Services {
		asked = append(asked, func() []netip.Addr { return r.serversOf(ctx, service+"."+c.Host) })
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
	return addrs[:min(len(addrs), system.MaxAddresses)]
}

// lookup is the addresses of a host; none if there are none, or nobody knows.
func (r Resolver) lookup(ctx context.Context, host string) []netip.Addr {
	addrs, _ := r.hostAddrs(ctx, host)
	return addrs
}

// serversOf is the addresses of the servers that SRV records name.
func (r Resolver) serversOf(ctx context.Context, name string) (addrs []netip.Addr) {
	for _, rec := range r.Ask(ctx, system.Query{Name: name, Type: system.SRV}).Records {
		if len(addrs) < system.MaxAddresses {
			addrs = append(addrs, r.lookup(ctx, rec.Target)...)
		}
	}
	return addrs
}
