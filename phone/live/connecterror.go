package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// ConnectFailure says why a server could not be reached.
type ConnectFailure string

// The ways to fail, from the nearest to the farthest.
const (
	BadTarget   ConnectFailure = "bad target"   // not "host:port"
	UnknownHost ConnectFailure = "unknown host" // the name does not exist
	NoResolver  ConnectFailure = "no resolver"  // nobody could say whether it does
	NoRoute     ConnectFailure = "no route"     // the network or the host is out of reach
	TimedOut    ConnectFailure = "timed out"    // nobody answers
	Refused     ConnectFailure = "refused"      // the host answers, the port does not
	Broken      ConnectFailure = "broken"       // anything else
)

// A ConnectError is a server that could not be reached.
type ConnectError struct {
	Target  string // "host:port", as asked for
	Network string // "udp"; "" is tcp
	Addr    string // the IP address that was tried, if it came that far
	Failure ConnectFailure
	Took    time.Duration
	Err     error
}

// NewConnectError sorts the error of a dial to target.
func NewConnectError(target string, took time.Duration, err error) *ConnectError {
	e := &ConnectError{Target: target, Took: took, Err: err, Failure: Broken}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Addr != nil {
		if a := address(op.Addr).Addr(); a.IsValid() {
			e.Addr = a.String()
		}
	}
	dns, isDNS := errors.AsType[*net.DNSError](err)
	_, isAddr := errors.AsType[*net.AddrError](err)
	switch {
	case isDNS && dns.IsNotFound:
		e.Failure = UnknownHost
	case isDNS:
		e.Failure = NoResolver
	case isAddr:
		e.Failure = BadTarget
	case errors.Is(err, errRefused):
		e.Failure = Refused
	case errors.Is(err, errHostUnreach), errors.Is(err, errNetUnreach):
		e.Failure = NoRoute
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), timedOut(err):
		e.Failure = TimedOut
	}
	return e
}

func timedOut(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout()
}

// Error is one line for a person.
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
	case UnknownHost:
		return "unknown host " + e.host() + with("the resolver has no such name")
	case NoResolver:
		return fmt.Sprintf("cannot look up %s: %v", e.host(), e.Err)
	case BadTarget:
		return fmt.Sprintf("%q is not host:port: %v", e.Target, e.Err)
	case Refused:
		return "nothing listens at " + at + with("refused in "+took)
	case NoRoute:
		return "no route to " + at + with("unreachable after "+took)
	case TimedOut:
		return "no answer from " + at + with("gave up after "+took)
	default:
		return fmt.Sprintf("cannot connect to %s: %v", at, e.Err)
	}
}

// Unwrap returns the error of the dial.
func (e *ConnectError) Unwrap() error { return e.Err }

// host is the name in the target.
func (e *ConnectError) host() string {
	host, _, err := net.SplitHostPort(e.Target)
	if err != nil {
		return e.Target
	}
	return host
}
