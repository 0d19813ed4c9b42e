package live

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

func TestConnectRefused(t *testing.T) {
	r := newRig(t, Config{})
	ln := server(t)
	target := ln.Addr().String()
	ln.Close()
	r.do(system.Connect{Socket: 1, Target: target})
	got := next[system.Failed](r)
	e, ok := errors.AsType[*ConnectError](got.Err)
	if !ok || got.Socket != 1 || e.Failure != system.Refused || e.Addr != "127.0.0.1" || e.Target != target {
		t.Fatalf("failed: %+v", got)
	}
	if want := "nothing listens at " + target + "/tcp (127.0.0.1, refused in "; !strings.HasPrefix(e.Error(), want) {
		t.Errorf("%q", e)
	}
}

func TestConnectUnknownHost(t *testing.T) {
	r := newRig(t, Config{Resolver: served(t).server})
	r.do(system.Connect{Socket: 1, Target: "pbx.example.test:5060"})
	got := next[system.Failed](r)
	e, ok := errors.AsType[*ConnectError](got.Err)
	if !ok || e.Failure != system.UnknownHost {
		t.Fatalf("failed: %+v", got)
	}
	if want := "unknown host pbx.example.test (the resolver has no such name)"; e.Error() != want {
		t.Errorf("%q, want %q", e, want)
	}
}

func TestCloseWhileConnecting(t *testing.T) {
	r := newRig(t, Config{})
	ln := server(t)
	r.do(system.Connect{Socket: 1, Target: ln.Addr().String()}, system.Close{Socket: 1})
	// The number's next owner is not disturbed by the late answer.
	r.do(system.Connect{Socket: 2, Target: ln.Addr().String()})
	if got := next[system.Connected](r); got.Socket != 2 {
		t.Errorf("connected %+v", got)
	}
	r.stop()
	if len(r.seen) > 0 {
		t.Errorf("then came %+v", <-r.seen)
	}
}

func TestConnectErrorTexts(t *testing.T) {
	at := &net.TCPAddr{IP: net.IPv4(198, 51, 100, 5), Port: 5060}
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Addr: at, Err: err} }
	lookup := func(e net.DNSError) error { return &net.OpError{Op: "dial", Net: "tcp", Err: &e} }
	const target = "pbx.example.test:5060"
	tests := []struct {
		target string
		err    error
		want   string
	}{
		{target, dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), "nothing listens at pbx.example.test:5060/tcp (198.51.100.5, refused in 2 ms)"},
		{target, dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), "no route to pbx.example.test:5060/tcp (198.51.100.5, unreachable after 2 ms)"},
		{target, dial(os.ErrDeadlineExceeded), "no answer from pbx.example.test:5060/tcp (198.51.100.5, gave up after 2 ms)"},
		{target, context.DeadlineExceeded, "no answer from pbx.example.test:5060/tcp (gave up after 2 ms)"},
		{target, lookup(net.DNSError{Err: "no such host", Name: "pbx.example.test", IsNotFound: true}), "unknown host pbx.example.test (the resolver has no such name)"},
		{target, lookup(net.DNSError{Err: "i/o timeout", Name: "pbx.example.test", IsTimeout: true}), "cannot look up pbx.example.test: dial tcp: lookup pbx.example.test: i/o timeout"},
		{"pbx", &net.OpError{Op: "dial", Net: "tcp", Err: &net.AddrError{Err: "missing port in address", Addr: "pbx"}}, `"pbx" is not host:port: dial tcp: address pbx: missing port in address`},
		{target, dial(errors.New("odd")), "cannot connect to pbx.example.test:5060/tcp: dial tcp 198.51.100.5:5060: odd"},
	}
	for _, tt := range tests {
		e := NewConnectError(tt.target, 2*time.Millisecond, tt.err)
		if e.Error() != tt.want {
			t.Errorf("got  %s\nwant %s", e, tt.want)
		}
		if !errors.Is(e, tt.err) {
			t.Errorf("%v does not wrap its cause", e)
		}
	}
}
