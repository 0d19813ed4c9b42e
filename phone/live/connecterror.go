package live

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A ConnectError is a server that could not be reached.
type ConnectError struct {
	Target  string             // "host:port", as asked for
	Network string             // "tcp" or "udp"; "" is tcp
	Addr    string             // the IP address that was tried, if the name was resolved
	Failure system.SocketError // "" if it is not one of those
	Took    time.Duration
	Err     error
}

// NewConnectError sorts the error of a dial to target.
func NewConnectError(target string, took time.Duration, err error) *ConnectError {
	e := &ConnectError{Target: target, Took: took, Err: err, Failure: failureOf(err)}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Addr != nil {
		if a := address(op.Addr).Addr(); a.IsValid() {
			e.Addr = a.String()
		}
	}
	return e
}

// Error describes the failure in one line.
func (e *ConnectError) Error() string {
	took := event.Round(e.Took)
	at := e.Target + "/" + cmp.Or(e.Network, "tcp")
	with := func(what string) string {
		if e.Addr == "" {
			return " (" + what + ")"
		}
		return " (" + e.Addr + ", " + what + ")"
	}
	switch e.Failure {
	case system.UnknownHost:
		return "unknown host " + e.host() + with("the resolver has no such name")
	case system.NoResolver:
		return fmt.Sprintf("cannot look up %s: %v", e.host(), e.Err)
	case system.BadTarget:
		return fmt.Sprintf("%q is not host:port: %v", e.Target, e.Err)
	case system.Refused:
		return "nothing listens at " + at + with("refused in "+took)
	case system.Unreachable:
		return "no route to " + at + with("unreachable after "+took)
	case system.TimedOut:
		return "no answer from " + at + with("gave up after "+took)
	default:
		return fmt.Sprintf("cannot connect to %s: %v", at, e.Err)
	}
}

// Unwrap returns the error of the dial.
func (e *ConnectError) Unwrap() error { return e.Err }

// Is reports whether target is the failure.
func (e *ConnectError) Is(target error) bool { return e.Failure != "" && target == e.Failure }

// host is the name in the target.
func (e *ConnectError) host() string {
	host, _, err := net.SplitHostPort(e.Target)
	if err != nil {
		return e.Target
	}
	return host
}
