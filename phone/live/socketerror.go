package live

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Error numbers of Windows Sockets (winsock2.h). Those of other systems are far
// below them, so that one table serves all.
const (
	wsaAccess          syscall.Errno = 10013
	wsaAddrInUse       syscall.Errno = 10048
	wsaAddrNotAvail    syscall.Errno = 10049
	wsaNetworkDown     syscall.Errno = 10050
	wsaNetworkUnreach  syscall.Errno = 10051
	wsaConnReset       syscall.Errno = 10054
	wsaNoBuffers       syscall.Errno = 10055
	wsaTimedOut        syscall.Errno = 10060
	wsaConnRefused     syscall.Errno = 10061
	wsaHostDown        syscall.Errno = 10064
	wsaHostUnreachable syscall.Errno = 10065
)

// meaning returns the socket error that an errno stands for, "" if none.
func meaning(errno syscall.Errno) system.SocketError {
	switch errno {
	case syscall.ECONNREFUSED, wsaConnRefused:
		return system.Refused
	case syscall.ECONNRESET, wsaConnReset:
		return system.Reset
	case syscall.ETIMEDOUT, wsaTimedOut:
		return system.TimedOut
	case syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN,
		wsaHostUnreachable, wsaNetworkUnreach, wsaHostDown, wsaNetworkDown:
		return system.Unreachable
	case syscall.EADDRINUSE, wsaAddrInUse:
		return system.AddrInUse
	case syscall.EADDRNOTAVAIL, wsaAddrNotAvail:
		return system.NotLocal
	case syscall.EPERM, syscall.EACCES, wsaAccess:
		return system.Forbidden
	case syscall.ENOBUFS, wsaNoBuffers:
		return system.NoBuffers
	}
	return ""
}

// failureOf returns the socket error that an error of the kernel, the resolver
// or package net stands for, "" if none.
func failureOf(err error) system.SocketError {
	known, isKnown := errors.AsType[system.SocketError](err)
	dns, isDNS := errors.AsType[*net.DNSError](err)
	_, isAddr := errors.AsType[*net.AddrError](err)
	errno, _ := errors.AsType[syscall.Errno](err)
	switch {
	case isKnown:
		return known
	case isDNS && dns.IsNotFound:
		return system.UnknownHost
	case isDNS:
		return system.NoResolver
	case isAddr:
		return system.BadTarget
	case meaning(errno) != "":
		return meaning(errno)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), timedOut(err):
		return system.TimedOut
	}
	return ""
}

func timedOut(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout()
}

// A sortedError is an error with the kernel's own text, in which errors.Is
// finds the [system.SocketError].
type sortedError struct {
	error
	failure system.SocketError
}

func (e *sortedError) Unwrap() []error { return []error{e.error, e.failure} }

// SocketError classifies an error of a socket: errors.Is finds the
// [system.SocketError] in the result. An error that it does not know, and nil,
// are returned unchanged.
func SocketError(err error) error {
	failure := failureOf(err)
	if failure == "" || errors.Is(err, failure) {
		return err
	}
	return &sortedError{err, failure}
}
