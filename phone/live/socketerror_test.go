package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The same failure has the same meaning on every kernel. The numbers are those
// of winsock2.h, which this test checks on every system.
func TestSocketErrors(t *testing.T) {
	tests := []struct {
		want system.SocketError
		err  error
	}{
		{system.Refused, syscall.ECONNREFUSED},
		{system.Refused, syscall.Errno(10061)},
		{system.Reset, syscall.ECONNRESET},
		{system.Reset, syscall.Errno(10054)}, // "An existing connection was forcibly closed by the remote host."
		{system.TimedOut, syscall.ETIMEDOUT},
		{system.TimedOut, syscall.Errno(10060)},
		{system.TimedOut, os.ErrDeadlineExceeded},
		{system.TimedOut, context.DeadlineExceeded},
		{system.Unreachable, syscall.EHOSTUNREACH},
		{system.Unreachable, syscall.ENETUNREACH},
		{system.Unreachable, syscall.EHOSTDOWN},
		{system.Unreachable, syscall.ENETDOWN},
		{system.Unreachable, syscall.Errno(10065)},
		{system.Unreachable, syscall.Errno(10051)},
		{system.Unreachable, syscall.Errno(10064)},
		{system.Unreachable, syscall.Errno(10050)},
		{system.AddrInUse, syscall.EADDRINUSE},
		{system.AddrInUse, syscall.Errno(10048)},
		{system.NotLocal, syscall.EADDRNOTAVAIL},
		{system.NotLocal, syscall.Errno(10049)},
		{system.NoBuffers, syscall.ENOBUFS},
		{system.NoBuffers, syscall.Errno(10055)},
		{system.UnknownHost, &net.DNSError{IsNotFound: true}},
		{system.NoResolver, &net.DNSError{IsTimeout: true}},
		{system.BadTarget, &net.AddrError{Err: "missing port in address"}},
		{system.Stalled, errStalled},
		{"", io.ErrUnexpectedEOF},
		{"", syscall.EPIPE},
		{"", syscall.Errno(10053)}, // WSAECONNABORTED: this machine has given up
	}
	for _, test := range tests {
		err := SocketError(fmt.Errorf("here: %w", &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("wsarecv", test.err)}))
		sorted, _ := errors.AsType[system.SocketError](err)
		if sorted != test.want {
			t.Errorf("%v (%#v) means %q, want %q", test.err, test.err, sorted, test.want)
		}
		if !errors.Is(err, test.err) {
			t.Errorf("%v has lost its cause", err)
		}
		if again := SocketError(err); test.want != "" && !errors.Is(again, test.want) {
			t.Errorf("%v, sorted again, means something else", again)
		}
	}
	if err := SocketError(nil); err != nil {
		t.Errorf("no error means %v", err)
	}
}

// The text of the error stays the kernel's own.
func TestSocketErrorText(t *testing.T) {
	err := SocketError(&net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)})
	if want := "read tcp: read: " + syscall.ECONNRESET.Error(); err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}
