package link

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func TestPathDelaysByLatencyAndJitter(t *testing.T) {
	p := Path{Latency: 30 * time.Millisecond, Jitter: 40 * time.Millisecond}.Seeded(rand.New(rand.NewPCG(1, 2)))
	var reordered int
	var last time.Time
	for i := range 1000 {
		sent := start.Add(time.Duration(i) * 20 * time.Millisecond)
		at, ok := p.Send(sent)
		if d := at.Sub(sent); !ok || d < p.Latency || d > p.Latency+p.Jitter {
			t.Fatalf("packet %d: delay %v, arrived %v", i, d, ok)
		}
		if at.Before(last) {
			reordered++
		}
		last = at
	}
	if reordered == 0 {
		t.Error("jitter above the packet time never reordered datagrams")
	}
}

func TestPathLosesAtItsRate(t *testing.T) {
	p := Path{Loss: 0.2}.Seeded(rand.New(rand.NewPCG(3, 4)))
	const n = 20000
	var lost int
	for range n {
		if _, ok := p.Send(start); !ok {
			lost++
		}
	}
	if rate := float64(lost) / n; math.Abs(rate-0.2) > 0.01 {
		t.Errorf("lost %.3f of the packets, want 0.2", rate)
	}
}

func TestPathDownLosesEverything(t *testing.T) {
	up, down := &Path{Latency: time.Millisecond}, &Path{Latency: 2 * time.Millisecond}
	if at, ok := Across(start, up, down); !ok || at != start.Add(3*time.Millisecond) {
		t.Fatalf("got %v, %v: want 3 ms", at.Sub(start), ok)
	}
	down.Down = true
	if _, ok := Across(start, up, down); ok {
		t.Error("a packet passed a path that is down")
	}
}

func TestStreamStaysInOrder(t *testing.T) {
	var s Stream
	first := s.Deliver(start.Add(50 * time.Millisecond))
	if second := s.Deliver(start.Add(20 * time.Millisecond)); second.Before(first) {
		t.Error("a later segment overtook an earlier one")
	}
}

func TestStreamBacksOffAndGivesUp(t *testing.T) {
	var s Stream
	now, waits := start, []time.Duration{}
	for {
		again, ok := s.Lost(now, ConnectTimeout)
		if !ok {
			break
		}
		waits = append(waits, again.Sub(now)/time.Second)
		now = again
	}
	want := []time.Duration{1, 2, 4, 8, 16, 32, 12}
	if len(waits) != len(want) {
		t.Fatalf("waits %v s, want %v s", waits, want)
	}
	for i := range want {
		if waits[i] != want[i] {
			t.Fatalf("waits %v s, want %v s", waits, want)
		}
	}
	if now.Sub(start) != ConnectTimeout {
		t.Errorf("gave up after %v, want %v", now.Sub(start), ConnectTimeout)
	}
	s.Deliver(now)
	if again, _ := s.Lost(now, DataTimeout); again.Sub(now) != firstRTO {
		t.Error("a delivery did not reset the back-off")
	}
}
