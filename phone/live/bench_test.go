package live

import (
	"net"
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// BenchmarkWake measures the time from the peer's write of 812 bytes (an
// INVITE) until the machine has them, for a frozen machine that thaws when its
// socket is readable. In alternation it measures a goroutine that blocks in
// net.Conn.Read and never sleeps.
func BenchmarkWake(b *testing.B) {
	frame := make([]byte, 812)
	ln := server(b)
	r, got := sleeper(b)
	peer := r.connect(ln, 1)
	plain, plainGot := reader(b, ln)
	var asleep, awake []time.Duration
	for b.Loop() {
		r.do(system.Freeze{Watch: []system.Socket{1}})
		asleep = append(asleep, timed(b, peer, frame, got))
		awake = append(awake, timed(b, plain, frame, plainGot))
	}
	report(b, "frozen", asleep)
	report(b, "plain", awake)
}

// BenchmarkReceive is the same for a machine that runs.
func BenchmarkReceive(b *testing.B) {
	frame := make([]byte, 812)
	r, got := sleeper(b)
	peer := r.connect(server(b), 1)
	var took []time.Duration
	for b.Loop() {
		took = append(took, timed(b, peer, frame, got))
	}
	report(b, "running", took)
}

// sleeper returns a rig whose machine thaws when its socket is readable; the
// channel signals each receive.
func sleeper(b *testing.B) (*rig, <-chan time.Time) {
	r := newRig(b, Config{})
	got := make(chan time.Time, 1)
	r.within(func() []system.Effect {
		r.on = func(_ time.Time, s system.Signal) []system.Effect {
			switch s.(type) {
			case system.Readable:
				<-r.seen
				return []system.Effect{system.Thaw{}}
			case system.Received:
				<-r.seen
				got <- time.Now()
			}
			return nil
		}
		return nil
	})
	return r, got
}

// reader reads one end of a connection; the channel signals each read.
func reader(b *testing.B, ln *net.TCPListener) (net.Conn, <-chan time.Time) {
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	peer, err := ln.Accept()
	if err != nil {
		b.Fatal(err)
	}
	got := make(chan time.Time, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for p := make([]byte, maxRead); ; {
			if _, err := c.Read(p); err != nil {
				return
			}
			got <- time.Now()
		}
	}()
	b.Cleanup(func() { c.Close(); peer.Close(); <-ended })
	return peer, got
}

func timed(b *testing.B, c net.Conn, frame []byte, got <-chan time.Time) time.Duration {
	began := time.Now()
	if _, err := c.Write(frame); err != nil {
		b.Fatal(err)
	}
	return (<-got).Sub(began)
}

func report(b *testing.B, name string, took []time.Duration) {
	slices.Sort(took)
	at := func(q float64) float64 {
		return float64(took[int(q*float64(len(took)-1))].Nanoseconds()) / 1000
	}
	b.ReportMetric(at(0.50), name+"-p50-µs")
	b.ReportMetric(at(0.99), name+"-p99-µs")
}
