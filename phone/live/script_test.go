package live

import (
	"context"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of a test for an event that must come; it only
// guards against hanging.
const patience = 20 * time.Second

// script is a machine that records every signal, and answers with the functions
// in its fields, which may be changed within Do.
type script struct {
	seen  chan system.Signal
	on    func(now time.Time, s system.Signal) []system.Effect
	due   time.Time
	fired chan time.Time
	onDue func(now time.Time) []system.Effect
}

func newScript() *script {
	return &script{seen: make(chan system.Signal, 1<<16), fired: make(chan time.Time, 1<<10)}
}

func (m *script) Deadline() time.Time { return m.due }

func (m *script) Advance(now time.Time) []system.Effect {
	m.due = time.Time{}
	m.fired <- now
	if m.onDue != nil {
		return m.onDue(now)
	}
	return nil
}

func (m *script) Receive(now time.Time, s system.Signal) []system.Effect {
	m.seen <- s
	if m.on != nil {
		return m.on(now, s)
	}
	return nil
}

// A rig is a host that runs a script.
type rig struct {
	testing.TB
	*script
	host *Host
	log  *event.Log
	stop func() error // ends Run and returns its error
}

func newRig(t testing.TB, cfg Config) *rig {
	t.Helper()
	r := &rig{TB: t, script: newScript(), log: new(event.Log)}
	cfg.Machine, cfg.Log = r.script, r.log
	if cfg.Name == "" {
		cfg.Name = "alice"
	}
	r.host = New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	var err error
	go func() {
		defer close(ended)
		err = r.host.Run(ctx)
	}()
	r.stop = func() error {
		cancel()
		<-ended
		return err
	}
	t.Cleanup(func() { r.stop() })
	return r
}

// do executes calls.
func (r *rig) do(effects ...system.Effect) {
	r.Helper()
	r.within(func() []system.Effect { return effects })
}

// within runs f in the loop.
func (r *rig) within(f func() []system.Effect) {
	r.Helper()
	err := r.host.Do(context.Background(), func(time.Time) []system.Effect { return f() })
	if err != nil {
		r.Fatalf("do: %v", err)
	}
}

// next waits for the next signal, which must be a T.
func next[T system.Signal](r *rig) T {
	r.Helper()
	var zero T
	select {
	case s := <-r.seen:
		got, ok := s.(T)
		if !ok {
			r.Fatalf("got %T %+v, want %T", s, s, zero)
		}
		return got
	case <-time.After(patience):
		r.Fatalf("no %T came", zero)
	}
	return zero
}

// silent fails the test if a signal has been delivered. The barrier makes sure
// that everything before it has been handled.
func (r *rig) silent() {
	r.Helper()
	r.do()
	select {
	case s := <-r.seen:
		r.Fatalf("got %T %+v, want nothing", s, s)
	default:
	}
}

// waits waits until the loop knows that a socket is readable.
func (r *rig) waits(id system.Socket) {
	r.Helper()
	for deadline := time.Now().Add(patience); ; {
		waiting := false
		r.within(func() []system.Effect {
			s, ok := r.host.sockets[id]
			waiting = ok && s.gate().waiting
			return nil
		})
		if waiting {
			return
		}
		if time.Now().After(deadline) {
			r.Fatalf("socket %d is not readable", id)
		}
	}
}

// events lists the events of one type.
func events[T event.Event](r *rig) []T {
	var found []T
	for _, rec := range r.log.After(0) {
		if e, ok := rec.Event.(T); ok {
			found = append(found, e)
		}
	}
	return found
}

// server listens on loopback.
func server(t testing.TB) *net.TCPListener {
	t.Helper()
	ln, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

// connect opens socket id to a server, and returns the server's end.
func (r *rig) connect(ln *net.TCPListener, id system.Socket) *net.TCPConn {
	r.Helper()
	r.do(system.Connect{Socket: id, Target: ln.Addr().String()})
	peer, err := ln.AcceptTCP()
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { peer.Close() })
	got := next[system.Connected](r)
	if got.Socket != id || got.Remote.String() != ln.Addr().String() {
		r.Fatalf("connected %+v, want socket %d to %v", got, id, ln.Addr())
	}
	return peer
}

func (r *rig) write(c net.Conn, text string) {
	r.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		r.Fatal(err)
	}
}

// frozenBy freezes the machine when it receives text.
func frozenBy(text string) func(time.Time, system.Signal) []system.Effect {
	return func(_ time.Time, s system.Signal) []system.Effect {
		if got, ok := s.(system.Received); ok && string(got.Data) == text {
			return []system.Effect{system.Freeze{}}
		}
		return nil
	}
}
