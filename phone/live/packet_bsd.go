//go:build unix && !linux

package live

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// A packetConn reads and sends the datagrams of one socket.
type packetConn struct {
	conn *net.UDPConn
	raw  syscall.RawConn
}

// init takes conn into use.
func (c *packetConn) init(conn *net.UDPConn, raw syscall.RawConn) error {
	c.conn, c.raw = conn, raw
	return nil
}

// receive reads one datagram without blocking; it returns errAgain if there is
// none.
func (c *packetConn) receive(p []byte) (n int, from netip.AddrPort, err error) {
	var sa unix.Sockaddr
	ctl := c.raw.Read(func(fd uintptr) bool {
		n, err = retry(func() (n int, err error) {
			n, sa, err = unix.Recvfrom(int(fd), p, 0)
			return n, err
		})
		return true
	})
	switch {
	case ctl != nil:
		return 0, from, ctl
	case err != nil:
		return 0, from, opError("read", nil, err)
	}
	return n, addrPort(sa), nil
}

// send sends one datagram.
func (c *packetConn) send(to netip.AddrPort, data []byte) error {
	_, err := c.conn.WriteToUDPAddrPort(data, to)
	return err
}

func addrPort(sa unix.Sockaddr) netip.AddrPort {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		a := netip.AddrFrom16(sa.Addr).Unmap()
		if sa.ZoneId != 0 {
			a = a.WithZone(strconv.FormatUint(uint64(sa.ZoneId), 10))
		}
		return netip.AddrPortFrom(a, uint16(sa.Port))
	}
	return netip.AddrPort{}
}

// pollNow asks poll(2), without blocking, how many of the events are ready.
func pollNow(fds []unix.PollFd, fd uintptr, events int16) (int, error) {
	for {
		fds[0] = unix.PollFd{Fd: int32(fd), Events: events}
		n, err := unix.Poll(fds, 0)
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}
