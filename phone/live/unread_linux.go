package live

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// unreadNow is how many bytes lie in a socket, of a UDP socket the first datagram's; known
// is false if the kernel does not say. Nothing is read (tcp(7), udp(7): SIOCINQ).
func unreadNow(raw syscall.RawConn) (n int, known bool) {
	var err error
	ctl := raw.Control(func(fd uintptr) { n, err = unix.IoctlGetInt(int(fd), unix.TIOCINQ) })
	return n, ctl == nil && err == nil
}
