package secure_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// patience bounds every wait for something that must come; it is never waited
// out.
const patience = 20 * time.Second

// A rig is a program on real sockets.
type rig struct {
	*testing.T
	*program
	host *live.Host
	seen chan system.Signal
}

func newRig(t *testing.T, cfg secure.Config) *rig {
	r := &rig{T: t, seen: make(chan system.Signal, 100)}
	r.program = newProgram(cfg, func(s system.Signal) { r.seen <- s })
	r.host = live.New(live.Config{Log: new(event.Log), Machine: r.program})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- r.host.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		r.layer.Forget(1)
	})
	return r
}

func (r *rig) do(effects ...system.Effect) {
	r.Helper()
	err := r.host.Do(context.Background(), func(now time.Time) []system.Effect { return r.ask(now, effects...) })
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rig) next() string {
	r.Helper()
	select {
	case s := <-r.seen:
		return told(s)
	case <-time.After(patience):
		r.Fatal("nothing came")
	}
	return ""
}

func (r *rig) wants(want ...string) {
	r.Helper()
	for _, w := range want {
		if got := r.next(); got != w {
			r.Fatalf("got %s, want %s", got, w)
		}
	}
}

// connect opens socket 1 to a new server, and returns the server's end.
func (r *rig) connect() net.Conn {
	r.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		r.Fatal(err)
	}
	defer ln.Close()
	r.do(system.Connect{Socket: 1, Target: ln.Addr().String()})
	peer, err := ln.Accept()
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { peer.Close() })
	r.wants("system.Connected")
	return peer
}

// The server is crypto/tls on a socket of its own.
func TestLive(t *testing.T) {
	cert := certificate(t, time.Now(), "127.0.0.1")
	r := newRig(t, secure.Config{CA: secure.Trusting(cert)})
	server := tls.Server(r.connect(), &tls.Config{Certificates: []tls.Certificate{*cert}})
	r.do(system.StartTLS{Socket: 1, Name: "127.0.0.1"})
	if err := server.Handshake(); err != nil {
		t.Fatal(err)
	}
	r.wants(`secured by TLS 1.3, TLS_AES_128_GCM_SHA256, "127.0.0.1" signed by "127.0.0.1"`)
	r.do(system.Send{Socket: 1, Data: []byte("hello")}, system.Close{Socket: 1})
	got, err := io.ReadAll(server) // fails without a close_notify
	if err != nil || string(got) != "hello" {
		t.Errorf("the server reads %q, %v", got, err)
	}
}

// A frozen handshake leaves the server's bytes in the kernel, and continues
// when the program thaws, or learns that the server has given up.
func TestLiveFrozenHandshake(t *testing.T) {
	cert := certificate(t, time.Now(), "127.0.0.1")
	for _, test := range []struct {
		name  string
		waits bool
	}{{"the server waits", true}, {"the server hangs up", false}} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, secure.Config{CA: secure.Trusting(cert)})
			peer := r.connect()
			server := tls.Server(peer, &tls.Config{Certificates: []tls.Certificate{*cert}})
			r.do(system.StartTLS{Socket: 1, Name: "127.0.0.1"}, system.Freeze{Watch: []system.Socket{1}})
			shaken := make(chan error, 1)
			go func() { shaken <- server.Handshake() }()
			r.wants("system.Readable") // the server's flight is unread in the kernel
			if !test.waits {
				peer.(*net.TCPConn).CloseWrite()
			}
			r.do()
			if len(r.seen) > 0 {
				t.Fatalf("the frozen program hears %s", r.next())
			}
			r.do(system.Thaw{})
			r.wants(`secured by TLS 1.3, TLS_AES_128_GCM_SHA256, "127.0.0.1" signed by "127.0.0.1"`)
			if err := <-shaken; err != nil {
				t.Fatal(err)
			}
			if !test.waits {
				r.wants("closed: <nil>")
			}
		})
	}
}

// The server gives up before it has sent anything: a program that was frozen in
// the handshake learns so.
func TestLiveFrozenTooLong(t *testing.T) {
	r := newRig(t, secure.Config{})
	peer := r.connect()
	r.do(system.StartTLS{Socket: 1, Name: "127.0.0.1"}, system.Freeze{Watch: []system.Socket{1}})
	if _, err := io.ReadFull(peer, make([]byte, 5)); err != nil { // the client hello is on its way
		t.Fatal(err)
	}
	peer.(*net.TCPConn).CloseWrite()
	r.wants("system.Readable")
	r.do(system.Thaw{})
	r.wants("closed: TLS with 127.0.0.1: the connection ended in the middle of it")
}

// Data that was decrypted before the freeze is kept, and half a record is not
// lost.
func TestLiveHalfARecord(t *testing.T) {
	cert := certificate(t, time.Now(), "127.0.0.1")
	r := newRig(t, secure.Config{CA: secure.Trusting(cert)})
	r.on = func(s system.Signal) []system.Effect {
		if told(s) == `received "one"` {
			return []system.Effect{system.Freeze{Watch: []system.Socket{1}}}
		}
		return nil
	}
	peer := r.connect()
	cut := &cutter{Conn: peer}
	server := tls.Server(cut, &tls.Config{Certificates: []tls.Certificate{*cert}})
	r.do(system.StartTLS{Socket: 1, Name: "127.0.0.1"})
	if err := server.Handshake(); err != nil {
		t.Fatal(err)
	}
	r.next()
	cut.on = true
	for _, text := range []string{"one", "two"} {
		if _, err := server.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	whole := cut.held
	half := len(whole) - len(whole)/4 // within the second record
	peer.Write(whole[:half])
	r.wants(`received "one"`)
	peer.Write(whole[half:])
	r.wants("system.Readable")
	r.do()
	if len(r.seen) > 0 {
		t.Fatalf("the frozen program hears %s", r.next())
	}
	r.do(system.Thaw{})
	r.wants(`received "two"`)
}

// A cutter holds back writes once it is on.
type cutter struct {
	net.Conn
	on   bool
	held []byte
}

func (c *cutter) Write(b []byte) (int, error) {
	if !c.on {
		return c.Conn.Write(b)
	}
	c.held = append(c.held, b...)
	return len(b), nil
}
