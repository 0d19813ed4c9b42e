package world

import (
	"errors"
	"syscall"
)

// A netError is an error of the network. Its text is the same on every
// system, so that a log is too; errors.Is finds the errno beneath it.
type netError struct {
	text  string
	errno syscall.Errno
}

func (e netError) Error() string { return e.text }
func (e netError) Unwrap() error { return e.errno }

// What a [system.Failed] or [system.Closed] says of this network.
var (
	errRefused   = netError{"connection refused", syscall.ECONNREFUSED}
	errReset     = netError{"connection reset by peer", syscall.ECONNRESET}
	errTimeout   = netError{"connection timed out", syscall.ETIMEDOUT}
	errNoBuffers = netError{"no buffer space available", syscall.ENOBUFS}
	errAddrInUse = netError{"address already in use", syscall.EADDRINUSE}
	errNotLocal  = netError{"cannot assign requested address", syscall.EADDRNOTAVAIL}

	errNoPorts = errors.New("no free port")
	errNoSound = errors.New("the virtual world has no sound card")
)
