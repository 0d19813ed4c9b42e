package live

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// raceAfter is how long the addresses of one family have for themselves: the Connection
// Attempt Delay of RFC 8305 §5.
const raceAfter = 250 * time.Millisecond

// A dial opens a connection to one address, as a [net.Dialer] does.
type dial func(ctx context.Context, network, address string) (net.Conn, error)

// race opens a TCP connection to the first of several addresses that takes it: one after
// the other, those of each family by themselves. The family of the first begins, and the
// other has its turn when that has failed, or has not answered soon.
func race(ctx context.Context, d dial, all []netip.AddrPort) (net.Conn, error) {
	own, other := families(all)
	if len(other) == 0 {
		return inTurn(ctx, d, "tcp", own)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed, ends := make(chan struct{}), make(chan end, 2)
	go func() {
		conn, err := inTurn(ctx, d, "tcp", own)
		if err != nil {
			close(failed)
		}
		ends <- end{conn, err, true}
	}()
	go func() {
		select {
		case <-failed:
		case <-time.After(raceAfter):
		case <-ctx.Done():
		}
		conn, err := inTurn(ctx, d, "tcp", other)
		ends <- end{conn, err, false}
	}()
	first := <-ends
	if first.err == nil {
		cancel()
		if late := <-ends; late.err == nil {
			late.conn.Close()
		}
		return first.conn, nil
	}
	second := <-ends
	if second.err != nil && first.own {
		return nil, first.err
	}
	return second.conn, second.err
}

// An end is that of one family's side of a race.
type end struct {
	conn net.Conn
	err  error
	own  bool // it is that of the first address
}

// families are the addresses of the family of the first, and the others.
func families(all []netip.AddrPort) (own, other []netip.AddrPort) {
	for _, at := range all {
		if at.Addr().Is4() == all[0].Addr().Is4() {
			own = append(own, at)
		} else {
			other = append(other, at)
		}
	}
	return own, other
}

// inTurn opens a connection to the first of several addresses that takes it, one after the
// other, each in its share of the time. If none does, the first error counts.
func inTurn(ctx context.Context, d dial, network string, all []netip.AddrPort) (conn net.Conn, first error) {
	for i, at := range all {
		conn, err := openIn(ctx, d, network, at, len(all)-i)
		if err == nil {
			return conn, nil
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, first
}

func openIn(ctx context.Context, d dial, network string, at netip.AddrPort, addresses int) (net.Conn, error) {
	if by, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, system.ConnectShare(time.Until(by), addresses))
		defer cancel()
	}
	return d(ctx, network, at.String())
}
