package live

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// A reply is what a dial to an address comes to, and when: a connection, or refused.
type reply struct {
	after time.Duration
	takes bool
}

// network is the hosts that answer; the others say nothing.
type network map[string]reply

func (n network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	at := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address))
	r, answers := n[at.AddrPort().Addr().String()]
	var err error = syscall.ECONNREFUSED
	var answered <-chan time.Time
	if answers {
		answered = time.After(r.after)
	}
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case <-answered:
		if r.takes {
			return &connTo{to: at}, nil
		}
	}
	return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: at, Err: err}
}

// connTo is a connection to an address.
type connTo struct {
	net.Conn
	to net.Addr
}

func (c *connTo) RemoteAddr() net.Addr { return c.to }
func (c *connTo) Close() error         { return nil }

// TestRace: the first address that takes the connection is taken, of one family after the
// other; if none does, the error is that of the first.
func TestRace(t *testing.T) {
	const rtt = 10 * time.Millisecond
	n := network{
		"192.0.2.1": {rtt, true}, "192.0.2.2": {rtt, false}, "192.0.2.3": {raceAfter + 2*rtt, true},
		"2001:db8::1": {rtt, true}, "2001:db8::2": {rtt, false},
	}
	for name, c := range map[string]struct {
		all  []string
		want string // "": none
		took time.Duration
	}{
		"the first":                     {[]string{"192.0.2.1"}, "192.0.2.1", rtt},
		"it refuses":                    {[]string{"192.0.2.2", "192.0.2.1"}, "192.0.2.1", 2 * rtt},
		"it is silent":                  {[]string{"192.0.2.9", "192.0.2.1"}, "192.0.2.1", 5*time.Second + rtt},
		"another family at once":        {[]string{"2001:db8::2", "192.0.2.1"}, "192.0.2.1", 2 * rtt},
		"another family soon":           {[]string{"2001:db8::9", "192.0.2.1"}, "192.0.2.1", raceAfter + rtt},
		"within another family":         {[]string{"2001:db8::9", "192.0.2.2", "192.0.2.1"}, "192.0.2.1", raceAfter + 2*rtt},
		"the first is late":             {[]string{"192.0.2.3", "2001:db8::9"}, "192.0.2.3", raceAfter + 2*rtt},
		"the other overtakes it":        {[]string{"192.0.2.3", "2001:db8::1"}, "2001:db8::1", raceAfter + rtt},
		"the other refuses, it is late": {[]string{"192.0.2.3", "2001:db8::2"}, "192.0.2.3", raceAfter + 2*rtt},
		"all refuse":                    {[]string{"192.0.2.2", "2001:db8::2"}, "", 2 * rtt},
		"refused, then silent":          {[]string{"192.0.2.2", "2001:db8::9"}, "", dialTimeout},
		"silent, then refused":          {[]string{"2001:db8::9", "192.0.2.2"}, "", dialTimeout},
		"two of a family":               {[]string{"192.0.2.2", "192.0.2.9"}, "", dialTimeout},
		"one alone":                     {[]string{"192.0.2.2"}, "", rtt},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var all []netip.AddrPort
				for _, addr := range c.all {
					all = append(all, netip.AddrPortFrom(netip.MustParseAddr(addr), 5060))
				}
				ctx, cancel := context.WithTimeout(t.Context(), dialTimeout)
				defer cancel()
				began := time.Now()
				conn, err := race(ctx, n.dial, all)
				if took := time.Since(began); took != c.took {
					t.Errorf("it took %s, want %s", took, c.took)
				}
				switch {
				case err == nil:
					if got := address(conn.RemoteAddr()).Addr().String(); got != c.want {
						t.Errorf("%s, want %s", got, c.want)
					}
				case c.want != "":
					t.Error(err)
				case NewConnectError("x:1", 0, err).Addr != c.all[0]:
					t.Errorf("the error is %v", err)
				}
			})
		})
	}
}
