package live

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A packetConn reads and sends the datagrams of one socket without blocking.
//
// Its system calls bypass Go's scheduler, which is allowed only because they
// never block. A call that the scheduler knows of wakes its monitor thread,
// which then checks every 20 µs whether the call has returned; in a phone call,
// that thread took nearly half of the processor time.
type packetConn struct {
	conn  *net.UDPConn
	raw   syscall.RawConn
	inet6 bool

	recvfrom, sendto func(fd uintptr) bool // made once, not for each packet

	// The current call: its buffer, the remote address, and its result.
	data  []byte
	name  unix.RawSockaddrInet6 // or a RawSockaddrInet4 in its place
	size  uint32                // of name
	n     int
	errno syscall.Errno
}

// init takes conn into use.
func (c *packetConn) init(conn *net.UDPConn, raw syscall.RawConn) error {
	c.conn, c.raw = conn, raw
	c.recvfrom, c.sendto = c.recvfromNow, c.sendtoNow
	var domain int
	var err error
	ctl := raw.Control(func(fd uintptr) {
		domain, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN)
	})
	c.inet6 = domain == unix.AF_INET6
	if ctl != nil {
		return ctl
	}
	return os.NewSyscallError("getsockopt", err)
}

// receive reads one datagram; it returns errAgain if there is none.
func (c *packetConn) receive(p []byte) (n int, from netip.AddrPort, err error) {
	c.data, c.size = p, unix.SizeofSockaddrInet6
	err = c.raw.Read(c.recvfrom)
	c.data = nil
	switch {
	case err != nil:
		return 0, from, err
	case c.errno != 0:
		return 0, from, opError("read", nil, c.errno)
	}
	return c.n, c.from(), nil
}

// send sends one datagram; it returns errAgain if the kernel has no room for it
// now.
func (c *packetConn) send(to netip.AddrPort, data []byte) error {
	if to.Addr().Zone() != "" {
		// A link-local address: package net knows the number of its
		// interface.
		_, err := c.conn.WriteToUDPAddrPort(data, to)
		return err
	}
	if !c.inet6 && !to.Addr().Unmap().Is4() {
		return opError("write", nil, unix.EAFNOSUPPORT)
	}
	c.to(to)
	c.data = data
	err := c.raw.Write(c.sendto)
	c.data = nil
	if err == nil && c.errno != 0 {
		err = opError("write", nil, c.errno)
	}
	return err
}

func (c *packetConn) recvfromNow(fd uintptr) bool {
	c.errno = unix.EINTR
	for c.errno == unix.EINTR {
		var n uintptr
		n, _, c.errno = unix.RawSyscall6(unix.SYS_RECVFROM, fd,
			uintptr(unsafe.Pointer(unsafe.SliceData(c.data))), uintptr(len(c.data)), unix.MSG_DONTWAIT,
			uintptr(unsafe.Pointer(&c.name)), uintptr(unsafe.Pointer(&c.size)))
		c.n = int(n)
	}
	return true
}

func (c *packetConn) sendtoNow(fd uintptr) bool {
	c.errno = unix.EINTR
	for c.errno == unix.EINTR {
		_, _, c.errno = unix.RawSyscall6(unix.SYS_SENDTO, fd,
			uintptr(unsafe.Pointer(unsafe.SliceData(c.data))), uintptr(len(c.data)), unix.MSG_DONTWAIT,
			uintptr(unsafe.Pointer(&c.name)), uintptr(c.size))
	}
	return true
}

// from returns the address that the kernel wrote into name.
func (c *packetConn) from() netip.AddrPort {
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&c.name.Port))[:])
	if !c.inet6 {
		name := (*unix.RawSockaddrInet4)(unsafe.Pointer(&c.name))
		return netip.AddrPortFrom(netip.AddrFrom4(name.Addr), port)
	}
	a := netip.AddrFrom16(c.name.Addr).Unmap()
	if c.name.Scope_id != 0 {
		a = a.WithZone(strconv.FormatUint(uint64(c.name.Scope_id), 10))
	}
	return netip.AddrPortFrom(a, port)
}

// to writes an address into name. A socket of IPv6 reaches IPv4 by addresses
// of RFC 4291 §2.5.5.2.
func (c *packetConn) to(to netip.AddrPort) {
	c.name = unix.RawSockaddrInet6{}
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&c.name.Port))[:], to.Port())
	if c.inet6 {
		c.name.Family, c.name.Addr, c.size = unix.AF_INET6, to.Addr().As16(), unix.SizeofSockaddrInet6
		return
	}
	name := (*unix.RawSockaddrInet4)(unsafe.Pointer(&c.name))
	name.Family, name.Addr, c.size = unix.AF_INET, to.Addr().Unmap().As4(), unix.SizeofSockaddrInet4
}

// pollNow asks poll(2), without blocking, how many of the events are ready.
func pollNow(fds []unix.PollFd, fd uintptr, events int16) (int, error) {
	for {
		fds[0] = unix.PollFd{Fd: int32(fd), Events: events}
		var at unix.Timespec // once
		n, _, errno := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&fds[0])), 1, uintptr(unsafe.Pointer(&at)), 0, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}
