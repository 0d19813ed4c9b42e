//go:build unix

package live

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// waiter returns a function that waits until the socket is readable: data, FIN,
// RST, an error, a datagram, a connection.
//
// The callback asks poll(2) before it lets the runtime wait, because the
// runtime's poller is edge-triggered: it does not report earlier arrivals
// again.
func waiter(raw syscall.RawConn) func() error {
	var broken error
	fds := make([]unix.PollFd, 1)
	ready := func(fd uintptr) bool {
		var n int
		n, broken = pollNow(fds, fd, unix.POLLIN)
		return n > 0 || broken != nil
	}
	return func() error {
		if err := raw.Read(ready); err != nil {
			return err
		}
		return broken
	}
}

// readStream reads from a stream without blocking. It returns io.EOF after a
// FIN, and errAgain if there is nothing to read.
func readStream(c *net.TCPConn, raw syscall.RawConn, p []byte) (n int, err error) {
	ctl := raw.Read(func(fd uintptr) bool {
		n, err = retry(func() (int, error) { return unix.Read(int(fd), p) })
		return true
	})
	switch {
	case ctl != nil:
		return 0, ctl
	case err != nil:
		return 0, opError("read", c.RemoteAddr(), err)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// writeStream writes as much of p as the kernel accepts without blocking; it
// returns errAgain if that is nothing.
func writeStream(c *net.TCPConn, raw syscall.RawConn, p []byte) (n int, err error) {
	ctl := raw.Write(func(fd uintptr) bool {
		n, err = retry(func() (int, error) { return unix.Write(int(fd), p) })
		return true
	})
	switch {
	case ctl != nil:
		return 0, ctl
	case err != nil:
		return 0, opError("write", c.RemoteAddr(), err)
	}
	return n, nil
}

// drain waits until the stream is writable, and leaves the writing to the loop:
// a write here would consume the error of a reset that the loop has to read.
func drain(_ *net.TCPConn, raw syscall.RawConn, batch net.Buffers) (net.Buffers, error) {
	var broken error
	fds := make([]unix.PollFd, 1)
	err := raw.Write(func(fd uintptr) bool {
		var n int
		n, broken = pollNow(fds, fd, unix.POLLOUT)
		return n > 0 || broken != nil
	})
	return batch, errors.Join(err, broken)
}

// retry repeats a system call that a signal interrupted.
func retry(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

// opError wraps an errno as package net does.
func opError(op string, addr net.Addr, err error) error {
	if errors.Is(err, unix.EAGAIN) {
		return errAgain
	}
	network := "tcp"
	if addr == nil {
		network = "udp"
	}
	return &net.OpError{Op: op, Net: network, Addr: addr, Err: os.NewSyscallError(op, err)}
}
